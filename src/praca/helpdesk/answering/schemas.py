"""Questions and answers on the wire."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from praca.helpdesk.records import Answer, Engine

__all__ = ["AnswerRead", "AnswerRequest", "CitationRead", "SuggestionRead"]

_LONGEST = 20_000
_EXAMPLE: JsonDict = {
    "text": "Encontrei isto no artigo “Segunda via do cartão de transporte”:\n\n"
    "• Custo: A primeira segunda via do ano é gratuita.\n\n"
    "Sou um assistente automático e só repito o que está nos artigos da prefeitura. "
    "Para falar com uma pessoa, escreva “atendente” no chat.",
    "is_answered": True,
    "confidence": 0.87,
    "engine": "extrativo",
    "citations": [
        {
            "article_id": 12,
            "article_key": "cartao-segunda-via",
            "title": "Segunda via do cartão de transporte",
            "passage": "A primeira segunda via do ano é gratuita.",
            "url": None,
        }
    ],
    "suggestions": [
        {
            "article_id": 13,
            "article_key": "cartao-cancelar",
            "title": "Cancelar o cartão de transporte",
        }
    ],
    "revision": "42",
}


class AnswerRequest(BaseModel):
    """A question."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"question": "Quanto custa a segunda via do cartão?"}]}
    )

    question: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=_LONGEST)
    ] = Field(description="In one's own words; at most `PRACA_QUESTION_MAX_CHARS` characters.")


class CitationRead(BaseModel):
    """Where an answer has something from."""

    article_id: int
    article_key: str
    title: str
    passage: str = Field(description="Quoted word by word.")
    url: str | None = Field(description="Where to read on.")


class SuggestionRead(BaseModel):
    """A service that is near to what was asked."""

    article_id: int
    article_key: str
    title: str


class AnswerRead(BaseModel):
    """An answer, made of the articles alone."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    text: str = Field(description="In Portuguese, as it is shown.")
    is_answered: bool = Field(description="False where it says that it does not know.")
    confidence: float = Field(description="How sure it is of the first article.", ge=0, le=1)
    engine: Engine = Field(description="What worded it.")
    citations: list[CitationRead]
    suggestions: list[SuggestionRead]
    revision: str = Field(description="Of the articles that it is made of.")

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """Return ``answer`` as it is sent."""
        return cls.model_validate(answer, from_attributes=True)
