"""Endpoints of the candidates."""

from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import Body, Depends, Path, Response
from pydantic import Field

from praca.identity.errors import ForbiddenError
from praca.jobs.auth import JobsStaff, actor
from praca.jobs.errors import (
    CandidateErasedError,
    CandidateNotFoundError,
    InvalidCursorError,
    InvalidRecordError,
)
from praca.jobs.examples import (
    CANDIDATE,
    CANDIDATE_DETAILS,
    CANDIDATE_ROW,
    answers,
    page_of,
)
from praca.jobs.fields import CANDIDATE_SECTIONS
from praca.jobs.listing import Listing, RecordQuery, Sort, SortKey, read_page
from praca.jobs.records import read_candidate, read_code
from praca.jobs.repository import candidate_details, save_candidate
from praca.jobs.schemas import (
    CandidateCreated,
    CandidateDetails,
    CandidateList,
    record_body,
)
from praca.platform.audit import AuditEntry, record
from praca.platform.web import problem_responses, query_of, query_parameters
from praca.platform.web.dependencies import City, CityWrite
from praca.platform.web.routing import RoomRouter

__all__ = ["CANDIDATES", "router"]

router = RoomRouter(prefix="/candidatos", tags=["candidatos"])

_CODE: Final = SortKey("codigo_profissional", "bigint")
_NAME: Final = SortKey("jobs.sort_key(nome)", "text")
CANDIDATES: Final = Listing(
    table="jobs.candidates",
    entity="candidates",
    line="linha",
    sorts={
        "codigo": Sort((_CODE,)),
        "-codigo": Sort((_CODE,), descending=True),
        "nome": Sort((_NAME, _CODE)),
        "-nome": Sort((_NAME, _CODE), descending=True),
    },
    filters={
        "q": "busca @@ to_tsquery('simple', %(q)s::text)",
        "cidade": "strpos(cidade, %(cidade)s::text) > 0",
        "area": "strpos(area, %(area)s::text) > 0",
        "nivel": "strpos(nivel, %(nivel)s::text) > 0",
    },
)


class CandidateOrder(StrEnum):
    """Orders of the list; a minus turns one round."""

    CODE = "codigo"
    CODE_DESCENDING = "-codigo"
    NAME = "nome"
    NAME_DESCENDING = "-nome"


class CandidateQuery(RecordQuery):
    """What the list of candidates is asked."""

    q: str | None = Field(
        None,
        max_length=200,
        description="Words, or beginnings of words, that all occur in name, e-mail, title, "
        "objective, skills or area.",
        examples=["analista dados"],
    )
    ordenar: CandidateOrder = Field(
        CandidateOrder.CODE, description="Order; a minus turns it round."
    )


@router.post(
    "/create",
    summary="Create or update a candidate",
    description="Stores a candidate under `infos_basicas.codigo_profissional`, or under the next "
    "free number. Where the code exists, the sections that came replace the stored ones and the "
    "others stay. Values become text; unknown fields are kept for exports.",
    responses={
        **answers({"message": "Candidato inserido com sucesso!", "codigo_candidato": 777002}),
        **problem_responses(CandidateErasedError, InvalidRecordError, ForbiddenError),
    },
    openapi_extra=record_body(
        "codigo_profissional",
        {**CANDIDATE_SECTIONS, "cargo_atual": ()},
        texts=("cv_pt", "cv_en"),
        required=("nome",),
        example=CANDIDATE,
    ),
)
async def create_candidate(
    body: Annotated[dict[str, Any], Body()], subject: JobsStaff, session: CityWrite
) -> CandidateCreated:
    """Create or update a candidate."""
    saved = await save_candidate(session, read_candidate(body))
    action = "jobs.candidate_created" if saved.created else "jobs.candidate_updated"
    await record(session, AuditEntry(action, "candidate", str(saved.code), actor(subject)))
    return CandidateCreated(codigo_candidato=saved.code)


@router.get(
    "/list",
    summary="List candidates",
    description="Basic data of the candidates, in pages. Filters ignore case and accents; `total` "
    "counts all records that match.",
    response_model=CandidateList,
    responses={
        **answers(page_of(CANDIDATE_ROW)),
        **problem_responses(ForbiddenError, InvalidCursorError),
    },
    openapi_extra=query_parameters(CandidateQuery),
)
async def list_candidates(
    _subject: JobsStaff,
    city: City,
    query: Annotated[CandidateQuery, Depends(query_of(CandidateQuery))],
) -> Response:
    """List candidates."""
    rendered = await read_page(
        city, CANDIDATES, query.page, sort=query.ordenar.value, filters=query.filters
    )
    return Response(rendered, media_type="application/json")


@router.get(
    "/details/{codigo_profissional}",
    summary="Read a candidate",
    description="Every section is an object with every known field; what is missing is empty. "
    "The reading is noted in the audit.",
    response_model=CandidateDetails,
    responses={
        **answers(CANDIDATE_DETAILS),
        **problem_responses(ForbiddenError, CandidateNotFoundError),
    },
)
async def read_candidate_details(
    codigo_profissional: Annotated[str, Path(description="Code.", examples=["31000"])],
    subject: JobsStaff,
    city: City,
) -> Response:
    """Read a candidate."""
    code = read_code(codigo_profissional)
    rendered = (
        None if code is None else await candidate_details(city, code, actor_id=actor(subject))
    )
    if rendered is None:
        raise CandidateNotFoundError(codigo_profissional)
    return Response(rendered, media_type="application/json")
