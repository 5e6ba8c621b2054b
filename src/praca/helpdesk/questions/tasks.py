"""What was asked is kept for a while, then forgotten a little at a time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from praca.identity.repository import delete_question_sessions_before
from praca.kit.clock import utc_now
from praca.platform.database import Database
from praca.platform.tasks import TaskContext, TaskKind

__all__ = ["FORGET_QUESTIONS", "forget_questions", "forget_sessions"]

_BATCH: Final = 2000

# Messages first: one that is left over from a question would only fail.
_MESSAGES: Final = """
WITH old AS MATERIALIZED (
    SELECT id FROM helpdesk.messages WHERE created_at < %(before)s ORDER BY id LIMIT %(batch)s
    FOR UPDATE SKIP LOCKED
)
DELETE FROM helpdesk.messages AS m USING old WHERE m.id = old.id
"""
_QUESTIONS: Final = """
WITH old AS MATERIALIZED (
    SELECT id FROM helpdesk.questions WHERE created_at < %(before)s LIMIT %(batch)s
    FOR UPDATE SKIP LOCKED
)
DELETE FROM helpdesk.questions AS q USING old WHERE q.id = old.id
"""
# Whoever asks in a session just now holds it; it is passed over until the next day.
_SESSIONS: Final = """
WITH old AS MATERIALIZED (
    SELECT s.id FROM helpdesk.sessions AS s WHERE s.created_at < %(before)s
        AND NOT EXISTS (SELECT FROM helpdesk.questions AS q WHERE q.session_id = s.id)
    LIMIT %(batch)s FOR UPDATE SKIP LOCKED
)
DELETE FROM helpdesk.sessions AS s USING old WHERE s.id = old.id
    AND NOT EXISTS (SELECT FROM helpdesk.questions AS q WHERE q.session_id = s.id)
"""
_KEPT: Final = {"messages": _MESSAGES, "questions": _QUESTIONS, "sessions": _SESSIONS}


async def forget_questions(
    city: Database, before: datetime, progress: Callable[[int], None] = lambda _: None
) -> dict[str, int]:
    """Delete questions asked ``before``, and sessions and messages that go with them.

    Each batch is a transaction of its own.

    Args:
        city: the city's database.
        before: when.
        progress: is told after each batch how many rows are gone; it may raise to stop.

    Returns:
        How many rows were deleted, by table.
    """
    gone = dict.fromkeys(_KEPT, 0)
    for name, statement in _KEPT.items():
        deleted = _BATCH
        while deleted == _BATCH:
            async with city.transaction() as connection:
                params = {"before": before, "batch": _BATCH}
                deleted = (await connection.execute(statement.encode(), params)).rowcount
            gone[name] += deleted
            progress(sum(gone.values()))
    return gone


async def forget_sessions(identity: Database, before: datetime) -> int:
    """Delete anonymous sessions opened ``before`` in the accounts' database; return how many.

    Those in which something was asked since have a copy among the city's, which stays.
    """
    gone = 0
    deleted = _BATCH
    while deleted == _BATCH:
        async with identity.write() as session:
            deleted = await delete_question_sessions_before(session, before, _BATCH)
        gone += deleted
    return gone


async def _run(context: TaskContext, _args: dict[str, Any]) -> dict[str, Any]:
    databases = context.resources.databases
    days = context.resources.settings.helpdesk.question_keep_days
    before = utc_now() - timedelta(days=days)

    def progress(gone: int) -> None:
        context.progress(gone, None, "Apagando perguntas antigas")

    gone = await forget_questions(databases.city, before, progress)
    return {**gone, "anonymous_sessions": await forget_sessions(databases.identity, before)}


FORGET_QUESTIONS: Final = TaskKind(
    "helpdesk.forget_questions", _run, is_exclusive=True, cron=lambda _: "50 4 * * *"
)
"""Every day at 4:50 UTC."""
