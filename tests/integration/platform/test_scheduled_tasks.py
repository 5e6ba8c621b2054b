"""A kind that is due by the clock is enqueued once for each moment, by however many workers."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from praca.entrypoints.kinds import TASK_KINDS
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import HttpSettings, Settings, SettingsError, TaskSettings
from praca.platform.tasks import SCHEDULED, TaskContext, TaskKind, Worker
from praca.wallet.pix.simulator import DELIVER_TASK

_TIMEOUT_S = 30


async def _nothing(_context: TaskContext, _args: dict[str, Any]) -> None:
    return None


def _kinds() -> tuple[TaskKind, ...]:
    """Return kinds of which one is daily and has just been due: the queue makes up ten minutes."""
    moment = datetime.now(UTC) - timedelta(minutes=2)
    cron = f"{moment.minute} {moment.hour} * * *"
    return (
        TaskKind("test.due", _nothing, is_exclusive=True, cron=lambda _settings: cron),
        TaskKind("test.never", _nothing),
        TaskKind("test.off", _nothing, cron=lambda _settings: None),
    )


@pytest_asyncio.fixture
async def city(settings: Settings, city_dsn: str) -> AsyncIterator[Resources]:
    quick = dataclasses.replace(
        settings,
        tasks=TaskSettings(worker_heartbeat_s=0.2, worker_stalled_s=5),
        http=HttpSettings(shutdown_grace_s=3),
    )
    opened = open_resources(quick, city_dsn, _kinds())
    yield opened
    await opened.close()


def runs(city: Resources) -> list[tuple[Any, ...]]:
    with psycopg.connect(city.databases.city.dsn) as connection:
        return connection.execute("SELECT kind, status, args FROM platform.task_runs").fetchall()


def deferred(city: Resources) -> int:
    """Return how many moments have a job of their own, and none of them still waiting."""
    with psycopg.connect(city.databases.city.dsn) as connection:
        row = connection.execute(
            "SELECT count(*) FROM procrastinate_periodic_defers WHERE NOT EXISTS ("
            " SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing'))"
        ).fetchone()
    assert row is not None
    return int(row[0])


async def work_until_done(city: Resources, workers: int) -> None:
    working = [asyncio.create_task(Worker(city).run()) for _ in range(workers)]
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            while not (deferred(city) and {run[1] for run in runs(city)} == {"succeeded"}):  # noqa: ASYNC110  # rows tell no event
                await asyncio.sleep(0.05)
    finally:
        for worker in working:
            worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*working, return_exceptions=True)


async def test_two_workers_enqueue_what_is_due_once(city: Resources) -> None:
    await work_until_done(city, workers=2)
    assert runs(city) == [("test.due", "succeeded", {SCHEDULED: True})]
    # One that starts later finds the moment taken.
    await work_until_done(city, workers=1)
    assert len(runs(city)) == 1


async def test_a_job_taken_up_twice_makes_one_task(city: Resources) -> None:
    first, second = Worker(city), Worker(city)
    await first._enqueue_due(1_700_000_000, "test.due")
    await second._enqueue_due(1_700_000_000, "test.due")
    assert len(runs(city)) == 1


async def test_an_unfinished_one_stands_for_what_is_due(city: Resources) -> None:
    async with city.databases.city.write() as session:
        await city.tasks.enqueue(session, "test.due", {})
    await Worker(city)._enqueue_due(1_700_000_000, "test.due")
    assert [run[2] for run in runs(city)] == [{}]


async def test_a_worker_of_a_command_enqueues_nothing(city: Resources) -> None:
    async with asyncio.timeout(_TIMEOUT_S):
        await Worker(city).run(until_empty=True)
    assert runs(city) == []


def test_what_is_due_by_the_clock_is_never_there_twice() -> None:
    due = {kind.name: kind for kind in TASK_KINDS if kind.cron(Settings.load())}
    assert {"identity.finish_mails", "jobs.check_drift"} <= set(due)
    # Notices of the simulated Pix provider are taken up row by row; two may do so at once.
    shared = {name for name, kind in due.items() if not kind.is_exclusive}
    assert shared <= {DELIVER_TASK}


def test_drift_is_checked_daily_unless_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = {kind.name: kind for kind in TASK_KINDS}
    assert kinds["jobs.check_drift"].cron(Settings.load()) == "0 5 * * *"
    monkeypatch.setenv("PRACA_DRIFT_CRON", "off")
    assert kinds["jobs.check_drift"].cron(Settings.load()) is None
    monkeypatch.setenv("PRACA_DRIFT_CRON", "*/5 * * * *")
    assert kinds["jobs.check_drift"].cron(Settings.load()) == "*/5 * * * *"


@pytest.mark.parametrize("cron", ["daily", "99 5 * * *", ""])
def test_an_absurd_schedule_is_refused_at_start(monkeypatch: pytest.MonkeyPatch, cron: str) -> None:
    monkeypatch.setenv("PRACA_DRIFT_CRON", cron)
    with pytest.raises(SettingsError, match="PRACA_DRIFT_CRON"):
        Settings.load()
