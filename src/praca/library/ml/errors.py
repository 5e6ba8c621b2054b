"""What can go wrong with the library's models.

DomainError
├── BookModelMissingError   503  nothing has been trained for what was asked, or there is no such
├── NotEnoughBooksError     409  the books are too few to learn from (what a training says)
└── (learning) ArtifactError 503  the files of a model are refused
"""

from typing import ClassVar

from praca.kit.errors import DomainError, ErrorKind

__all__ = ["BookModelMissingError", "NotEnoughBooksError"]


class BookModelMissingError(DomainError):
    """No such model of the library has been trained, or there is no such name.

    A model is told by its name and its target.
    """

    code: ClassVar[str] = "book_model_missing"
    kind: ClassVar[ErrorKind] = ErrorKind.UNAVAILABLE
    title: ClassVar[str] = "Book model missing"
    sample: ClassVar[tuple[str]] = ("random_forest",)

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Modelo '{name}' não está treinado ou disponível no cache. "
            "Execute o treinamento primeiro."
        )


class NotEnoughBooksError(DomainError):
    """There are too few books, or too few of one class, to train the library's models on."""

    code: ClassVar[str] = "not_enough_books"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Not enough books"
    sample: ClassVar[tuple[str]] = ("Há livros de menos para treinar.",)
