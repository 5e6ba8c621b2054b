"""Real workers, really killed: the benchmark's chaos, smaller."""

import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[3]


def test_every_question_is_answered_and_told_once_while_workers_are_killed(
    city_dsn: str,
) -> None:
    command = [
        *(sys.executable, "-m", "benchmarks.questions_pipeline", "--chaos"),
        *("--questions", "200", "--killed", "0.06", "--answer-s", "0.3"),
        *("--patience", "120", "--database", city_dsn),
    ]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    done = subprocess.run(  # noqa: S603  # our own program
        command,
        check=False,
        env=environment,
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counted = {
        name.strip(): int(rest.split()[0])
        for name, rest in ((line[:27], line[27:]) for line in done.stdout.splitlines()[:-1])
    }
    assert counted["asked"] == counted["answered"] == counted["notices heard"] == 200
    assert counted["workers killed (kill -9)"] >= 1  # one may have had all of that in hand
    assert counted["deliveries lost with them"] >= 12
    assert counted["doubled: questions"] == counted["doubled: notices"] == 10
