"""``praca up``: everything on one machine, under one supervisor.

The supervisor holds the embedded server and starts the API and the worker as processes of their
own; one that dies is started again. They end with it, also when it is killed: each watches a pipe
that the kernel closes with the supervisor.
"""

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from rich.console import Console

from praca.entrypoints.cli.runtime import city_url, fail, opened, run, run_task
from praca.identity import Role
from praca.identity.service import IdentityService
from praca.jobs.sample import SampleCity, write_sample_files
from praca.jobs.transfer import TransferKind
from praca.jobs.transfer.tasks import EXPORT_FILES, import_kind
from praca.kit.errors import DomainError
from praca.platform.database import migrate
from praca.platform.resources import Resources
from praca.platform.settings import JobsAccess, Settings

__all__ = ["supervise"]

_console = Console(highlight=False)
_READY_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 30.0
_RESTART_PAUSE_S = 0.5
_SAMPLE = SampleCity(candidates=400, vacancies=240)
_SAMPLE_ACCOUNTS = (
    ("admin", Role.ADMIN),
    ("recrutador", Role.RECRUTADOR),
    ("cidadao", Role.USUARIO),
)


def supervise(settings: Settings, *, with_sample: bool) -> int:
    """Run Praça until SIGINT or SIGTERM; return the exit code."""
    stopping = _Signals()
    with city_url(settings) as url:
        run(_prepare(settings, url, with_sample=with_sample))
        if stopping.received:
            return 0
        port = settings.http.port or _free_port(settings.http.host)
        environment = {**os.environ, "PRACA_DATABASE_URL": url, "PRACA_PORT": str(port)}
        parts = [_Part(name, environment) for name in ("api", "worker")]
        try:
            return _watch(parts, stopping, f"http://{settings.http.host}:{port}")
        finally:
            _stop(parts)


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


def _watch(parts: Sequence[_Part], stopping: _Signals, address: str) -> int:
    deadline = time.monotonic() + _READY_TIMEOUT_S
    is_ready = False
    while not stopping.received:
        for part in parts:
            part.keep_running()
        if not is_ready and _answers(f"{address}/api/v1/ready"):
            is_ready = True
            print(f"ready: {address}", flush=True)
        elif not is_ready and time.monotonic() > deadline:
            _console.print("[bold red]Erro:[/] a API não respondeu a tempo.")
            return 1
        time.sleep(0.05 if not is_ready else 0.2)
    return 0


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:  # noqa: S310  # our own address
            return bool(answer.status == 200)  # noqa: PLR2004
    except (URLError, OSError):
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


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


async def _prepare(settings: Settings, url: str, *, with_sample: bool) -> None:
    """Migrate; on the first start make the accounts and the sample city."""
    async with opened(settings, url) as resources:
        await migrate(resources.databases)
        if settings.jobs.jobs_access is JobsAccess.PUBLIC:
            _console.print(
                "[bold white on red] ATENÇÃO [/] PRACA_JOBS_ACCESS=public: os dados pessoais de "
                "candidatos estão abertos a qualquer pessoa que alcance este endereço."
            )
        await _first_accounts(settings, resources)
        if with_sample and not settings.is_production:
            await _first_sample(resources)


async def _first_accounts(settings: Settings, resources: Resources) -> None:
    """Create the first accounts if there are none, and say how to sign in."""
    service = IdentityService(settings, resources.databases)
    passwords = settings.data_dir / "sample-accounts.txt"
    async with resources.databases.identity.write() as session:
        if not await service.has_accounts(session):
            wanted = _SAMPLE_ACCOUNTS[:1] if settings.is_production else _SAMPLE_ACCOUNTS
            lines = []
            for name, role in wanted:
                password = secrets.token_urlsafe(12)
                await service.create_account(session, username=name, password=password, role=role)
                lines.append(f"{name} {password}")
            if settings.is_production:
                _console.print("Administrador criado; a senha aparece só agora:")
                _console.print(lines[0])
            else:
                passwords.touch(mode=0o600)
                passwords.write_text("\n".join(lines) + "\n")
    if not settings.is_production and passwords.exists():
        _console.print("Contas de exemplo (usuário senha):")
        _console.print(passwords.read_text().strip())


async def _first_sample(resources: Resources) -> None:
    """Import the sample city into empty tables, and train on it."""
    done = resources.settings.data_dir / "sample-loaded"
    if done.exists():
        return
    _console.print("Primeira partida: preparando a cidade-modelo…")
    with tempfile.TemporaryDirectory() as folder:
        write_sample_files(_SAMPLE, Path(folder))
        for kind in (TransferKind.CANDIDATOS, TransferKind.VAGAS, TransferKind.PROSPECTS):
            key = f"raw/{EXPORT_FILES[kind]}"
            with (Path(folder) / EXPORT_FILES[kind]).open("rb") as source:
                await asyncio.to_thread(resources.objects.upload, key, source)
            await _finish(resources, import_kind(kind), {"key": key})
    await _finish(resources, "jobs.train_match", {})
    done.touch()


async def _finish(resources: Resources, kind: str, args: dict[str, object]) -> None:
    try:
        result = await run_task(resources, kind, args, join=True)
    except DomainError as error:
        raise fail(error.detail) from error
    if result.status != "succeeded":
        raise fail(f"{kind}: {result.error}")
