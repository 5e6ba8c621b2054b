"""Enqueue tasks within the caller's transaction; read and cancel them."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

from procrastinate import App, PsycopgConnector
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from praca.platform.database.engine import ReadSession, WriteSession, driver_connection
from praca.platform.errors import TaskAlreadyRunningError, TaskFinishedError, TaskNotFoundError
from praca.platform.models import TaskRun
from praca.platform.tasks.kinds import TaskKind
from praca.platform.telemetry import Kind, span

__all__ = ["RUN_TASK", "TaskQueue"]

RUN_TASK = "praca.run"
_ACTIVE = ("queued", "running")


class TaskQueue:
    """The queue of one process. It holds no connection: every call uses the caller's session."""

    def __init__(self, kinds: Iterable[TaskKind], dsn: str) -> None:
        self.kinds: Mapping[str, TaskKind] = {kind.name: kind for kind in kinds}
        self._app = App(connector=PsycopgConnector(conninfo=dsn))

    async def enqueue(
        self,
        session: WriteSession,
        kind_name: str,
        args: Mapping[str, Any],
        *,
        owner_id: int | None = None,
        run_id: UUID | None = None,
    ) -> UUID:
        """Enqueue a task; it exists if and only if the session's transaction commits.

        Args:
            session: in whose transaction.
            kind_name: which kind.
            args: for its body.
            owner_id: the account that asked for it.
            run_id: its id; by default a new one.

        Raises:
            TaskAlreadyRunningError: the kind is exclusive and one is queued or running.
        """
        kind = self.kinds[kind_name]
        run_id = run_id or uuid4()
        values = {
            "id": run_id,
            "kind": kind.name,
            "status": "queued",
            "args": dict(args),
            "exclusive_key": kind.name if kind.is_exclusive else None,
            "owner_id": owner_id,
        }
        sending = {
            "messaging.operation.type": "send",
            "messaging.destination.name": kind.name,
            "messaging.message.id": str(run_id),
        }
        with span(f"send {kind.name}", Kind.PRODUCER, sending) as sent:
            await self._insert(session, values | {"traceparent": sent.traceparent})
            job_id = await self.defer(session, run_id)
            await session.execute(update(TaskRun).where(TaskRun.id == run_id).values(job_id=job_id))
        return run_id

    async def _insert(self, session: WriteSession, values: Mapping[str, Any]) -> None:
        """Write the row of a task; of an exclusive kind there may be one at a time."""
        statement = pg_insert(TaskRun).values(values)
        key = values["exclusive_key"]
        if key is not None:
            statement = statement.on_conflict_do_nothing(
                index_elements=[TaskRun.exclusive_key],
                index_where=TaskRun.status.in_(_ACTIVE),
            )
        # What stands in the way may have ended between two statements; trying again succeeds then.
        while await session.scalar(statement.returning(TaskRun.id)) is None:
            running = await session.scalar(
                select(TaskRun.id).where(TaskRun.exclusive_key == key, TaskRun.status.in_(_ACTIVE))
            )
            if running is not None:
                raise TaskAlreadyRunningError(running, str(key))

    @asynccontextmanager
    async def instead_of(self, session: WriteSession, kind_name: str) -> AsyncIterator[None]:
        """Keep an exclusive kind from being enqueued until the session's transaction has ended.

        Whoever would enqueue one meanwhile waits for that, and then succeeds.

        Raises:
            TaskAlreadyRunningError: one is queued or running.
        """
        run_id = uuid4()
        values = {
            "id": run_id,
            "kind": kind_name,
            "status": "running",
            "exclusive_key": kind_name,
        }
        await self._insert(session, values)
        yield
        # Nobody has seen the row, which only held the place.
        await session.execute(delete(TaskRun).where(TaskRun.id == run_id))

    async def count_finished(self, session: ReadSession) -> int:
        """Return how many tasks have ended, well or not."""
        query = select(func.count()).where(TaskRun.status.not_in(_ACTIVE))
        return await session.scalar(query) or 0

    async def delete_finished(self, session: WriteSession) -> int:
        """Forget every task that has ended, and return how many these were."""
        ended = delete(TaskRun).where(TaskRun.status.not_in(_ACTIVE)).returning(TaskRun.id).cte()
        return await session.scalar(select(func.count()).select_from(ended)) or 0

    async def defer(self, session: WriteSession, run_id: UUID) -> int:
        """Put a job for the task into the queue, in the session's transaction; return its id."""
        connection = await driver_connection(session)
        return await self._app.configure_task(RUN_TASK, connection=connection).defer_async(
            run_id=str(run_id)
        )

    async def require(self, session: ReadSession, run_id: UUID) -> TaskRun:
        """Return the task.

        Raises:
            TaskNotFoundError: there is none.
        """
        run = await session.get(TaskRun, run_id)
        if run is None:
            raise TaskNotFoundError
        return run

    async def list_runs(
        self,
        session: ReadSession,
        *,
        owner_id: int | None = None,
        kind: str | None = None,
        status: str | None = None,
        offset: int = 0,
        limit: int = 100,
    ) -> tuple[int, list[TaskRun]]:
        """Return how many tasks match, and one page of them, newest first."""
        query = select(TaskRun)
        for column, value in (
            (TaskRun.owner_id, owner_id),
            (TaskRun.kind, kind),
            (TaskRun.status, status),
        ):
            if value is not None:
                query = query.where(column == value)
        total = await session.scalar(select(func.count()).select_from(query.subquery()))
        page = query.order_by(TaskRun.created_at.desc(), TaskRun.id).offset(offset).limit(limit)
        return total or 0, list(await session.scalars(page))

    async def cancel(self, session: WriteSession, run_id: UUID) -> TaskRun:
        """Cancel a queued task at once; ask a running one to stop at its next progress call.

        Raises:
            TaskNotFoundError: there is none.
            TaskFinishedError: it has already ended.
        """
        run = await session.get(TaskRun, run_id, with_for_update=True)
        if run is None:
            raise TaskNotFoundError
        if run.status not in _ACTIVE:
            raise TaskFinishedError
        run.cancel_requested = True
        if run.status == "queued":
            run.status = "cancelled"
            run.finished_at = func.now()
        await session.flush()
        await session.refresh(run)
        return run
