"""What a process does that is to be killed: it crawls a shop until the crawl ends."""

import asyncio
import dataclasses
from multiprocessing.connection import Connection
from typing import Final
from uuid import UUID

from praca.entrypoints.kinds import TASK_KINDS
from praca.library.scraper.tasks import scrape
from praca.platform.resources import open_resources
from praca.platform.settings import Settings, TaskSettings
from praca.platform.tasks import TaskContext

__all__ = ["work"]

_CONCURRENCY: Final = 4
_LEASE_S: Final = 0.5


def work(database: str, url: str, crawl_id: str, pause_s: float, begins: Connection) -> None:
    """Run the crawl ``crawl_id`` until it ends, whoever began it; tell ``begins`` first."""
    asyncio.run(_work(database, url, UUID(crawl_id), pause_s, begins))


async def _work(
    database: str, url: str, crawl_id: UUID, pause_s: float, begins: Connection
) -> None:
    settings = Settings.load()
    library = {
        "bookshop_url": url,
        "scrape_delay_s": pause_s,
        "scrape_concurrency": _CONCURRENCY,
        "scrape_backoff_s": 0.05,
    }
    settings = dataclasses.replace(
        settings,
        library=settings.library.model_copy(update=library),
        tasks=TaskSettings(worker_heartbeat_s=_LEASE_S / 5, worker_stalled_s=_LEASE_S),
    )
    resources = open_resources(settings, database, TASK_KINDS)
    try:
        begins.send(True)
        await scrape(TaskContext(crawl_id, resources), {"shop": url})
    finally:
        await resources.close()
