"""Predictions over HTTP, as the recruiter's system asks for them."""

from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from praca.identity.errors import ForbiddenError
from praca.jobs.auth import JobsStaff
from praca.jobs.matching.errors import (
    DriftReportMissingError,
    MatchModelMissingError,
    VacancyUnknownError,
)
from praca.jobs.matching.profiles import (
    candidate_from_request,
    vacancy_from_request,
)
from praca.jobs.matching.service import Matcher
from praca.jobs.matching.snapshots import MODEL_NAME
from praca.platform.audit import AuditEntry, record
from praca.platform.errors import ObjectNotFoundError
from praca.platform.resources import Resources
from praca.platform.web import CityWrite, problem_responses, resources_of

__all__ = ["MatcherOf", "router"]

_SHORT = Field("", max_length=2_000)
_LONG = Field("", max_length=200_000)
_DRIFT_REPORT = "drift_reports/drift_report.html"
_RECOMMENDED = 5


# Dependencies are coroutines: FastAPI would run a plain function in a thread.
async def _matcher(request: Request) -> Matcher:
    return cast("Matcher", request.app.state.matcher)


async def _resources(request: Request) -> Resources:
    return resources_of(request)


MatcherOf = Annotated[Matcher, Depends(_matcher)]
"""The application's matcher."""

ResourcesOf = Annotated[Resources, Depends(_resources)]


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


class DriftReport(BaseModel):
    """The latest report, as HTML."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"drift_report": "<!doctype html><title>Drift</title>"}}
    )

    drift_report: str


class RankedCandidateRead(BaseModel):
    """One candidate for a vacancy, and why."""

    codigo_profissional: int
    match_probability: float
    atende: list[str] = Field(description="What the vacancy asks and the candidate has.")
    falta: list[str] = Field(description="What the vacancy asks and was not found.")
    motivos: list[str]


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
                        "motivos": ["Título próximo ao da vaga."],
                    }
                ],
            }
        }
    )

    codigo_vaga: int
    data: list[RankedCandidateRead]


_WHICH_MODEL = " The header `X-Praca-Model` names the model and its version."

router = APIRouter(tags=["inferencias"])


def _name_model(response: Response, version: int) -> None:
    response.headers["X-Praca-Model"] = f"{MODEL_NAME}/{version}"


@router.post(
    "/inferencias/matchModel/predict",
    summary="How well a person fits a vacancy",
    description="Scores what is sent; stores nothing." + _WHICH_MODEL,
    responses=problem_responses(MatchModelMissingError),
)
async def predict_match(body: MatchRequest, matcher: MatcherOf, response: Response) -> MatchAnswer:
    payload = body.model_dump()
    found = matcher.predict(candidate_from_request(payload), vacancy_from_request(payload))
    _name_model(response, found.version)
    return MatchAnswer(match_probability=round(found.probability * 100, 1))


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
    "/inferencias/driftReport",
    summary="The latest drift report",
    description="The report as HTML text; 404 until one has been made.",
    responses=problem_responses(DriftReportMissingError, ForbiddenError),
)
async def drift_report(resources: ResourcesOf, _: JobsStaff) -> DriftReport:
    try:
        content = resources.objects.read(_DRIFT_REPORT)
    except ObjectNotFoundError as error:
        raise DriftReportMissingError from error
    return DriftReport(drift_report=content.decode())


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
            None if subject is None else subject.id,
        ),
    )
    data: list[dict[str, Any]] = [
        {
            "codigo_profissional": item.codigo,
            "match_probability": round(item.probability * 100, 1),
            "atende": list(item.explanation.met),
            "falta": list(item.explanation.missing),
            "motivos": list(item.explanation.reasons),
        }
        for item in ranked.candidates
    ]
    _name_model(response, ranked.version)
    return Ranking.model_validate({"codigo_vaga": codigo_vaga, "data": data})
