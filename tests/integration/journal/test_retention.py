"""What is deleted after its time, and what is not."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import Column, ForeignKey, MetaData, Table, Uuid
from tests.integration.cities import run_task
from tests.integration.journal.conftest import rows

from praca.platform import retention
from praca.platform.database.models import CityBase
from praca.platform.resources import Resources
from praca.platform.retention import RETENTION, delete_old
from praca.platform.tasks import TaskCancelledError

OLD, YOUNG = timedelta(days=31), timedelta(days=29)
_LINES = """
INSERT INTO platform.request_log (at, method, route, status, ms)
SELECT now() - make_interval(days => n % 60), 'GET', '/a', 200, 1 FROM generate_series(1, {n}) AS n;
INSERT INTO platform.prediction_log (at, model, version, input_hash, output, ms)
SELECT now() - make_interval(days => n % 60), 'match', 1, '\\x00', '1', 1
FROM generate_series(1, 120) AS n;
INSERT INTO platform.journal_drops (at, lines) VALUES (now() - interval '40 days', 1), (now(), 2);
INSERT INTO platform.journal_writers (id, batch, at) VALUES
(gen_random_uuid(), 1, now() - interval '40 days'), (gen_random_uuid(), 1, now());
"""


def plant(dsn: str, lines: int = 12_000) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(_LINES.format(n=lines).encode())


def add_run(dsn: str, status: str, age: timedelta, *, is_job_left: bool = False) -> UUID:
    """Add a task that ended (or, if it has not, began) so long ago, and its job."""
    run_id = uuid4()
    ended = age if status in {"succeeded", "failed", "cancelled"} else None
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "INSERT INTO platform.task_runs (id, kind, status, created_at, finished_at)"
            " VALUES (%s, 'x', %s, now() - %s, now() - %s::interval)",
            [run_id, status, age, ended],
        )
        if is_job_left:
            row = connection.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status)"
                " VALUES ('default', 'praca.run', jsonb_build_object('run_id', %s::text), 'todo')"
                " RETURNING id",
                [str(run_id)],
            ).fetchone()
            assert row is not None
            if ended is not None:
                job = [row[0]]
                connection.execute(
                    "UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", job
                )
                connection.execute(
                    "UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", job
                )
            connection.execute(
                "UPDATE procrastinate_events SET at = now() - %s WHERE job_id = %s", [age, row[0]]
            )
    return run_id


def left(dsn: str) -> set[UUID]:
    return {row[0] for row in rows(dsn, "SELECT id FROM platform.task_runs")}


async def test_lines_go_after_their_time(resources: Resources, city_dsn: str) -> None:
    plant(city_dsn)
    told: list[int] = []
    gone = await delete_old(resources.databases.city, resources.settings, progress=told.append)
    assert gone["request_log"] == 6_000
    oldest = "SELECT extract(day FROM now() - min(at))::int FROM platform.request_log"
    assert rows(city_dsn, oldest) == [(29,)]
    assert rows(city_dsn, "SELECT count(*) FROM platform.request_log") == [(6000,)]
    assert rows(city_dsn, "SELECT count(*) FROM platform.prediction_log") == [(60,)]
    assert rows(city_dsn, "SELECT sum(lines) FROM platform.journal_drops") == [(2,)]
    assert rows(city_dsn, "SELECT count(*) FROM platform.journal_writers") == [(1,)]
    assert told == sorted(told)
    assert told[0] == 5_000
    assert told[-1] == sum(gone.values())
    again = await delete_old(resources.databases.city, resources.settings)
    assert set(again.values()) == {0}


async def test_finished_tasks_go_with_their_jobs_and_others_stay(
    resources: Resources, city_dsn: str
) -> None:
    for status in ("succeeded", "failed", "cancelled"):
        add_run(city_dsn, status, OLD, is_job_left=True)
    kept = {
        add_run(city_dsn, "queued", OLD, is_job_left=True),
        add_run(city_dsn, "running", OLD),
        add_run(city_dsn, "succeeded", YOUNG),
        add_run(city_dsn, "failed", YOUNG, is_job_left=True),
    }
    with psycopg.connect(city_dsn) as connection:
        connection.execute(
            "INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp, periodic_id)"
            " VALUES ('praca.due', extract(epoch FROM now() - interval '31 days'), 'gone'),"
            " ('praca.due', extract(epoch FROM now()), 'still')"
        )
        connection.execute(
            "UPDATE procrastinate_periodic_defers SET job_id ="
            " (SELECT min(id) FROM procrastinate_jobs WHERE status = 'failed')"
        )
    gone = await delete_old(resources.databases.city, resources.settings)
    assert left(city_dsn) == kept
    assert (gone["task_runs"], gone["jobs"], gone["schedules"]) == (3, 3, 1)
    jobs = rows(city_dsn, "SELECT args->>'run_id' FROM procrastinate_jobs ORDER BY status")
    assert {UUID(row[0]) for row in jobs} < kept
    assert len(jobs) == 2
    orphans = (
        "SELECT count(*) FROM procrastinate_events e"
        " WHERE NOT EXISTS (SELECT FROM procrastinate_jobs j WHERE j.id = e.job_id)"
    )
    assert rows(city_dsn, orphans) == [(0,)]
    schedules = "SELECT periodic_id, job_id FROM procrastinate_periodic_defers"
    assert rows(city_dsn, schedules) == [("still", None)]


@pytest.mark.parametrize("is_key", [True, False])
async def test_a_task_that_something_refers_to_stays(
    resources: Resources, city_dsn: str, monkeypatch: pytest.MonkeyPatch, *, is_key: bool
) -> None:
    """A room's table of its own, told to the one place where tables are known."""
    name = "run" if is_key else "task_id"
    tables = MetaData()
    runs = Table("task_runs", tables, Column("id", Uuid, primary_key=True), schema="platform")
    keys = [ForeignKey(runs.c.id)] if is_key else []
    Table("crawls_of_test", tables, Column(name, Uuid, *keys), schema="platform")
    monkeypatch.setattr(CityBase, "metadata", tables)
    referred, other = add_run(city_dsn, "failed", OLD), add_run(city_dsn, "failed", OLD)
    with psycopg.connect(city_dsn) as connection:
        target = " REFERENCES platform.task_runs" if is_key else ""
        connection.execute(f"CREATE TABLE platform.crawls_of_test ({name} uuid{target})".encode())
        connection.execute("INSERT INTO platform.crawls_of_test VALUES (%s)", [referred])
    try:
        await delete_old(resources.databases.city, resources.settings)
        assert left(city_dsn) == {referred}
        assert other not in left(city_dsn)
    finally:
        with psycopg.connect(city_dsn) as connection:
            connection.execute("DROP TABLE platform.crawls_of_test")


async def test_two_at_once_delete_everything_once(
    resources: Resources, city_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_BATCH", 100)
    plant(city_dsn)
    city, settings = resources.databases.city, resources.settings
    one, two = await asyncio.gather(delete_old(city, settings), delete_old(city, settings))
    assert one["request_log"] + two["request_log"] == 6_000
    assert rows(city_dsn, "SELECT count(*) FROM platform.request_log") == [(6_000,)]


async def test_it_stops_between_batches_and_goes_on_later(
    resources: Resources, city_dsn: str
) -> None:
    plant(city_dsn)

    def stop(_gone: int) -> None:
        raise TaskCancelledError

    with pytest.raises(TaskCancelledError):
        await delete_old(resources.databases.city, resources.settings, progress=stop)
    assert rows(city_dsn, "SELECT count(*) FROM platform.request_log") == [(7_000,)]
    await delete_old(resources.databases.city, resources.settings)
    assert rows(city_dsn, "SELECT count(*) FROM platform.request_log") == [(6_000,)]


async def test_a_worker_runs_it(resources: Resources, city_dsn: str) -> None:
    plant(city_dsn, lines=60)
    result = await run_task(resources, RETENTION.name)
    assert result["request_log"] == 30
    assert RETENTION.cron(resources.settings) == "20 4 * * *"
