"""Work on the database from a command: resources, one event loop, a task with its progress."""

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import OperationalError
from uvicorn.loops.auto import auto_loop_factory

from praca.entrypoints.cli.runtime import fail
from praca.entrypoints.kinds import TASK_KINDS
from praca.kit.errors import DomainError
from praca.platform.database import MigrationError, is_behind
from praca.platform.errors import TaskAlreadyRunningError
from praca.platform.models import TaskRun
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings, SettingsError
from praca.platform.tasks import Worker
from praca.platform.telemetry import traced

__all__ = ["opened", "run", "run_task"]


@asynccontextmanager
async def opened(
    settings: Settings, url: str, *, to_migrate: bool = False, service: str = "praca-cli"
) -> AsyncIterator[Resources]:
    """Yield resources that are closed at the end; meanwhile the process is traced.

    Unless they are opened ``to_migrate``, the databases must have been migrated.
    """
    async with traced(settings, service):
        resources = open_resources(settings, url, TASK_KINDS)
        try:
            if not to_migrate and await is_behind(resources.databases):
                raise fail("faltam migrações no banco de dados; rode antes `praca migrate`")
            yield resources
        finally:
            await resources.close()


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a command's coroutine; an expected error becomes a message and exit code 1."""
    try:
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            runner.run(work)
    except DomainError as error:
        raise fail(error.detail) from error
    except (MigrationError, SettingsError) as error:
        raise fail(str(error)) from error
    except OperationalError as error:
        # The driver's sentence names host, port and user, never the password.
        raise fail(f"o banco de dados não responde: {error.orig}") from error


async def run_task(
    resources: Resources, kind: str, args: dict[str, Any], *, join: bool = False
) -> TaskRun:
    """Enqueue a task, work on it here unless another worker does, and show its progress.

    With ``join``, an unfinished one of an exclusive kind is followed instead of refused: a start
    that was killed leaves one, and nobody else would take it up.
    """
    try:
        async with resources.databases.city.write() as session:
            task_id = await resources.tasks.enqueue(session, kind, args)
    except TaskAlreadyRunningError as error:
        if not join:
            raise
        task_id = UUID(error.extra["task_id"])
    worker = asyncio.create_task(Worker(resources).run(until_empty=True))
    try:
        return await _follow(resources, task_id, kind)
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


async def _follow(resources: Resources, task_id: UUID, label: str) -> TaskRun:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[message]}"),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not sys.stderr.isatty()) as bar:
        shown = bar.add_task(label, total=None, message="")
        while True:
            async with resources.databases.city.read() as session:
                run_state = await resources.tasks.require(session, task_id)
            bar.update(
                shown,
                completed=run_state.progress_done,
                total=run_state.progress_total,
                message=run_state.message,
            )
            if run_state.status in {"succeeded", "failed", "cancelled"}:
                return run_state
            await asyncio.sleep(0.1)
