"""What can go wrong with articles.

DomainError
├── ArticleChangedError          another version than the one that was to be changed
├── ArticleKeyTakenError         another article has this key
├── ArticleNotFoundError         there is none
├── ArticleVersionNotFoundError  it never had this version
└── ArticlesFileEmptyError       nothing was sent to import
"""

from typing import ClassVar

from praca.kit.errors import DomainError, ErrorKind, FieldError

__all__ = [
    "ArticleChangedError",
    "ArticleKeyTakenError",
    "ArticleNotFoundError",
    "ArticleVersionNotFoundError",
    "ArticlesFileEmptyError",
]


class ArticleChangedError(DomainError):
    """``If-Match`` names another version of the article than it has.

    ``version`` says which it has. Read it again, and write with the new ``ETag``.
    """

    code: ClassVar[str] = "article_changed"
    kind: ClassVar[ErrorKind] = ErrorKind.PRECONDITION
    title: ClassVar[str] = "Article changed meanwhile"
    sample: ClassVar[tuple[int]] = (3,)

    def __init__(self, version: int) -> None:
        super().__init__(
            "O artigo foi alterado por outra pessoa; leia a versão atual antes de gravar.",
            extra={"version": version},
        )


class ArticleKeyTakenError(DomainError):
    """Another article, or one that was removed, has this ``key``; ``article_id`` says which."""

    code: ClassVar[str] = "article_key_taken"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Article key taken"
    sample: ClassVar[tuple[int]] = (7,)

    def __init__(self, article_id: int) -> None:
        message = "Já existe um artigo com esta chave."
        super().__init__(
            message,
            errors=[FieldError(("body", "key"), message)],
            extra={"article_id": article_id},
        )


class ArticleNotFoundError(DomainError):
    """There is no such article, or it does not hold today and the caller is no operator."""

    code: ClassVar[str] = "article_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Article not found"

    def __init__(self) -> None:
        super().__init__("Artigo não encontrado.")


class ArticleVersionNotFoundError(DomainError):
    """The article never had this version."""

    code: ClassVar[str] = "article_version_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Article version not found"

    def __init__(self) -> None:
        super().__init__("O artigo não tem esta versão.")


class ArticlesFileEmptyError(DomainError):
    """The body of an import of articles is empty."""

    code: ClassVar[str] = "articles_file_empty"
    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    title: ClassVar[str] = "Nothing to import"

    def __init__(self) -> None:
        message = "O corpo deve ser um arquivo JSON Lines, com um artigo por linha."
        super().__init__(message, errors=[FieldError(("body",), message, "missing")])
