"""How fast does the API answer, on one core, against the bare framework and the naive version?

    uv run python -m benchmarks.http_speed [--seconds 5] [--connections 32] [--only NAME]

A sample city is built in a temporary folder with an embedded PostgreSQL, by the commands that
people use. One ``praca api`` with production settings runs pinned to the first core; this process,
which drives the load, and PostgreSQL run on the second. Every answer's status and body are checked.

The peers run on the same core as the API, under the same driver, one after the other: the bare
framework answers the same number of bytes, and the naive version builds ORM objects and a pydantic
``response_model`` from the same tables (without token, audit and log).

``cpu ms`` is what the processes of the API spend on an answer: it moves less with other load on
the machine than rates do.

The column ``old`` quotes what the old system (the recruiter's API this job centre replaces)
reached with 32 connections in an earlier measurement. It is not measured here: no ratio of it is
more than an order of magnitude.
"""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import uvloop
from benchmarks.http_load.city import opened_city
from benchmarks.http_load.driver import Exchange, Figures, drive
from benchmarks.http_load.operations import OPERATIONS, Bench, Operation, bare_exchanges
from benchmarks.http_load.servers import cpu_s

from praca.jobs.sample import SampleCity

_PEER = f"{'req/s':>7}{'cpu ms':>7}{'rate':>7}{'cpu':>7}"
_HEAD = (
    f"{'':61} |{'bare framework':>14}{'ratios':>14} |{'naive ORM':>14}{'ratios':>14} | old\n"
    f"{'operation':30}{'req/s':>7}{'p50 ms':>8}{'p99 ms':>8}{'cpu ms':>8}{'bytes':>8}"
    f" |{_PEER} |{_PEER} |{'req/s':>5}{'ratio':>6}"
)


def main() -> None:
    """Build the city, load it, print the table."""
    arguments = _arguments()
    # Whoever ends the benchmark ends its servers, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("two cores are needed: one for the API, one for the driver")
    # PostgreSQL inherits this; the servers are moved to the other core.
    os.sched_setaffinity(0, {cores[1]})
    sample = SampleCity(candidates=arguments.candidates, vacancies=arguments.vacancies)
    chosen = [one for one in OPERATIONS if (arguments.only or "") in one.name]
    with (
        tempfile.TemporaryDirectory(prefix="praca-", ignore_cleanup_errors=True) as folder,
        opened_city(
            Path(folder),
            candidates=sample.candidates,
            vacancies=sample.vacancies,
            core=cores[0],
        ) as city,
    ):
        bench = Bench(city, sample)
        print(
            f"{sample.candidates:,} candidates, {sample.vacancies:,} vacancies,"
            f" {arguments.connections} connections, {arguments.seconds:g} s each after"
            f" {arguments.warm_up:g} s\n\n{_HEAD}",
            flush=True,
        )
        for operation in chosen:
            try:
                row = _measured(bench, operation, arguments)
            except TimeoutError:
                row = f"{operation.name:30} not answered in time"
            print(row, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5.0, help="of each load")
    parser.add_argument("--warm-up", type=float, default=3.0, help="seconds before each load")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--only", help="operations with this in their name")
    parser.add_argument("--candidates", type=int, default=2_000)
    parser.add_argument("--vacancies", type=int, default=1_000)
    return parser.parse_args()


@dataclass(frozen=True, slots=True)
class _Side:
    """One server, and what a load of it gave."""

    figures: Figures
    cpu_ms: float


def _load(port: int, pid: int, exchanges: Iterator[Exchange], options: argparse.Namespace) -> _Side:
    before = cpu_s(pid)
    figures = uvloop.run(
        drive(
            port,
            exchanges,
            connections=options.connections,
            warm_up_s=options.warm_up,
            seconds=options.seconds,
        )
    )
    return _Side(figures, (cpu_s(pid) - before) / figures.all_answers * 1e3)


def _measured(bench: Bench, operation: Operation, arguments: argparse.Namespace) -> str:
    """Load all sides of one operation, one after the other, and return its row."""
    city = bench.city
    options = argparse.Namespace(**vars(arguments))
    options.connections = operation.connections or arguments.connections
    exchanges = operation.ours(bench)
    first = next(exchanges)
    side = _load(city.port, city.api_pid, chain([first], exchanges), options)
    ours = side.figures
    plain = bare_exchanges(first, ours.size)
    bare = _load(city.peers_port, city.peers_pid, plain, options)
    row = (
        f"{operation.name:30}{ours.rate:7,.0f}{ours.p50_ms:8.1f}{ours.p99_ms:8.1f}"
        f"{side.cpu_ms:8.2f}{ours.size:8,} |{_compared(side, bare)}"
    )
    if operation.naive is not None:
        naive = _load(city.peers_port, city.peers_pid, operation.naive(bench), options)
        row += f" |{_compared(side, naive)}"
    else:
        row += f" |{'':28}"
    old = operation.old_rate
    return row + (f" |{old:5,.0f}{ours.rate / old:6.1f}" if old else " |")


def _compared(ours: _Side, other: _Side) -> str:
    return (
        f"{other.figures.rate:7,.0f}{other.cpu_ms:7.2f}"
        f"{ours.figures.rate / other.figures.rate:7.2f}{ours.cpu_ms / other.cpu_ms:7.2f}"
    )


if __name__ == "__main__":
    main()
