"""Praça as its users run it: commands as processes, on a data folder of their own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
from tests.workers import COUNT, NUMBER

_PATIENCE_S = 300.0


def until(reached: Callable[[], Any], what: str, *, patience_s: float = _PATIENCE_S) -> Any:
    """Poll until ``reached()`` is true; return what it gave."""
    deadline = time.monotonic() + patience_s
    while not (found := reached()):
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.05)
    return found


def environment(**more: str) -> dict[str, str]:
    """This process's environment without its own settings of Praça, and with ``more``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRACA_")}
    # Nothing is to happen at five in the morning that does not happen at six.
    # To note a training in MLflow takes seconds: tests that are about it turn it on.
    # Nobody is to be waited for who might still ask a server that ends.
    quiet = {"PRACA_DRIFT_CRON": "off", "PRACA_TRACKING": "off", "PRACA_DRAIN_S": "0"}
    return {**kept, **quiet, "PYTHONUNBUFFERED": "1", "COLUMNS": "200", **more}


def free_port() -> int:
    """Return a port that nobody uses, and that no other process of this run will be given."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        # The kernel gives odd ones only where it can.
        if port // 2 % COUNT == NUMBER:
            return port


def praca(
    *arguments: str, standard_input: str = "", **settings: str
) -> "subprocess.CompletedProcess[str]":
    """Run one command to its end."""
    return subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-m", "praca", *arguments],
        env=environment(**settings),
        input=standard_input,
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )


def is_gone(process: psutil.Process) -> bool:
    """A zombie is gone, too: whoever should have collected it may have been killed."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@dataclass
class City:
    """One data folder, and the ``praca up`` that runs on it, if one does."""

    folder: Path
    options: tuple[str, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    shop_port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """What the last start has printed."""
        return (self.folder / "out.txt").read_text()

    def begin(self) -> None:
        """Start ``praca up``, without waiting for anything."""
        with (self.folder / "out.txt").open("wb") as out:
            self.process = subprocess.Popen(  # noqa: S603  # our own program
                [
                    *(sys.executable, "-m", "praca", "up", "--port", str(self.port)),
                    *("--data-dir", str(self.folder), "--no-dashboard", *self.options),
                ],
                env=environment(PRACA_BOOKSHOP_PORT=str(self.shop_port), **self.settings),
                stdout=out,
                stderr=out,
            )

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def is_ready(self) -> bool:
        assert self.is_running(), self.output
        return f"ready: {self.url}" in self.output.splitlines()

    def start(self) -> None:
        """Start, if nothing runs, and wait for the line that says so."""
        if not self.is_running():
            self.begin()
        until(self.is_ready, "ready")

    def part(self, name: str) -> psutil.Process | None:
        """Return the child process of the supervisor that runs ``praca NAME``."""
        assert self.process is not None
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if child.cmdline()[-1:] == [name]:
                    return child
        return None

    def server(self) -> psutil.Process | None:
        """Return the PostgreSQL server of the folder."""
        with contextlib.suppress(OSError, ValueError, psutil.NoSuchProcess):
            pid_file = self.folder / "postgres" / "postmaster.pid"
            server = psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
            if Path(server.cwd()) == (self.folder / "postgres").resolve():
                return server
        return None

    def everything(self) -> list[psutil.Process]:
        """Return every process of this city."""
        assert self.process is not None
        own = psutil.Process(self.process.pid)
        server = self.server()
        database = [] if server is None else [server, *server.children(recursive=True)]
        return [own, *own.children(recursive=True), *database]

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and wait for the end of the supervisor; return its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(_PATIENCE_S)

    def clean_up(self) -> None:
        """Leave no process of this city behind, whatever happened in the test."""
        if self.is_running():
            self.end()
        server = self.server()
        if server is not None:
            server.send_signal(signal.SIGQUIT)
            until(lambda: is_gone(server), "the end of PostgreSQL")

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask the city's database; an absent table or server answers nothing."""
        where = f"host={self.folder / 'postgres'} dbname=postgres user=postgres"
        absent = (psycopg.OperationalError, psycopg.errors.UndefinedTable)
        with contextlib.suppress(*absent), psycopg.connect(where) as connection:
            return connection.execute(statement.encode()).fetchall()
        return []

    def passwords(self) -> dict[str, str]:
        """Read the sample accounts from what was printed."""
        lines = self.output.splitlines()
        at = lines.index("Contas de exemplo (usuário senha):")
        return dict(line.split(" ", 1) for line in lines[at + 1 : at + 6])

    @contextlib.contextmanager
    def signed_in(self, name: str = "admin") -> Iterator[httpx.Client]:
        """Yield a client with the token of a sample account."""
        form = {"username": name, "password": self.passwords()[name]}
        with httpx.Client(base_url=f"{self.url}/api/v1", timeout=30) as client:
            answer = client.post("/auth/login", data=form)
            assert answer.status_code == 200, answer.text
            client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            yield client

    def answers(self) -> bool:
        """Tell whether a request that needs the database is answered."""
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/api/v1/ready", timeout=10).status_code == 200
        return False


def all_gone(processes: list[psutil.Process]) -> bool:
    return all(map(is_gone, processes))


@contextlib.contextmanager
def short_folder() -> Iterator[Path]:
    # A short path: the server's socket lies in it.
    with tempfile.TemporaryDirectory(prefix="e2e-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@dataclass
class Served:
    """A running ``praca api``."""

    process: "subprocess.Popen[bytes]"
    port: int
    client: httpx.Client

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def wait_until_closed(self) -> None:
        """Wait until no new connection is taken."""

        def is_closed() -> bool:
            try:
                self.connect().close()
            except ConnectionRefusedError:
                return True
            return False

        until(is_closed, "the end of listening")


@contextlib.contextmanager
def served(settings: dict[str, str]) -> Iterator[Served]:
    """Run ``praca api`` until the block ends."""
    port = free_port()
    with (
        tempfile.TemporaryFile() as log,
        httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=30) as client,
    ):
        process = subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "-m", "praca", "api", "--port", str(port)],
            env=environment(**settings),
            stdout=log,
            stderr=log,
        )
        try:
            until(lambda: _is_ready(client), "an API that is ready")
            yield Served(process, port, client)
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(60)


def _is_ready(client: httpx.Client) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return client.get("/ready").status_code == 200
    return False
