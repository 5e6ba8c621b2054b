"""An update under load loses no request and no write; see benchmarks/rolling_restart.py."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest
from benchmarks.restarts.rehearsal import rehearsed
from tests.workers import own

from praca.platform.database import sqlalchemy_url

_RATE = 10  # of a machine that runs other tests, too
_DRAIN_S = 2.5


@pytest.fixture
def new_database(migrated_url: str) -> Iterator[str]:
    name = own("praca_tests_rolling")
    drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode()
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(f"CREATE DATABASE {name}".encode())
        url = sqlalchemy_url(migrated_url).set(drivername="postgresql", database=name)
        yield url.render_as_string(hide_password=False)
        connection.execute(drop)


async def test_an_update_under_load_loses_nothing(folder: Path, new_database: str) -> None:
    async with rehearsed(
        folder,
        new_database,
        processes=1,
        people=3,
        PRACA_DRAIN_S=str(_DRAIN_S),
        PRACA_DATABASE_POOL_SIZE="5",
    ) as rehearsal:
        # Few connections, so that each is used while its process drains.
        report = await rehearsal.run(requests=40, rate=_RATE, restarts=1, connections=8)
        assert report.result.failures == {}
        assert (report.lost, report.duplicates) == (0, 0)
        assert report.result.taken
        assert report.migrated
        assert report.restarts == 1
        assert len(report.processes) == 2
        # Its answers asked for new connections, so that nobody lost one that he had just used.
        assert report.result.asked_to_close

        # A restart is the supervisor's affair: who tells all processes ends none.
        assert rehearsal.process is not None
        serving = psutil.Process(rehearsal.process.pid).children()
        for child in serving:
            child.send_signal(signal.SIGHUP)

        # The load balancer hears of the end before it comes.
        started = time.monotonic()
        os.kill(rehearsal.process.pid, signal.SIGTERM)
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{rehearsal.port}/api/v1"
        ) as client:
            answer = await client.get("/ready")
            assert all(child.is_running() for child in serving)
            while answer.status_code == 200:
                answer = await client.get("/ready")
            assert answer.json()["status"] == "draining"
            assert answer.headers["Connection"] == "close"
            assert (await client.get("/health")).status_code == 200
        assert rehearsal.process.wait(60) == 0
        assert time.monotonic() - started > _DRAIN_S
