"""What is to be known of processes that run the tests side by side."""

import os

from xdist.scheduler.loadfile import LoadFileScheduling  # type: ignore[import-untyped]

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
COUNT = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
NUMBER = int(WORKER.removeprefix("gw") or "0")

# What a process makes once for a folder is made once if one process runs all of the folder.
_TOGETHER = ("tests/integration/jobs_hiring/", "tests/integration/jobs_matching/")
# Of the whole run the longest, longest first.
_LONG = (
    "tests/integration/jobs_matching/",
    "tests/e2e/test_documented_blocks.py",
    "tests/e2e/test_up_sample_city.py",
    "tests/e2e/test_dashboard.py",
    "tests/e2e/",
    "tests/integration/api/test_fuzzed_api.py",
    "tests/integration/jobs_hiring/",
    "tests/integration/",
)


def own(name: str) -> str:
    """Return the name of a database that no other process of this run uses."""
    return f"{name}_{WORKER}" if WORKER else name


def place_of(test: str) -> int:
    """Return how early a test is begun: the lower, the earlier."""
    found = (place for place, path in enumerate(_LONG) if test.startswith(path))
    return next(found, len(_LONG))


class Batches(LoadFileScheduling):  # type: ignore[misc]
    """Each process takes one file after the other, or one folder of those that belong together."""

    def _split_scope(self, nodeid: str) -> str:
        folder = next((path for path in _TOGETHER if nodeid.startswith(path)), None)
        return folder or str(super()._split_scope(nodeid))
