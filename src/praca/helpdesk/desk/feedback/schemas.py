"""Feedback and figures on the wire."""

from datetime import datetime
from typing import Annotated, Any, Final, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from praca.helpdesk.desk.feedback.records import ArticleFigures, Figures, Judgement, Opinion
from praca.helpdesk.knowledge.content import LONGEST

__all__ = [
    "ARTICLES_EXAMPLE",
    "OPINIONS_EXAMPLE",
    "ArticleFiguresRead",
    "FeedbackCreate",
    "FeedbackRead",
    "FiguresRead",
    "OpinionRead",
]

_NO_NUL: Final = r"^[^\x00]*$"
_LONGEST_QUESTION: Final = 20_000
_GIVEN: Final[dict[str, Any]] = {
    "helpful": False,
    "comment": "Não diz onde fica o posto.",
    "article_keys": ["vacinacao-de-rotina"],
    "created_at": "2026-11-22T12:00:00Z",
    "updated_at": "2026-11-22T12:05:00Z",
}
_OPINION: Final[dict[str, Any]] = {"id": 7, **_GIVEN}
OPINIONS_EXAMPLE: Final = [_OPINION]
_ARTICLE: Final[dict[str, Any]] = {
    "article_key": "vacinacao-de-rotina",
    "title": "Vacinação de rotina",
    "helpful": 3,
    "unhelpful": 9,
    "helpful_share": 0.25,
    "comments": 4,
    "newest_at": "2026-11-22T12:05:00Z",
}
ARTICLES_EXAMPLE: Final = [_ARTICLE]
_FIGURES: Final[dict[str, Any]] = {
    "days": 30,
    "asked": 1200,
    "answered": 1010,
    "abstained": 171,
    "by_person": 35,
    "failed": 4,
    "pending": 15,
    "median_s": 0.4,
    "helpful": 210,
    "unhelpful": 40,
    "helpful_share": 0.84,
    "unanswered_open": 23,
    "tickets_waiting": 5,
    "tickets_answered": 8,
}


class FeedbackCreate(BaseModel):
    """Whether an answer helped: of a question, or one that was given at once about an article."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "article_key": "vacinacao-de-rotina",
                "question": "Onde tomo a vacina da gripe?",
                "helpful": False,
                "comment": "Não diz onde fica o posto.",
            }
        }
    )

    question_id: UUID | None = Field(None, description="Of a question of one's own session.")
    article_key: Annotated[str, Field(max_length=LONGEST["key"], pattern=_NO_NUL)] | None = Field(
        None, description="Of the article that the answer quotes first; with `question`."
    )
    question: Annotated[str, Field(max_length=_LONGEST_QUESTION)] | None = Field(
        None, description="What was asked. It is not kept."
    )
    helpful: bool
    comment: Annotated[str, Field(max_length=1000, pattern=_NO_NUL)] | None = Field(
        None, description="What is missing or wrong."
    )

    @model_validator(mode="after")
    def _is_about_one(self) -> Self:
        of_article = (self.article_key is not None, self.question is not None)
        if (self.question_id is not None) == any(of_article) or any(of_article) != all(of_article):
            raise ValueError("Informe question_id, ou article_key com question.")
        return self

    @property
    def judgement(self) -> Judgement:
        """What is said of the answer."""
        return Judgement(self.helpful, self.comment)


class FeedbackRead(BaseModel):
    """What was said of an answer, as it is kept."""

    model_config = ConfigDict(json_schema_extra={"example": _GIVEN})

    helpful: bool
    comment: str | None = Field(description="Numbers of persons and e-mails are stars.")
    article_keys: list[str] = Field(description="What the answer quotes.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, opinion: Opinion) -> "FeedbackRead":
        """Read a judgement."""
        return cls(**{name: getattr(opinion, name) for name in cls.model_fields})


class OpinionRead(FeedbackRead):
    """What somebody said of an answer, as operators see it; who is not told."""

    model_config = ConfigDict(json_schema_extra={"example": _OPINION})

    id: int

    @classmethod
    def of(cls, opinion: Opinion) -> "OpinionRead":
        """Read a judgement."""
        return cls(**{name: getattr(opinion, name) for name in cls.model_fields})


class ArticleFiguresRead(BaseModel):
    """How often an article's answers helped."""

    model_config = ConfigDict(json_schema_extra={"example": _ARTICLE})

    article_key: str
    title: str | None = Field(description="None: the article is gone.")
    helpful: int
    unhelpful: int
    helpful_share: float
    comments: int
    newest_at: datetime

    @classmethod
    def of(cls, figures: ArticleFigures) -> "ArticleFiguresRead":
        """Read an article's figures."""
        return cls(
            article_key=figures.article_key,
            title=figures.title,
            helpful=figures.helpful,
            unhelpful=figures.unhelpful,
            helpful_share=_share(figures.helpful, figures.unhelpful) or 0.0,
            comments=figures.comments,
            newest_at=figures.newest_at,
        )


class FiguresRead(BaseModel):
    """The help desk in numbers."""

    model_config = ConfigDict(json_schema_extra={"example": _FIGURES})

    days: int
    asked: int = Field(description="Questions of these days that are still kept.")
    answered: int
    abstained: int = Field(description="Answered by saying that the help desk does not know.")
    by_person: int = Field(description="Of those answered: by an operator.")
    failed: int
    pending: int
    median_s: float | None = Field(
        description="Half of what the machine settled it did within so many seconds."
    )
    helpful: int
    unhelpful: int
    helpful_share: float | None = Field(description="Of all that were judged; none: none was.")
    unanswered_open: int = Field(description="Groups of equal questions that wait, now.")
    tickets_waiting: int = Field(description="Tickets that wait for the city, now.")
    tickets_answered: int = Field(description="Tickets that wait for their citizen, now.")

    @classmethod
    def of(cls, days: int, figures: Figures) -> "FiguresRead":
        """Read the figures of some days."""
        values = {name: getattr(figures, name) for name in Figures.__slots__}
        share = _share(figures.helpful, figures.unhelpful)
        return cls(days=days, helpful_share=share, **values)


def _share(helpful: int, unhelpful: int) -> float | None:
    total = helpful + unhelpful
    return helpful / total if total else None
