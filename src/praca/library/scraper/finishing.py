"""The end of a crawl: what it found, and which books the shop has no more."""

from typing import Any
from uuid import UUID

from praca.library.scraper import crawls
from praca.library.scraper.crawls import Connection, Findings
from praca.library.scraper.errors import ScrapeFailedError
from praca.library.scraper.frontier import Frontier
from praca.library.scraper.shop import Shop
from praca.library.storing import mark_absent
from praca.platform.database import WriteSession, driver_connection
from praca.platform.resources import Resources

__all__ = ["finish"]


async def finish(resources: Resources, crawl_id: UUID, shop: Shop) -> None:
    """Close the crawl, all of whose pages are settled, and mark the books that are gone.

    All of it is one transaction, so that a crawl is either still running or wholly told.

    Raises:
        CrawlEndedError: another worker has closed it.
        ScrapeFailedError: it found no book.
    """
    async with resources.databases.city.write() as session:
        connection = await driver_connection(session)
        frontier = Frontier(crawl_id, shop.url, lease_s=0, max_pages=0)
        await frontier.lock(connection)
        found = await crawls.findings(connection, crawl_id, shop.seed)
        if found.books == 0:
            raise ScrapeFailedError(_why_nothing(shop, found))
        absent, warnings = await _mark(session, connection, crawl_id, shop, found)
        result = _result(found, absent, warnings)
        await crawls.close(connection, crawl_id, "succeeded", result=result)


async def _mark(
    session: WriteSession, connection: Connection, crawl_id: UUID, shop: Shop, found: Findings
) -> tuple[int, list[str]]:
    """Mark the books that the crawl has not seen; return how many, and why none if none may be.

    A list that was not read to its end says nothing of the books behind it, and one that has lost
    half of them at once is rather broken than sold out.
    """
    if found.unread_listings:
        count = found.unread_listings
        return 0, [f"Páginas de lista que não puderam ser lidas: {count}. {_NONE_ABSENT}"]
    if found.is_clipped:
        return 0, [f"A loja tem mais páginas do que o limite de uma raspagem. {_NONE_ABSENT}"]
    missing, present = await crawls.absentees(connection, crawl_id, shop.url)
    if len(missing) * 2 > present:
        lost = f"{len(missing)} de {present} livros sumiram de uma vez."
        return 0, [f"{lost} {_NONE_ABSENT}"]
    await crawls.forget_pages(connection, crawl_id, shop.url)
    return await mark_absent(session, missing), []


_NONE_ABSENT = "Nenhum livro foi dado como ausente."


def _result(found: Findings, absent: int, warnings: list[str]) -> dict[str, Any]:
    return {
        "total_encontrado": found.books,
        "novos": found.new,
        "alterados": found.changed,
        "inalterados": max(0, found.books - found.new - found.changed),
        "ausentes": absent,
        "paginas": found.pages,
        "bytes": found.received_bytes,
        "falhas": found.failed,
        "quarentena": found.quarantined,
        "avisos": [*warnings, *found.notes],
    }


def _why_nothing(shop: Shop, found: Findings) -> str:
    if found.seed_state == "failed":
        return f"A loja {shop.url} não pôde ser lida: {found.seed_error}."
    if found.seed_state == "quarantined":
        return (
            f"A página inicial de {shop.url} não tem o formato esperado "
            f"({found.seed_field}: {found.seed_reason})."
        )
    if found.unread_books or found.unread_listings:
        count = found.unread_books + found.unread_listings
        return (
            f"Nenhum livro de {shop.url} pôde ser lido: {count} páginas com problema, "
            f"a maioria por: {found.common_error}."
        )
    return f"Nenhum livro foi encontrado em {shop.url}."
