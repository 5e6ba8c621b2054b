"""What the articles' endpoints take and give."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from praca.helpdesk.knowledge.content import (
    CONTENT,
    LISTS,
    LONGEST,
    LONGEST_ITEM,
    MOST_ITEMS,
    TEXTS,
    ArticleDraft,
    RefusedFieldError,
    check_period,
    clean_items,
    clean_text,
)
from praca.helpdesk.knowledge.repository import Stored, Version
from praca.kit.text import bounded, fold

__all__ = [
    "ARTICLE",
    "LARGEST_ID",
    "VERSION",
    "ArticleRead",
    "ArticleVersionLine",
    "ArticleVersionRead",
    "ArticleWrite",
    "ArticlesQuery",
    "ImportStarted",
]

T = TypeVar("T")
_Level = Annotated[str, Field(max_length=LONGEST_ITEM["category"])]
_Link = Annotated[str, Field(max_length=LONGEST_ITEM["links"])]
_Keyword = Annotated[str, Field(max_length=LONGEST_ITEM["keywords"])]
Action = Literal["criado", "alterado", "removido", "restaurado"]

LARGEST_ID: Final = 2**63 - 1
_LARGEST_PAGE: Final = 1000
_LONGEST_SLUG: Final = 100

_CONTENT: Final[dict[str, Any]] = {
    "key": "iptu-segunda-via",
    "title": "Segunda via do IPTU",
    "summary": "Emita de novo o boleto do imposto do seu imóvel.",
    "brief": "Perdeu o carnê do IPTU? Emita outro boleto, de graça.",
    "body": "Quem perdeu o carnê pode emitir outro boleto, com o mesmo valor até o vencimento.",
    "steps": "1. Tenha em mãos a inscrição imobiliária.\n2. Escolha as parcelas e emita o boleto.",
    "more": "",
    "cost": "Gratuito.",
    "deadline": "Na hora.",
    "agency": "Secretaria da Fazenda",
    "category": ["Finanças", "Impostos", "IPTU"],
    "links": ["https://fazenda.santa-aurora.example/iptu"],
    "keywords": ["carnê", "imposto da casa"],
    "valid_from": None,
    "valid_until": None,
}
ARTICLE: Final[dict[str, Any]] = {
    "id": 7,
    "version": 3,
    **_CONTENT,
    "updated_at": "2026-11-22T12:00:00.130668Z",
}
VERSION: Final[dict[str, Any]] = {
    "version": 3,
    "action": "alterado",
    "at": "2026-11-22T12:00:00.130668Z",
    "actor_id": 4,
    "title": "Segunda via do IPTU",
}


class ArticleWrite(BaseModel):
    """An article as it is written; what is left out is empty."""

    model_config = ConfigDict(json_schema_extra={"example": _CONTENT})

    key: str | None = Field(
        None,
        max_length=LONGEST["key"],
        description="Its name in files, one article's alone. If it is left out, a new article's is "
        "made of its title, and an old one keeps its own.",
    )
    title: str = Field(min_length=1, max_length=LONGEST["title"])
    summary: str = Field("", max_length=LONGEST["summary"], description="A sentence or two.")
    brief: str = Field(
        "",
        max_length=LONGEST["brief"],
        description="The service in a few words, as it is sent in a message.",
    )
    body: str = Field("", max_length=LONGEST["body"])
    steps: str = Field("", max_length=LONGEST["steps"], description="How to get the service.")
    more: str = Field("", max_length=LONGEST["more"], description="Whatever else there is to know.")
    cost: str = Field("", max_length=LONGEST["cost"], description="What it costs, in words.")
    deadline: str = Field("", max_length=LONGEST["deadline"], description="How long it takes.")
    agency: str = Field("", max_length=LONGEST["agency"], description="Who is in charge.")
    category: list[_Level] = Field(
        [], max_length=MOST_ITEMS["category"], description="From the widest to the narrowest."
    )
    links: list[_Link] = Field(
        [], max_length=MOST_ITEMS["links"], description="Addresses, http or https."
    )
    keywords: list[_Keyword] = Field(
        [], max_length=MOST_ITEMS["keywords"], description="What citizens call the service."
    )
    valid_from: date | None = Field(None, description="First day on which it holds.")
    valid_until: date | None = Field(None, description="Last day on which it holds.")

    @field_validator(*TEXTS)
    @classmethod
    def _clean_text(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        return _refusing(lambda: clean_text(str(info.field_name), value))

    @field_validator(*LISTS)
    @classmethod
    def _clean_items(cls, value: list[str], info: ValidationInfo) -> list[str]:
        return _refusing(lambda: list(clean_items(str(info.field_name), value)))

    @field_validator("valid_from", "valid_until", mode="before")
    @classmethod
    def _check_day(cls, value: Any) -> Any:
        # Otherwise a number would do, too: seconds since 1970.
        if value is not None and not isinstance(value, str):
            raise ValueError("Deve ser uma data como 2026-12-31.")
        return value

    @field_validator("valid_until")
    @classmethod
    def _check_period(cls, value: date | None, info: ValidationInfo) -> date | None:
        _refusing(lambda: check_period(info.data.get("valid_from"), value))
        return value

    def draft(self, key: str | None = None) -> ArticleDraft:
        """Return the article; ``key`` is that of the one which it replaces."""
        content = {name: getattr(self, name) for name in CONTENT}
        lists = {name: tuple(content[name]) for name in LISTS}
        return ArticleDraft(**content | lists | {"key": self.key or key or _slug(self.title)})


class ArticleRead(ArticleWrite):
    """An article."""

    model_config = ConfigDict(json_schema_extra={"example": ARTICLE})

    id: int
    key: str = Field(description="Its name in files.")
    version: int = Field(description="Counts its changes from 1; `ETag` shows it, too.")
    updated_at: datetime

    @classmethod
    def of(cls, stored: Stored) -> "ArticleRead":
        """Return the view of an article; what is stored was checked when it was written."""
        content = stored.draft.content()
        return cls.model_construct(
            id=stored.id,
            version=stored.version,
            updated_at=stored.updated_at,
            **content | {name: list(content[name]) for name in LISTS},
        )


class ArticleVersionLine(BaseModel):
    """What was done to an article, when and by whom."""

    model_config = ConfigDict(json_schema_extra={"example": VERSION})

    version: int
    action: Action = Field(description="What was done.")
    at: datetime
    actor_id: int | None = Field(description="The account that did it; none: nobody's.")
    title: str = Field(description="The title that it had then.")

    @classmethod
    def of(cls, version: Version) -> "ArticleVersionLine":
        """Return the view of ``version``."""
        return cls.model_validate(_line(version))


class ArticleVersionRead(ArticleVersionLine):
    """A version of an article with all that it held."""

    model_config = ConfigDict(json_schema_extra={"example": {**VERSION, "content": _CONTENT}})

    content: ArticleWrite

    @classmethod
    def of(cls, version: Version) -> "ArticleVersionRead":
        """Return the view of ``version``."""
        days = {name: version.content[name] for name in ("valid_from", "valid_until")}
        # What was written once is shown, whatever the rules are by now.
        content = ArticleWrite.model_construct(
            **{name: version.content[name] for name in CONTENT}
            | {name: day and date.fromisoformat(day) for name, day in days.items()}
        )
        return cls.model_validate({**_line(version), "content": content})


class ImportStarted(BaseModel):
    """The import that was started; follow it at `/api/v1/tasks/{task_id}`."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "message": "Importação de artigos iniciada.",
                "task_id": "01936b1e-0c7a-7c3e-8d4f-5a6b7c8d9e0f",
            }
        }
    )

    message: str
    task_id: UUID


class ArticlesQuery(BaseModel):
    """What the list of articles is asked."""

    q: str | None = Field(
        None,
        max_length=200,
        description="Words that the articles hold; case and accents do not count, and of each "
        "word its beginning or any part is enough.",
        examples=["iptu"],
    )
    category: str | None = Field(
        None, max_length=200, description="One of its categories, whole.", examples=["Impostos"]
    )
    all: bool = Field(
        False,
        description="Also those that do not hold yet or hold no more; for operators and admins.",
    )
    offset: int = Field(0, ge=0, le=LARGEST_ID, description="Articles to leave out.")
    limit: int = Field(100, ge=1, le=_LARGEST_PAGE, description="Articles per page.")


def _refusing(clean: Callable[[], T]) -> T:
    try:
        return clean()
    except RefusedFieldError as error:
        raise ValueError(f"{error.reason[:1].upper()}{error.reason[1:]}.") from None


def _line(version: Version) -> dict[str, Any]:
    return {
        "version": version.version,
        "action": version.action,
        "at": version.at,
        "actor_id": version.actor_id,
        "title": version.content["title"],
    }


def _slug(title: str) -> str:
    """Return a key that tells of the title."""
    words = re.findall(r"[a-z0-9]+", fold(bounded(title, len(title))))
    return "-".join(words)[:_LONGEST_SLUG].strip("-") or "artigo"
