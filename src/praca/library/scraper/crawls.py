"""The beginning and the end of a crawl: its row, and what it says of the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from praca.library.scraper.pages import GONE

__all__ = [
    "Crawl",
    "Findings",
    "absentees",
    "begin",
    "close",
    "find",
    "findings",
    "forget_pages",
    "take_up",
]

_FIND: Final = "SELECT state, result, error FROM library.crawls WHERE id = %(crawl)s"

# Of an exclusive kind of task there is one at a time: whatever else runs has been given up.
_BEGIN: Final = """
WITH others AS (
    UPDATE library.crawls SET state = 'cancelled', finished_at = now()
    WHERE state = 'running' AND id <> %(crawl)s
)
INSERT INTO library.crawls (id, shop) VALUES (%(crawl)s, %(shop)s)
ON CONFLICT (id) DO NOTHING RETURNING id
"""

_TAKE_UP: Final = """
UPDATE library.crawls SET starts = starts + 1
WHERE id = %(crawl)s AND state = 'running' RETURNING starts
"""

_CLOSE: Final = """
UPDATE library.crawls
SET state = %(state)s, result = %(result)s, error = %(error)s, finished_at = clock_timestamp()
WHERE id = %(crawl)s AND state = 'running' RETURNING id
"""

_FINDINGS: Final = """
SELECT c.settled, c.bytes, c.new, c.changed, c.is_clipped, c.notes, p.books, p.failed,
    p.quarantined, p.unread_listings, p.unread_books, seed.state, seed.error, seed.field,
    seed.reason, p.common_error
FROM library.crawls c
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE kind = 'book' AND state = 'done') AS books,
        count(*) FILTER (WHERE state = 'failed') AS failed,
        count(*) FILTER (WHERE state = 'quarantined') AS quarantined,
        count(*) FILTER (WHERE kind = 'listing' AND state <> 'done') AS unread_listings,
        count(*) FILTER (WHERE kind = 'book' AND state <> 'done') AS unread_books,
        mode() WITHIN GROUP (ORDER BY coalesce(error, field || ': ' || reason)) AS common_error
    FROM library.pages WHERE crawl_id = c.id
) p
LEFT JOIN library.pages seed
    ON seed.crawl_id = c.id AND seed.shop = c.shop AND seed.path = %(seed)s
WHERE c.id = %(crawl)s
"""

# A page that failed or is quarantined still stands for the book that it gave before.
_ABSENTEES: Final = """
SELECT b.upc, b.absent_since IS NOT NULL, s.upc IS NOT NULL
FROM library.books b LEFT JOIN (
    SELECT DISTINCT upc FROM library.pages
    WHERE crawl_id = %(crawl)s AND kind = 'book'
        AND NOT (state = 'failed' AND coalesce(status, 0) = ANY(%(gone)s))
) s ON s.upc = b.upc
WHERE starts_with(b.url, %(shop)s || '/')
"""

_FORGET: Final = "DELETE FROM library.pages WHERE shop = %(shop)s AND crawl_id <> %(crawl)s"

Connection = psycopg.AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class Crawl:
    """A crawl that has begun: its state, and what came of it once it has ended."""

    state: str
    result: dict[str, Any] | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Findings:
    """What the pages of a crawl add up to.

    Attributes:
        pages: settled ones.
        received_bytes: what their answers moved.
        new: books seen for the first time.
        changed: books that differ from before.
        is_clipped: there were more pages than the crawl may read.
        notes: what was strange.
        books: books read.
        failed: pages that failed.
        quarantined: pages that could not be read.
        unread_listings: listings among those.
        unread_books: books' pages among those.
        seed_state: what became of the first page.
        seed_error: why it failed.
        seed_field: what could not be read of it.
        seed_reason: why not.
        common_error: what went wrong most often.
    """

    pages: int
    received_bytes: int
    new: int
    changed: int
    is_clipped: bool
    notes: list[str]
    books: int
    failed: int
    quarantined: int
    unread_listings: int
    unread_books: int
    seed_state: str | None
    seed_error: str | None
    seed_field: str | None
    seed_reason: str | None
    common_error: str | None


async def find(connection: Connection, crawl_id: UUID) -> Crawl | None:
    """Return the crawl if it has begun."""
    cursor = await connection.execute(cast("Any", _FIND), {"crawl": crawl_id})
    row = await cursor.fetchone()
    return None if row is None else Crawl(*row)


async def begin(connection: Connection, crawl_id: UUID, shop_url: str) -> bool:
    """Make the crawl's row and end what else still runs; False: it had begun before."""
    params = {"crawl": crawl_id, "shop": shop_url}
    cursor = await connection.execute(cast("Any", _BEGIN), params)
    return await cursor.fetchone() is not None


async def take_up(connection: Connection, crawl_id: UUID) -> int:
    """Note that the crawl is taken up; return how often since a page of it was last settled.

    0: it has ended.
    """
    cursor = await connection.execute(cast("Any", _TAKE_UP), {"crawl": crawl_id})
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def close(
    connection: Connection,
    crawl_id: UUID,
    state: str,
    *,
    result: dict[str, Any] | None = None,
    error: str | None = None,
) -> bool:
    """End the crawl; False: it had ended before."""
    params = {
        "crawl": crawl_id,
        "state": state,
        "result": None if result is None else Jsonb(result),
        "error": error,
    }
    cursor = await connection.execute(cast("Any", _CLOSE), params)
    return await cursor.fetchone() is not None


async def findings(connection: Connection, crawl_id: UUID, seed: str) -> Findings:
    """Add up the pages of the crawl, whose first one is at the path ``seed``."""
    params = {"crawl": crawl_id, "seed": seed}
    cursor = await connection.execute(cast("Any", _FINDINGS), params)
    row: Sequence[Any] = await cursor.fetchone() or ()
    return Findings(*row)


async def absentees(connection: Connection, crawl_id: UUID, shop_url: str) -> tuple[list[str], int]:
    """Return the books that the shop has no more, and how many it had until now.

    Those are the present ones that the crawl has not seen, and all present ones.
    """
    params = {"crawl": crawl_id, "shop": shop_url, "gone": sorted(GONE)}
    cursor = await connection.execute(cast("Any", _ABSENTEES), params)
    rows = await cursor.fetchall()
    present = [(upc, is_seen) for upc, was_absent, is_seen in rows if not was_absent]
    return [upc for upc, is_seen in present if not is_seen], len(present)


async def forget_pages(connection: Connection, crawl_id: UUID, shop_url: str) -> None:
    """Remove the shop's pages that the crawl has not found any more."""
    params = {"crawl": crawl_id, "shop": shop_url}
    await connection.execute(cast("Any", _FORGET), params)
