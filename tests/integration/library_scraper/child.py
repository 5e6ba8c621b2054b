"""A worker of its own process, to be killed: crawls the shop it is told to."""

import asyncio
import dataclasses
import os
import sys
from uuid import UUID

from praca.library.scraper.tasks import SCRAPE_LIBRARY, scrape
from praca.platform.resources import open_resources
from praca.platform.settings import Settings, TaskSettings
from praca.platform.tasks import TaskContext


async def work(dsn: str, shop: str, run_id: UUID) -> None:
    settings = Settings.load()
    given = {"scrape_delay_s": 0, "scrape_concurrency": 4, "scrape_backoff_s": 0.01}
    settings = dataclasses.replace(
        settings,
        library=settings.library.model_copy(update=given),
        tasks=TaskSettings(worker_heartbeat_s=0.1, worker_stalled_s=0.4),
    )
    resources = open_resources(settings, dsn, [SCRAPE_LIBRARY])
    await scrape(TaskContext(run_id, resources), {"shop": shop})


if __name__ == "__main__":
    os.environ["PRACA_DATA_DIR"] = sys.argv[4]
    asyncio.run(work(sys.argv[1], sys.argv[2], UUID(sys.argv[3])))
