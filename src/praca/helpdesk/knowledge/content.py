"""What an article may hold: the rules that the API and the files share."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from praca.helpdesk.records import Article

__all__ = [
    "CONTENT",
    "LISTS",
    "LONGEST",
    "LONGEST_ITEM",
    "MOST_ITEMS",
    "TEXTS",
    "ArticleDraft",
    "Layout",
    "RefusedFieldError",
    "check_period",
    "clean_items",
    "clean_text",
    "holds",
]

LONGEST: Final[Mapping[str, int]] = MappingProxyType(
    {
        "key": 200,
        "title": 300,
        "summary": 2000,
        "brief": 500,
        "body": 50_000,
        "steps": 50_000,
        "more": 50_000,
        "cost": 5000,
        "deadline": 5000,
        "agency": 1000,
    }
)
"""Most characters of each text."""
MOST_ITEMS: Final[Mapping[str, int]] = MappingProxyType(
    {"category": 10, "links": 50, "keywords": 200}
)
LONGEST_ITEM: Final[Mapping[str, int]] = MappingProxyType(
    {"category": 200, "links": 2000, "keywords": 100}
)
TEXTS: Final = tuple(LONGEST)
LISTS: Final = tuple(MOST_ITEMS)
CONTENT: Final = (*TEXTS, *LISTS, "valid_from", "valid_until")
"""Names of all that an article holds, in the order in which it is written."""

_REQUIRED: Final = frozenset({"key", "title"})
_ONE_LINE: Final = frozenset({"key", "title"})
# All control characters but the tabulator and the line feed; halves of surrogate pairs; what
# turns the direction of a text around, by which it could read as something else than it is.
_UNFIT: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_LINE_ENDS: Final = re.compile(r"\r\n?|[\u2028\u2029]")
_BLANK_IN_LINK: Final = re.compile(r'[\s<>"\\^`{|}]')


class Layout(StrEnum):
    """How the file spelled an article, and spells it again when it is exported."""

    OWN = "own"
    MUNICIPAL = "municipal"


class RefusedFieldError(ValueError):
    """A member of an article breaks a rule; the edges say so in their own way.

    Attributes:
        field: its name, as it was spelled.
        reason: in Portuguese.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    """An article's content, without its place in a knowledge base.

    Attributes:
        extras: members of the file that are no part of the content; of the municipal layout all
            members as they came, so that they can be written again as they were.
    """

    key: str
    title: str
    summary: str = ""
    brief: str = ""
    body: str = ""
    steps: str = ""
    more: str = ""
    cost: str = ""
    deadline: str = ""
    agency: str = ""
    category: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    layout: Layout = Layout.OWN
    extras: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, article: Article) -> "ArticleDraft":
        """Return the content of ``article``."""
        return cls(**{name: getattr(article, name) for name in CONTENT})

    def article(self, article_id: int, version: int = 1) -> Article:
        """Return the article that a knowledge base knows by ``article_id``."""
        return Article(article_id, version=version, **self.content())

    def content(self) -> dict[str, Any]:
        """Return what the article says, by name."""
        return {item.name: getattr(self, item.name) for item in fields(self)[: len(CONTENT)]}


def holds(article: Article | ArticleDraft, day: date) -> bool:
    """Tell whether the article holds on ``day``."""
    return (article.valid_from is None or article.valid_from <= day) and (
        article.valid_until is None or day <= article.valid_until
    )


def clean_text(name: str, value: str, *, shown: str | None = None) -> str:
    """Return a text of an article without blanks at its ends, its lines ended alike.

    Args:
        name: of the member.
        value: the text.
        shown: how the member is called in errors, if not ``name``.

    Raises:
        RefusedFieldError: it is empty and may not be, too long, or holds control characters.
    """
    return _clean(value, LONGEST[name], name in _REQUIRED, name in _ONE_LINE, shown or name)


def clean_items(name: str, values: Iterable[str], *, shown: str | None = None) -> tuple[str, ...]:
    """Return the members of a list of an article, each once.

    Raises:
        RefusedFieldError: there are too many, one is empty or too long, or a link is no address.
    """
    shown = shown or name
    items = tuple(
        dict.fromkeys(_clean(value, LONGEST_ITEM[name], True, True, shown) for value in values)
    )
    if len(items) > MOST_ITEMS[name]:
        raise RefusedFieldError(shown, f"deve ter no máximo {MOST_ITEMS[name]} itens")
    if name == "links":
        for item in items:
            _check_link(shown, item)
    return items


def check_period(valid_from: date | None, valid_until: date | None) -> None:
    """Refuse a period that ends before it begins.

    Raises:
        RefusedFieldError: this one does.
    """
    if valid_from is not None and valid_until is not None and valid_until < valid_from:
        raise RefusedFieldError("valid_until", "não pode ser anterior a valid_from")


def _clean(value: str, most: int, is_required: bool, is_one_line: bool, shown: str) -> str:
    # What is far too long is not even looked through.
    cleaned = _LINE_ENDS.sub("\n", value).strip() if len(value) <= 2 * most + 100 else value
    if len(cleaned) > most:
        raise RefusedFieldError(shown, f"deve ter no máximo {most} caracteres")
    if is_required and not cleaned:
        raise RefusedFieldError(shown, "não pode ser vazio")
    if _UNFIT.search(cleaned) or (is_one_line and ("\n" in cleaned or "\t" in cleaned)):
        raise RefusedFieldError(shown, "não pode ter caracteres de controle")
    return cleaned


def _check_link(shown: str, link: str) -> None:
    try:
        parts = urlsplit(link)
        fits = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        )
        _ = parts.port  # raises for what is no number
    except ValueError:
        fits = False
    if not fits or _BLANK_IN_LINK.search(link):
        raise RefusedFieldError(shown, "deve ser um endereço http ou https")
