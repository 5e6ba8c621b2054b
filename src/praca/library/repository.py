"""All SQL of the catalogue; PostgreSQL renders what is sent.

Every statement also reads the catalogue's revision. One statement sees one state of the database,
so that a text and its revision belong together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from praca.kit.paging import Page
from praca.library.answers import Rendered
from praca.platform.database.engine import Database

__all__ = [
    "Found",
    "Order",
    "book_exists",
    "read_book",
    "read_categories",
    "read_category_statistics",
    "read_found",
    "read_overview",
    "read_page",
    "read_prices",
    "read_revision",
    "read_texts",
]

_REVISION: Final = (
    "coalesce((SELECT revision || '@' || extract(epoch FROM changed_at)"
    " FROM library.catalogue), '')"
)
"""The time is part of it: a catalogue that was emptied or restored counts anew."""
_PRESENT: Final = "absent_since IS NULL"
# With two decimals always, so that no client takes a round price for an integer.
_PRICE: Final = "round(preco_centavos / 100.0, 2)"
_LINE: Final = f"""'{{"id":' || id || ',"titulo":' || to_json(titulo)
    || ',"preco":' || {_PRICE} || ',"moeda":"' || moeda || '","rating":' || rating
    || ',"disponibilidade":' || disponibilidade || ',"estoque":' || estoque
    || ',"categoria":' || to_json(categoria) || ',"imagem":' || to_json(imagem)
    || ',"upc":' || to_json(upc)"""
"""A book of a list as JSON, all but the closing brace."""
_FILTERS: Final = {
    # Plain substrings: nothing in them means anything but itself.
    "titulo": "strpos(titulo_busca, %(titulo)s) > 0",
    "categoria": "strpos(categoria_busca, %(categoria)s) > 0",
    "least": "preco_centavos >= %(least)s::numeric",
    "most": "preco_centavos <= %(most)s::numeric",
}
_FIGURES: Final = """'{"total_livros":' || count(*)
    || ',"preco_medio":' || coalesce(round(avg(preco_centavos) / 100, 2), 0.00)
    || ',"distribuicao_ratings":{'
    || CASE WHEN bool_or(rating = 0)
            THEN '"0":' || count(*) FILTER (WHERE rating = 0) || ',' ELSE '' END
    || '"1":' || count(*) FILTER (WHERE rating = 1) || ',"2":' || count(*) FILTER (WHERE rating = 2)
    || ',"3":' || count(*) FILTER (WHERE rating = 3) || ',"4":' || count(*) FILTER (WHERE rating = 4)
    || ',"5":' || count(*) FILTER (WHERE rating = 5) || '}}'"""  # noqa: E501  # one rating like another
_BY_CATEGORY: Final = 'categoria_busca COLLATE "C", categoria COLLATE "C"'


class Order(StrEnum):
    """How a list is ordered; the id, which is unique, decides in the end."""

    ID = "id"
    RATING = "rating DESC, id"
    PRICE = "preco_centavos, id"


@dataclass(frozen=True, slots=True)
class Found:
    """Some books for another one, as one reading sees them.

    Attributes:
        revision: of the catalogue.
        categoria: of the other book.
        lines: JSON of each that is in the shop, all but the closing brace, by id.
        same_category: the ids of those whose category is the other one's.
    """

    revision: str
    categoria: str
    lines: dict[int, str]
    same_category: frozenset[int]


def _time(column: str) -> str:
    """Return the expression for a moment as JSON, ``null`` if there is none."""
    shown = f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    return f"""coalesce('"' || {shown} || '"', 'null')"""


async def _rendered(
    city: Database, statement: str, params: Mapping[str, Any] | None = None
) -> Rendered | None:
    """Run a statement that yields revision, total, and JSON."""
    row = await city.fetch_one(statement, params or {})
    return None if row is None else Rendered(row[0], row[2].encode(), row[1])


async def _always(
    city: Database, statement: str, params: Mapping[str, Any] | None = None
) -> Rendered:
    rendered = await _rendered(city, statement, params)
    assert rendered is not None  # noqa: S101  # such a statement always yields its one row
    return rendered


async def read_revision(city: Database) -> str:
    """Return a text that is another one after each change of the catalogue."""
    row = await city.fetch_one(f"SELECT {_REVISION}", {})
    assert row is not None  # noqa: S101  # there is no FROM
    return str(row[0])


async def read_page(
    city: Database, page: Page, order: Order = Order.ID, filters: Mapping[str, Any] | None = None
) -> Rendered:
    """Return a page of the books that are in the shop and fit all ``filters``.

    Args:
        city: where to read.
        page: which part.
        order: of the whole list.
        filters: folded parts of ``titulo`` and ``categoria``; ``least`` and ``most`` centavos.
    """
    chosen = dict(filters or {})
    where = " AND ".join([_PRESENT, *(_FILTERS[name] for name in chosen)])
    # One pass over the table gives the total and the places; only the page's books are rendered.
    statement = f"""
        WITH found AS MATERIALIZED (
            SELECT id, row_number() OVER (ORDER BY {order}) AS place
            FROM library.books WHERE {where}
        )
        SELECT {_REVISION}, (SELECT count(*) FROM found), '[' || array_to_string(ARRAY(
            SELECT {_LINE} || '}}' FROM found JOIN library.books USING (id)
            WHERE place > %(offset)s::bigint AND place - %(limit)s <= %(offset)s::bigint
            ORDER BY place
        ), ',') || ']'
    """
    return await _always(city, statement, chosen | {"limit": page.limit, "offset": page.offset})


async def read_book(city: Database, book_id: int) -> Rendered | None:
    """Return all of one book, in the shop or not; None: there is none of this id."""
    statement = f"""
        SELECT {_REVISION}, 1, {_LINE}
            || ',"descricao":' || to_json(descricao) || ',"url":' || to_json(url)
            || ',"visto_desde":' || {_time("first_seen_at")}
            || ',"alterado_em":' || {_time("changed_at")}
            || ',"ausente_desde":' || {_time("absent_since")} || '}}'
        FROM library.books WHERE id = %(id)s
    """
    return await _rendered(city, statement, {"id": book_id})


async def read_prices(city: Database, book_id: int, page: Page) -> Rendered | None:
    """Return a page of what a book cost and how many there were, the oldest first."""
    statement = f"""
        SELECT {_REVISION}, (SELECT count(*) FROM library.book_prices WHERE book_id = %(id)s),
            '[' || array_to_string(ARRAY(
                SELECT '{{"em":' || {_time("observed_at")} || ',"preco":' || {_PRICE}
                    || ',"moeda":"' || moeda || '","estoque":' || estoque
                    || ',"disponibilidade":' || disponibilidade || '}}'
                FROM library.book_prices WHERE book_id = %(id)s
                ORDER BY observed_at, id LIMIT %(limit)s::int OFFSET %(offset)s::bigint
            ), ',') || ']'
        FROM library.books WHERE id = %(id)s
    """
    params = {"id": book_id, "limit": page.limit, "offset": page.offset}
    return await _rendered(city, statement, params)


async def read_categories(city: Database) -> Rendered:
    """Return the names of the categories that have books, in alphabetical order."""
    statement = f"""
        SELECT {_REVISION}, 0, '[' || array_to_string(ARRAY(
            SELECT to_json(categoria) FROM library.books WHERE {_PRESENT}
            GROUP BY categoria, categoria_busca ORDER BY {_BY_CATEGORY}
        ), ',') || ']'
    """
    return await _always(city, statement)


async def read_overview(city: Database) -> Rendered:
    """Return the figures of all books in the shop; of none they are zeros."""
    return await _always(
        city, f"SELECT {_REVISION}, 0, {_FIGURES} FROM library.books WHERE {_PRESENT}"
    )


async def read_category_statistics(city: Database) -> Rendered:
    """Return the figures of each category that has books, in alphabetical order."""
    statement = f"""
        SELECT {_REVISION}, 0, '{{' || array_to_string(ARRAY(
            SELECT to_json(categoria) || ':' || {_FIGURES} FROM library.books WHERE {_PRESENT}
            GROUP BY categoria, categoria_busca ORDER BY {_BY_CATEGORY}
        ), ',') || '}}'
    """
    return await _always(city, statement)


async def book_exists(city: Database, book_id: int) -> bool:
    """Tell whether there is, or was, a book of this id."""
    query = "SELECT 1 FROM library.books WHERE id = %(id)s"
    return await city.fetch_one(query, {"id": book_id}) is not None


async def read_found(city: Database, book_id: int, ids: Sequence[int]) -> Found | None:
    """Return those of the books ``ids`` that are in the shop; None: there is no ``book_id``."""
    statement = f"""
        WITH found AS MATERIALIZED (
            SELECT id, {_LINE} AS line, categoria FROM library.books
            WHERE id = ANY(%(ids)s::bigint[]) AND {_PRESENT}
        )
        SELECT {_REVISION}, asked.categoria,
            ARRAY(SELECT id FROM found ORDER BY id), ARRAY(SELECT line FROM found ORDER BY id),
            ARRAY(SELECT id FROM found WHERE found.categoria = asked.categoria)
        FROM library.books AS asked WHERE asked.id = %(id)s
    """
    row = await city.fetch_one(statement, {"id": book_id, "ids": list(ids)})
    if row is None:
        return None
    revision, categoria, found, lines, same = row
    return Found(revision, categoria, dict(zip(found, lines, strict=True)), frozenset(same))


async def read_texts(city: Database, most: int) -> tuple[str, bytes]:
    """Return the revision, and what is written about the ``most`` newest books.

    That is JSON: id, title, description, category and whether it is in the shop, by id.
    """
    statement = f"""
        SELECT {_REVISION}, '[' || array_to_string(ARRAY(
            SELECT json_build_array(id, titulo, descricao, categoria, {_PRESENT}) FROM (
                SELECT id, titulo, descricao, categoria, absent_since
                FROM library.books ORDER BY id DESC LIMIT %(most)s::int
            ) AS newest ORDER BY id
        ), ',') || ']'
    """
    row = await city.fetch_one(statement, {"most": most})
    assert row is not None  # noqa: S101  # there is no FROM
    return row[0], row[1].encode()
