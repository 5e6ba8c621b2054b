"""Gathering the catalogue as background work."""

from typing import Any, Final
from uuid import UUID

from praca.library.scraper import crawls
from praca.library.scraper.errors import ScrapeFailedError
from praca.library.scraper.finishing import finish
from praca.library.scraper.frontier import CrawlEndedError, Frontier
from praca.library.scraper.pages import LISTING
from praca.library.scraper.quarantine import sweep_copies
from praca.library.scraper.shop import Shop
from praca.platform.database import driver_connection
from praca.platform.models import TaskRun
from praca.platform.resources import Resources
from praca.platform.settings import Settings
from praca.platform.tasks import TaskCancelledError, TaskContext, TaskKind

__all__ = ["SCRAPE_LIBRARY", "scrape"]

_MOST_STARTS: Final = 25
"""A crawl that was taken up this often without settling a page is given up."""


async def scrape(context: TaskContext, args: dict[str, Any]) -> dict[str, Any]:
    """Crawl the shop that ``args`` name, or else the one of the settings; return the figures.

    Whoever takes the task up after another worker's death goes on where the frontier stands,
    however often that happens, and a crawl that had ended is not begun again.

    Raises:
        ScrapeFailedError: no book was found, the shop does not answer, or the crawl does not get
            on.
        TaskCancelledError: the task is to stop.
    """
    resources = context.resources
    shop = Shop.at(str(args.get("shop") or resources.settings.library.bookshop_url))
    try:
        crawl = await _begun(resources, context.run_id, shop)
        if crawl.state == "running":
            await _take_up(resources, context.run_id)
            context.progress(0, None, f"Lendo {shop.url}")
            # API processes know the kind, and never crawl: they need no HTTP client.
            from praca.library.scraper.crawl import Crawler  # noqa: PLC0415

            await Crawler(context, shop).run()
            await finish(resources, context.run_id, shop)
            crawl = await _begun(resources, context.run_id, shop)
    except CrawlEndedError:
        # Of two workers on one crawl, the other was first to find it finished.
        crawl = await _begun(resources, context.run_id, shop)
    except (ScrapeFailedError, TaskCancelledError) as error:
        await _give_up(resources, context.run_id, error)
        raise
    if crawl.state != "succeeded":
        raise ScrapeFailedError(crawl.error or "A raspagem foi interrompida por outra.")
    await sweep_copies(resources.databases.city, resources.objects)
    return crawl.result or {}


async def _begun(resources: Resources, crawl_id: UUID, shop: Shop) -> crawls.Crawl:
    """Return the crawl; begin it at the shop's first page if it had not begun."""
    limit = resources.settings.library.scrape_max_pages
    async with resources.databases.city.write() as session:
        connection = await driver_connection(session)
        found = await crawls.find(connection, crawl_id)
        if found is not None:
            return found
        if await crawls.begin(connection, crawl_id, shop.url):
            frontier = Frontier(crawl_id, shop.url, lease_s=0, max_pages=limit)
            await frontier.begin(connection, LISTING, shop.seed)
    return crawls.Crawl("running", None, None)


async def _take_up(resources: Resources, crawl_id: UUID) -> None:
    """Note that a worker goes on with the crawl.

    Raises:
        ScrapeFailedError: too many have, and have settled nothing: it may be what kills them.
    """
    async with resources.databases.city.write() as session:
        starts = await crawls.take_up(await driver_connection(session), crawl_id)
    if starts > _MOST_STARTS:
        raise ScrapeFailedError(f"A raspagem parou {_MOST_STARTS} vezes seguidas sem avançar.")


async def _give_up(resources: Resources, crawl_id: UUID, error: Exception) -> None:
    """Close a crawl that failed, or that somebody asked to end.

    One that a stopped worker leaves to the next stays open.
    """
    async with resources.databases.city.write() as session:
        connection = await driver_connection(session)
        if isinstance(error, ScrapeFailedError):
            await crawls.close(connection, crawl_id, "failed", error=error.detail)
            return
        run = await session.get(TaskRun, crawl_id)
        if run is not None and run.cancel_requested:
            await crawls.close(connection, crawl_id, "cancelled")


def _schedule(settings: Settings) -> str | None:
    return settings.library.scrape_schedule


SCRAPE_LIBRARY: Final = TaskKind(
    "library.scrape", scrape, is_exclusive=True, is_resumed=True, cron=_schedule
)
