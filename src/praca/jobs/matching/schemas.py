"""What an explained score looks like on the wire."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from praca.jobs.matching.explanation import Contribution, Explanation
from praca.jobs.matching.hired import HiredEstimate
from praca.jobs.matching.passages import Passage
from praca.jobs.matching.score_snapshots import ScoreSnapshot
from praca.jobs.matching.service import ExplainedScore
from praca.jobs.matching.snapshots import MODEL_NAME

__all__ = [
    "EXPLANATION",
    "ContributionRead",
    "ExplanationRead",
    "ModelRead",
    "PassageRead",
    "percent",
]

EXPLANATION: Final[dict[str, Any]] = {
    "codigo_vaga": 5185,
    "codigo_candidato": 31000,
    "modelo": {"nome": "match", "versao": 1},
    "match_probability": 71.4,
    "logit": 0.914,
    "intercepto": -2.1,
    "contribuicoes": [
        {
            "nome": "overlap_title",
            "rotulo": "Título da vaga encontrado no currículo",
            "valor": 3.514,
            "termos": [{"termo": "Enfermeira", "parcela": 3.0}],
            "outros_termos": 1,
            "parcela_dos_outros": 0.514,
        },
        {
            "nome": "english_fit",
            "rotulo": "Nível de inglês",
            "valor": -0.5,
            "termos": [],
            "outros_termos": 0,
            "parcela_dos_outros": 0.0,
        },
    ],
    "trechos": [
        {
            "campo": "cv",
            "inicio": 0,
            "fim": 37,
            "texto": "Enfermeira em unidade básica de saúde",
            "termos": ["Enfermeira"],
            "contribuicoes": ["overlap_title"],
        }
    ],
    "contratacao": {
        "probabilidade": 64.2,
        "minimo": 60.1,
        "maximo": 68.1,
        "taxa_base": 64.2,
        "distingue_candidatos": False,
    },
    "atende": ["vacinação"],
    "falta": ["triagem", "Inglês: avançado (candidato: básico)"],
    "motivos": ["Atende: vacinação."],
    "instantaneo": "9f2c1a60b9d3c1d1e5a1b1c0f3e7a9d2c4b6e8f0a1b3c5d7e9f1a3b5c7d9e1f3",
}


def percent(probability: float) -> float:
    """Return a probability as it is shown."""
    return round(probability * 100, 1)


class ModelRead(BaseModel):
    """Which version of which model."""

    nome: str
    versao: int


class TermRead(BaseModel):
    """A word as the candidate wrote it, and its part of the contribution."""

    termo: str
    parcela: float


class ContributionRead(BaseModel):
    """What one comparison adds to the score, and the words that carry it."""

    nome: str = Field(description="Stable name of the comparison.")
    rotulo: str = Field(description="What it is called for people.")
    valor: float = Field(description="What it adds to the log-odds.")
    termos: list[TermRead]
    outros_termos: int = Field(description="How many further words carry it.")
    parcela_dos_outros: float = Field(description="With all `parcela` it adds up to `valor`.")

    @classmethod
    def of(cls, one: Contribution) -> "ContributionRead":
        """Read a contribution."""
        return cls(
            nome=one.feature,
            rotulo=one.label,
            valor=one.value,
            termos=[TermRead(termo=term.word, parcela=term.share) for term in one.terms],
            outros_termos=one.other_terms,
            parcela_dos_outros=one.other_share,
        )


class PassageRead(BaseModel):
    """A passage of the candidate's own text."""

    campo: str = Field(description="Field of the candidate, for example `cv` or `titulo`.")
    inicio: int = Field(description="Where it begins in the field, in characters.")
    fim: int
    texto: str = Field(description="As written.")
    termos: list[str] = Field(description="The words that count, as written.")
    contribuicoes: list[str] = Field(description="Names of the contributions it supports.")

    @classmethod
    def of(cls, passage: Passage) -> "PassageRead":
        """Read a passage."""
        return cls(
            campo=passage.field,
            inicio=passage.start,
            fim=passage.end,
            texto=passage.excerpt,
            termos=list(passage.terms),
            contribuicoes=list(passage.features),
        )


class HiredRead(BaseModel):
    """How likely a hire is, if the candidate is put forward and decided on; in percent.

    It takes no part in any ranking. Unless the texts told hired from rejected on vacancies that
    were not learned from, it is the base rate, the same for everybody, and says so.
    """

    probabilidade: float
    minimo: float = Field(description="Lower end of its 95 % interval.")
    maximo: float = Field(description="Upper end.")
    taxa_base: float = Field(description="Share of hires among all decided applications.")
    distingue_candidatos: bool = Field(
        description="Whether it tells the candidates of one vacancy apart."
    )

    @classmethod
    def of(cls, hired: HiredEstimate) -> "HiredRead":
        """Read an estimate."""
        return cls(
            probabilidade=percent(hired.probability),
            minimo=percent(hired.low),
            maximo=percent(hired.high),
            taxa_base=percent(hired.base_rate),
            distingue_candidatos=hired.has_signal,
        )


class ExplanationRead(BaseModel):
    """A score that one can question: `intercepto` and all `valor` add up to `logit`."""

    model_config = ConfigDict(json_schema_extra={"example": EXPLANATION})

    codigo_vaga: int
    codigo_candidato: int
    modelo: ModelRead
    match_probability: float = Field(description="Percent.")
    logit: float = Field(description="The score itself: log-odds of `match_probability`.")
    intercepto: float = Field(
        description="Log-odds of a pair that shares no word and of which no level is known."
    )
    contribuicoes: list[ContributionRead] = Field(description="Those that matter most first.")
    trechos: list[PassageRead] = Field(description="Ten at the most, the strongest first.")
    contratacao: HiredRead
    atende: list[str] = Field(description="What the vacancy asks and the candidate has.")
    falta: list[str] = Field(
        description="What the vacancy asks and was not found, and levels below what it asks."
    )
    motivos: list[str]
    instantaneo: str = Field(
        description="SHA-256 of exactly what was compared and of the model: equal ids are the "
        "same score."
    )

    @classmethod
    def of(cls, score: ExplainedScore) -> "ExplanationRead":
        """Read an explained score."""
        return _read(score.snapshot, score.explanation, score.hired)


def _read(
    snapshot: ScoreSnapshot, explanation: Explanation, hired: HiredEstimate
) -> ExplanationRead:
    return ExplanationRead(
        codigo_vaga=snapshot.codigo_vaga,
        codigo_candidato=snapshot.codigo_candidato,
        modelo=ModelRead(nome=MODEL_NAME, versao=snapshot.version),
        match_probability=percent(explanation.probability),
        logit=explanation.logit,
        intercepto=explanation.intercept,
        contribuicoes=[ContributionRead.of(one) for one in explanation.contributions],
        trechos=[PassageRead.of(passage) for passage in explanation.passages],
        contratacao=HiredRead.of(hired),
        atende=list(explanation.met),
        falta=list(explanation.missing),
        motivos=list(explanation.reasons),
        instantaneo=snapshot.hash,
    )
