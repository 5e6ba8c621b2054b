"""The catalogue and its statistics over HTTP.

These are read far more than all else, so an operation takes the request alone, and reads its query
string in one go: what FastAPI does for each dependency costs more than the answer.
"""

from typing import Annotated, Any, Final, cast

from fastapi import Path, Request, Response
from pydantic import BaseModel

from praca.library.errors import BookNotFoundError, PriceRangeError, SearchEmptyError
from praca.library.schemas import (
    BOOK_EXAMPLE,
    CATEGORY_STATISTICS_EXAMPLE,
    FIGURES_EXAMPLE,
    LINE_EXAMPLE,
    PRICE_EXAMPLE,
    SIMILAR_EXAMPLE,
    BookLine,
    BookRead,
    CatalogueFigures,
    HistoryQuery,
    ListQuery,
    PricePoint,
    PriceQuery,
    SearchQuery,
    SimilarBook,
    SimilarQuery,
    TopQuery,
)
from praca.library.service import Catalogue
from praca.platform.web import problem_responses, query_of, query_parameters
from praca.platform.web.routing import RoomRouter
from praca.platform.web.sending import PAGE_HEADERS, send, send_page

__all__ = ["router"]

router = RoomRouter()

_list_query = query_of(ListQuery)
_search_query = query_of(SearchQuery)
_price_query = query_of(PriceQuery)
_top_query = query_of(TopQuery)
_history_query = query_of(HistoryQuery)
_similar_query = query_of(SimilarQuery)

# No bounds: what no book can have is the id of none, 404 as in the old system.
BookId = Annotated[int, Path(description="Id of the book.", examples=[1])]


def _catalogue(request: Request) -> Catalogue:
    return cast("Catalogue", request.app.state.catalogue)


def _takes(model: type[BaseModel]) -> dict[str, Any]:
    """Return the document of a query string, those of its members that must be there marked."""
    required = {name for name, field in model.model_fields.items() if field.is_required()}
    parameters = query_parameters(model)["parameters"]
    return {"parameters": [{**one, "required": one["name"] in required} for one in parameters]}


def _gives(example: Any, *, is_page: bool = False) -> dict[int | str, dict[str, Any]]:
    etag = {"ETag": {"description": "Changes with the answer.", "schema": {"type": "string"}}}
    return {
        200: {
            "content": {"application/json": {"example": example}},
            "headers": etag | (PAGE_HEADERS if is_page else {}),
        },
        304: {"description": "The answer that `If-None-Match` names is still the right one."},
    }


_LINES: Final = _gives([LINE_EXAMPLE], is_page=True)


@router.get(
    "/books",
    tags=["books"],
    summary="List the books",
    openapi_extra=_takes(ListQuery),
    response_model=list[BookLine],
    responses=_LINES,
)
async def list_books(request: Request) -> Response:
    """List the books that the shop has, in the order they were first seen."""
    page = (await _list_query(request)).page
    return send_page(request, await _catalogue(request).list_books(page), page)


@router.get(
    "/books/search",
    tags=["books"],
    summary="Search the books",
    openapi_extra=_takes(SearchQuery),
    response_model=list[BookLine],
    responses={**_LINES, **problem_responses(SearchEmptyError)},
)
async def search_books(request: Request) -> Response:
    """List the books with these parts in title and category; case and accents do not count."""
    query = await _search_query(request)
    found = await _catalogue(request).search(query.page, query.titulo, query.categoria)
    asked = {"titulo": query.titulo, "categoria": query.categoria}
    return send_page(request, found, query.page, asked)


@router.get(
    "/books/top-rated",
    tags=["books"],
    summary="List the best rated books",
    openapi_extra=_takes(TopQuery),
    response_model=list[BookLine],
    responses=_gives([LINE_EXAMPLE]),
)
async def list_top_rated(request: Request) -> Response:
    """List the books with the most stars; among equals those that were first seen come first."""
    limit = (await _top_query(request)).limit
    return send(request, await _catalogue(request).list_top_rated(limit))


@router.get(
    "/books/price-range",
    tags=["books"],
    summary="List the books of a range of prices",
    openapi_extra=_takes(PriceQuery),
    response_model=list[BookLine],
    responses={**_LINES, **problem_responses(PriceRangeError)},
)
async def list_by_price(request: Request) -> Response:
    """List the books that cost as much as the bounds or between them, the cheapest first."""
    query = await _price_query(request)
    found = await _catalogue(request).list_by_price(query.page, query.min_preco, query.max_preco)
    asked = {"min_preco": query.min_preco, "max_preco": query.max_preco}
    return send_page(request, found, query.page, asked)


@router.get(
    "/books/{book_id}",
    tags=["books"],
    summary="Show a book",
    response_model=BookRead,
    responses={**_gives(BOOK_EXAMPLE), **problem_responses(BookNotFoundError)},
)
async def show_book(request: Request, book_id: BookId) -> Response:
    """Show all of a book, also of one that the shop no longer has."""
    return send(request, await _catalogue(request).require_book(book_id))


@router.get(
    "/books/{book_id}/similar",
    tags=["books"],
    summary="List similar books",
    openapi_extra=_takes(SimilarQuery),
    response_model=list[SimilarBook],
    responses={**_gives([SIMILAR_EXAMPLE]), **problem_responses(BookNotFoundError)},
)
async def list_similar(request: Request, book_id: BookId) -> Response:
    """List the books most like this one by their texts, each with a score and reasons."""
    limit = (await _similar_query(request)).limit
    return send(request, await _catalogue(request).list_similar(book_id, limit))


@router.get(
    "/books/{book_id}/price-history",
    tags=["books"],
    summary="List a book's prices",
    openapi_extra=_takes(HistoryQuery),
    response_model=list[PricePoint],
    responses={
        **_gives([PRICE_EXAMPLE], is_page=True),
        **problem_responses(BookNotFoundError),
    },
)
async def list_prices(request: Request, book_id: BookId) -> Response:
    """List what the book cost and how many there were, each since when; the oldest first."""
    page = (await _history_query(request)).page
    return send_page(request, await _catalogue(request).require_prices(book_id, page), page)


@router.get(
    "/categories",
    tags=["books"],
    summary="List the categories",
    response_model=list[str],
    responses=_gives(["Classics", "Poetry", "Travel"]),
)
async def list_categories(request: Request) -> Response:
    """List the categories that have books, in alphabetical order."""
    return send(request, await _catalogue(request).list_categories())


@router.get(
    "/stats/overview",
    tags=["stats"],
    summary="Show the catalogue's figures",
    response_model=CatalogueFigures,
    responses=_gives(FIGURES_EXAMPLE),
)
async def show_overview(request: Request) -> Response:
    """Show number, mean price and ratings of the books that the shop has."""
    return send(request, await _catalogue(request).overview())


@router.get(
    "/stats/categories",
    tags=["stats"],
    summary="Show each category's figures",
    response_model=dict[str, CatalogueFigures],
    responses=_gives(CATEGORY_STATISTICS_EXAMPLE),
)
async def show_category_statistics(request: Request) -> Response:
    """Show number, mean price and ratings of the books of each category."""
    return send(request, await _catalogue(request).category_statistics())
