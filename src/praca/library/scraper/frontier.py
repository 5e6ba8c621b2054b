"""The frontier in PostgreSQL: all statements by which pages are found, claimed and settled.

A crawl's row is locked first in every transaction that settles pages. So those of one crawl come
one after the other, and cannot lock each other out whatever rows they touch. A worker's claim on a
page is a lease: it settles only what is still its own, however long it was silent.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID, uuid4

import psycopg

from praca.library.scraper.pages import ClaimedPage, Memory, Outcome
from praca.library.scraper.parsing import PARSER_VERSION

__all__ = ["CrawlEndedError", "Frontier", "Standing", "Tally"]

_MOST_NOTES: Final = 20

_LOCK: Final = """
SELECT known, settled, is_clipped,
    greatest(0, extract(epoch FROM paused_until - clock_timestamp()))::float8
FROM library.crawls WHERE id = %(crawl)s AND state = 'running' FOR UPDATE
"""

_DISCOVER: Final = """
WITH found AS (
    SELECT kind, path, place
    FROM unnest(%(kinds)s::text[], %(paths)s::text[]) WITH ORDINALITY AS given (kind, path, place)
    WHERE NOT EXISTS (
        SELECT FROM library.pages p
        WHERE p.shop = %(shop)s AND p.path = given.path AND p.crawl_id = %(crawl)s)
)
INSERT INTO library.pages AS p (shop, path, kind, crawl_id)
SELECT %(shop)s, path, kind, %(crawl)s FROM found ORDER BY place LIMIT %(most)s
ON CONFLICT (shop, path) DO UPDATE
SET kind = EXCLUDED.kind, crawl_id = EXCLUDED.crawl_id, state = 'discovered', tries = 0,
    not_before = NULL, lease_owner = NULL, lease_until = NULL, status = NULL, error = NULL
RETURNING path
"""

# Listings first: they are what the others are found by.
_CLAIM: Final = """
UPDATE library.pages p
SET state = 'in_flight', lease_owner = %(owner)s,
    lease_until = clock_timestamp() + %(lease_s)s * interval '1 second'
WHERE id = ANY(ARRAY(
    SELECT id FROM library.pages
    WHERE crawl_id = %(crawl)s AND state IN ('discovered', 'in_flight')
        AND coalesce(CASE state WHEN 'discovered' THEN not_before ELSE lease_until END,
            '-infinity') <= clock_timestamp()
    ORDER BY kind DESC, id LIMIT %(most)s FOR UPDATE SKIP LOCKED))
RETURNING id, kind, path, tries, etag, last_modified, content_hash, links, next_path, upc, field,
    reason, parser_version = %(version)s AND (kind = 'listing'
        OR EXISTS (SELECT FROM library.books b WHERE b.upc = p.upc))
"""

_COLUMNS: Final = {
    "id": "bigint",
    "state": "text",
    "tries": "integer",
    "wait_s": "float8",
    "etag": "text",
    "last_modified": "text",
    "content_hash": "bytea",
    "links": "text",
    "next_path": "text",
    "upc": "text",
    "status": "integer",
    "error": "text",
    "field": "text",
    "reason": "text",
}

_SETTLE: Final = f"""
UPDATE library.pages p
SET state = o.state, lease_owner = NULL, lease_until = NULL, tries = o.tries,
    not_before = CASE WHEN o.state = 'discovered'
        THEN clock_timestamp() + o.wait_s * interval '1 second' END,
    etag = o.etag, last_modified = o.last_modified, content_hash = o.content_hash,
    parser_version = CASE WHEN o.content_hash IS NOT NULL THEN %(version)s END,
    links = ARRAY(SELECT jsonb_array_elements_text(o.links::jsonb)), next_path = o.next_path,
    upc = o.upc, status = o.status, error = o.error, field = o.field, reason = o.reason,
    settled_at = clock_timestamp()
FROM unnest({", ".join(f"%({name})s::{kind}[]" for name, kind in _COLUMNS.items())})
    AS o ({", ".join(_COLUMNS)})
WHERE p.id = o.id AND p.crawl_id = %(crawl)s AND p.state = 'in_flight'
    AND p.lease_owner = %(owner)s
RETURNING p.id
"""

_RENEW: Final = """
UPDATE library.pages SET lease_until = clock_timestamp() + %(lease_s)s * interval '1 second'
WHERE crawl_id = %(crawl)s AND state = 'in_flight' AND lease_owner = %(owner)s
"""

_RELEASE: Final = """
UPDATE library.pages SET state = 'discovered', lease_owner = NULL, lease_until = NULL
WHERE crawl_id = %(crawl)s AND state = 'in_flight' AND lease_owner = %(owner)s
"""

_NEXT_DUE: Final = """
SELECT extract(epoch FROM min(CASE state WHEN 'discovered' THEN not_before ELSE lease_until END)
    - clock_timestamp())::float8
FROM library.pages WHERE crawl_id = %(crawl)s AND state IN ('discovered', 'in_flight')
"""

_GIVEN_BY: Final = """
SELECT upc, path FROM library.pages
WHERE upc = ANY(%(upcs)s) AND crawl_id = %(crawl)s AND state = 'done'
"""

_STORED: Final = "SELECT upc, absent_since IS NOT NULL FROM library.books WHERE upc = ANY(%(upcs)s)"

_COUNT: Final = f"""
UPDATE library.crawls
SET known = known + %(found)s, settled = settled + %(settled)s, bytes = bytes + %(bytes)s,
    starts = CASE WHEN %(settled)s > 0 THEN 0 ELSE starts END,
    new = new + %(new)s, changed = changed + %(changed)s,
    is_clipped = is_clipped OR %(is_clipped)s,
    notes = (notes || %(notes)s::text[])[:{_MOST_NOTES}],
    paused_until = CASE WHEN %(pause_s)s > 0 THEN greatest(paused_until,
        clock_timestamp() + %(pause_s)s * interval '1 second') ELSE paused_until END
WHERE id = %(crawl)s
"""


class CrawlEndedError(Exception):
    """The crawl is not running any more: another worker ended it, or another crawl began."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a crawl stands: pages found, pages settled, and for how long it is to wait."""

    known: int
    settled: int
    is_clipped: bool
    pause_s: float


@dataclass(slots=True)
class Tally:
    """What one transaction adds to a crawl."""

    found: int = 0
    settled: int = 0
    received_bytes: int = 0
    new: int = 0
    changed: int = 0
    is_clipped: bool = False
    pause_s: float = 0
    notes: tuple[str, ...] = ()


Connection = psycopg.AsyncConnection[Any]


class Frontier:
    """The pages of one crawl as one worker sees them.

    Every call is part of the transaction of its caller.

    Args:
        crawl_id: which crawl.
        shop_url: whose pages.
        lease_s: for how long a claim holds unless it is renewed.
        max_pages: the most that the crawl may find.
    """

    def __init__(self, crawl_id: UUID, shop_url: str, *, lease_s: float, max_pages: int) -> None:
        self._max_pages = max_pages
        self._fixed: dict[str, Any] = {
            "crawl": crawl_id,
            "shop": shop_url,
            "lease_s": lease_s,
            "owner": uuid4(),
            "version": PARSER_VERSION,
        }

    async def lock(self, connection: Connection) -> Standing:
        """Lock the crawl until the transaction ends.

        Raises:
            CrawlEndedError: it is not running any more.
        """
        rows = await self._rows(connection, _LOCK)
        if not rows:
            raise CrawlEndedError
        known, settled, is_clipped, pause_s = rows[0]
        return Standing(known, settled, is_clipped, pause_s or 0)

    async def begin(self, connection: Connection, kind: str, path: str) -> None:
        """Add the first page of a crawl, which must have been made in this transaction."""
        found = await self.discover(connection, [(kind, path)], known=0)
        await self.count(connection, Tally(found=len(found)))

    async def discover(
        self, connection: Connection, found: Iterable[tuple[str, str]], *, known: int
    ) -> set[str]:
        """Add pages, as (kind, path), that the crawl does not know yet; return their paths.

        A page of an earlier crawl is taken over with all that is kept of it. The crawl, which must
        be locked, knows ``known`` pages already.
        """
        kinds = {path: kind for kind, path in reversed(list(found))}
        if not kinds:
            return set()
        params = {
            "kinds": list(reversed(kinds.values())),
            "paths": list(reversed(kinds)),
            "most": max(0, self._max_pages - known),
        }
        return {row[0] for row in await self._rows(connection, _DISCOVER, params)}

    async def claim(self, connection: Connection, most: int) -> list[ClaimedPage]:
        """Claim up to ``most`` pages that are due, those of silent workers among them."""
        if most <= 0:
            return []
        rows = await self._rows(connection, _CLAIM, {"most": most})
        claimed = [_page(row) for row in rows]
        return sorted(claimed, key=lambda page: (page.kind == "book", page.id))

    async def settle(self, connection: Connection, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Write what came of pages; return those that were still this worker's to settle."""
        if not outcomes:
            return []
        written = [_values(outcome) for outcome in outcomes]
        params = {name: [values[name] for values in written] for name in _COLUMNS}
        mine = {row[0] for row in await self._rows(connection, _SETTLE, params)}
        return [outcome for outcome in outcomes if outcome.page.id in mine]

    async def count(self, connection: Connection, tally: Tally) -> None:
        """Add ``tally`` to the crawl."""
        params = {
            "found": tally.found,
            "settled": tally.settled,
            "bytes": tally.received_bytes,
            "new": tally.new,
            "changed": tally.changed,
            "is_clipped": tally.is_clipped,
            "pause_s": float(tally.pause_s),
            "notes": list(tally.notes),
        }
        await connection.execute(cast("Any", _COUNT), {**self._fixed, **params})

    async def renew(self, connection: Connection) -> None:
        """Hold all of this worker's pages for another lease."""
        await connection.execute(cast("Any", _RENEW), self._fixed)

    async def release(self, connection: Connection) -> None:
        """Give back all of this worker's pages."""
        await connection.execute(cast("Any", _RELEASE), self._fixed)

    async def next_due_s(self, connection: Connection) -> float:
        """Return in how many seconds a page is due; 0: at once."""
        rows = await self._rows(connection, _NEXT_DUE)
        return max(0.0, rows[0][0] or 0.0)

    async def given_by(self, connection: Connection, upcs: Sequence[str]) -> dict[str, str]:
        """Return which page of this crawl has already given each of ``upcs``, where one has."""
        if not upcs:
            return {}
        return dict(await self._rows(connection, _GIVEN_BY, {"upcs": list(upcs)}))

    async def stored(self, connection: Connection, upcs: Sequence[str]) -> dict[str, bool]:
        """Return which of ``upcs`` the catalogue has, and whether they count as absent."""
        if not upcs:
            return {}
        return dict(await self._rows(connection, _STORED, {"upcs": list(upcs)}))

    async def _rows(
        self, connection: Connection, query: str, params: dict[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        cursor = await connection.execute(cast("Any", query), {**self._fixed, **(params or {})})
        return await cursor.fetchall()


def _page(row: tuple[Any, ...]) -> ClaimedPage:
    page_id, kind, path, tries, *seen, links, next_path, upc, field, reason, is_stored = row
    etag, last_modified, content_hash = seen if is_stored else (None, None, None)
    memory = Memory(etag, last_modified, content_hash, tuple(links), next_path, upc, field, reason)
    return ClaimedPage(page_id, kind, path, tries, memory)


def _values(outcome: Outcome) -> dict[str, Any]:
    memory = outcome.memory
    return {
        "id": outcome.page.id,
        "state": outcome.state,
        "tries": outcome.page.tries + (0 if outcome.error is None else 1),
        "wait_s": float(outcome.wait_s),
        "etag": memory.etag,
        "last_modified": memory.last_modified,
        "content_hash": memory.content_hash,
        "links": json.dumps(memory.links),
        "next_path": memory.next_path,
        "upc": memory.upc,
        "status": outcome.status,
        "error": outcome.error,
        "field": memory.field,
        "reason": memory.reason,
    }
