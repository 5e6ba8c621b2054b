"""``praca up``: everything on one machine, under one supervisor.

The supervisor holds the embedded server and starts the API and the worker as processes of their
own, and beside a sample city its bookshop; one that dies is started again. They end with it, also
when it is killed: each watches a pipe that the kernel closes with the supervisor.
"""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import fasteners
import psycopg
from rich.console import Console

from praca.entrypoints.cli.extras import SampleShop, dashboard_part, sample_shop
from praca.entrypoints.cli.parts import Part, stop
from praca.entrypoints.cli.runtime import (
    STARTED_S,
    checked_port,
    fail,
    held_database,
    make_default_account,
)
from praca.platform.embedded import EmbeddedPostgres
from praca.platform.revisions import is_newest
from praca.platform.settings import JobsAccess, MlAccess, ScrapeAccess, Settings

__all__ = ["accounts_file", "opened", "sample_marker", "supervise"]

_console = Console(highlight=False)
_READY_TIMEOUT_S = 300.0


def accounts_file(settings: Settings) -> Path:
    """Return where the passwords of the sample accounts are kept."""
    return settings.data_dir / "sample-accounts.txt"


def sample_marker(settings: Settings) -> Path:
    """Return the file that says that the sample city is complete."""
    return settings.data_dir / "sample-loaded"


def supervise(settings: Settings, *, with_sample: bool, with_dashboard: bool) -> int:
    """Run Praça until SIGINT or SIGTERM; return the exit code."""
    stopping = _Signals()
    with _alone(settings), held_database(settings) as (url, server):
        with_sample = with_sample and not settings.is_production
        port = checked_port(settings.http.host, settings.http.port)
        shop = sample_shop(settings) if with_sample else None
        parts = [] if shop is None else [shop.part]
        try:
            if not _is_prepared(settings, url, with_sample=with_sample):
                _prepare(settings, url, with_sample=with_sample, shop=shop)
            # The API makes it, too; here a password that breaks a rule ends the start with a
            # message.
            make_default_account(settings, url)
            if stopping.received:
                return 0
            _announce(settings)
            if not sample_marker(settings).exists():
                shop = None  # somebody's own data, which have nothing to gather from it
            parts = _parts(settings, port, shop, with_dashboard=with_dashboard)
            address = f"http://{_reachable(settings.http.host)}:{port}"
            return _watch(parts, server, stopping, address)
        finally:
            stop(parts)


def _parts(
    settings: Settings, port: int, shop: SampleShop | None, *, with_dashboard: bool
) -> list[Part]:
    """Return what is to run, none of it started but perhaps the shop."""
    # Each part holds the embedded server itself: were this process killed, the last of them
    # to end would stop it.
    environment = {**os.environ, "PRACA_PORT": str(port)}
    if shop is not None:
        environment |= shop.environment
    dashboard = dashboard_part(settings, environment) if with_dashboard else None
    return [
        # Nobody serves in its place: there is nothing to drain for.
        Part("api", environment, stop_signal=signal.SIGINT),
        Part("worker", environment),
        *([] if shop is None else [shop.part]),
        *([] if dashboard is None else [dashboard]),
    ]


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


def _prepare(settings: Settings, url: str, *, with_sample: bool, shop: SampleShop | None) -> None:
    from praca.entrypoints.cli.first_start import prepare
    from praca.entrypoints.cli.work import run

    run(prepare(settings, url, with_sample=with_sample, shop=shop))


def opened(settings: Settings) -> Iterator[str]:
    """Say, in Portuguese, what the settings open to more people than their defaults do."""
    if settings.jobs.jobs_access is JobsAccess.PUBLIC:
        yield (
            "PRACA_JOBS_ACCESS=public: os dados pessoais de candidatos estão abertos a qualquer "
            "pessoa que alcance este endereço."
        )
    if settings.library.ml_access is MlAccess.PUBLIC:
        yield (
            "PRACA_ML_ACCESS=public: qualquer pessoa que alcance este endereço pode treinar os "
            "modelos de livros, sem se identificar."
        )
    if settings.library.scrape_access is ScrapeAccess.SIGNED_IN:
        yield (
            "PRACA_SCRAPE_ACCESS=signed_in: qualquer conta, também a que alguém abre para si, pode "
            "fazer este servidor raspar a loja."
        )


def _announce(settings: Settings) -> None:
    for warning in opened(settings):
        _console.print(f"[bold white on red] ATENÇÃO [/] {warning}")
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


def _watch(
    parts: Sequence[Part], server: EmbeddedPostgres | None, stopping: _Signals, address: str
) -> int:
    deadline = time.monotonic() + _READY_TIMEOUT_S
    is_ready = False
    while not stopping.received:
        if server is not None and server.revive():
            _console.print("PostgreSQL terminou; reiniciado")
        for part in parts:
            if is_ready or not part.is_extra:
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
