"""The worker: runs tasks, tells their progress, and takes up what a dead worker left."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

import psycopg
import structlog
from procrastinate import App, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import ConnectorException
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import OperationalError

from praca.kit.clock import utc_now
from praca.kit.errors import DomainError
from praca.platform.context import RequestContext, enter_context
from praca.platform.errors import TaskAlreadyRunningError
from praca.platform.models import TaskRun
from praca.platform.tasks.kinds import SCHEDULED, TaskCancelledError, TaskContext, TaskKind
from praca.platform.tasks.metrics import note_ended, note_requeued
from praca.platform.tasks.queue import RUN_TASK
from praca.platform.telemetry import Kind, Span, apart, span

if TYPE_CHECKING:
    from praca.platform.resources import Resources

__all__ = ["Worker"]

_log = structlog.get_logger("praca.worker")
_PROGRESS_S = 0.25
_DUE_TASK = "praca.due"
_SCHEDULE = UUID("6d0f1f0e-54c3-4f0b-9d1e-3c1b8f6f2a57")
"""Name space of the ids of scheduled tasks."""
_DUE_TRIES = RetryStrategy(max_attempts=8, exponential_wait=2)
"""A connection lost at the moment must not cost the day's check."""
_DATABASE_PAUSE_S = 1.0
# As the queue tells it, as SQLAlchemy does, and as a pool that gets no connection does.
_DATABASE_LOST = (ConnectorException, OperationalError, psycopg.OperationalError)
_MOST_STARTS = 50
"""A task whose worker died this often is given up: it may be what kills the workers."""
_LONGEST_DELAY_S = 60

_ORPHANS = """
SELECT r.id FROM platform.task_runs r
WHERE r.status IN ('queued', 'running') AND NOT EXISTS (
    SELECT FROM procrastinate_jobs j
    WHERE j.args->>'run_id' = r.id::text AND j.status IN ('todo', 'doing'))
FOR UPDATE OF r SKIP LOCKED
"""


class Repeated:
    """Runs a coroutine function every so often, beside other work.

    It is stopped between two rounds: cancelling a statement half-way would cost its connection.
    """

    def __init__(self, work: Callable[[], Awaitable[None]], *, every_s: float) -> None:
        self._work = work
        self._every_s = every_s
        self._stopping = asyncio.Event()
        self._task = asyncio.create_task(self._rounds())

    async def stop(self) -> None:
        """End after the round that runs now."""
        await self.ending()

    def ending(self) -> "asyncio.Task[None]":
        """Begin to stop, and return what ends with the round that runs now."""
        self._stopping.set()
        return self._task

    async def _rounds(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._work()
            except Exception:  # noqa: BLE001  # one failed round must not end all later ones
                _log.exception("task.round_failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._every_s)


async def _ended(*tasks: "asyncio.Task[None]") -> None:
    """Wait until all have ended, also if this is cancelled meanwhile; only then pass that on."""
    is_cancelled = False
    while not all(task.done() for task in tasks):
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError:
            is_cancelled = True
    for task in tasks:
        if not task.cancelled():
            task.exception()  # looked at here: nobody else will
    if is_cancelled:
        raise asyncio.CancelledError


def _age_s(run: TaskRun) -> float:
    """Return for how long a task has been worked on, its earlier attempts included."""
    return (utc_now() - (run.started_at or utc_now())).total_seconds()


def _span_of(run: TaskRun) -> Span:
    """Return the span of one attempt, within the trace of whoever asked for the task."""
    return span(
        f"process {run.kind}",
        Kind.CONSUMER,
        {
            "messaging.operation.type": "process",
            "messaging.destination.name": run.kind,
            "messaging.message.id": str(run.id),
            "praca.attempt": run.attempt,
        },
        parents=[run.traceparent],
    )


class Worker:
    """Runs the tasks of ``resources.tasks`` until told to stop."""

    def __init__(self, resources: "Resources") -> None:
        self._resources = resources
        self._database = resources.databases.city
        self._settings = resources.settings.tasks
        self._app = App(connector=PsycopgConnector(conninfo=self._database.dsn))
        self._app.task(name=RUN_TASK)(self._run)
        self._due = self._app.task(name=_DUE_TASK, retry=_DUE_TRIES)(self._enqueue_due)

    async def run(self, *, until_empty: bool = False, handle_signals: bool = False) -> None:
        """Work until cancelled, or until no task is queued or running if ``until_empty``.

        A worker that works for ever outlives its database: it tries again until that is back. It
        also enqueues what is due by the clock; one that works for a command does not.
        """
        if not until_empty:
            self._schedule()
        while True:
            try:
                await self._work(until_empty=until_empty, handle_signals=handle_signals)
            except _DATABASE_LOST as error:
                if until_empty:
                    raise
                _log.warning("worker.database_lost", error=type(error).__name__)
                await asyncio.sleep(_DATABASE_PAUSE_S)
            else:
                return

    async def _work(self, *, until_empty: bool, handle_signals: bool) -> None:
        async with self._app.open_async():
            reaper = Repeated(self._take_up_stalled, every_s=self._settings.worker_heartbeat_s)
            working = asyncio.create_task(
                self._app.run_worker_async(
                    concurrency=self._settings.worker_concurrency,
                    install_signal_handlers=handle_signals,
                    update_heartbeat_interval=self._settings.worker_heartbeat_s,
                    stalled_worker_timeout=self._settings.worker_stalled_s,
                    fetch_job_polling_interval=2.0,
                    delete_jobs="successful",
                    shutdown_graceful_timeout=self._resources.settings.http.shutdown_grace_s,
                )
            )
            try:
                if until_empty:
                    await self._empty(working)
                else:
                    await asyncio.wait([working])
            finally:
                working.cancel()
                # Both use the queue, which closes behind them, however often this is cancelled.
                # And the queue's own worker is never cancelled twice: it would leave its jobs.
                await _ended(working, reaper.ending())
            if not working.cancelled():
                await working

    def _schedule(self) -> None:
        """Have the queue defer a job whenever a kind is due: of several workers one does."""
        for kind in self._resources.tasks.kinds.values():
            if cron := kind.cron(self._resources.settings):
                self._app.periodic_registry.register_task(
                    self._due, cron, kind.name, {"task_kwargs": {"kind_name": kind.name}}
                )

    async def _enqueue_due(self, timestamp: int, kind_name: str) -> None:
        """Body of the periodic job: enqueue the kind, once for each moment it is due.

        A worker may die after the commit and its job be taken up by another: the moment itself
        makes the task's id, so the second finds it.
        """
        run_id = uuid5(_SCHEDULE, f"{kind_name}/{timestamp}")
        with contextlib.suppress(TaskAlreadyRunningError):
            async with self._database.write() as session:
                if await session.get(TaskRun, run_id) is None:
                    await self._resources.tasks.enqueue(
                        session, kind_name, {SCHEDULED: True}, run_id=run_id
                    )

    async def _empty(self, working: "asyncio.Task[None]") -> None:
        """Return when no task is unfinished.

        The queue's own way of stopping when it is empty ends the heartbeat while the last task
        still runs, and another worker would take it up.
        """
        unfinished = select(TaskRun.id).where(TaskRun.status.in_(("queued", "running"))).exists()
        while not working.done():
            async with self._database.read() as session:
                if not await session.scalar(select(unfinished)):
                    return
            await asyncio.sleep(0.05)

    async def _take_up_stalled(self) -> None:
        """Put the jobs of silent workers back into the queue."""
        manager = self._app.job_manager
        stalled = await manager.get_stalled_jobs(
            seconds_since_heartbeat=self._settings.worker_stalled_s
        )
        for job in stalled:
            _log.warning("task.taken_up", job_id=job.id)
            await manager.retry_job(job)
        await self._adopt_orphans()

    async def _adopt_orphans(self) -> None:
        """Give a new job to every unfinished task that has none left.

        A worker that was stopped between taking a job and noting so leaves such a task.
        """
        async with self._database.write() as session:
            orphans = await session.scalars(text(_ORPHANS))
            for run_id in orphans:
                _log.warning("task.adopted", task_id=str(run_id))
                await self._resources.tasks.defer(session, run_id)

    async def _run(self, run_id: str) -> None:
        """Body of the one Procrastinate task: run the task ``run_id`` stands for."""
        starting = asyncio.ensure_future(self._start(UUID(run_id)))
        try:
            run = await asyncio.shield(starting)
        except asyncio.CancelledError:
            # The worker is being stopped: a task marked as running must not stay so.
            run = await starting
            if run is not None:
                await self._requeue(run, delay_s=0)
            return
        if run is None:
            return
        enter_context(RequestContext(request_id=f"task-{run.id}"))
        structlog.contextvars.bind_contextvars(task_id=str(run.id), task_kind=run.kind)
        try:
            with _span_of(run) as attempt:
                await self._attempt(run, attempt)
        finally:
            structlog.contextvars.clear_contextvars()

    async def _attempt(self, run: TaskRun, attempt: Span) -> None:
        """Run the task once, and write what has become of it."""
        kind = self._resources.tasks.kinds.get(run.kind)
        if kind is None:
            attempt.fail("unknown_kind")
            await self._finish(run, "failed", error=f"Tipo de tarefa desconhecido: {run.kind}")
            return
        context = TaskContext(run.id, self._resources)
        with apart():  # four statements a second, for as long as the task may take
            reporter = Repeated(lambda: self._write_progress(run, context), every_s=_PROGRESS_S)
        try:
            result = await kind.run(context, run.args)
        except (TaskCancelledError, asyncio.CancelledError):
            await self._cancelled(run, context)
        except DomainError as error:
            _log.info("task.refused", code=error.code)
            attempt.fail(error.code)
            await self._finish(run, "failed", error=error.detail)
        except Exception as error:  # noqa: BLE001  # whatever it is: it is logged, and the task is tried again or failed
            _log.exception("task.failed", attempt=run.attempt)
            attempt.fail(type(error).__name__)
            await self._failed(run, kind)
        else:
            await self._write_progress(run, context)
            await self._finish(run, "succeeded", result=result or {})
        finally:
            await reporter.stop()

    async def _start(self, run_id: UUID) -> TaskRun | None:
        """Mark the task as running and return it; None if it has already ended."""
        async with self._database.write() as session:
            run = await session.get(TaskRun, run_id, with_for_update=True)
            if run is None or run.status not in {"queued", "running"}:
                return None
            if run.cancel_requested:
                run.status, run.finished_at = "cancelled", utc_now()
                note_ended(run.kind, run.status, _age_s(run))
                return None
            kind = self._resources.tasks.kinds.get(run.kind)
            if run.attempt >= _MOST_STARTS and not (kind and kind.is_resumed):
                run.status, run.finished_at = "failed", utc_now()
                run.error = "A tarefa foi interrompida vezes demais."
                note_ended(run.kind, run.status, _age_s(run))
                return None
            run.status = "running"
            run.attempt += 1
            run.started_at = run.started_at or utc_now()
        return run

    async def _write_progress(self, run: TaskRun, context: TaskContext) -> None:
        async with self._database.write() as session:
            cancel = await session.scalar(
                update(TaskRun)
                .where(
                    TaskRun.id == run.id,
                    TaskRun.attempt == run.attempt,
                    TaskRun.status == "running",
                )
                .values(
                    progress_done=context.done,
                    progress_total=context.total,
                    message=context.message,
                )
                .returning(TaskRun.cancel_requested)
            )
        if cancel is None or cancel:
            # None: another worker has taken the task up, because this one seemed dead.
            context.cancelled.set()

    async def _cancelled(self, run: TaskRun, context: TaskContext) -> None:
        async with self._database.read() as session:
            requested = await session.scalar(
                select(TaskRun.cancel_requested).where(
                    TaskRun.id == run.id, TaskRun.attempt == run.attempt
                )
            )
        if requested:
            await self._finish(run, "cancelled")
        elif requested is None or context.cancelled.is_set():
            return  # somebody else's by now
        else:
            # The worker is being stopped: leave the task to the next one.
            await self._requeue(run, delay_s=0)

    async def _failed(self, run: TaskRun, kind: TaskKind) -> None:
        if run.attempt >= kind.tries and not kind.is_resumed:
            await self._finish(run, "failed", error="Erro interno ao executar a tarefa.")
        else:
            await self._requeue(run, delay_s=min(2**run.attempt, _LONGEST_DELAY_S))

    async def _requeue(self, run: TaskRun, *, delay_s: int) -> None:
        deferrer = self._app.configure_task(
            RUN_TASK, schedule_at=utc_now() + timedelta(seconds=delay_s) if delay_s else None
        )
        job_id = await deferrer.defer_async(run_id=str(run.id))
        if await self._update(run, status="queued", job_id=job_id):
            note_requeued(run.kind)

    async def _finish(
        self,
        run: TaskRun,
        status: str,
        *,
        result: dict[str, Any] | None = None,
        error: str | None = None,
    ) -> None:
        if await self._update(
            run, status=status, result=result, error=error, finished_at=func.now()
        ):
            note_ended(run.kind, status, _age_s(run))
            _log.info("task.finished", status=status)

    async def _update(self, run: TaskRun, **values: Any) -> bool:
        """Write what has become of a task; false if it is somebody else's by now."""
        # The attempt fences off a worker that was thought dead and speaks again.
        async with self._database.write() as session:
            found = await session.scalar(
                update(TaskRun)
                .where(
                    TaskRun.id == run.id,
                    TaskRun.attempt == run.attempt,
                    TaskRun.status == "running",
                )
                .values(**values)
                .returning(TaskRun.id)
            )
        return found is not None
