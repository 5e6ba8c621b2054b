"""Pages of the job centre's lists, rendered by PostgreSQL.

One query gives the total, the records as JSON text and the last sort key, so that a page costs one
round trip and no objects here. ``offset`` pages as the old system did; ``cursor`` continues after
the last record seen and costs the same on any page.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pydantic import BaseModel, Field

from praca.jobs.errors import InvalidCursorError
from praca.kit.text import fold
from praca.platform.database.engine import Database

__all__ = [
    "LARGEST_CODE",
    "ListQuery",
    "Listing",
    "PageRequest",
    "RecordQuery",
    "Sort",
    "SortKey",
    "folded",
    "prefix_query",
    "read_page",
]

LARGEST_CODE: Final = 2**63 - 1
_DEFAULT_LIMIT: Final = 100
_LARGEST_LIMIT: Final = 1000
_MOST_WORDS: Final = 16


@dataclass(frozen=True, slots=True)
class SortKey:
    """One expression a list is ordered by, and its type in SQL."""

    sql: str
    type: str


@dataclass(frozen=True, slots=True)
class Sort:
    """One order of a list; its keys together are unique and never null."""

    keys: tuple[SortKey, ...]
    descending: bool = False


class Listing:
    """One list: where the rows are, how each is written, how it may be ordered and filtered.

    Every attribute holds SQL of our own; what a user sends is only ever bound.

    Attributes:
        table: the relation, with its schema.
        entity: its name in the table of totals.
        line: expression for one record as JSON text.
        sorts: the orders, by the name in ``ordenar``.
        filters: conditions by name; each uses the bound parameter of that name.
        total: name of the total in the answer.
    """

    def __init__(
        self,
        *,
        table: str,
        entity: str,
        line: str,
        sorts: Mapping[str, Sort],
        filters: Mapping[str, str],
        total: str = "total",
    ) -> None:
        self.table = table
        self.entity = entity
        self.line = line
        self.sorts = dict(sorts)
        self.filters = dict(filters)
        self.total = total


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a list: so many records from an offset, or after a cursor."""

    offset: int
    limit: int
    cursor: str | None


class ListQuery(BaseModel):
    """What every list is asked: which page."""

    offset: int | None = Field(
        None, ge=0, le=LARGEST_CODE, description="Records to leave out; 0 by default."
    )
    skip: int | None = Field(
        None, ge=0, le=LARGEST_CODE, description="The same as `offset`, which wins."
    )
    limit: int = Field(_DEFAULT_LIMIT, ge=1, le=_LARGEST_LIMIT, description="Records per page.")
    cursor: str | None = Field(
        None,
        max_length=4000,
        description="The `next_cursor` of the page before; `offset` is then not looked at. "
        "Costs the same on every page.",
    )

    @property
    def page(self) -> PageRequest:
        """The part of the list that is asked for."""
        chosen = self.offset if self.offset is not None else self.skip or 0
        return PageRequest(0 if self.cursor else chosen, self.limit, self.cursor or None)


class RecordQuery(ListQuery):
    """What the lists of candidates and of vacancies are asked besides."""

    q: str | None = Field(None, max_length=200)
    cidade: str | None = Field(
        None, max_length=200, description="Part of the place.", examples=["São Paulo"]
    )
    area: str | None = Field(None, max_length=200, description="Part of the fields of work.")
    nivel: str | None = Field(
        None, max_length=200, description="Part of the level.", examples=["Pleno"]
    )

    @property
    def filters(self) -> dict[str, Any]:
        """The values of the list's filters."""
        return {
            "q": prefix_query(self.q),
            "cidade": folded(self.cidade),
            "area": folded(self.area),
            "nivel": folded(self.nivel),
        }


def prefix_query(text: str | None) -> str | None:
    """Return a ``tsquery`` for rows with every word of ``text``, or beginnings of them."""
    words = re.findall(r"[a-z0-9]+", fold(text or ""))[:_MOST_WORDS]
    return " & ".join(f"{word}:*" for word in words) or None


def folded(text: str | None) -> str | None:
    """Return ``text`` as the stored columns are compared, or none if nothing is left of it."""
    return fold(text or "").replace("\0", "").strip() or None


def _encode_cursor(sort: str, values: list[Any]) -> str:
    packed = json.dumps([sort, *values], ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def _decode_cursor(cursor: str, name: str, sort: Sort) -> list[Any]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        packed = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True).decode())
    except (binascii.Error, ValueError, RecursionError) as error:
        raise InvalidCursorError from error
    if not isinstance(packed, list) or len(packed) != len(sort.keys) + 1 or packed[0] != name:
        raise InvalidCursorError
    values = packed[1:]
    for key, value in zip(sort.keys, values, strict=True):
        if key.type == "bigint":
            good = type(value) is int and abs(value) <= LARGEST_CODE
        else:
            good = isinstance(value, str) and _storable(value)
        if not good:
            raise InvalidCursorError
    return values


def _storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


@lru_cache(maxsize=512)
def _statement(listing: Listing, sort_name: str, filters: tuple[str, ...], after: bool) -> str:
    sort = listing.sorts[sort_name]
    conditions = [listing.filters[name] for name in filters]
    total = (
        f"(SELECT count(*) FROM {listing.table} WHERE {' AND '.join(conditions)})"
        if conditions
        else f"jobs.row_count('{listing.entity}')"
    )
    if after:
        columns = ", ".join(key.sql for key in sort.keys)
        bound = ", ".join(f"%(after{i})s::{key.type}" for i, key in enumerate(sort.keys))
        conditions.append(f"({columns}) {'<' if sort.descending else '>'} ({bound})")
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    direction = " DESC" if sort.descending else ""
    order = ", ".join(key.sql + direction for key in sort.keys)
    keys = ", ".join(f"{key.sql} AS key{i}" for i, key in enumerate(sort.keys))
    last = ", ".join(f"(array_agg(key{i}))[%(limit)s::int]" for i in range(len(sort.keys)))
    return (
        f"SELECT {total}, count(*),"
        f" coalesce(array_to_string((array_agg(line))[1:%(limit)s::int], ','), ''), {last}"
        f" FROM (SELECT {listing.line} AS line, {keys} FROM {listing.table} {where}"
        f" ORDER BY {order} LIMIT %(limit)s::int + 1 OFFSET %(offset)s::bigint) AS page"
    )


async def read_page(
    city: Database,
    listing: Listing,
    page: PageRequest,
    *,
    sort: str,
    filters: Mapping[str, Any],
) -> bytes:
    """Return one page of ``listing`` as the JSON that is sent.

    Args:
        city: where to read.
        listing: which list.
        page: which part of it.
        sort: name of one of the list's orders.
        filters: values of the list's filters; those that are none do not count.

    Raises:
        InvalidCursorError: the cursor is not one of this list in this order.
    """
    params: dict[str, Any] = {name: value for name, value in filters.items() if value is not None}
    statement = _statement(listing, sort, tuple(params), page.cursor is not None)
    if page.cursor is not None:
        values = _decode_cursor(page.cursor, sort, listing.sorts[sort])
        params.update({f"after{i}": value for i, value in enumerate(values)})
    params["limit"] = page.limit
    params["offset"] = page.offset
    row = await city.fetch_one(statement, params)
    assert row is not None  # noqa: S101 - an aggregate without groups gives one row
    total, count, lines, *last = row
    following = f'"{_encode_cursor(sort, last)}"' if count > page.limit else "null"
    return (
        f'{{"{listing.total}":{total},"offset":{page.offset},"limit":{page.limit},'
        f'"next_cursor":{following},"data":[{lines}]}}'
    ).encode()
