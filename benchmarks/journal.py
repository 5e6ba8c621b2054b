"""What does the journal cost?

    uv run python -m benchmarks.journal [--rounds 7] [--seconds 4] [--connections 32]

Two ``praca api`` with production settings share the first core, one with the journal and one
without, on an embedded PostgreSQL in a temporary folder. They are asked in turns for the cheapest
endpoint there is, which looks at nothing, so that any cost shows. PostgreSQL and this process have
the second core. In the end every answer must be in the table, once.

Then PostgreSQL is stopped under load: how much memory do the lines take that wait?
"""

import argparse
import os
import secrets
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path

import psycopg
import uvloop
from benchmarks.http_load.driver import Exchange, drive, http_request
from benchmarks.http_load.servers import cpu_s, free_port, praca, resident_bytes, running, wait

from praca.platform.database import EmbeddedPostgres

_COUNT = b"""
SELECT count(*), (SELECT coalesce(sum(lines), 0)::bigint FROM platform.journal_drops)
FROM platform.request_log WHERE route = '/api/v1/health'
"""
_DRAIN_S = 2.5
_MEGABYTE = 2**20


@dataclass(slots=True)
class _Side:
    """A server, and what its rounds gave."""

    name: str
    port: int
    pid: int
    rates: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    answers: int = 0

    def round(self, arguments: argparse.Namespace) -> None:
        """Load it for a while."""
        before = cpu_s(self.pid)
        figures = uvloop.run(
            drive(
                self.port,
                _requests(),
                connections=arguments.connections,
                warm_up_s=0.5,
                seconds=arguments.seconds,
            )
        )
        spent_s = cpu_s(self.pid) - before
        self.rates.append(figures.rate)
        self.p99_ms.append(figures.p99_ms)
        self.cpu_ms.append(spent_s / figures.all_answers * 1e3)
        self.answers += figures.all_answers

    def __str__(self) -> str:
        rate, cpu, p99 = map(statistics.median, (self.rates, self.cpu_ms, self.p99_ms))
        return f"{self.name:14}{rate:8,.0f}/s {cpu:8.4f} ms of CPU each {p99:8.2f} ms p99"


def _requests() -> Iterator[Exchange]:
    return repeat(Exchange(http_request("GET", "/api/v1/health"), b'{"status":"ok"'))


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("two cores are needed")
    os.sched_setaffinity(0, {cores[1]})
    with (
        tempfile.TemporaryDirectory(prefix="praca-", ignore_cleanup_errors=True) as folder,
        EmbeddedPostgres(Path(folder) / "var") as server,
        ExitStack() as servers,
    ):
        environment = {
            **os.environ,
            "PRACA_DATA_DIR": str(Path(folder) / "var"),
            "PRACA_DATABASE_URL": server.url,
            "PRACA_ENV": "production",
            "PRACA_SECRET_KEY": secrets.token_urlsafe(48),
            "PRACA_ENCRYPTION_KEYS": "k1:" + "A" * 43 + "=",
        }
        praca(environment, "migrate")
        sides = []
        for state in ("on", "off"):
            log, port = Path(folder) / f"{state}.log", free_port()
            command = [sys.executable, "-m", "praca", "api", "--port", str(port)]
            pid = servers.enter_context(
                running(command, environment | {"PRACA_JOURNAL": state}, cores[0], log)
            )
            wait(f"http://127.0.0.1:{port}/api/v1/ready", log)
            sides.append(_Side(f"journal {state}", port, pid))
        _compare(sides, arguments, server.url)
        _without_database(sides[0], arguments, server, Path(folder) / "var/postgres")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each round")
    parser.add_argument("--connections", type=int, default=32)
    return parser.parse_args()


def _compare(sides: list[_Side], arguments: argparse.Namespace, url: str) -> None:
    for side in sides:  # not counted: what a process does for the first time
        side.round(arguments)
        for figures in (side.rates, side.cpu_ms, side.p99_ms):
            figures.clear()
    for number in range(arguments.rounds):
        for side in sides if number % 2 else reversed(sides):
            side.round(arguments)
    on, off = sides
    print(f"{arguments.rounds} rounds of {arguments.seconds:g} s each, medians\n{on}\n{off}")
    for name, mine, others in (("rate", on.rates, off.rates), ("CPU", on.cpu_ms, off.cpu_ms)):
        changes = [(a / b - 1) * 100 for a, b in zip(mine, others, strict=True)]
        spread = f"{min(changes):+.1f} to {max(changes):+.1f}"
        print(f"{name}: {statistics.median(changes):+.1f} % ({spread} %)")
    time.sleep(_DRAIN_S)
    print(f"{on.answers:,} answers: {_noted(url)}")


def _noted(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute(_COUNT).fetchone()
    return "{:,} noted, {:,} dropped".format(*(row or ()))


def _without_database(
    side: _Side, arguments: argparse.Namespace, server: EmbeddedPostgres, data: Path
) -> None:
    """Load the server whose database is gone."""
    before = resident_bytes(side.pid)
    postmaster = int((data / "postmaster.pid").read_text().splitlines()[0])
    os.kill(postmaster, signal.SIGINT)  # ends its sessions, too
    side.rates.clear()
    side.round(arguments)
    after = resident_bytes(side.pid)
    print(
        f"database stopped: {side.rates[0]:,.0f}/s, memory {before / _MEGABYTE:.0f} MB before,"
        f" {after / _MEGABYTE:.0f} MB after"
    )
    server.revive()
    time.sleep(_DRAIN_S)
    print(f"database back, {side.answers:,} answers in all: {_noted(server.url)}")


if __name__ == "__main__":
    main()
