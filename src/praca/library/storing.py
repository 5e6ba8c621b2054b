"""Writing books into the catalogue: whole batches, with the history of what was asked for them.

Whoever reads the catalogue from memory looks at its revision, so that grows with every change and
with nothing else.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, cast

from praca.kit.text import fold
from praca.library.records import ScrapedBook
from praca.platform.database import WriteSession
from praca.platform.database.engine import driver_connection

__all__ = ["Saved", "Unstorable", "mark_absent", "mark_present", "save_books", "unstorable"]

_FIELDS: Final = {
    "upc": "text",
    "url": "text",
    "titulo": "text",
    "preco_centavos": "bigint",
    "moeda": "text",
    "rating": "smallint",
    "disponibilidade": "boolean",
    "estoque": "integer",
    "categoria": "text",
    "imagem": "text",
    "descricao": "text",
    "titulo_busca": "text",
    "categoria_busca": "text",
}
_OTHERS: Final = [name for name in _FIELDS if name != "upc"]
_PRICED: Final = ("preco_centavos", "moeda", "disponibilidade", "estoque")
_PRICE: Final = ", ".join(_PRICED)


def _of(table: str, names: Iterable[str]) -> str:
    return ", ".join(f"{table}.{name}" for name in names)


_LOCK: Final = "SELECT upc FROM library.books WHERE upc = ANY(%(upc)s) ORDER BY upc FOR UPDATE"

# The clock of the statement, not of the transaction: who waited for a row writes after the other.
_SAVE: Final = f"""
WITH stored AS (
    INSERT INTO library.books AS b ({", ".join(_FIELDS)})
    SELECT {", ".join(_FIELDS)}
    FROM unnest({", ".join(f"%({name})s::{kind}[]" for name, kind in _FIELDS.items())})
        AS given ({", ".join(_FIELDS)})
    ORDER BY upc
    ON CONFLICT (upc) DO UPDATE
    SET ({", ".join(_OTHERS)}) = ROW ({_of("EXCLUDED", _OTHERS)}),
        changed_at = clock_timestamp(), absent_since = NULL
    WHERE ({_of("b", _OTHERS)}) IS DISTINCT FROM ({_of("EXCLUDED", _OTHERS)})
        OR b.absent_since IS NOT NULL
    RETURNING b.id, b.upc, {_of("b", _PRICED)}
), noted AS (
    INSERT INTO library.book_prices (book_id, observed_at, {_PRICE})
    SELECT stored.id, clock_timestamp(), {_of("stored", _PRICED)}
    FROM stored LEFT JOIN LATERAL (
        SELECT true AS is_known, {_PRICE} FROM library.book_prices
        WHERE book_id = stored.id ORDER BY observed_at DESC, id DESC LIMIT 1
    ) last ON true
    WHERE last.is_known IS NULL
        OR ({_of("stored", _PRICED)}) IS DISTINCT FROM ({_of("last", _PRICED)})
), counted AS (
    INSERT INTO library.catalogue AS c (revision) SELECT 1 WHERE EXISTS (SELECT FROM stored)
    ON CONFLICT (id) DO UPDATE SET revision = c.revision + 1, changed_at = clock_timestamp()
)
SELECT upc FROM stored
"""

_MARK: Final = """
WITH marked AS (
    UPDATE library.books
    SET absent_since = CASE WHEN %(is_absent)s THEN clock_timestamp() END,
        changed_at = clock_timestamp()
    WHERE upc = ANY(%(upc)s) AND (absent_since IS NULL) = %(is_absent)s
    RETURNING id
), counted AS (
    INSERT INTO library.catalogue AS c (revision) SELECT 1 WHERE EXISTS (SELECT FROM marked)
    ON CONFLICT (id) DO UPDATE SET revision = c.revision + 1, changed_at = clock_timestamp()
)
SELECT count(*) FROM marked
"""

# In bytes of UTF-8: an index of PostgreSQL holds 2,700.
_LONGEST: Final = {"upc": 200, "url": 2000, "categoria": 500, "imagem": 2000}
_LONGEST_TEXT: Final = 400_000
_TEXTS: Final = ("upc", "url", "titulo", "categoria", "imagem", "descricao")
_NEEDED: Final = ("upc", "url", "titulo", "categoria")
# What PostgreSQL cannot hold as text: the null character, and half of a surrogate pair.
_REFUSED: Final = re.compile("[\x00\ud800-\udfff]")
_CURRENCY: Final = re.compile("[A-Z]{3}")
_BOUNDS: Final = {"preco_centavos": 2**63 - 1, "rating": 5, "estoque": 2**31 - 1}


@dataclass(frozen=True, slots=True)
class Saved:
    """How many books were new, changed (those that are back among them), or as they were."""

    new: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Unstorable:
    """Which field of a book no row can hold, and why, in Portuguese."""

    field: str
    reason: str


def unstorable(book: ScrapedBook) -> Unstorable | None:
    """Tell why ``book`` cannot be stored; None: it can.

    One that cannot would fail the statement for all the others of its batch.
    """
    for name in _TEXTS:
        value = str(getattr(book, name))
        if _REFUSED.search(value):
            return Unstorable(name, "tem caracteres que não podem ser guardados")
        if len(value.encode()) > _LONGEST.get(name, _LONGEST_TEXT):
            return Unstorable(name, "texto longo demais")
        if name in _NEEDED and not value.strip():
            return Unstorable(name, "vazio")
    for name, most in _BOUNDS.items():
        if not 0 <= int(getattr(book, name)) <= most:
            return Unstorable(name, f"fora do intervalo de 0 a {most}")
    if not _CURRENCY.fullmatch(book.moeda):
        return Unstorable("moeda", "não é um código de três letras")
    return None


async def save_books(session: WriteSession, books: Sequence[ScrapedBook]) -> Saved:
    """Insert or update ``books`` by their UPC, in two statements however many there are.

    A row of ``library.book_prices`` is written for a book seen for the first time, and whenever
    its price, currency, stock or availability is another one than in its last row. Of two with the
    same UPC the last counts. Every book is one that :func:`unstorable` has nothing against.
    """
    by_upc = {book.upc: book for book in books}
    if not by_upc:
        return Saved(0, 0, 0)
    connection = await driver_connection(session)
    params = _columns(list(by_upc.values()))
    # Locked by a statement of its own: the next one then sees every history that others wrote.
    cursor = await connection.execute(cast("Any", _LOCK), params)
    known = {row[0] for row in await cursor.fetchall()}
    cursor = await connection.execute(cast("Any", _SAVE), params)
    written = [row[0] for row in await cursor.fetchall()]
    changed = sum(upc in known for upc in written)
    return Saved(len(written) - changed, changed, len(by_upc) - len(written))


def _columns(books: Sequence[ScrapedBook]) -> dict[str, list[Any]]:
    rows = [
        {
            **asdict(book),
            "titulo_busca": fold(book.titulo),
            "categoria_busca": fold(book.categoria),
        }
        for book in books
    ]
    return {name: [row[name] for row in rows] for name in _FIELDS}


async def mark_absent(session: WriteSession, upcs: Sequence[str]) -> int:
    """Note that the shop has these books no more; return how many it still had."""
    return await _mark(session, upcs, is_absent=True)


async def mark_present(session: WriteSession, upcs: Sequence[str]) -> int:
    """Note that the shop has these books, as they were; return how many were absent."""
    return await _mark(session, upcs, is_absent=False)


async def _mark(session: WriteSession, upcs: Sequence[str], *, is_absent: bool) -> int:
    if not upcs:
        return 0
    connection = await driver_connection(session)
    params = {"upc": sorted(upcs), "is_absent": is_absent}
    cursor = await connection.execute(cast("Any", _MARK), params)
    row = await cursor.fetchone()
    return int(row[0]) if row else 0
