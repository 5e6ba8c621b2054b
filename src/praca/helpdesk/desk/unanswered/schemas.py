"""The operators' queue on the wire."""

from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from praca.helpdesk.desk.fields import Written
from praca.helpdesk.desk.unanswered.records import Group, Outcome, Source
from praca.helpdesk.knowledge.schemas import ArticleWrite

__all__ = ["QUEUE_EXAMPLE", "UnansweredAnswer", "UnansweredArticle", "UnansweredRead"]

_OPEN: Final[dict[str, Any]] = {
    "id": 31,
    "question": "Onde vacino meu gato contra raiva?",
    "count": 12,
    "reachable": 9,
    "delivered": 0,
    "sources": ["chatbot", "pergunta"],
    "first_at": "2026-11-20T08:00:00Z",
    "newest_at": "2026-11-22T12:00:00Z",
    "status": "aberta",
    "answer": None,
    "article_id": None,
    "closed_at": None,
}
_CLOSED: Final[dict[str, Any]] = {
    **_OPEN,
    "status": "respondida",
    "answer": "No Centro de Controle de Zoonoses, sem agendamento.",
    "closed_at": "2026-11-22T13:00:00Z",
}
QUEUE_EXAMPLE: Final = [_OPEN]
_ARTICLE: Final[dict[str, Any]] = {
    "title": "Vacina contra a raiva para cães e gatos",
    "summary": "Gratuita e sem agendamento.",
    "steps": "Leve o animal ao Centro de Controle de Zoonoses.",
    "answer": _CLOSED["answer"],
}


class UnansweredRead(BaseModel):
    """Equal questions that nothing answered; who asked is not told."""

    model_config = ConfigDict(json_schema_extra={"example": _CLOSED})

    id: int
    question: str = Field(
        description="As it was asked last; numbers of persons and e-mails are stars."
    )
    count: int = Field(description="How often it was asked.")
    reachable: int = Field(description="How many of those who asked can be told an answer.")
    delivered: int = Field(description="How many of them were told it.")
    sources: list[Source]
    first_at: datetime
    newest_at: datetime
    status: Outcome
    answer: str | None = Field(description="What an operator answered.")
    article_id: int | None = Field(description="Of the article that an operator wrote.")
    closed_at: datetime | None

    @classmethod
    def of(cls, group: Group) -> "UnansweredRead":
        """Read a group."""
        return cls(**{name: getattr(group, name) for name in cls.model_fields})


class UnansweredAnswer(BaseModel):
    """An operator's answer."""

    model_config = ConfigDict(json_schema_extra={"example": {"answer": _CLOSED["answer"]}})

    answer: Written


class UnansweredArticle(ArticleWrite):
    """An article about what was asked, and what those who asked get meanwhile."""

    model_config = ConfigDict(json_schema_extra={"example": _ARTICLE})

    answer: Written | None = Field(
        None, description="What everybody who asked gets; by default nothing."
    )
