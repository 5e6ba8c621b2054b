"""Errors of the catalogue.

DomainError
├── BookNotFoundError     404  no book has this id
├── SearchEmptyError      400  a search for nothing
└── PriceRangeError       400  no interval of prices
"""

from praca.kit.errors import DomainError, ErrorKind

__all__ = ["BookNotFoundError", "PriceRangeError", "SearchEmptyError"]


class BookNotFoundError(DomainError):
    """No book has this id."""

    code = "book_not_found"
    kind = ErrorKind.NOT_FOUND
    title = "Book not found"

    def __init__(self) -> None:
        super().__init__("Livro não encontrado")


class SearchEmptyError(DomainError):
    """A search of books names neither a title nor a category."""

    code = "book_search_empty"
    kind = ErrorKind.BAD_REQUEST
    title = "Nothing to search for"

    def __init__(self) -> None:
        super().__init__("Forneça um título ou uma categoria para a busca.")


class PriceRangeError(DomainError):
    """A range of prices has a negative or infinite bound, or bounds in the wrong order.

    The lower bound must not be above the upper one.
    """

    code = "price_range_invalid"
    kind = ErrorKind.BAD_REQUEST
    title = "Invalid range of prices"

    def __init__(self) -> None:
        super().__init__("Intervalo de preços inválido")
