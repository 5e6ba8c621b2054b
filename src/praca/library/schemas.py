"""What the catalogue's endpoints take and give."""

from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from praca.kit.paging import Page

__all__ = [
    "BOOK_EXAMPLE",
    "CATEGORY_STATISTICS_EXAMPLE",
    "FIGURES_EXAMPLE",
    "LARGEST_ID",
    "LINE_EXAMPLE",
    "PRICE_EXAMPLE",
    "SIMILAR_EXAMPLE",
    "BookLine",
    "BookRead",
    "CatalogueFigures",
    "HistoryQuery",
    "ListQuery",
    "PricePoint",
    "PriceQuery",
    "SearchQuery",
    "SimilarBook",
    "SimilarQuery",
    "TopQuery",
]

LARGEST_ID: Final = 2**63 - 1
_LARGEST_PAGE: Final = 1000

LINE_EXAMPLE: Final[dict[str, Any]] = {
    "id": 1,
    "titulo": "A Light in the Attic",
    "preco": 51.77,
    "moeda": "GBP",
    "rating": 3,
    "disponibilidade": True,
    "estoque": 22,
    "categoria": "Poetry",
    "imagem": "https://books.toscrape.com/media/cache/fe/72/fe72f0532301ec28892ae79a629a293c.jpg",
    "upc": "a897fe39b1053632",
}
BOOK_EXAMPLE: Final[dict[str, Any]] = {
    **LINE_EXAMPLE,
    "descricao": "Poems and drawings.",
    "url": "https://books.toscrape.com/catalogue/a-light-in-the-attic_1000/index.html",
    "visto_desde": "2026-11-22T04:00:12.130668Z",
    "alterado_em": "2026-11-22T04:00:12.130668Z",
    "ausente_desde": None,
}
PRICE_EXAMPLE: Final[dict[str, Any]] = {
    "em": "2026-11-22T04:00:12.130668Z",
    "preco": 51.77,
    "moeda": "GBP",
    "estoque": 22,
    "disponibilidade": True,
}
SIMILAR_EXAMPLE: Final[dict[str, Any]] = {
    **LINE_EXAMPLE,
    "pontuacao": 0.412,
    "mesma_categoria": True,
    "termos_em_comum": ["poems", "drawings"],
    "motivos": ["Mesma categoria: Poetry.", "Termos em comum: poems, drawings."],
}
FIGURES_EXAMPLE: Final[dict[str, Any]] = {
    "total_livros": 1000,
    "preco_medio": 35.07,
    "distribuicao_ratings": {"1": 226, "2": 196, "3": 203, "4": 179, "5": 196},
}
CATEGORY_STATISTICS_EXAMPLE: Final[dict[str, Any]] = {
    "Poetry": {
        "total_livros": 19,
        "preco_medio": 35.97,
        "distribuicao_ratings": {"1": 2, "2": 3, "3": 4, "4": 5, "5": 5},
    }
}


class BookLine(BaseModel):
    """A book in a list."""

    model_config = ConfigDict(json_schema_extra={"examples": [LINE_EXAMPLE]})

    id: int
    titulo: str
    preco: float = Field(description="In `moeda`, with two decimals.")
    moeda: str = Field(description="ISO 4217 code.")
    rating: int = Field(ge=0, le=5, description="Stars; 0: the shop shows none that can be read.")
    disponibilidade: bool = Field(description="Whether it can be bought.")
    estoque: int = Field(description="How many there are.")
    categoria: str
    imagem: str = Field(description="Address of the cover.")
    upc: str = Field(description="The shop's own number of it.")


class BookRead(BookLine):
    """All of a book."""

    model_config = ConfigDict(json_schema_extra={"examples": [BOOK_EXAMPLE]})

    descricao: str
    url: str = Field(description="Address of its page in the shop.")
    visto_desde: datetime = Field(description="When it was first seen.")
    alterado_em: datetime = Field(description="When anything of it last changed.")
    ausente_desde: datetime | None = Field(
        description="Since when the shop no longer has it; none: it has. An absent book is in no "
        "list, search or statistic."
    )


class SimilarBook(BookLine):
    """A book that is like another one, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [SIMILAR_EXAMPLE]})

    pontuacao: float = Field(ge=0, le=1, description="How alike, 0 to 1; the best comes first.")
    mesma_categoria: bool
    termos_em_comum: list[str] = Field(
        description="Words that both texts share, the rarest first, as the asked book writes them."
    )
    motivos: list[str] = Field(description="The same as sentences.")


class PricePoint(BaseModel):
    """What a book cost, and how many there were, from a moment on."""

    model_config = ConfigDict(json_schema_extra={"examples": [PRICE_EXAMPLE]})

    em: datetime = Field(description="When this was first seen.")
    preco: float = Field(description="In `moeda`, with two decimals.")
    moeda: str = Field(description="ISO 4217 code.")
    estoque: int
    disponibilidade: bool


class CatalogueFigures(BaseModel):
    """Figures of some books; of none they are zeros."""

    model_config = ConfigDict(json_schema_extra={"examples": [FIGURES_EXAMPLE]})

    total_livros: int
    preco_medio: float = Field(description="Mean price, rounded to two decimals.")
    distribuicao_ratings: dict[str, int] = Field(
        description="Number of books by stars, `1` to `5`; `0` too if there are such books."
    )


class _PagedQuery(BaseModel):
    """Which page."""

    offset: int | None = Field(
        None, ge=0, le=LARGEST_ID, description="Records to leave out; 0 by default."
    )
    skip: int | None = Field(
        None, ge=0, le=LARGEST_ID, description="The same as `offset`, which wins."
    )
    limit: int = Field(100, ge=1, le=_LARGEST_PAGE, description="Records per page.")

    @property
    def page(self) -> Page:
        """The part of the list that is asked for."""
        return Page(self.offset if self.offset is not None else self.skip or 0, self.limit)


class ListQuery(_PagedQuery):
    """What the list of books is asked."""


class HistoryQuery(_PagedQuery):
    """What a book's prices are asked."""


class SearchQuery(_PagedQuery):
    """What a search is asked; the old one had no pages, so these are as long as a page may be."""

    titulo: str | None = Field(
        None, max_length=200, description="Part of the title.", examples=["light"]
    )
    categoria: str | None = Field(
        None, max_length=200, description="Part of the category.", examples=["poetry"]
    )
    limit: int = Field(_LARGEST_PAGE, ge=1, le=_LARGEST_PAGE, description="Records per page.")


class PriceQuery(_PagedQuery):
    """What the range of prices is asked; pages as those of :class:`SearchQuery`."""

    min_preco: float = Field(description="The lowest price.", examples=[10])
    max_preco: float = Field(description="The highest price.", examples=[20.5])
    limit: int = Field(_LARGEST_PAGE, ge=1, le=_LARGEST_PAGE, description="Records per page.")


class TopQuery(BaseModel):
    """How many of the best rated."""

    limit: int = Field(10, ge=1, le=_LARGEST_PAGE, description="How many books.")


class SimilarQuery(BaseModel):
    """How many of the most similar."""

    limit: int = Field(5, ge=1, le=50, description="How many books.")
