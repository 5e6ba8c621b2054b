"""How many questions are stored, answered and told in a second, and is none lost or told twice?

    uv run python -m benchmarks.questions_pipeline [--questions 5000] [--rounds 3] [--http]
    uv run python -m benchmarks.questions_pipeline --chaos [--questions 20000]

The first has everything, PostgreSQL included, on one core: the service that takes questions, the
consumer of ``praca worker`` with the offline engine on the shipped articles, the listener of the
notices. Beside it, on the same core and database, the plain driver writes the same rows, and the
engine answers the same questions without keeping anything. With ``--http`` the questions come by
HTTP to ``praca api`` and are answered by ``praca worker``, which share the core with PostgreSQL;
the client has the other one.

The second is told in ``benchmarks/questions/chaos.py``. It ends with 1 if anything is not exactly
once. ``--database URL`` runs it on an empty, migrated database that is there already.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.questions import throughput
from benchmarks.questions.chaos import Chaos
from benchmarks.questions.chaos import run as run_chaos
from benchmarks.questions.over_http import over_http
from uvicorn.loops.auto import auto_loop_factory

from praca.platform.database import Databases, EmbeddedPostgres, migrate
from praca.platform.settings import Settings


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    if arguments.database:
        sys.exit(0 if _chaos(arguments.database, arguments) else 1)
    if not arguments.chaos:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with (
        tempfile.TemporaryDirectory(prefix="praca-", ignore_cleanup_errors=True) as folder,
        EmbeddedPostgres(Path(folder) / "var") as server,
    ):
        asyncio.run(_migrate(server.url))
        if arguments.chaos:
            sys.exit(0 if _chaos(server.url, arguments) else 1)
        _throughput(server.url, folder, arguments)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--questions", type=int)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--http", action="store_true")
    parser.add_argument("--chaos", action="store_true")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--killed", type=float, default=0.02)
    parser.add_argument("--answer-s", type=float, default=0.02, help="at most, in the chaos")
    parser.add_argument("--patience", type=float, default=1800.0)
    parser.add_argument("--database", help="of the chaos: one that is there already")
    return parser.parse_args()


async def _migrate(url: str) -> None:
    databases = Databases(url, None)
    await migrate(databases)
    await databases.dispose()


def _chaos(url: str, arguments: argparse.Namespace) -> bool:
    chaos = Chaos(
        arguments.questions or 20_000,
        killed=arguments.killed,
        workers=arguments.workers,
        answer_s=arguments.answer_s,
        seed=arguments.seed,
        patience_s=arguments.patience,
    )
    outcome = run_chaos(url, chaos)
    print("\n".join(outcome.lines()), flush=True)
    return outcome.is_good


def _said(rate: throughput.Rate) -> str:
    return f"{rate.per_second:8,.0f}/s {rate.cpu_ms:6.2f} ms of the core each"


def _throughput(url: str, folder: str, arguments: argparse.Namespace) -> None:
    os.environ["PRACA_DATA_DIR"] = folder
    settings = Settings.load()
    count = arguments.questions or 5_000
    engine, answers = asyncio.run(throughput.answer_only(settings, count))
    print(f"engine alone   {engine.per_second:8,.0f} questions/s", flush=True)
    ours, floors = [], []
    for _ in range(arguments.rounds):
        floors.append(throughput.bare_rows(url, count, answers))
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:  # as commands have it
            ours.append(runner.run(throughput.pipeline(url, settings, count)))
        print(f"bare rows {_said(floors[-1])}   pipeline {_said(ours[-1])}", flush=True)
    rate, floor = (statistics.median(one.per_second for one in some) for some in (ours, floors))
    print(f"median: {rate:,.0f}/s, {rate / floor:.2f} of the bare rows ({floor:,.0f}/s)")
    spent, least = (statistics.median(one.cpu_ms for one in some) for some in (ours, floors))
    print(
        f"of the core: {spent:.2f} ms each, the bare rows {least:.2f} ms: {1e3 / spent:,.0f}/s fit"
    )
    if arguments.http:
        served = over_http(url, folder, count)
        print(f"over HTTP, with two processes on the core: {served.per_second:,.0f}/s")


if __name__ == "__main__":
    main()
