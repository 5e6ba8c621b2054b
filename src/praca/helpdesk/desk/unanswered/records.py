"""Unanswered questions, as they are handed around."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["Closing", "Group", "Outcome", "Source", "Which"]


class Source(StrEnum):
    """Where something was asked."""

    QUESTION = "pergunta"
    CHATBOT = "chatbot"
    ANSWER = "resposta"


class Outcome(StrEnum):
    """What became of a question."""

    OPEN = "aberta"
    ANSWERED = "respondida"
    ARTICLE = "artigo"
    DISMISSED = "dispensada"


class Which(StrEnum):
    """Which questions are listed: the open ones, the closed ones, or one kind of these."""

    OPEN = "aberta"
    CLOSED = "fechada"
    ANSWERED = "respondida"
    ARTICLE = "artigo"
    DISMISSED = "dispensada"


@dataclass(frozen=True, slots=True)
class Closing:
    """What an operator does with a group of questions.

    Attributes:
        answer: goes to everybody who can be told.
        article_id: of the article that was written.
    """

    outcome: Outcome
    answer: str | None = None
    article_id: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Equal questions, whoever asked them.

    Attributes:
        id: of the first of them.
        question: as it was asked last.
        count: how often it was asked.
        reachable: how many of those who asked can be told the answer.
        delivered: how many of them were.
    """

    id: int
    question: str
    count: int
    reachable: int
    delivered: int
    sources: list[Source]
    first_at: datetime
    newest_at: datetime
    status: Outcome
    answer: str | None
    article_id: int | None
    closed_at: datetime | None
