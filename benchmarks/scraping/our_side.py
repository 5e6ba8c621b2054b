"""The crawl by our scraper, into PostgreSQL.

    python -m benchmarks.scraping.our_side DATABASE URL CONCURRENCY LOOP

Runs what the task ``library.scrape`` runs, without the queue. LOOP is asyncio, as workers have it,
or uvloop. It prints one JSON object: pages, seconds from the first statement to the last, seconds
of the processor (PostgreSQL's own not counted), bytes of the answers, peak memory of the process.
"""

import asyncio
import dataclasses
import sys
import time
from typing import Any
from uuid import uuid4

import orjson
import uvloop
from benchmarks.scraping.memory import peak_mb

from praca.entrypoints.kinds import TASK_KINDS
from praca.library.scraper.tasks import scrape
from praca.platform.resources import open_resources
from praca.platform.settings import Settings
from praca.platform.tasks import TaskContext


async def crawl(database: str, url: str, concurrency: int) -> dict[str, Any]:
    """Crawl once; return the figures."""
    settings = Settings.load()
    library = {"bookshop_url": url, "scrape_delay_s": 0, "scrape_concurrency": concurrency}
    settings = dataclasses.replace(settings, library=settings.library.model_copy(update=library))
    resources = open_resources(settings, database, TASK_KINDS)
    try:
        started, cpu = time.perf_counter(), time.process_time()
        result = await scrape(TaskContext(uuid4(), resources), {"shop": url})
        seconds, cpu_s = time.perf_counter() - started, time.process_time() - cpu
    finally:
        await resources.close()
    return {
        "pages": result["paginas"],
        "seconds": seconds,
        "cpu_s": cpu_s,
        "bytes": result["bytes"],
        "peak_mb": peak_mb(),
        "result": result,
    }


if __name__ == "__main__":
    run = {"asyncio": asyncio.run, "uvloop": uvloop.run}[sys.argv[4]]
    print(orjson.dumps(run(crawl(sys.argv[1], sys.argv[2], int(sys.argv[3])))).decode())
