"""What is shown of the frontier: counts, and the pages in quarantine."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text

from praca.platform.database import ReadSession

__all__ = ["Quarantined", "count_books", "count_pages", "list_quarantined"]

_PAGES: Final = text(
    "SELECT state, count(*) FROM library.pages WHERE crawl_id = ("
    " SELECT id FROM library.crawls WHERE shop = :shop ORDER BY started_at DESC, id LIMIT 1)"
    " GROUP BY state"
)
_BOOKS: Final = text("SELECT count(*) FROM library.books WHERE absent_since IS NULL")
_QUARANTINED: Final = text(
    "SELECT shop || path, field, reason, coalesce(settled_at, discovered_at) FROM library.pages"
    " WHERE field IS NOT NULL ORDER BY settled_at DESC NULLS LAST, id LIMIT :limit"
)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A page that could not be read: which, what of it, why, and when that was tried."""

    url: str
    field: str
    reason: str
    at: datetime


async def count_pages(session: ReadSession, shop_url: str) -> dict[str, int]:
    """Return how many pages of the shop's last crawl are in each state."""
    return {row[0]: row[1] for row in await session.execute(_PAGES, {"shop": shop_url})}


async def count_books(session: ReadSession) -> int:
    """Return how many books the catalogue has that some shop still has."""
    return int(await session.scalar(_BOOKS) or 0)


async def list_quarantined(session: ReadSession, limit: int) -> list[Quarantined]:
    """Return the pages in quarantine, newest first."""
    rows = await session.execute(_QUARANTINED, {"limit": limit})
    return [Quarantined(*row) for row in rows]
