"""Retention: what the platform notes is kept for a while, then deleted a little at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Uuid, text

from praca.kit.clock import utc_now
from praca.platform.database import Database
from praca.platform.database.models import CityBase
from praca.platform.settings import Settings
from praca.platform.tasks.kinds import TaskContext, TaskKind

__all__ = ["RETENTION", "delete_old"]

_BATCH: Final = 5_000
_LOCK_TIMEOUT: Final = text("SET LOCAL lock_timeout = '5s'")
_TASK_KEY: Final = "platform.task_runs.id"
_NAMES_OF_TASKS: Final = frozenset({"task_id", "id_tarefa", "run_id"})

# Every statement takes the oldest rows that nobody else holds: two that run at once share them.
_LINES: Final = """
WITH old AS MATERIALIZED (
    SELECT at, id FROM {table} WHERE at < :before ORDER BY at, id LIMIT :batch
    FOR UPDATE SKIP LOCKED
)
DELETE FROM {table} AS line USING old WHERE line.at = old.at AND line.id = old.id
"""
_WRITERS: Final = """
WITH old AS MATERIALIZED (
    SELECT id FROM platform.journal_writers WHERE at < :before LIMIT :batch FOR UPDATE SKIP LOCKED
)
DELETE FROM platform.journal_writers AS writer USING old WHERE writer.id = old.id
"""
_TASKS: Final = """
WITH old AS MATERIALIZED (
    SELECT id FROM platform.task_runs AS run
    WHERE finished_at < :before AND status IN ('succeeded', 'failed', 'cancelled'){unless}
    ORDER BY finished_at LIMIT :batch FOR UPDATE SKIP LOCKED
)
DELETE FROM platform.task_runs AS run USING old WHERE run.id = old.id
"""
_UNLESS: Final = " AND NOT EXISTS (SELECT FROM {table} AS other WHERE other.{column} = run.id)"
# The queue deletes the jobs that succeed; of the others, the events tell when they ended. Events
# go with their job, and what the schedule remembers of it forgets it.
_JOBS: Final = """
WITH old AS MATERIALIZED (
    SELECT id FROM procrastinate_jobs AS job
    WHERE status IN ('succeeded', 'failed', 'cancelled', 'aborted')
        AND NOT EXISTS (SELECT FROM procrastinate_events WHERE job_id = job.id AND at >= :before)
    ORDER BY id LIMIT :batch FOR UPDATE SKIP LOCKED
)
DELETE FROM procrastinate_jobs AS job USING old WHERE job.id = old.id
"""
# The last moment at which each schedule was due. Moments older than minutes are never made up
# for, so what is days old only tells of schedules that are no more.
_SCHEDULES: Final = """
WITH old AS MATERIALIZED (
    SELECT id FROM procrastinate_periodic_defers
    WHERE job_id IS NULL AND defer_timestamp < extract(epoch FROM CAST(:before AS timestamptz))
    LIMIT :batch FOR UPDATE SKIP LOCKED
)
DELETE FROM procrastinate_periodic_defers AS due USING old WHERE due.id = old.id
"""


@dataclass(frozen=True, slots=True)
class _Kept:
    """Rows that are kept for a while: under which name they are counted, and what deletes some."""

    name: str
    statement: str
    before: datetime


def _kept(settings: Settings) -> Iterator[_Kept]:
    now = utc_now()
    lines = now - timedelta(days=settings.journal.keep_logs_days)
    tasks = now - timedelta(days=settings.journal.keep_tasks_days)
    for name in ("request_log", "prediction_log", "journal_drops"):
        yield _Kept(name, _LINES.format(table=f"platform.{name}"), lines)
    yield _Kept("journal_writers", _WRITERS, lines)
    yield _Kept("task_runs", _TASKS.format(unless=_unless_referred_to()), tasks)
    yield _Kept("jobs", _JOBS, tasks)
    yield _Kept("schedules", _SCHEDULES, tasks)


def _unless_referred_to() -> str:
    """Return the condition that no row of any room names the task.

    A room refers to tasks by a foreign key, or by a column that is called like one.
    """
    return "".join(
        _UNLESS.format(table=table.fullname, column=column.name)
        for table in CityBase.metadata.sorted_tables
        for column in table.columns
        if (column.name in _NAMES_OF_TASKS and isinstance(column.type, Uuid))
        or any(key.target_fullname == _TASK_KEY for key in column.foreign_keys)
    )


async def delete_old(
    database: Database, settings: Settings, *, progress: Callable[[int], None] = lambda _: None
) -> dict[str, int]:
    """Delete what is older than the settings say; each batch is a transaction of its own.

    Args:
        database: the city's.
        settings: for how many days lines and finished tasks are kept.
        progress: is told after each batch how many rows are gone; it may raise to stop.

    Returns:
        How many rows were deleted, by table.
    """
    gone: dict[str, int] = {}
    for kept in _kept(settings):
        gone[kept.name] = 0
        while True:
            deleted = await _delete_some(database, kept)
            gone[kept.name] += deleted
            progress(sum(gone.values()))
            if deleted < _BATCH:
                break
    return gone


async def _delete_some(database: Database, kept: _Kept) -> int:
    async with database.write() as session:
        await session.execute(_LOCK_TIMEOUT)
        parameters = {"before": kept.before, "batch": _BATCH}
        result: Any = await session.execute(text(kept.statement), parameters)
        return int(result.rowcount)


async def _run(context: TaskContext, _args: dict[str, Any]) -> dict[str, Any]:
    resources = context.resources

    def progress(gone: int) -> None:
        context.progress(gone, None, "Apagando registros antigos")

    return dict(await delete_old(resources.databases.city, resources.settings, progress=progress))


RETENTION: Final = TaskKind(
    "platform.retention", _run, is_exclusive=True, cron=lambda _: "20 4 * * *"
)
"""Every day at 4:20 UTC, when the city sleeps."""
