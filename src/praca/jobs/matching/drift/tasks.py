"""The check as background work: on demand, and by itself once a day."""

import asyncio
from typing import Any, Final

from praca.jobs.matching.drift import reports
from praca.jobs.matching.drift.checking import Scope, checked
from praca.jobs.matching.errors import DriftReferenceMissingError, MatchModelMissingError
from praca.jobs.matching.snapshots import MODEL_NAME
from praca.learning import store
from praca.platform.settings import Settings
from praca.platform.tasks import SCHEDULED, TaskContext, TaskKind

__all__ = ["CHECK_DRIFT", "DEFAULT_DAYS"]

DEFAULT_DAYS: Final = 30


async def check(context: TaskContext, args: dict[str, Any]) -> dict[str, Any]:
    """Compare the tables with the reference of the version that answers; store the report.

    A scheduled check with nothing to compare ends quietly.

    Raises:
        MatchModelMissingError: no version answers.
        DriftReferenceMissingError: it was trained without a reference.
    """
    try:
        return await _check(context, args)
    except (MatchModelMissingError, DriftReferenceMissingError) as error:
        if not args.get(SCHEDULED):
            raise
        return {"checked": False, "reason": error.detail}


async def _check(context: TaskContext, args: dict[str, Any]) -> dict[str, Any]:
    async with context.resources.databases.city.read() as session:
        champion = await store.find_champion(session, MODEL_NAME)
    if champion is None:
        raise MatchModelMissingError
    report = await checked(
        context.resources,
        champion,
        scope=Scope(args.get("scope", Scope.NEW)),
        days=int(args.get("days", DEFAULT_DAYS)),
        on_progress=context.progress,
    )
    key = await asyncio.to_thread(reports.save, context.resources.objects, report)
    context.progress(4, 4, "Relatório pronto")
    return {
        "checked": True,
        "model": report.model,
        "version": report.version,
        "has_drift": report.has_drift,
        "alarms": report.alarms,
        "rows": dict(report.window.rows),
        "report": key,
    }


def _cron(settings: Settings) -> str | None:
    return settings.jobs.drift_schedule


CHECK_DRIFT = TaskKind("jobs.check_drift", check, is_exclusive=True, cron=_cron)
