"""What every command needs first: settings, and the address of a database.

It loads little, for ``praca up`` waits for it; what works on the database is in ``work``.
"""

import errno
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from praca.platform.backup.marker import is_half_restored
from praca.platform.embedded import EmbeddedPostgres, EmbeddedPostgresError
from praca.platform.logging import configure_logging
from praca.platform.settings import Settings, SettingsError

__all__ = [
    "STARTED_S",
    "DataDir",
    "apply_options",
    "checked_port",
    "city_url",
    "database_of",
    "fail",
    "free_port",
    "held_database",
    "load_settings",
    "make_default_account",
    "warn",
]

STARTED_S = time.monotonic()
"""When this command began: this module is among the first that it loads."""

_errors = Console(stderr=True)

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Data folder.")]


def apply_options(data_dir: Path | None, port: int | None = None) -> None:
    """Let options win over the environment, for this process and its children."""
    if data_dir is not None:
        os.environ["PRACA_DATA_DIR"] = str(data_dir)
    if port is not None:
        os.environ["PRACA_PORT"] = str(port)


def fail(message: str) -> typer.Exit:
    """Print ``message`` to standard error and return the exit to raise."""
    # Paths and addresses stay in one piece, and their brackets are no markup.
    _errors.print(f"[bold red]Erro:[/] {escape(message)}", highlight=False, soft_wrap=True)
    return typer.Exit(1)


def checked_port(host: str, port: int) -> int:
    """Return the port to serve on, which nobody listens on; 0 finds one."""
    try:
        return free_port(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise fail(f"a porta {port} já está em uso; escolha outra com --port") from error
        raise fail(f"não é possível servir em {host}:{port}: {error}") from error


def free_port(host: str, port: int) -> int:
    """Return the port if nobody listens on it; 0 finds one.

    Raises:
        OSError: it cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        return int(probe.getsockname()[1])


def load_settings(log_level: str | None = None, *, is_service: bool = False) -> Settings:
    """Read the settings, set up the logs and how the process ends.

    Args:
        log_level: instead of the one in the settings.
        is_service: SIGTERM is how the command normally ends, so it exits with 0.
    """
    _end_in_order(0 if is_service else 128 + signal.SIGTERM)
    _end_with_supervisor()
    try:
        settings = Settings.load()
    except SettingsError as error:
        raise fail(str(error)) from error
    configure_logging(log_level or settings.core.log_level)
    return settings


def _end_in_order(exit_code: int) -> None:
    """Let SIGTERM leave every context: the last holder of the embedded server must stop it.

    The API's and the worker's servers have handlers of their own while they run, and pass the
    signal on to this one when they have finished.
    """

    def leave(_number: int, _frame: object) -> None:
        raise SystemExit(exit_code)

    signal.signal(signal.SIGTERM, leave)


def _end_with_supervisor() -> None:
    """Stop this process when the supervisor that started it is gone, however it went."""
    lifeline = os.environ.pop("PRACA_LIFELINE", None)
    if lifeline is None:
        return

    def wait() -> None:
        os.read(int(lifeline), 1)  # nobody writes: it returns when the other end is closed
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()


def make_default_account(settings: Settings, url: str) -> None:
    """Make the account that the settings name, if they name one and it is not there."""
    if settings.sign_in.default_username is None:
        return
    from praca.entrypoints.cli.default_account import ensure_default_account
    from praca.entrypoints.cli.work import run

    run(ensure_default_account(settings, url))


@contextmanager
def city_url(settings: Settings) -> Iterator[str]:
    """Yield the address of the city's database; start the embedded server if none is set."""
    with held_database(settings) as (url, _):
        yield url


def warn(message: str) -> None:
    """Print to standard error what somebody should look at, although the command goes on."""
    _errors.print(f"[bold yellow]Atenção:[/] {escape(message)}", highlight=False, soft_wrap=True)


@contextmanager
def held_database(settings: Settings) -> Iterator[tuple[str, EmbeddedPostgres | None]]:
    """Yield the address of the city's database and, if it is the embedded one, the hold on it."""
    if is_half_restored(settings.data_dir):
        raise fail(
            f"em {settings.data_dir} um `praca restore` está em curso ou foi interrompido; espere"
            " por ele, ou apague a pasta e repita-o"
        )
    with database_of(settings) as found:
        yield found


@contextmanager
def database_of(settings: Settings) -> Iterator[tuple[str, EmbeddedPostgres | None]]:
    """Yield the same, whatever is or is not in it: for what puts a city there."""
    if settings.database.database_url is not None:
        yield settings.database.database_url.get_secret_value(), None
        return
    try:
        with EmbeddedPostgres(settings.data_dir) as server:
            yield server.url, server
    except EmbeddedPostgresError as error:
        raise fail(str(error)) from error
