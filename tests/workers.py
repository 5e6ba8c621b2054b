"""What processes that run the tests side by side must not share."""

import os

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")


def own(name: str) -> str:
    """Return the name of a database that no other process of this run uses."""
    return f"{name}_{WORKER}" if WORKER else name
