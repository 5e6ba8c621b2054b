import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
import pytest_asyncio

from praca.kit.errors import DomainError
from praca.platform.errors import TaskAlreadyRunningError, TaskFinishedError, TaskNotFoundError
from praca.platform.metrics.running import open_metrics
from praca.platform.models import TaskRun
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import HttpSettings, Settings, TaskSettings
from praca.platform.tasks import TaskContext, TaskKind, Worker

_TIMEOUT_S = 20


class _RefusedError(DomainError):
    code = "test_refused"


async def _count(context: TaskContext, args: dict[str, Any]) -> dict[str, Any]:
    for number in range(1, args["to"] + 1):
        context.progress(number, args["to"], f"número {number}")
    return {"counted": args["to"]}


async def _refuse(_context: TaskContext, _args: dict[str, Any]) -> None:
    raise _RefusedError("Não pode ser.")


async def _break(_context: TaskContext, _args: dict[str, Any]) -> None:
    raise RuntimeError("a secret of the inside")


async def _endless(context: TaskContext, _args: dict[str, Any]) -> None:
    done = 0
    while True:
        done += 1
        context.progress(done)
        await asyncio.sleep(0.02)


async def _lose_once(context: TaskContext, _args: dict[str, Any]) -> None:
    """Another worker takes the task up meanwhile."""
    await _sql(
        context.resources,
        "UPDATE platform.task_runs SET attempt = 2 WHERE id = %s AND attempt = 1",
        context.run_id,
    )


_KINDS = (
    TaskKind("test.lose_once", _lose_once),
    TaskKind("test.count", _count),
    TaskKind("test.single", _count, is_exclusive=True),
    TaskKind("test.refuse", _refuse),
    TaskKind("test.break", _break, tries=2),
    TaskKind("test.endless", _endless),
)


@pytest_asyncio.fixture
async def city(settings: Settings, city_dsn: str) -> AsyncIterator[Resources]:
    quick = dataclasses.replace(
        settings,
        tasks=TaskSettings(worker_heartbeat_s=0.2, worker_stalled_s=1),
        http=HttpSettings(shutdown_grace_s=3),
    )
    opened = open_resources(quick, city_dsn, _KINDS)
    yield opened
    await opened.close()


async def _enqueue(city: Resources, kind: str, **args: Any) -> UUID:
    async with city.databases.city.write() as session:
        return await city.tasks.enqueue(session, kind, args, owner_id=7)


async def _run_of(city: Resources, run_id: UUID) -> TaskRun:
    async with city.databases.city.read() as session:
        return await city.tasks.require(session, run_id)


async def _work(city: Resources) -> None:
    async with asyncio.timeout(_TIMEOUT_S):
        await Worker(city).run(until_empty=True)


async def _until(city: Resources, run_id: UUID, reached: Callable[[TaskRun], bool]) -> TaskRun:
    async with asyncio.timeout(_TIMEOUT_S):
        while not reached(run := await _run_of(city, run_id)):  # noqa: ASYNC110  # rows tell no event
            await asyncio.sleep(0.05)
    return run


async def _sql(city: Resources, query: str, *params: Any) -> list[tuple[Any, ...]]:
    connection = await psycopg.AsyncConnection.connect(city.databases.city.dsn, autocommit=True)
    async with connection:
        cursor = await connection.execute(query.encode(), params)
        return await cursor.fetchall() if cursor.description else []


async def test_a_task_exists_only_if_its_transaction_commits(city: Resources) -> None:
    async def enqueue_and_fail() -> None:
        async with city.databases.city.write() as session:
            await city.tasks.enqueue(session, "test.count", {"to": 1})
            raise LookupError

    with pytest.raises(LookupError):
        await enqueue_and_fail()
    assert await _sql(city, "SELECT id FROM platform.task_runs") == []
    assert await _sql(city, "SELECT id FROM procrastinate_jobs") == []
    run_id = await _enqueue(city, "test.count", to=1)
    run = await _run_of(city, run_id)
    assert (run.status, run.attempt, run.owner_id) == ("queued", 0, 7)
    assert await _sql(city, "SELECT id, status FROM procrastinate_jobs") == [(run.job_id, "todo")]


async def test_a_task_runs_to_success(city: Resources) -> None:
    run_id = await _enqueue(city, "test.count", to=5)
    await _work(city)
    run = await _run_of(city, run_id)
    assert (run.status, run.result, run.error) == ("succeeded", {"counted": 5}, None)
    assert (run.progress_done, run.progress_total, run.message) == (5, 5, "número 5")
    assert run.attempt == 1
    assert run.started_at is not None
    assert run.finished_at is not None
    assert run.created_at <= run.started_at <= run.finished_at
    assert await _sql(city, "SELECT id FROM procrastinate_jobs") == []


async def test_an_exclusive_kind_refuses_a_second_and_names_the_first(city: Resources) -> None:
    first = await _enqueue(city, "test.single", to=1)
    with pytest.raises(TaskAlreadyRunningError) as refused:
        await _enqueue(city, "test.single", to=1)
    assert refused.value.extra == {"task_id": str(first)}
    await _enqueue(city, "test.count", to=1)
    await _work(city)
    assert await _enqueue(city, "test.single", to=1) != first


async def test_of_many_exclusive_ones_at_once_one_is_taken(city: Resources) -> None:
    answers = await asyncio.gather(
        *(_enqueue(city, "test.single", to=1) for _ in range(8)), return_exceptions=True
    )
    taken = [answer for answer in answers if isinstance(answer, UUID)]
    refused = [answer for answer in answers if isinstance(answer, TaskAlreadyRunningError)]
    assert (len(taken), len(refused)) == (1, 7)
    assert {error.extra["task_id"] for error in refused} == {str(taken[0])}


async def test_an_exclusive_kind_is_enqueued_many_times_on_one_connection(city: Resources) -> None:
    # PostgreSQL plans a prepared statement anew, without its parameters, from the sixth run on.
    for _ in range(12):
        run_id = await _enqueue(city, "test.single", to=1)
        with pytest.raises(TaskAlreadyRunningError):
            await _enqueue(city, "test.single", to=1)
        async with city.databases.city.write() as session:
            await city.tasks.cancel(session, run_id)


async def test_a_domain_error_fails_the_task_with_its_detail(city: Resources) -> None:
    run_id = await _enqueue(city, "test.refuse")
    await _work(city)
    run = await _run_of(city, run_id)
    assert (run.status, run.error, run.attempt) == ("failed", "Não pode ser.", 1)
    assert run.finished_at is not None


async def test_an_unexpected_error_is_tried_again_then_fails_without_telling(
    city: Resources,
) -> None:
    run_id = await _enqueue(city, "test.break")
    await _work(city)
    run = await _run_of(city, run_id)
    assert (run.status, run.attempt) == ("failed", 2)
    assert run.error is not None
    assert "secret" not in run.error


async def test_an_unknown_kind_fails(city: Resources) -> None:
    run_id = await _enqueue(city, "test.count", to=1)
    await _sql(city, "UPDATE platform.task_runs SET kind = 'test.dropped'")
    await _work(city)
    run = await _run_of(city, run_id)
    assert run.status == "failed"
    assert "test.dropped" in (run.error or "")


async def test_a_queued_task_is_cancelled_and_never_runs(city: Resources) -> None:
    run_id = await _enqueue(city, "test.count", to=1)
    async with city.databases.city.write() as session:
        run = await city.tasks.cancel(session, run_id)
        assert (run.status, run.cancel_requested) == ("cancelled", True)
        assert run.finished_at is not None
    await _work(city)
    run = await _run_of(city, run_id)
    assert (run.status, run.attempt, run.result) == ("cancelled", 0, None)
    async with city.databases.city.write() as session:
        with pytest.raises(TaskFinishedError):
            await city.tasks.cancel(session, run_id)
        with pytest.raises(TaskNotFoundError):
            await city.tasks.cancel(session, UUID(int=0))


async def test_a_running_task_is_cancelled_at_its_next_progress(city: Resources) -> None:
    run_id = await _enqueue(city, "test.endless")
    worker = asyncio.create_task(_work(city))
    await _until(city, run_id, lambda run: run.status == "running" and run.progress_done > 0)
    async with city.databases.city.write() as session:
        run = await city.tasks.cancel(session, run_id)
        assert (run.status, run.cancel_requested) == ("running", True)
    await worker
    run = await _run_of(city, run_id)
    assert (run.status, run.attempt) == ("cancelled", 1)
    assert run.finished_at is not None


async def test_a_stopped_worker_leaves_its_task_to_the_next(city: Resources) -> None:
    run_id = await _enqueue(city, "test.endless")
    worker = asyncio.create_task(Worker(city).run())
    await _until(city, run_id, lambda run: run.status == "running")
    worker.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        async with asyncio.timeout(_TIMEOUT_S):
            await worker
    run = await _run_of(city, run_id)
    assert (run.status, run.attempt) == ("queued", 1)
    await _sql(city, "UPDATE platform.task_runs SET kind = 'test.count', args = '{\"to\": 2}'")
    await _work(city)
    run = await _run_of(city, run_id)
    assert (run.status, run.attempt, run.result) == ("succeeded", 2, {"counted": 2})


async def _of_a_silent_worker(city: Resources) -> None:
    await _sql(
        city,
        "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat)"
        " VALUES (now() - interval '1 hour') RETURNING id)"
        " UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM dead)",
    )


async def _of_a_forgotten_worker(city: Resources) -> None:
    await _sql(city, "UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL")


@pytest.mark.parametrize("leave", [_of_a_silent_worker, _of_a_forgotten_worker])
async def test_a_dead_workers_task_is_taken_up(
    city: Resources, leave: Callable[[Resources], Awaitable[None]]
) -> None:
    run_id = await _enqueue(city, "test.count", to=3)
    await leave(city)
    await _sql(
        city, "UPDATE platform.task_runs SET status = 'running', attempt = 1, started_at = now()"
    )
    worker = asyncio.create_task(Worker(city).run())
    try:
        run = await _until(city, run_id, lambda run: run.status == "succeeded")
    finally:
        worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await worker
    assert (run.attempt, run.result) == (2, {"counted": 3})


async def test_only_whose_task_it_is_counts_its_end(city: Resources) -> None:
    metrics = open_metrics(None)
    try:
        run_id = await _enqueue(city, "test.lose_once")
        await _work(city)
        assert (await _run_of(city, run_id)).attempt == 3
        ended = 'praca_tasks_ended_total{kind="test.lose_once",status="succeeded"} 1.0'
        assert ended in metrics.text()[0].decode()
    finally:
        metrics.close()


async def test_a_living_workers_task_is_left_alone(city: Resources) -> None:
    run_id = await _enqueue(city, "test.endless")
    first = asyncio.create_task(_work(city))
    await _until(city, run_id, lambda run: run.status == "running")
    second = asyncio.create_task(Worker(city).run())
    await asyncio.sleep(2.5)  # longer than a worker may be silent
    assert (await _run_of(city, run_id)).attempt == 1
    async with city.databases.city.write() as session:
        await city.tasks.cancel(session, run_id)
    await first
    second.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await second
    assert (await _run_of(city, run_id)).status == "cancelled"


async def test_tasks_are_listed_newest_first_by_owner_kind_and_status(city: Resources) -> None:
    made = [await _enqueue(city, "test.count", to=n) for n in range(3)]
    async with city.databases.city.write() as session:
        other = await city.tasks.enqueue(session, "test.refuse", {}, owner_id=8)
    async with city.databases.city.read() as session:
        total, page = await city.tasks.list_runs(session, owner_id=7, offset=1, limit=1)
        assert (total, [run.id for run in page]) == (3, [made[1]])
        total, page = await city.tasks.list_runs(session, kind="test.refuse")
        assert (total, [run.id for run in page]) == (1, [other])
        total, page = await city.tasks.list_runs(session, status="succeeded")
        assert (total, page) == (0, [])
        with pytest.raises(TaskNotFoundError):
            await city.tasks.require(session, UUID(int=0))


async def test_a_worker_cancelled_while_it_ends_leaves_nothing_running(city: Resources) -> None:
    before = asyncio.all_tasks()
    run_id = await _enqueue(city, "test.endless")
    worker = asyncio.create_task(Worker(city).run())
    await _until(city, run_id, lambda run: run.status == "running")
    async with asyncio.timeout(_TIMEOUT_S):
        worker.cancel()
        await asyncio.sleep(0.01)  # it waits for its task, which has some seconds to end
        worker.cancel()
        await asyncio.wait([worker])

    assert worker.cancelled()
    assert asyncio.all_tasks() - before == set()
