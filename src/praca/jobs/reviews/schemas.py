"""Reviews on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from praca.jobs.matching.schemas import EXPLANATION, ExplanationRead
from praca.jobs.reviews.repository import Review
from praca.jobs.reviews.service import ReviewWithScore
from praca.kit.clock import utc_now

__all__ = [
    "REVIEW_ID",
    "Outcome",
    "ReviewCreate",
    "ReviewDecision",
    "ReviewDetails",
    "ReviewPage",
    "ReviewRead",
    "ReviewStatus",
]

REVIEW_ID: Final = "01936b1e-0c7a-4c3e-8d4f-5a6b7c8d9e0f"
_LONGEST: Final = 4000
# Something other than blanks, and nothing that the database cannot hold.
_WRITTEN: Final = r"^[^\x00]*[^\s\x00][^\x00]*$"
_REVIEW: Final[dict[str, Any]] = {
    "id": REVIEW_ID,
    "codigo_candidato": 31000,
    "codigo_vaga": 5185,
    "titulo_vaga": "Enfermeira da família",
    "status": "decidida",
    "motivo": "Minha experiência com vacinação não foi encontrada.",
    "prazo": "2026-12-07T12:00:00Z",
    "atrasada": False,
    "pedida_em": "2026-11-22T12:00:00Z",
    "revisor_id": 7,
    "decisao": "revista",
    "justificativa": "O currículo cita campanhas de vacinação com outras palavras.",
    "encaminhar": True,
    "decidida_em": "2026-11-23T09:30:00Z",
    "instantaneo": EXPLANATION["instantaneo"],
}


class ReviewStatus(StrEnum):
    """Where a review stands."""

    PENDING = "pendente"
    IN_HAND = "em_analise"
    DECIDED = "decidida"
    CANCELLED = "cancelada"


class Outcome(StrEnum):
    """What a person decided about a score."""

    UPHELD = "mantida"
    REVISED = "revista"
    WITHOUT_EFFECT = "sem_efeito"


class ReviewCreate(BaseModel):
    """A request for a review."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"codigo_vaga": 5185, "motivo": _REVIEW["motivo"], "codigo_candidato": None}
        }
    )

    codigo_vaga: int = Field(ge=1, le=2**63 - 1)
    motivo: str = Field(max_length=_LONGEST, pattern=_WRITTEN, description="Why.")
    codigo_candidato: int | None = Field(
        None,
        ge=1,
        le=2**63 - 1,
        description="On whose behalf, if staff asks; a candidate's own otherwise.",
    )


class ReviewDecision(BaseModel):
    """The decision of a person."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {name: _REVIEW[name] for name in ("decisao", "justificativa", "encaminhar")}
        }
    )

    decisao: Outcome
    justificativa: str = Field(max_length=_LONGEST, pattern=_WRITTEN)
    encaminhar: bool = Field(
        False, description="Put the candidate forward for the vacancy, whatever the score."
    )


class ReviewRead(BaseModel):
    """One review."""

    model_config = ConfigDict(json_schema_extra={"example": _REVIEW})

    id: UUID
    codigo_candidato: int
    codigo_vaga: int
    titulo_vaga: str = Field(description="As it was when the review was requested.")
    status: ReviewStatus
    motivo: str
    prazo: datetime = Field(description="By when it must be decided.")
    atrasada: bool = Field(description="Whether it is open past its deadline.")
    pedida_em: datetime
    revisor_id: int | None = Field(description="Account of who has it in hand or decided it.")
    decisao: Outcome | None
    justificativa: str | None
    encaminhar: bool = Field(
        description="A person decided to put the candidate forward, whatever the score."
    )
    decidida_em: datetime | None
    instantaneo: str = Field(description="Id of the score that is reviewed.")

    @classmethod
    def of(cls, review: Review) -> "ReviewRead":
        """Read a review."""
        return cls(**_values(review))


class ReviewDetails(ReviewRead):
    """One review with the score it is about."""

    model_config = ConfigDict(json_schema_extra={"example": {**_REVIEW, "explicacao": EXPLANATION}})

    explicacao: ExplanationRead | None = Field(
        description="The score as it was when the review was requested, reproduced; none if the "
        "files of that version are gone."
    )

    @classmethod
    def with_score(cls, found: ReviewWithScore) -> "ReviewDetails":
        """Read a review and its score."""
        explained = None if found.score is None else ExplanationRead.of(found.score)
        return cls(**_values(found.review), explicacao=explained)


class ReviewPage(BaseModel):
    """One page of reviews, the nearest deadline first."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"total": 1, "offset": 0, "limit": 100, "data": [_REVIEW]}}
    )

    total: int
    offset: int
    limit: int
    data: list[ReviewRead]


def _values(review: Review) -> dict[str, Any]:
    is_open = review.status in {ReviewStatus.PENDING, ReviewStatus.IN_HAND}
    return {
        "id": review.id,
        "codigo_candidato": review.codigo_candidato,
        "codigo_vaga": review.codigo_vaga,
        "titulo_vaga": review.titulo_vaga,
        "status": review.status,
        "motivo": review.motivo,
        "prazo": review.prazo,
        "atrasada": is_open and review.prazo < utc_now(),
        "pedida_em": review.requested_at,
        "revisor_id": review.reviewer_id,
        "decisao": review.decisao,
        "justificativa": review.justificativa,
        "encaminhar": review.encaminhar,
        "decidida_em": review.decided_at,
        "instantaneo": review.snapshot_hash,
    }
