"""What the commands share: settings, a database to talk to, one event loop."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import OperationalError

from praca.entrypoints.kinds import TASK_KINDS
from praca.kit.errors import DomainError
from praca.platform.database import EmbeddedPostgres, EmbeddedPostgresError, MigrationError
from praca.platform.errors import TaskAlreadyRunningError
from praca.platform.logging import configure_logging
from praca.platform.models import TaskRun
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings, SettingsError
from praca.platform.tasks import Worker

__all__ = ["city_url", "fail", "load_settings", "opened", "run", "run_task"]

_errors = Console(stderr=True)


def fail(message: str) -> typer.Exit:
    """Print ``message`` to standard error and return the exit to raise."""
    _errors.print(f"[bold red]Erro:[/] {message}", highlight=False)
    return typer.Exit(1)


def load_settings(log_level: str | None = None) -> Settings:
    """Read the settings and set up the logs."""
    _end_with_supervisor()
    try:
        settings = Settings.load()
    except SettingsError as error:
        raise fail(str(error)) from error
    configure_logging(log_level or settings.core.log_level)
    return settings


def _end_with_supervisor() -> None:
    """Stop this process when the supervisor that started it is gone, however it went."""
    lifeline = os.environ.pop("PRACA_LIFELINE", None)
    if lifeline is None:
        return

    def wait() -> None:
        os.read(int(lifeline), 1)  # nobody writes: it returns when the other end is closed
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()


@contextmanager
def city_url(settings: Settings) -> Iterator[str]:
    """Yield the address of the city's database; start the embedded server if none is set."""
    if settings.database.database_url is not None:
        yield settings.database.database_url.get_secret_value()
        return
    try:
        with EmbeddedPostgres(settings.data_dir) as server:
            yield server.url
    except EmbeddedPostgresError as error:
        raise fail(str(error)) from error


@asynccontextmanager
async def opened(settings: Settings, url: str) -> AsyncIterator[Resources]:
    """Yield resources that are closed at the end."""
    resources = open_resources(settings, url, TASK_KINDS)
    try:
        yield resources
    finally:
        await resources.close()


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a command's coroutine; an error of the house becomes a message and exit code 1."""
    try:
        asyncio.run(work)
    except (DomainError, MigrationError) as error:
        raise fail(error.detail if isinstance(error, DomainError) else str(error)) from error
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
