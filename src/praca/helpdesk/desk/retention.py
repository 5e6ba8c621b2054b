"""What people said at the desk is kept for a while, then forgotten a little at a time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import text

from praca.kit.clock import utc_now
from praca.platform.database import Database
from praca.platform.settings.helpdesk import HelpdeskSettings
from praca.platform.tasks import TaskContext, TaskKind

__all__ = ["FORGET_DESK", "forget_desk"]

_BATCH: Final = 2_000

# Every statement takes what nobody else holds: what is being changed is forgotten the next day.
_OLD: Final = """
WITH old AS MATERIALIZED (
    SELECT id FROM helpdesk.{table} WHERE {since} < :before ORDER BY {since}, id LIMIT :batch
    FOR UPDATE SKIP LOCKED
)
DELETE FROM helpdesk.{table} AS t USING old WHERE t.id = old.id
"""
# An operator's answer goes with the last of the questions that it was given to.
_CLOSINGS: Final = """
WITH old AS MATERIALIZED (
    SELECT c.id FROM helpdesk.unanswered_closings c WHERE c.closed_at < :before
        AND NOT EXISTS (SELECT FROM helpdesk.unanswered u WHERE u.closed_in = c.id)
    ORDER BY c.closed_at, c.id LIMIT :batch FOR UPDATE SKIP LOCKED
)
DELETE FROM helpdesk.unanswered_closings AS c USING old WHERE c.id = old.id
"""


def _kept(settings: HelpdeskSettings, now: datetime) -> dict[str, tuple[str, datetime]]:
    """Return by table what deletes some of it, and before when."""
    return {
        "feedback": (
            _OLD.format(table="feedback", since="updated_at"),
            now - timedelta(days=settings.feedback_keep_days),
        ),
        "unanswered": (
            _OLD.format(table="unanswered", since="asked_at"),
            now - timedelta(days=settings.unanswered_keep_days),
        ),
        "unanswered_closings": (_CLOSINGS, now),
        "tickets": (
            _OLD.format(table="tickets", since="updated_at"),
            now - timedelta(days=settings.ticket_keep_days),
        ),
    }


async def forget_desk(
    city: Database,
    settings: HelpdeskSettings,
    *,
    progress: Callable[[int], None] = lambda _: None,
    now: Callable[[], datetime] = utc_now,
) -> dict[str, int]:
    """Delete what is older than the settings say; each batch is a transaction of its own.

    Args:
        city: the city's database.
        settings: for how many days what is kept.
        progress: is told after each batch how many rows are gone; it may raise to stop.
        now: the clock.

    Returns:
        How many rows were deleted, by table; messages go with their tickets.
    """
    gone: dict[str, int] = {}
    for name, (statement, before) in _kept(settings, now()).items():
        gone[name], deleted = 0, _BATCH
        while deleted == _BATCH:
            async with city.write() as session:
                params = {"before": before, "batch": _BATCH}
                result: Any = await session.execute(text(statement), params)
                deleted = int(result.rowcount)
            gone[name] += deleted
            progress(sum(gone.values()))
    return gone


async def _run(context: TaskContext, _args: dict[str, Any]) -> dict[str, Any]:
    resources = context.resources

    def progress(gone: int) -> None:
        context.progress(gone, None, "Apagando registros antigos do atendimento")

    return dict(
        await forget_desk(resources.databases.city, resources.settings.helpdesk, progress=progress)
    )


FORGET_DESK: Final = TaskKind(
    "helpdesk.forget_desk", _run, is_exclusive=True, cron=lambda _: "40 4 * * *"
)
"""Every day at 4:40 UTC."""
