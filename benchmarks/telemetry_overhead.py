"""What do traces and metrics cost?

    uv run python -m benchmarks.telemetry_overhead [--rounds 7] [--seconds 4] [--connections 32]

Four ``praca api`` with production settings share the first core, on an embedded PostgreSQL in a
temporary folder with a sample city:

- ``off``: neither traces nor metrics;
- ``metrics``: no traces;
- ``5 %``: metrics, and traces of every twentieth request: what an endpoint alone switches on;
- ``100 %``: metrics, and traces of every request.

They are asked in turns, in another order each round, for the cheapest endpoint there is, for a list
that is read often, for one record, and to make one. PostgreSQL, this process and the collector,
which only counts bytes, have the second core. What is compared are figures of the same round.

``cpu`` is what the API's process spends on an answer, with the thread that sends spans; it moves
less with other load on the machine than ``rate`` does.
"""

import argparse
import os
import secrets
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from urllib.request import urlopen

import uvloop
from benchmarks.http_load.city import ADMIN, City
from benchmarks.http_load.driver import Exchange, drive, http_request
from benchmarks.http_load.operations import OPERATIONS, Bench
from benchmarks.http_load.servers import cpu_s, free_port, praca, running, wait

from praca.jobs.sample import SampleCity
from praca.platform.database import EmbeddedPostgres

_SINK = Path(__file__).parent / "http_load" / "sink.py"
_OPERATIONS = ("list of 100 candidates", "candidate details", "candidate create")
_SAMPLE = SampleCity(candidates=400, vacancies=100)
_MEGABYTE = 2**20
Exchanges = Callable[[Bench], Iterator[Exchange]]


@dataclass(slots=True)
class _Side:
    """A server, and what its rounds gave, by operation."""

    name: str
    bench: Bench
    pid: int
    rates: dict[str, list[float]] = field(default_factory=dict)
    cpu_ms: dict[str, list[float]] = field(default_factory=dict)

    def round(self, operation: str, exchanges: Exchanges, arguments: argparse.Namespace) -> None:
        """Load it with one operation for a while."""
        before = cpu_s(self.pid)
        figures = uvloop.run(
            drive(
                self.bench.city.port,
                exchanges(self.bench),
                connections=arguments.connections,
                warm_up_s=0.5,
                seconds=arguments.seconds,
            )
        )
        spent_s = cpu_s(self.pid) - before
        self.rates.setdefault(operation, []).append(figures.rate)
        self.cpu_ms.setdefault(operation, []).append(spent_s / figures.all_answers * 1e3)


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("two cores are needed")
    os.sched_setaffinity(0, {cores[1]})
    with (
        tempfile.TemporaryDirectory(prefix="praca-", ignore_cleanup_errors=True) as name,
        EmbeddedPostgres(Path(name) / "var") as server,
        ExitStack() as servers,
    ):
        folder, password, sink = Path(name), secrets.token_urlsafe(16), free_port()
        environment = _environment(folder, server.url)
        _fill(folder / "files", environment, password)
        collector = [sys.executable, str(_SINK), str(sink)]
        servers.enter_context(running(collector, environment, cores[1], folder / "sink.log"))
        wait(f"http://127.0.0.1:{sink}", folder / "sink.log")
        sides = list[_Side]()
        for side, own in _sides(f"http://127.0.0.1:{sink}").items():
            log, port = folder / f"{len(sides)}.log", free_port()
            command = [sys.executable, "-m", "praca", "api", "--port", str(port)]
            pid = servers.enter_context(running(command, environment | own, cores[0], log))
            wait(f"http://127.0.0.1:{port}/api/v1/ready", log)
            bench = Bench(City(port, 0, pid, 0, password), _SAMPLE)
            sides.append(_Side(side, bench, pid))
        _measure(sides, arguments)
        time.sleep(3)
        with urlopen(f"http://127.0.0.1:{sink}", timeout=10) as answer:  # our own
            print(f"\nthe collector took {int(answer.read()) / _MEGABYTE:,.1f} MB")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each load")
    parser.add_argument("--connections", type=int, default=32)
    return parser.parse_args()


def _sides(collector: str) -> dict[str, dict[str, str]]:
    """Return the settings of each server."""
    metrics = {"PRACA_METRICS": "true", "PRACA_METRICS_TOKEN": secrets.token_urlsafe(24)}
    return {
        "off": {"PRACA_METRICS": "false"},
        "metrics": metrics,
        **{
            f"{ratio:.0%}": metrics
            | {"PRACA_OTLP_ENDPOINT": collector, "PRACA_TRACES_SAMPLE_RATIO": str(ratio)}
            for ratio in (0.05, 1.0)
        },
    }


def _environment(folder: Path, url: str) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("OTEL_")},
        "PRACA_DATA_DIR": str(folder / "var"),
        "PRACA_DATABASE_URL": url,
        "PRACA_ENV": "production",
        "PRACA_SECRET_KEY": secrets.token_urlsafe(48),
        "PRACA_ENCRYPTION_KEYS": "k1:" + "A" * 43 + "=",
        "PRACA_ACCESS_TOKEN_MINUTES": "120",
    }


def _fill(folder: Path, environment: dict[str, str], password: str) -> None:
    """Fill the database by the commands that people use."""
    size = ["--candidates", str(_SAMPLE.candidates), "--vacancies", str(_SAMPLE.vacancies)]
    praca(environment, "migrate")
    praca(environment, "sample-data", "--out", str(folder), *size)
    praca(environment, "import", "candidatos", str(folder / "applicants.json"))
    praca(environment, "create-admin", ADMIN, "--password-stdin", sent=password)


def _health(_bench: Bench) -> Iterator[Exchange]:
    return repeat(Exchange(http_request("GET", "/api/v1/health"), b'{"status":"ok"'))


def _measure(sides: list[_Side], arguments: argparse.Namespace) -> None:
    operations: dict[str, Exchanges] = {"health": _health}
    operations |= {one.name: one.ours for one in OPERATIONS if one.name in _OPERATIONS}
    print(f"{arguments.rounds} rounds of {arguments.seconds:g} s each, medians\n")
    print(f"{'operation':24}{'side':>9}{'req/s':>8}{'cpu ms':>8}   against off: rate, cpu")
    for operation, exchanges in operations.items():
        for side in sides:  # not counted: what a process does for the first time
            side.round(operation, exchanges, arguments)
            side.rates[operation].clear()
            side.cpu_ms[operation].clear()
        for number in range(arguments.rounds):
            for place in range(len(sides)):
                side = sides[(number + place) % len(sides)]
                side.round(operation, exchanges, arguments)
        for side in sides:
            print(_row(operation, side, sides[0]), flush=True)


def _row(operation: str, side: _Side, off: _Side) -> str:
    rates, cpu = side.rates[operation], side.cpu_ms[operation]
    figures = f"{statistics.median(rates):8,.0f}{statistics.median(cpu):8.3f}"
    if side is off:
        return f"{operation:24}{side.name:>9}{figures}"
    rate, spent = _changes(rates, off.rates[operation]), _changes(cpu, off.cpu_ms[operation])
    return f"{operation:24}{side.name:>9}{figures}   {rate}, {spent}"


def _changes(mine: list[float], others: list[float]) -> str:
    changes = [(a / b - 1) * 100 for a, b in zip(mine, others, strict=True)]
    return f"{statistics.median(changes):+.1f} % ({min(changes):+.1f} to {max(changes):+.1f})"


if __name__ == "__main__":
    main()
