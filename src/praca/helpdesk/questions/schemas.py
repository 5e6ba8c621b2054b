"""What the endpoints of questions take and give."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from praca.helpdesk.questions.ports import Question, Status

__all__ = ["QUESTION_EXAMPLE", "QuestionCreate", "QuestionRead", "wire_time"]

_MAX_CHARS: Final = 20_000
"""More than any setting allows."""

_PENDING: Final[dict[str, JsonValue]] = {
    "id": "0b7f5a3e-5c0e-4c57-9d2f-9d7c1c1a6f10",
    "question": "Como tiro a segunda via do cartão de transporte?",
    "answer": None,
    "session_id": "8f0c9c3e-6a5b-4a56-9a2c-2b1d7f3e4a5b",
    "status": "pendente",
    "created_at": "2026-11-22T13:05:07.120934",
    "updated_at": "2026-11-22T13:05:07.120934",
    "error": None,
    "details": None,
}
QUESTION_EXAMPLE: Final[dict[str, JsonValue]] = {
    **_PENDING,
    "answer": "Peça a segunda via em Carteira > Cartões > Pedir outro cartão.",
    "status": "respondida",
    "updated_at": "2026-11-22T13:05:07.480112",
    "details": {
        "is_answered": True,
        "confidence": 0.91,
        "engine": "extrativo",
        "citations": [
            {
                "article_id": 12,
                "article_key": "segunda-via-cartao",
                "title": "Segunda via do cartão de transporte",
                "passage": "Peça a segunda via em Carteira > Cartões > Pedir outro cartão.",
                "url": None,
            }
        ],
        "suggestions": [],
        "revision": "41",
    },
}


def wire_time(moment: datetime) -> str:
    """Return a moment as this system writes it: UTC, ISO, without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat()


class QuestionCreate(BaseModel):
    """A question."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"question": str(_PENDING["question"])}]}
    )

    question: str = Field(
        min_length=1,
        max_length=_MAX_CHARS,
        description="In plain words; the city sets how long it may be (`PRACA_QUESTION_MAX_CHARS`"
        ", 2000 by default).",
    )


class QuestionRead(BaseModel):
    """A question and what has become of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PENDING, QUESTION_EXAMPLE]})

    id: UUID
    question: str
    answer: str | None = Field(description="Null until it is answered.")
    session_id: UUID
    status: Status = Field(description="`pendente`, then `respondida` or `erro`.")
    created_at: str = Field(description="UTC, ISO, without a zone.")
    updated_at: str = Field(description="UTC, ISO, without a zone.")
    error: str | None = Field(None, description="Why there is no answer; only where it failed.")
    details: dict[str, Any] | None = Field(
        None,
        description="Of the answer: `is_answered` (false: it says that it does not know), "
        "`confidence`, `engine`, `citations`, `suggestions`, `revision` of the articles.",
    )

    @classmethod
    def of_asked(cls, question: Question) -> Self:
        """Return the record of ``question`` as it was when it was asked.

        A request that is sent again gets the answer of the first one, whatever has come of it.
        """
        return cls.of(
            replace(
                question,
                status=Status.PENDING,
                updated_at=question.created_at,
                answer=None,
                error=None,
                details=None,
            )
        )

    @classmethod
    def of(cls, question: Question) -> Self:
        """Return the record of ``question``."""
        return cls(
            id=question.id,
            question=question.question,
            answer=question.answer,
            session_id=question.session_id,
            status=question.status,
            created_at=wire_time(question.created_at),
            updated_at=wire_time(question.updated_at),
            error=question.error,
            details=question.details,
        )
