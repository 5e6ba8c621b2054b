"""Millions of orders, and hours of clients that die: the long form of the ledger's tests.

    uv run python -m benchmarks.ledger_soak [--operations 2000000] [--seed 1] [--rounds 5]

First the simulator: random orders from a seed, in rounds, each against the service on an embedded
PostgreSQL and against a reference in plain Python, which must agree on every answer, every balance
and every line of every statement; a seed that ended wrongly ends wrongly again. Then ``--rounds``
of 64 clients over HTTP against ``praca api`` with ``--processes``; meanwhile, in turn, the whole
server is killed, one of its processes is, database connections are cut, or PostgreSQL itself is
killed as by a power cut. Clients hang up, and ask under the same key until they are answered. At
the end of each round: each key one answer, money moved once if that says so, and nothing wrong
with the tables. It ends with 1 if anything was.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from benchmarks.reliability.processes import Server
from tests.integration.wallet_ledger.checks import faults_of, last_audited
from tests.integration.wallet_ledger.crowd import Notes, wrong_answers
from tests.integration.wallet_ledger.served import Api, Crowd, opened_crowd
from tests.integration.wallet_ledger.simulation import Simulation, simulated_settings

from praca.platform.database import Database
from praca.platform.settings import Settings

_AT_A_TIME = 500_000
_CARDS = 40
_CEILING = 1_000_000
_CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = 'ledger-api' AND state <> 'idle'
"""
_HARMS = ("server", "process", "connections", "database")


def main() -> int:
    """Run both parts and print what happened."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="soak-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        os.environ["PRACA_DATA_DIR"] = str(folder / "data")
        with Server(folder / "pg").running() as server:
            faults = asyncio.run(_simulate(server, options))
            for number in range(options.rounds):
                faults += asyncio.run(_round(server, folder, options, number))
    print("nothing is wrong" if not faults else f"WRONG: {faults}")
    return 1 if faults else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--operations", type=int, default=2_000_000, help="of the simulator")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5, help="of clients over HTTP")
    parser.add_argument("--orders", type=int, default=100, help="of each client in a round")
    parser.add_argument("--processes", type=int, default=2, help="of the server")
    return parser.parse_args()


# --- the simulator ----------------------------------------------------------------------------


async def _simulate(server: Server, options: argparse.Namespace) -> list[str]:
    faults: list[str] = []
    heard: Counter[str] = Counter()
    started, done, seed = time.perf_counter(), 0, options.seed
    while done < options.operations and not faults:
        with _copy(server, "soak_simulation") as dsn:
            database = Database(dsn)
            simulation = Simulation(simulated_settings(Settings.load()), database, seed)
            await simulation.run(min(_AT_A_TIME, options.operations - done))
            faults += simulation.faults()
            await database.dispose()
        done, seed = done + simulation.done, seed + 1
        heard += simulation.heard
        rate = done / (time.perf_counter() - started)
        print(f"seed {seed - 1}: {done:,} orders, {rate:,.0f}/s", flush=True)
    for answer, count in heard.most_common():
        print(f"  {count:9,}  {answer}")
    return faults


@contextmanager
def _copy(server: Server, name: str) -> Iterator[str]:
    yield server.copy(name)
    server.drop(name)


# --- clients over HTTP ------------------------------------------------------------------------


async def _round(
    server: Server, folder: Path, options: argparse.Namespace, number: int
) -> list[str]:
    seed = options.seed * 1000 + number
    with _copy(server, f"soak_{number}") as dsn:
        audited = last_audited(dsn)
        notes = Notes(folder / f"answers-{number}")
        api = Api(dsn, folder, options.processes)
        started = time.perf_counter()
        api.begin()
        try:
            await api.until_ready()
            crowd = await opened_crowd(api, Settings.load(), notes, _CARDS)
            running = asyncio.create_task(crowd.run(seed, options.orders))
            harms = await _harm(server, crowd, running, random.Random(seed))  # noqa: S311
            await running
        finally:
            api.stop()
        faults = faults_of(dsn, ceiling=_CEILING, audited=audited)
        faults += wrong_answers(notes, dsn, seed, options.orders, _CARDS)
        if "http.unexpected_error" in api.log.read_text():
            faults.append("the server answered 500")
        print(
            f"round {number}: {notes.count():,} answers in {time.perf_counter() - started:.0f} s;"
            f" harmed {dict(harms)}; {crowd.lost:,} requests cut or lost,"
            f" {crowd.unavailable:,} told that the database was away; {len(faults)} faults",
            flush=True,
        )
        notes.close()
    return faults


async def _harm(
    server: Server, crowd: Crowd, running: "asyncio.Task[None]", dice: random.Random
) -> Counter[str]:
    """Do one bad thing after the other until the clients are through."""
    harms: Counter[str] = Counter()
    while True:
        done, _ = await asyncio.wait({running}, timeout=1 + dice.random() * 3)
        if done:
            return harms
        harm = dice.choice(_HARMS)
        harms[harm] += 1
        match harm:
            case "server":
                crowd.api.kill()
                crowd.api.begin()
            case "process":
                crowd.api.kill_one()
            case "connections":
                with psycopg.connect(crowd.api.dsn, autocommit=True) as connection:
                    connection.execute(_CUT)
            case _:
                server.kill()
                await asyncio.to_thread(server.start)
        await crowd.api.until_ready()


if __name__ == "__main__":
    sys.exit(main())
