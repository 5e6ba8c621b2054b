"""Sixty-four clients on real processes that are killed; at the end all is as if nothing was."""

import asyncio
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
from tests.integration.wallet_ledger.checks import faults_of, last_audited
from tests.integration.wallet_ledger.crowd import Notes, wrong_answers
from tests.integration.wallet_ledger.served import Api, opened_crowd
from tests.integration.wallet_ledger.till import Till

from praca.platform.settings import Settings

Faults = Callable[[], list[str]]
CARDS = 40
ORDERS = 12
ORDERS_OVER_HTTP = 8
SEED = 4
_NAME = "ledger-crowd"
_TERMINATE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = %s ORDER BY state <> 'idle' DESC, random() LIMIT 1
"""


def start(dsn: str, half: int, notes: Notes) -> "subprocess.Popen[bytes]":
    named = f"{dsn}{'&' if '?' in dsn else '?'}application_name={_NAME}"
    return subprocess.Popen(  # noqa: S603  # our own program
        [
            *(sys.executable, "-m", "tests.integration.wallet_ledger.crowd"),
            *(named, str(SEED), str(half), str(ORDERS), str(notes.path)),
        ]
    )


async def test_two_processes_one_of_which_is_killed(
    till: Till, faults: Faults, city_dsn: str, tmp_path: Path
) -> None:
    for _ in range(CARDS):
        await till.issue(300)
    notes = Notes(tmp_path / "answers")
    dice = random.Random(SEED)  # noqa: S311
    processes = [start(city_dsn, half, notes) for half in range(2)]
    terminated = 0
    is_killed = False
    try:
        async with asyncio.timeout(120):
            with psycopg.connect(city_dsn, autocommit=True) as connection:
                while any(process.poll() is None for process in processes):
                    await asyncio.sleep(0.05 + dice.random() * 0.3 if is_killed else 0.02)
                    if not is_killed and notes.count() > 200:
                        processes[0].kill()
                        processes[0].wait()
                        processes[0] = start(city_dsn, 0, notes)
                        is_killed = True
                    if is_killed:
                        terminated += connection.execute(_TERMINATE, [_NAME]).rowcount
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
            process.wait()
    assert [process.returncode for process in processes] == [0, 0]
    assert is_killed
    assert terminated
    assert faults() == []
    assert wrong_answers(notes, city_dsn, SEED, ORDERS, CARDS) == []
    notes.close()


async def test_a_server_that_is_killed_and_clients_that_hang_up(
    settings: Settings, city_dsn: str, tmp_path: Path
) -> None:
    audited = last_audited(city_dsn)
    notes = Notes(tmp_path / "answers")
    api = Api(city_dsn, tmp_path)
    api.begin()
    try:
        async with asyncio.timeout(150):
            await api.until_ready()
            crowd = await opened_crowd(api, settings, notes, CARDS)
            running = asyncio.create_task(crowd.run(SEED, ORDERS_OVER_HTTP))
            await reached(notes, 100, running)
            api.kill()
            api.processes = 1  # it is there sooner
            api.begin()
            await reached(notes, 250, running)
            with psycopg.connect(city_dsn, autocommit=True) as connection:
                for _ in range(3):
                    connection.execute(_TERMINATE, ["ledger-api"])
                    await asyncio.sleep(0.05)
            await running
    finally:
        api.stop()
    assert crowd.lost
    assert "http.unexpected_error" not in api.log.read_text()
    assert faults_of(city_dsn, ceiling=1_000_000, audited=audited) == []
    assert wrong_answers(notes, city_dsn, SEED, ORDERS_OVER_HTTP, CARDS) == []
    notes.close()


async def reached(notes: Notes, count: int, running: "asyncio.Task[None]") -> None:
    """Wait until there are so many answers."""
    while notes.count() < count:
        assert not running.done(), "the crowd was through before anything happened to it"
        await asyncio.sleep(0.02)
