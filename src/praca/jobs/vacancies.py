"""Endpoints of the vacancies."""

from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import Body, Depends, Path, Response
from pydantic import Field

from praca.identity.errors import ForbiddenError
from praca.jobs.auth import JobsStaff, actor
from praca.jobs.errors import InvalidCursorError, InvalidRecordError, VacancyNotFoundError
from praca.jobs.examples import VACANCY, VACANCY_DETAILS, VACANCY_ROW, answers, page_of
from praca.jobs.fields import VACANCY_SECTIONS
from praca.jobs.listing import Listing, RecordQuery, Sort, SortKey, read_page
from praca.jobs.records import read_code, read_vacancy
from praca.jobs.repository import save_vacancy, vacancy_details
from praca.jobs.schemas import (
    VacancyCreated,
    VacancyDetails,
    VacancyList,
    record_body,
)
from praca.platform.audit import AuditEntry, record
from praca.platform.web import problem_responses, query_of, query_parameters
from praca.platform.web.dependencies import City, CityWrite
from praca.platform.web.routing import RoomRouter

__all__ = ["VACANCIES", "router"]

router = RoomRouter(prefix="/vagas", tags=["vagas"])

_CODE: Final = SortKey("codigo_vaga", "bigint")
_TITLE: Final = SortKey("jobs.sort_key(titulo_vaga)", "text")
VACANCIES: Final = Listing(
    table="jobs.vacancies",
    entity="vacancies",
    line="linha",
    sorts={
        "codigo": Sort((_CODE,)),
        "-codigo": Sort((_CODE,), descending=True),
        "titulo": Sort((_TITLE, _CODE)),
        "-titulo": Sort((_TITLE, _CODE), descending=True),
    },
    filters={
        "q": "busca @@ to_tsquery('simple', %(q)s::text)",
        "cidade": "strpos(cidade, %(cidade)s::text) > 0",
        "area": "strpos(area, %(area)s::text) > 0",
        "nivel": "strpos(nivel, %(nivel)s::text) > 0",
    },
)


class VacancyOrder(StrEnum):
    """Orders of the list; a minus turns one round."""

    CODE = "codigo"
    CODE_DESCENDING = "-codigo"
    TITLE = "titulo"
    TITLE_DESCENDING = "-titulo"


class VacancyQuery(RecordQuery):
    """What the list of vacancies is asked."""

    q: str | None = Field(
        None,
        max_length=200,
        description="Words, or beginnings of words, that all occur in title, client, areas, "
        "city, skills or activities.",
        examples=["analista sap"],
    )
    ordenar: VacancyOrder = Field(VacancyOrder.CODE, description="Order; a minus turns it round.")


@router.post(
    "/create",
    summary="Create or update a vacancy",
    description="Stores a vacancy under `infos_basicas.codigo_vaga`, or under the next free "
    "number. Where the code exists, the sections that came replace the stored ones and the others "
    "stay. Values become text; unknown fields are kept for exports.",
    responses={
        **answers({"message": "Vaga criada com sucesso!", "codigo_vaga": 14223}),
        **problem_responses(InvalidRecordError, ForbiddenError),
    },
    openapi_extra=record_body("codigo_vaga", VACANCY_SECTIONS, example=VACANCY),
)
async def create_vacancy(
    body: Annotated[dict[str, Any], Body()], subject: JobsStaff, session: CityWrite
) -> VacancyCreated:
    """Create or update a vacancy."""
    saved = await save_vacancy(session, read_vacancy(body))
    action = "jobs.vacancy_created" if saved.created else "jobs.vacancy_updated"
    await record(session, AuditEntry(action, "vacancy", str(saved.code), actor(subject)))
    return VacancyCreated(codigo_vaga=saved.code)


@router.get(
    "/list",
    summary="List vacancies",
    description="Basic data of the vacancies, in pages; open to everybody. Filters ignore case "
    "and accents; `total` counts all records that match.",
    response_model=VacancyList,
    responses={**answers(page_of(VACANCY_ROW)), **problem_responses(InvalidCursorError)},
    openapi_extra=query_parameters(VacancyQuery),
)
async def list_vacancies(
    city: City, query: Annotated[VacancyQuery, Depends(query_of(VacancyQuery))]
) -> Response:
    """List vacancies."""
    rendered = await read_page(
        city, VACANCIES, query.page, sort=query.ordenar.value, filters=query.filters
    )
    return Response(rendered, media_type="application/json")


@router.get(
    "/details/{codigo_vaga}",
    summary="Read a vacancy",
    description="Every section is an object with every known field; what is missing is empty. The "
    "profile is there as `perfil_vaga` and as `perfil`.",
    response_model=VacancyDetails,
    responses={**answers(VACANCY_DETAILS), **problem_responses(VacancyNotFoundError)},
)
async def read_vacancy_details(
    codigo_vaga: Annotated[str, Path(description="Code.", examples=["5185"])], city: City
) -> Response:
    """Read a vacancy."""
    code = read_code(codigo_vaga)
    rendered = None if code is None else await vacancy_details(city, code)
    if rendered is None:
        raise VacancyNotFoundError(codigo_vaga)
    return Response(rendered, media_type="application/json")
