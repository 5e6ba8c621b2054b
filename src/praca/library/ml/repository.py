"""The books as rows, for those who want the features themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from praca.library.ml.data import BookFields
from praca.platform.database import ReadSession

__all__ = ["CatalogueState", "LabelledBook", "catalogue_state", "list_books"]

_PRESENT = "FROM library.books WHERE absent_since IS NULL"


@dataclass(frozen=True, slots=True)
class CatalogueState:
    """What changes with the catalogue: equal states mean equal books.

    Attributes:
        revision: of the catalogue.
        books: how many the shop has.
        newest: the highest id among them.
    """

    revision: int
    books: int
    newest: int


@dataclass(frozen=True, slots=True)
class LabelledBook:
    """A book's fields and, apart from them, its rating."""

    id: int
    fields: BookFields
    rating: int


async def catalogue_state(session: ReadSession) -> CatalogueState:
    """Return the state of the catalogue."""
    row = (
        await session.execute(
            text(
                "SELECT coalesce((SELECT revision FROM library.catalogue), 0) AS revision,"
                f" count(*) AS books, coalesce(max(id), 0) AS newest {_PRESENT}"
            )
        )
    ).one()
    return CatalogueState(row.revision, row.books, row.newest)


async def list_books(
    session: ReadSession, *, after: int, offset: int, limit: int
) -> Sequence[LabelledBook]:
    """Return books with an id above ``after``, in the order of the ids."""
    rows = await session.execute(
        text(
            "SELECT id, titulo, preco_centavos, disponibilidade, categoria, descricao, rating"
            f" {_PRESENT} AND id > :after ORDER BY id OFFSET :offset LIMIT :limit"
        ),
        {"after": after, "offset": offset, "limit": limit},
    )
    return [
        LabelledBook(
            row.id,
            BookFields(
                row.titulo,
                row.preco_centavos / 100,
                row.disponibilidade,
                row.categoria,
                row.descricao,
            ),
            row.rating,
        )
        for row in rows
    ]
