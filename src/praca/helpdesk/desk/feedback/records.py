"""Feedback, as it is handed around."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

__all__ = ["ArticleFigures", "AskedQuestion", "Asker", "Figures", "Judgement", "Opinion", "Verdict"]


@dataclass(frozen=True, slots=True)
class Asker:
    """Who judges.

    Attributes:
        user_id: his account.
        session_id: of his anonymous questions, if he has no account.
    """

    user_id: int | None = None
    session_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What somebody says of an answer: whether it helped, and what he adds."""

    is_helpful: bool
    comment: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judgement of an answer, as it is kept.

    Attributes:
        question_id: of an answer of the asynchronous desk.
        asker_key: of one that was given at once: a keyed digest of who asked what about which
            article, by which nobody can be found.
        user_id: who judged, for his export and erasure.
        article_keys: what the answer quotes.
    """

    question_id: UUID | None
    asker_key: bytes | None
    user_id: int | None
    article_keys: list[str]
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Opinion:
    """What operators see of a judgement."""

    id: int
    helpful: bool
    comment: str | None
    article_keys: list[str]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question that is judged, and whose it is."""

    status: str
    article_keys: list[str]
    session_id: UUID
    user_id: int | None


@dataclass(frozen=True, slots=True)
class ArticleFigures:
    """How often an article's answers helped."""

    article_key: str
    title: str | None
    helpful: int
    unhelpful: int
    comments: int
    newest_at: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """The help desk in numbers, over some days.

    Attributes:
        abstained: answered by saying that it does not know.
        by_person: answered by an operator.
        median_s: half of the questions were settled within so many seconds.
    """

    asked: int
    answered: int
    abstained: int
    by_person: int
    failed: int
    pending: int
    median_s: float | None
    helpful: int
    unhelpful: int
    unanswered_open: int
    tickets_waiting: int
    tickets_answered: int
