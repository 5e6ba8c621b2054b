"""Reports in the store of files: the latest under a fixed key, and a bounded history."""

from itertools import islice
from typing import Final

import orjson

from praca.jobs.matching.errors import DriftReportMissingError
from praca.learning.drift import DriftReport, page
from praca.platform.errors import ObjectNotFoundError
from praca.platform.objects import ObjectStore

__all__ = ["KEPT", "LATEST", "latest", "save"]

LATEST: Final = "drift_reports/drift_report"
"""Key of the newest report, with ``.html`` or ``.json`` behind it."""

KEPT: Final = 400
_HISTORY: Final = "drift_reports/history"


def save(objects: ObjectStore, report: DriftReport) -> str:
    """Store a report and return its key in the history, without the ending.

    Of the reports before, the newest ``KEPT`` stay.
    """
    files = {
        "json": orjson.dumps(report.to_json(), option=orjson.OPT_INDENT_2),
        "html": page.render(report).encode(),
    }
    key = f"{_HISTORY}/{report.window.until:%Y%m%dT%H%M%S.%fZ}"
    for ending, content in files.items():
        objects.write(f"{key}.{ending}", content)
        objects.write(f"{LATEST}.{ending}", content)
    _forget(objects)
    return key


def latest(objects: ObjectStore, ending: str) -> bytes:
    """Return the newest report as ``html`` or ``json``.

    Raises:
        DriftReportMissingError: there is none.
    """
    try:
        return objects.read(f"{LATEST}.{ending}")
    except ObjectNotFoundError as error:
        raise DriftReportMissingError from error


def _forget(objects: ObjectStore) -> None:
    # Names are moments, so their order is that of time.
    names = sorted({key.rpartition(".")[0] for key in objects.keys(_HISTORY)}, reverse=True)
    for name in islice(names, KEPT, None):
        for ending in ("json", "html"):
            objects.delete(f"{name}.{ending}")
