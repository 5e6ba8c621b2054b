"""Several workers on one crawl; those that are killed, that are stopped, that wake up late."""

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.integration.library_scraper.world import BOOKS, World, opened

from praca.library.scraper import crawls
from praca.library.scraper.errors import ScrapeFailedError
from praca.library.scraper.frontier import CrawlEndedError, Frontier
from praca.library.scraper.pages import LISTING, ClaimedPage, Memory, Outcome
from praca.platform.database import driver_connection
from praca.platform.settings import Settings
from praca.platform.tasks import Worker

DIGEST = """
SELECT (SELECT count(*) FROM library.books), (SELECT count(DISTINCT upc) FROM library.books),
    (SELECT count(*) FROM library.book_prices),
    (SELECT count(*) FROM library.pages WHERE state = 'done'),
    (SELECT count(*) FROM library.pages WHERE state <> 'done')
"""
SILENT = "UPDATE library.pages SET lease_until = now() - interval '1 second'"
WHOLE = [(BOOKS, BOOKS, BOOKS, BOOKS + 3, 0)]
CHILD = Path(__file__).with_name("child.py")


async def begun(world: World) -> UUID:
    crawl_id = uuid4()
    async with world.resources.databases.city.write() as session:
        connection = await driver_connection(session)
        await crawls.begin(connection, crawl_id, world.url)
        await worker(world, crawl_id).begin(connection, LISTING, "/")
    return crawl_id


def worker(world: World, crawl_id: UUID) -> Frontier:
    return Frontier(crawl_id, world.url, lease_s=60, max_pages=100)


async def claim(world: World, frontier: Frontier) -> list[ClaimedPage]:
    async with world.resources.databases.city.write() as session:
        return await frontier.claim(await driver_connection(session), 10)


async def settle(world: World, frontier: Frontier, page: ClaimedPage, etag: str) -> list[Outcome]:
    outcome = Outcome(page, "done", Memory(etag=etag))
    async with world.resources.databases.city.write() as session:
        connection = await driver_connection(session)
        await frontier.lock(connection)
        return await frontier.settle(connection, [outcome])


async def until(reached: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(20):
        while not await reached():  # noqa: ASYNC110  # rows and processes tell no event
            await asyncio.sleep(0.005)


async def test_a_claimed_page_is_nobody_elses_until_its_lease_ends(world: World) -> None:
    crawl_id = await begun(world)
    late, next_one = worker(world, crawl_id), worker(world, crawl_id)
    [page] = await claim(world, late)
    assert await claim(world, next_one) == []
    await world.sql(SILENT)
    assert await claim(world, next_one) == [page]
    # The first wakes up: what it read is not written, before and after the other has.
    assert await settle(world, late, page, "late") == []
    assert len(await settle(world, next_one, page, "right")) == 1
    assert await settle(world, late, page, "late") == []
    assert await settle(world, next_one, page, "twice") == []
    assert await world.sql("SELECT state, etag FROM library.pages") == [("done", "right")]


async def test_a_renewed_lease_holds(world: World) -> None:
    crawl_id = await begun(world)
    holder, other = worker(world, crawl_id), worker(world, crawl_id)
    [page] = await claim(world, holder)
    await world.sql(SILENT)
    async with world.resources.databases.city.write() as session:
        await holder.renew(await driver_connection(session))
    assert await claim(world, other) == []
    assert len(await settle(world, holder, page, "mine")) == 1


async def test_nothing_is_settled_in_a_crawl_that_another_has_replaced(world: World) -> None:
    crawl_id = await begun(world)
    late = worker(world, crawl_id)
    [page] = await claim(world, late)
    await world.crawl()
    with pytest.raises(CrawlEndedError):
        await settle(world, late, page, "late")
    assert await world.sql(DIGEST) == WHOLE


async def test_two_workers_share_a_crawl_and_store_each_book_once(world: World) -> None:
    world.shop.delay_s = 0.01
    run_id = uuid4()
    results = await asyncio.gather(world.crawl(run_id), world.crawl(run_id))
    assert results[0] == results[1]
    assert results[0]["novos"] == results[0]["total_encontrado"] == BOOKS
    assert await world.sql(DIGEST) == WHOLE
    pages = [one.path for one in world.shop.asked if one.path != "robots.txt"]
    assert len(pages) == len(set(pages)) == BOOKS + 3


async def test_a_stopped_worker_gives_its_pages_back(world: World) -> None:
    world.shop.delay_s = 0.02
    run_id = uuid4()
    stopped = asyncio.create_task(world.crawl(run_id))
    await until(lambda: world.sql("SELECT id FROM library.books"))
    stopped.cancel()
    await asyncio.gather(stopped, return_exceptions=True)
    assert await world.sql("SELECT id FROM library.pages WHERE state = 'in_flight'") == []
    stored = await world.value("SELECT count(*) FROM library.books")
    assert 0 < stored < BOOKS
    assert (await world.crawl(run_id))["total_encontrado"] == BOOKS
    assert await world.sql(DIGEST) == WHOLE


async def test_a_cancelled_task_ends_its_crawl(world: World) -> None:
    world.shop.delay_s = 0.05
    tasks = world.resources.tasks
    async with world.resources.databases.city.write() as session:
        run_id = await tasks.enqueue(session, "library.scrape", {"shop": world.url})
    working = asyncio.create_task(Worker(world.resources).run(until_empty=True))
    await until(lambda: world.sql("SELECT id FROM library.books"))
    async with world.resources.databases.city.write() as session:
        await tasks.cancel(session, run_id)
    async with asyncio.timeout(20):
        await working
    async with world.resources.databases.city.read() as session:
        run = await tasks.require(session, run_id)
    assert run.status == "cancelled"
    assert 0 < run.progress_done < BOOKS
    assert await world.sql("SELECT state FROM library.crawls") == [("cancelled",)]
    assert await world.sql("SELECT id FROM library.pages WHERE state = 'in_flight'") == []
    assert (await world.crawl())["total_encontrado"] == BOOKS


async def test_killed_workers_lose_nothing_and_double_nothing(
    settings: Settings, city_dsn: str
) -> None:
    chance = random.Random(2026)  # noqa: S311  # a repeatable draw
    async with opened(settings, city_dsn) as world:
        world.shop.delay_s = 0.01
        tasks = world.resources.tasks
        async with world.resources.databases.city.write() as session:
            run_id = await tasks.enqueue(session, "library.scrape", {"shop": world.url})
        async with workers(world) as start:
            for _ in range(6):
                number = await start()
                read = len(world.shop.asked) + chance.randint(2, 12)
                await until(partial(has_read, world, read))
                os.kill(number, signal.SIGKILL)
        assert 0 < await world.value("SELECT settled FROM library.crawls") < BOOKS
        # As if many more had died: a crawl that gets on is not given up.
        await world.sql("UPDATE platform.task_runs SET attempt = attempt + 100")
        async with asyncio.timeout(20):
            await Worker(world.resources).run(until_empty=True)
        async with world.resources.databases.city.read() as reading:
            run = await tasks.require(reading, run_id)
        assert (run.status, run.attempt) == ("succeeded", 107)
        result = run.result or {}
        assert result["novos"] == result["total_encontrado"] == BOOKS
        assert (result["paginas"], result["falhas"]) == (BOOKS + 3, 0)
        assert await world.sql(DIGEST) == WHOLE


async def test_a_crawl_that_does_not_get_on_is_given_up(world: World) -> None:
    crawl_id = await begun(world)
    await world.sql("UPDATE library.crawls SET starts = 25")
    with pytest.raises(ScrapeFailedError, match="25 vezes seguidas sem avançar"):
        await world.crawl(crawl_id)
    said = await world.sql("SELECT state, error FROM library.crawls")
    assert said == [("failed", "A raspagem parou 25 vezes seguidas sem avançar.")]
    assert world.shop.asked == deque()


async def test_a_crawl_that_gets_on_is_taken_up_for_ever(world: World) -> None:
    crawl_id = await begun(world)
    await world.sql("UPDATE library.crawls SET starts = 24")
    assert (await world.crawl(crawl_id))["total_encontrado"] == BOOKS
    assert await world.sql("SELECT state, starts FROM library.crawls") == [("succeeded", 0)]


async def test_an_error_after_many_deaths_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Starts are no errors: ten dead workers must not use up the tries of the eleventh."""

    async def lost(*_args: object) -> None:
        raise psycopg.OperationalError("the connection is lost")

    tasks = world.resources.tasks
    async with world.resources.databases.city.write() as session:
        run_id = await tasks.enqueue(session, "library.scrape", {"shop": world.url})
    await world.sql("UPDATE platform.task_runs SET attempt = 10")
    monkeypatch.setattr(Frontier, "lock", lost)
    working = asyncio.create_task(Worker(world.resources).run())
    again = "SELECT id FROM platform.task_runs WHERE status = 'queued' AND attempt = 11"
    await until(lambda: world.sql(again))
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    async with world.resources.databases.city.read() as reading:
        run = await tasks.require(reading, run_id)
    assert (run.status, run.attempt) == ("queued", 11)
    assert await world.sql("SELECT state FROM library.crawls") == [("running",)]


async def has_read(world: World, pages: int) -> bool:
    return len(world.shop.asked) >= pages


@contextlib.asynccontextmanager
async def workers(world: World) -> AsyncIterator[Callable[[], Awaitable[int]]]:
    """Yield what starts a process that is a worker of the city and tells its number."""
    dsn = world.resources.databases.city.dsn
    data = str(world.resources.settings.data_dir)
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(CHILD), dsn, data,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    asking, answering = child.stdin, child.stdout
    assert asking is not None
    assert answering is not None

    async def start() -> int:
        asking.write(b"\n")
        return int(await answering.readline())

    try:
        yield start
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        await child.wait()
