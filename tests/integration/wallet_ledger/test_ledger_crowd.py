"""Sixty-four clients on real processes that are killed; at the end all is as if nothing was."""

import asyncio
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from tests.integration.wallet_ledger.checks import moved_under
from tests.integration.wallet_ledger.crowd import Notes, keys_of
from tests.integration.wallet_ledger.till import Till

Faults = Callable[[], list[str]]
CARDS = 40
ORDERS = 16
SEED = 4
_NAME = "ledger-crowd"
_TERMINATE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = %s AND state <> 'idle' ORDER BY random() LIMIT 1
"""


def verify(notes: Notes, dsn: str, expected: set[str]) -> None:
    """Each key got one and the same answer, and moved money once if that says so."""
    answers = notes.answers()
    assert set(answers) == expected
    assert {key: said for key, said in answers.items() if len(set(said)) > 1} == {}
    made = {f"77:{key}": 1 for key, said in answers.items() if said[0].startswith("made")}
    recharged = {key: n for key, n in moved_under(dsn).items() if key.startswith("77:")}
    assert recharged == made


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
                    await asyncio.sleep(0.05 + dice.random() * 0.3)
                    if notes.count():
                        cursor = connection.execute(_TERMINATE, [_NAME])
                        terminated += cursor.rowcount
                    if not is_killed and notes.count() > 200:
                        processes[0].kill()
                        processes[0].wait()
                        processes[0] = start(city_dsn, 0, notes)
                        is_killed = True
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
            process.wait()
    assert [process.returncode for process in processes] == [0, 0]
    assert is_killed
    assert terminated
    assert faults() == []
    verify(notes, city_dsn, keys_of(SEED, ORDERS, CARDS))
    notes.close()
