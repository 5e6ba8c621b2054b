"""``praca up``: everything on one machine, under one supervisor.

The supervisor holds the embedded server and starts the API and the worker as processes of their
own; one that dies is started again. They end with it, also when it is killed: each watches a pipe
that the kernel closes with the supervisor.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import fasteners
import psycopg
from rich.console import Console

from praca.entrypoints.cli.runtime import (
    STARTED_S,
    checked_port,
    fail,
    held_database,
    make_default_account,
)
from praca.platform.embedded import EmbeddedPostgres
from praca.platform.revisions import is_newest
from praca.platform.settings import JobsAccess, Settings

__all__ = ["accounts_file", "sample_marker", "supervise"]

_console = Console(highlight=False)
_READY_TIMEOUT_S = 300.0
_STOP_TIMEOUT_S = 30.0
_RESTART_PAUSE_S = 0.5


def accounts_file(settings: Settings) -> Path:
    """Return where the passwords of the sample accounts are kept."""
    return settings.data_dir / "sample-accounts.txt"


def sample_marker(settings: Settings) -> Path:
    """Return the file that says that the sample city is complete."""
    return settings.data_dir / "sample-loaded"


def supervise(settings: Settings, *, with_sample: bool) -> int:
    """Run Praça until SIGINT or SIGTERM; return the exit code."""
    stopping = _Signals()
    with _alone(settings), held_database(settings) as (url, server):
        with_sample = with_sample and not settings.is_production
        port = checked_port(settings.http.host, settings.http.port)
        if not _is_prepared(settings, url, with_sample=with_sample):
            _prepare(settings, url, with_sample=with_sample)
        # The API makes it, too; here a password that breaks a rule ends the start with a message.
        make_default_account(settings, url)
        if stopping.received:
            return 0
        _announce(settings)
        # Each part holds the embedded server itself: were this process killed, the last of them
        # to end would stop it.
        environment = {**os.environ, "PRACA_PORT": str(port)}
        parts = [_Part(name, environment) for name in ("api", "worker")]
        try:
            address = f"http://{_reachable(settings.http.host)}:{port}"
            return _watch(parts, server, stopping, address)
        finally:
            _stop(parts)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Be the only supervisor of the data folder; the lock ends with the process."""
    lock = fasteners.InterProcessLock(settings.data_dir / "locks" / "up")
    if not lock.acquire(blocking=False):
        raise fail(
            f"já há um `praca up` com a pasta {settings.data_dir}; "
            "pare-o antes, ou escolha outra pasta com --data-dir"
        )
    try:
        yield
    finally:
        lock.release()


def _reachable(host: str) -> str:
    """Return the host to ask for an answer: a wildcard is no address to call."""
    known = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104  # compared, not bound
    return known.get(host, f"[{host}]" if ":" in host else host)


def _is_prepared(settings: Settings, url: str, *, with_sample: bool) -> bool:
    """Tell whether nothing is left to do before the parts can start.

    Asked in plain SQL: loading the rooms takes longer than all else a second start does.
    """
    if with_sample and not sample_marker(settings).exists():
        return False
    identity = settings.database.identity_database_url
    identity_url = url if identity is None else identity.get_secret_value()
    try:
        if not (
            is_newest(url, "city", "platform") and is_newest(identity_url, "identity", "identity")
        ):
            return False
        with psycopg.connect(identity_url) as connection:
            accounts = connection.execute("SELECT FROM identity.accounts LIMIT 1")
            return accounts.fetchone() is not None
    except psycopg.Error:
        return False  # whatever it is, preparing meets it again and says so


def _prepare(settings: Settings, url: str, *, with_sample: bool) -> None:
    from praca.entrypoints.cli.first_start import prepare
    from praca.entrypoints.cli.work import run

    run(prepare(settings, url, with_sample=with_sample))


def _announce(settings: Settings) -> None:
    if settings.jobs.jobs_access is JobsAccess.PUBLIC:
        _console.print(
            "[bold white on red] ATENÇÃO [/] PRACA_JOBS_ACCESS=public: os dados pessoais de "
            "candidatos estão abertos a qualquer pessoa que alcance este endereço."
        )
    accounts = accounts_file(settings)
    if not settings.is_production and accounts.exists():
        _console.print("Contas de exemplo (usuário senha):")
        _console.print(accounts.read_text().strip())


class _Signals:
    """Remembers that somebody asked to stop."""

    def __init__(self) -> None:
        self.received = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def _note(self, _number: int, _frame: object) -> None:
        self.received = True


@dataclass(slots=True)
class _Part:
    """One child process, started again when it dies."""

    name: str
    environment: dict[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    not_before: float = 0.0
    lifeline: tuple[int, int] = field(default_factory=os.pipe)

    def keep_running(self) -> None:
        """Start the process if it is not running."""
        if self.process is not None and self.process.poll() is None:
            return
        if time.monotonic() < self.not_before:
            return
        if self.process is not None:
            _console.print(f"{self.name} terminou ({self.process.returncode}); reiniciando")
        self.not_before = time.monotonic() + _RESTART_PAUSE_S
        self.process = subprocess.Popen(  # noqa: S603  # our own program, fixed arguments
            [sys.executable, "-m", "praca", self.name],
            env={**self.environment, "PRACA_LIFELINE": str(self.lifeline[0])},
            pass_fds=(self.lifeline[0],),
            # Ctrl-C goes to the supervisor alone, which stops its parts in order.
            start_new_session=True,
        )


def _watch(
    parts: Sequence[_Part], server: EmbeddedPostgres | None, stopping: _Signals, address: str
) -> int:
    deadline = time.monotonic() + _READY_TIMEOUT_S
    is_ready = False
    while not stopping.received:
        if server is not None and server.revive():
            _console.print("PostgreSQL terminou; reiniciado")
        for part in parts:
            part.keep_running()
        if not is_ready and _answers(f"{address}/api/v1/ready"):
            is_ready = True
            print(f"ready: {address}", flush=True)
            _console.print(f"Pronto em {time.monotonic() - STARTED_S:.1f} s. Ctrl-C para tudo.")
        elif not is_ready and time.monotonic() > deadline:
            _console.print("[bold red]Erro:[/] a API não respondeu a tempo.")
            return 1
        time.sleep(0.05 if not is_ready else 0.2)
    return 0


def _answers(url: str) -> bool:
    try:
        # Our own address: never by way of a proxy that the environment names.
        with build_opener(ProxyHandler({})).open(url, timeout=2) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004
    except (HTTPException, OSError):
        return False


def _stop(parts: Sequence[_Part]) -> None:
    for part in parts:
        if part.process is not None and part.process.poll() is None:
            part.process.terminate()
    deadline = time.monotonic() + _STOP_TIMEOUT_S
    for part in parts:
        if part.process is None:
            continue
        try:
            part.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            part.process.kill()
            part.process.wait()
