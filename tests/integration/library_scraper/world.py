"""A small bookshop on loopback, and crawls of it."""

import asyncio
import contextlib
import dataclasses
import socket
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import uvicorn

from praca.entrypoints.kinds import TASK_KINDS
from praca.library.bookshop import Bookshop, make_books
from praca.library.scraper.tasks import scrape
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings, TaskSettings
from praca.platform.tasks import TaskContext

BOOKS = 60


@contextlib.asynccontextmanager
async def served(shop: Any) -> AsyncIterator[str]:
    """Serve ``shop`` on a free port of this loop; yield its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        config = uvicorn.Config(shop, log_level="error", lifespan="off", access_log=False)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            while not server.started:  # noqa: ASYNC110  # it tells no event
                await asyncio.sleep(0.005)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            await serving


@dataclasses.dataclass
class World:
    """A shop, its address, and a city that gathers its books from it."""

    shop: Bookshop
    url: str
    resources: Resources

    async def crawl(self, run_id: UUID | None = None, url: str | None = None) -> dict[str, Any]:
        """Crawl the shop once and return the figures."""
        context = TaskContext(run_id or uuid4(), self.resources)
        async with asyncio.timeout(30):
            return await scrape(context, {"shop": url or self.url})

    async def sql(self, query: str, *params: Any) -> list[tuple[Any, ...]]:
        """Return the rows of ``query``."""
        dsn = self.resources.databases.city.dsn
        connection = await psycopg.AsyncConnection.connect(dsn, autocommit=True)
        async with connection:
            cursor = await connection.execute(query.encode(), params)
            return await cursor.fetchall() if cursor.description else []

    async def value(self, query: str, *params: Any) -> Any:
        """Return the one value of ``query``."""
        return (await self.sql(query, *params))[0][0]


def quick(settings: Settings, **library: Any) -> Settings:
    """Return ``settings`` for a shop that is no stranger."""
    given = {"scrape_delay_s": 0, "scrape_concurrency": 4, "scrape_backoff_s": 0.01, **library}
    return dataclasses.replace(
        settings,
        library=settings.library.model_copy(update=given),
        tasks=TaskSettings(worker_heartbeat_s=0.2, worker_stalled_s=1),
    )


@contextlib.asynccontextmanager
async def opened(settings: Settings, dsn: str, **library: Any) -> AsyncIterator[World]:
    """Open a shop of 60 books and a city beside it."""
    shop = Bookshop(make_books(BOOKS))
    async with served(shop) as url:
        settings = quick(settings, bookshop_url=url, **library)
        resources = open_resources(settings, dsn, TASK_KINDS)
        try:
            yield World(shop, url, resources)
        finally:
            await resources.close()
