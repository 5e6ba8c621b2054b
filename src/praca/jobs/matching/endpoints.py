"""Predictions over HTTP, as the recruiter's system asks for them."""

import time
from typing import Annotated, Any, Final, cast

from fastapi import Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from praca.identity.errors import ForbiddenError, NotAuthenticatedError
from praca.identity.subjects import Subject
from praca.jobs.auth import JobsStaff, StaffOrSelf, actor, is_staff_member
from praca.jobs.errors import CandidateNotFoundError
from praca.jobs.matching.errors import (
    MatchModelMissingError,
    ModelVersionUnreadableError,
    SnapshotNotFoundError,
    VacancyUnknownError,
)
from praca.jobs.matching.profiles import (
    candidate_from_request,
    vacancy_from_request,
)
from praca.jobs.matching.schemas import EXPLANATION, ExplanationRead, PassageRead, percent
from praca.jobs.matching.score_snapshots import keep_snapshot
from praca.jobs.matching.service import Matcher, RankedCandidate
from praca.jobs.matching.snapshots import MODEL_NAME
from praca.learning.store import ModelVersionNotFoundError, require_version
from praca.platform.audit import AuditEntry, record
from praca.platform.database import Database
from praca.platform.web import City, CityWrite, journal_of, problem_responses
from praca.platform.web.routing import RoomRouter

__all__ = ["MatcherOf", "router"]

_SHORT = Field("", max_length=2_000)
_LONG = Field("", max_length=200_000)
_RECOMMENDED = 5
_CODE: Final = Query(ge=1, le=2**63 - 1, description="Code.", examples=[5185])


# Dependencies are coroutines: FastAPI would run a plain function in a thread.
async def _matcher(request: Request) -> Matcher:
    return cast("Matcher", request.app.state.matcher)


MatcherOf = Annotated[Matcher, Depends(_matcher)]
"""The application's matcher."""


class MatchRequest(BaseModel):
    """A person and a vacancy. Every field may be missing.

    `sexo`, `estado_civil`, `pcd`, `vaga_especifica_para_pcd`, `cidade` and `cidade_vaga` are
    accepted, because clients send them, and have no influence (Lei 9.029/95).
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "titulo_profissional": "Desenvolvedora backend",
                "conhecimentos_tecnicos": "Python, FastAPI, PostgreSQL",
                "nivel_profissional": "Pleno",
                "ingles": "Avançado",
                "cv_candidato": "Seis anos com Python e APIs.",
                "titulo_vaga": "Pessoa desenvolvedora backend",
                "nivel_profissional_vaga": "Pleno",
                "nivel_ingles_vaga": "Intermediário",
                "competencia_tecnicas_e_comportamentais": "Python, SQL, trabalho em equipe",
            }
        }
    )

    sexo: str = _SHORT
    estado_civil: str = _SHORT
    pcd: str = _SHORT
    vaga_especifica_para_pcd: str = _SHORT
    pais_vaga: str = _SHORT
    nivel_academico: str = _SHORT
    tipo_contratacao: str = _SHORT
    cidade: str = _SHORT
    cidade_vaga: str = _SHORT
    nivel_profissional: str = _SHORT
    nivel_profissional_vaga: str = _SHORT
    ingles: str = _SHORT
    nivel_ingles_vaga: str = _SHORT
    espanhol: str = _SHORT
    nivel_espanhol_vaga: str = _SHORT
    outros_idiomas: str = _SHORT
    titulo_profissional: str = _SHORT
    titulo_vaga: str = _SHORT
    conhecimentos_tecnicos: str = _LONG
    certificacoes: str = _LONG
    outras_certificacoes: str = _LONG
    area_atuacao: str = _SHORT
    areas_atuacao_vaga: str = _SHORT
    competencia_tecnicas_e_comportamentais: str = _LONG
    cv_candidato: str = _LONG
    nivel_academico_vaga: str = _SHORT
    principais_atividades: str = _LONG


class MatchAnswer(BaseModel):
    """How well they fit."""

    model_config = ConfigDict(json_schema_extra={"example": {"match_probability": 85.3}})

    match_probability: float = Field(
        ge=0,
        le=100,
        description="Percent: how likely a recruiter would put this person forward for this "
        "vacancy, if one person in five were relevant.",
    )


class RecommendationRequest(BaseModel):
    """A person. Every field may be missing; `pcd` and `cidade` have no influence."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "titulo_profissional": "Enfermeira",
                "conhecimentos_tecnicos": "Triagem, vacinação, prontuário eletrônico",
                "cv_candidato": "Dez anos em unidade básica de saúde.",
            }
        }
    )

    titulo_profissional: str = _SHORT
    conhecimentos_tecnicos: str = _LONG
    certificacoes: str = _LONG
    outras_certificacoes: str = _LONG
    cidade: str = _SHORT
    ingles: str = _SHORT
    espanhol: str = _SHORT
    outros_idiomas: str = _SHORT
    pcd: str = _SHORT
    cv_candidato: str = _LONG


class RecommendedVacancy(BaseModel):
    """One vacancy that suits."""

    codigo_vaga: int
    titulo_vaga: str
    competencia_tecnicas_e_comportamentais: str
    areas_atuacao_vaga: str


class RecommendationAnswer(BaseModel):
    """The best vacancies, best first, five at the most."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "data": [
                    {
                        "codigo_vaga": 5185,
                        "titulo_vaga": "Enfermeira da família",
                        "competencia_tecnicas_e_comportamentais": "Triagem, vacinação",
                        "areas_atuacao_vaga": "Saúde",
                    }
                ]
            }
        }
    )

    data: list[RecommendedVacancy]


class RankedCandidateRead(BaseModel):
    """One candidate for a vacancy, and why."""

    codigo_profissional: int
    match_probability: float
    atende: list[str] = Field(description="What the vacancy asks and the candidate has.")
    falta: list[str] = Field(description="What the vacancy asks and was not found.")
    motivos: list[str]
    logit: float = Field(description="The score itself: log-odds of `match_probability`.")
    contribuicoes: dict[str, float] = Field(
        description="What each comparison adds; with `intercepto` they add up to `logit`."
    )
    trechos: list[PassageRead] = Field(description="Three passages at the most.")


class Ranking(BaseModel):
    """The best candidates for a vacancy, best first."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "codigo_vaga": 5185,
                "data": [
                    {
                        "codigo_profissional": 31000,
                        "match_probability": 71.4,
                        "atende": ["vacinação"],
                        "falta": ["triagem"],
                        "motivos": ["Atende: vacinação."],
                        "logit": 0.914,
                        "contribuicoes": {"overlap_title": 3.514, "english_fit": -0.5},
                        "trechos": EXPLANATION["trechos"],
                    }
                ],
                "intercepto": -2.1,
            }
        }
    )

    codigo_vaga: int
    intercepto: float | None = Field(
        None,
        description="Log-odds of a pair that shares no word and of which no level is known; "
        "none in an empty list.",
    )
    data: list[RankedCandidateRead]


_WHICH_MODEL = " The header `X-Praca-Model` names the model and its version."

router = RoomRouter(tags=["inferencias"])


def _note(request: Request, version: int, inputs: Any, score: float, started: float) -> None:
    """Note one person's score for one vacancy.

    Lists of them are not noted: they would be thousands of lines, each of which somebody can ask
    for by itself.
    """
    ms = (time.perf_counter() - started) * 1000
    journal_of(request).note_prediction(MODEL_NAME, version, inputs, f"{score:.1f}", ms)


def _name_model(response: Response, version: int) -> None:
    response.headers["X-Praca-Model"] = f"{MODEL_NAME}/{version}"


@router.post(
    "/inferencias/matchModel/predict",
    summary="How well a person fits a vacancy",
    description="Scores what is sent; stores nothing." + _WHICH_MODEL,
    responses=problem_responses(MatchModelMissingError),
)
async def predict_match(
    body: MatchRequest, matcher: MatcherOf, request: Request, response: Response
) -> MatchAnswer:
    payload = body.model_dump()
    started = time.perf_counter()
    found = matcher.predict(candidate_from_request(payload), vacancy_from_request(payload))
    answer = MatchAnswer(match_probability=percent(found.probability))
    _note(request, found.version, payload, answer.match_probability, started)
    _name_model(response, found.version)
    return answer


@router.post(
    "/inferencias/recommendationModel/predict",
    summary="Which vacancies suit a person",
    description="The best five of the live table: a vacancy saved a moment ago can be among them."
    + _WHICH_MODEL,
    responses=problem_responses(MatchModelMissingError),
)
async def recommend(
    body: RecommendationRequest, matcher: MatcherOf, response: Response
) -> RecommendationAnswer:
    candidate = candidate_from_request(body.model_dump())
    found = await matcher.recommend(candidate, _RECOMMENDED)
    _name_model(response, found.version)
    return RecommendationAnswer.model_validate({"data": found.vacancies})


@router.get(
    "/vagas/{codigo_vaga}/candidatos",
    summary="Rank the candidates for a vacancy",
    description="Every candidate is scored; the best are answered with the reasons." + _WHICH_MODEL,
    responses=problem_responses(MatchModelMissingError, VacancyUnknownError, ForbiddenError),
)
async def rank_candidates(
    codigo_vaga: Annotated[
        int, Path(ge=1, le=2**63 - 1, description="Code of the vacancy.", examples=[5185])
    ],
    matcher: MatcherOf,
    session: CityWrite,
    subject: JobsStaff,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=100, description="Candidates to show.")] = 10,
) -> Ranking:
    ranked = await matcher.rank(codigo_vaga, limit)
    await record(
        session,
        AuditEntry(
            "jobs.candidates_ranked",
            "vacancy",
            str(codigo_vaga),
            actor(subject),
        ),
    )
    _name_model(response, ranked.version)
    return Ranking(
        codigo_vaga=codigo_vaga,
        intercepto=ranked.candidates[0].explanation.intercept if ranked.candidates else None,
        data=[_row(item) for item in ranked.candidates],
    )


def _row(item: RankedCandidate) -> RankedCandidateRead:
    explanation = item.explanation
    return RankedCandidateRead(
        codigo_profissional=item.codigo,
        match_probability=percent(explanation.probability),
        atende=list(explanation.met),
        falta=list(explanation.missing),
        motivos=list(explanation.reasons),
        logit=explanation.logit,
        contribuicoes={one.feature: one.value for one in explanation.contributions},
        trechos=[PassageRead.of(passage) for passage in explanation.passages],
    )


@router.get(
    "/inferencias/explain",
    summary="Why a candidate has this score for a vacancy",
    description="Contributions that add up to the score, the passages of the candidate's own text "
    "that support them, and what is missing. For the job centre's staff, and for the account that "
    "is linked to the candidate; it may ask versions that have answered, and keeps nothing. Who "
    "sends no token, where the data are public, may ask the version in use. The asking is noted in "
    "the audit." + _WHICH_MODEL,
    responses=problem_responses(
        MatchModelMissingError,
        ModelVersionUnreadableError,
        VacancyUnknownError,
        CandidateNotFoundError,
        ModelVersionNotFoundError,
        SnapshotNotFoundError,
        ForbiddenError,
        NotAuthenticatedError,
    ),
)
async def explain_score(
    codigo_vaga: Annotated[int, _CODE],
    codigo_candidato: Annotated[int, _CODE],
    matcher: MatcherOf,
    city: City,
    session: CityWrite,
    subject: StaffOrSelf,
    request: Request,
    response: Response,
    versao: Annotated[
        int | None,
        Query(ge=1, le=2**31 - 1, description="Version of the model; by default the one in use."),
    ] = None,
    instantaneo: Annotated[
        str | None,
        Query(
            pattern="^[0-9a-f]{64}$",
            description="Reproduce the score that was kept under this id, whatever has changed "
            "since.",
        ),
    ] = None,
    guardar: Annotated[
        bool, Query(description="Keep the score, so that it can be reproduced later; staff only.")
    ] = False,
) -> ExplanationRead:
    if not is_staff_member(subject):
        is_old = instantaneo is not None or versao not in {None, matcher.version}
        _check_caller(subject, is_old=is_old, keeps=guardar)
        await _check_answered(city, versao)
    if instantaneo is None:
        started = time.perf_counter()
        score = await matcher.explain(codigo_vaga, codigo_candidato, versao)
        shown = percent(score.explanation.probability)
        _note(request, score.snapshot.version, score.snapshot.hash, shown, started)
    else:
        score = await matcher.reproduce(instantaneo, (codigo_vaga, codigo_candidato))
        if versao not in {None, score.snapshot.version}:
            raise SnapshotNotFoundError
    if guardar:
        await keep_snapshot(session, score.snapshot)
    entry = AuditEntry(
        "jobs.score_explained", "score", f"{codigo_vaga}/{codigo_candidato}", actor(subject)
    )
    await record(session, entry)
    _name_model(response, score.snapshot.version)
    return ExplanationRead.of(score)


def _check_caller(subject: Subject | None, *, is_old: bool, keeps: bool) -> None:
    """Refuse what costs space or loads an older model to who does not answer for it."""
    if subject is None and (is_old or keeps):
        raise NotAuthenticatedError
    if keeps:
        raise ForbiddenError


async def _check_answered(city: Database, version: int | None) -> None:
    """Refuse a version that never answered: it gave nobody a score that he could question.

    In a session of its own, which holds no connection while the matcher wants one.
    """
    if version is None:
        return
    async with city.read() as session:
        found = await require_version(session, MODEL_NAME, version)
    if found.promoted_at is None:
        raise ModelVersionNotFoundError(MODEL_NAME, version)
