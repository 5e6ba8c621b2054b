"""Endpoints of the prospects: which candidates are on which vacancy's list."""

from enum import StrEnum
from typing import Annotated, Final

from fastapi import Depends, Path, Response
from pydantic import Field

from praca.identity.errors import ForbiddenError
from praca.jobs.auth import JobsStaff, actor
from praca.jobs.errors import (
    CandidateErasedError,
    DuplicateProspectError,
    InvalidCursorError,
    ProspectNotFoundError,
)
from praca.jobs.examples import PROSPECT, PROSPECT_GROUP, answers, page_of
from praca.jobs.listing import (
    LARGEST_CODE,
    Listing,
    ListQuery,
    Sort,
    SortKey,
    folded,
    prefix_query,
    read_page,
)
from praca.jobs.repository import (
    PROSPECT_LINE,
    add_prospect,
    update_prospect,
    vacancy_prospects,
)
from praca.jobs.schemas import (
    NewProspect,
    ProspectChange,
    ProspectGroup,
    ProspectGroupList,
    ProspectList,
    ProspectSaved,
)
from praca.platform.web import problem_responses, query_of, query_parameters
from praca.platform.web.dependencies import City
from praca.platform.web.routing import RoomRouter

__all__ = ["GROUPS", "PROSPECTS", "router"]

router = RoomRouter(prefix="/prospects", tags=["prospects"])

_ID: Final = SortKey("id", "bigint")
_NAME: Final = SortKey("jobs.sort_key(nome)", "text")
_VACANCY: Final = SortKey("codigo_vaga", "bigint")
_TITLE: Final = SortKey("titulo_vaga", "text")
_CANDIDATE: Final = SortKey("codigo_candidato", "bigint")

PROSPECTS: Final = Listing(
    table="jobs.prospects",
    entity="prospects",
    line=PROSPECT_LINE,
    sorts={
        "id": Sort((_ID,)),
        "-id": Sort((_ID,), descending=True),
        "codigo_vaga": Sort((_VACANCY, _CANDIDATE)),
        "-codigo_vaga": Sort((_VACANCY, _CANDIDATE), descending=True),
        "nome": Sort((_NAME, _ID)),
        "-nome": Sort((_NAME, _ID), descending=True),
    },
    filters={
        "q": "jobs.words(nome) @@ to_tsquery('simple', %(q)s::text)",
        "situacao": "jobs.sort_key(situacao_candidato) = %(situacao)s::text",
        "codigo_vaga": "codigo_vaga = %(codigo_vaga)s::bigint",
        "codigo_candidato": "codigo_candidato = %(codigo_candidato)s::bigint",
    },
)

_GROUP_LINE: Final = (
    """'{"codigo_vaga":' || codigo_vaga::text || ',"titulo_vaga":' || to_json(titulo_vaga)::text"""
    """ || ',"modalidade":' || to_json(modalidade)::text || ',"prospects":[' || coalesce("""
    f"(SELECT string_agg({PROSPECT_LINE}, ',' ORDER BY id) FROM jobs.prospects"
    " WHERE prospects.codigo_vaga = prospect_groups.codigo_vaga"
    " AND prospects.titulo_vaga = prospect_groups.titulo_vaga), '') || ']}'"
)
GROUPS: Final = Listing(
    table="jobs.prospect_groups",
    entity="prospect_groups",
    line=_GROUP_LINE,
    sorts={
        "codigo_vaga": Sort((_VACANCY, _TITLE)),
        "-codigo_vaga": Sort((_VACANCY, _TITLE), descending=True),
    },
    filters={
        "q": "strpos(jobs.fold(titulo_vaga), %(q)s::text) > 0",
        "codigo_vaga": "codigo_vaga = %(codigo_vaga)s::bigint",
    },
    total="total_grupos",
)


class ProspectOrder(StrEnum):
    """Orders of the list; a minus turns one round."""

    ID = "id"
    ID_DESCENDING = "-id"
    VACANCY = "codigo_vaga"
    VACANCY_DESCENDING = "-codigo_vaga"
    NAME = "nome"
    NAME_DESCENDING = "-nome"


class GroupOrder(StrEnum):
    """Orders of the groups; a minus turns one round."""

    VACANCY = "codigo_vaga"
    VACANCY_DESCENDING = "-codigo_vaga"


_CODE_QUERY: Final = Field(None, ge=0, le=LARGEST_CODE, description="Exactly this code.")


class ProspectQuery(ListQuery):
    """What the list of applications is asked."""

    q: str | None = Field(
        None, max_length=200, description="Words, or beginnings of words, of the name."
    )
    situacao: str | None = Field(
        None, max_length=200, description="The whole state.", examples=["Aprovado"]
    )
    codigo_vaga: int | None = _CODE_QUERY
    codigo_candidato: int | None = _CODE_QUERY
    ordenar: ProspectOrder = Field(ProspectOrder.ID, description="Order; a minus turns it round.")


class GroupQuery(ListQuery):
    """What the list of applications by vacancy is asked."""

    q: str | None = Field(None, max_length=200, description="Part of the title.")
    codigo_vaga: int | None = _CODE_QUERY
    ordenar: GroupOrder = Field(GroupOrder.VACANCY, description="Order; a minus turns it round.")


def _saved(message: str, prospect: bytes) -> Response:
    content = b'{"message":"%s","data":%s}' % (message.encode(), prospect)
    return Response(content, media_type="application/json")


@router.post(
    "/add-candidate",
    summary="Put a candidate on a vacancy's list",
    description="A candidate is on a vacancy's list once. `ultima_atualizacao` becomes today's "
    "date in Brasília, as `dd-mm-YYYY`. Candidate and vacancy need not be registered.",
    response_model=ProspectSaved,
    responses={
        **answers({"message": "Prospect criado com sucesso.", "data": PROSPECT}),
        **problem_responses(CandidateErasedError, DuplicateProspectError, ForbiddenError),
    },
)
async def add_candidate(prospect: NewProspect, subject: JobsStaff, city: City) -> Response:
    """Put a candidate on a vacancy's list."""
    rendered = await add_prospect(city, prospect, actor_id=actor(subject))
    return _saved("Prospect criado com sucesso.", rendered)


@router.put(
    "/update-candidate",
    summary="Change the state of an application",
    description="An empty `situacao_candidato` keeps the state; `comentario` is always replaced.",
    response_model=ProspectSaved,
    responses={
        **answers({"message": "Prospect atualizado com sucesso.", "data": PROSPECT}),
        **problem_responses(ForbiddenError, ProspectNotFoundError),
    },
)
async def update_candidate(change: ProspectChange, subject: JobsStaff, city: City) -> Response:
    """Change the state of an application."""
    rendered = await update_prospect(city, change, actor_id=actor(subject))
    return _saved("Prospect atualizado com sucesso.", rendered)


@router.get(
    "/list",
    summary="List applications",
    description="All applications, in pages. Filters ignore case and accents.",
    response_model=ProspectList,
    responses={
        **answers(page_of(PROSPECT)),
        **problem_responses(ForbiddenError, InvalidCursorError),
    },
    openapi_extra=query_parameters(ProspectQuery),
)
async def list_prospects(
    _subject: JobsStaff,
    city: City,
    query: Annotated[ProspectQuery, Depends(query_of(ProspectQuery))],
) -> Response:
    """List applications."""
    filters = {
        "q": prefix_query(query.q),
        "situacao": folded(query.situacao),
        "codigo_vaga": query.codigo_vaga,
        "codigo_candidato": query.codigo_candidato,
    }
    rendered = await read_page(
        city, PROSPECTS, query.page, sort=query.ordenar.value, filters=filters
    )
    return Response(rendered, media_type="application/json")


@router.get(
    "/grouped-list",
    summary="List applications by vacancy",
    description="Vacancies with all their applications; pages and `total_grupos` count vacancies. "
    "A vacancy whose list is empty is there, too.",
    response_model=ProspectGroupList,
    responses={
        **answers(page_of(PROSPECT_GROUP, total="total_grupos")),
        **problem_responses(ForbiddenError, InvalidCursorError),
    },
    openapi_extra=query_parameters(GroupQuery),
)
async def list_groups(
    _subject: JobsStaff, city: City, query: Annotated[GroupQuery, Depends(query_of(GroupQuery))]
) -> Response:
    """List applications by vacancy."""
    filters = {"q": folded(query.q), "codigo_vaga": query.codigo_vaga}
    rendered = await read_page(city, GROUPS, query.page, sort=query.ordenar.value, filters=filters)
    return Response(rendered, media_type="application/json")


@router.get(
    "/{codigo_vaga}",
    summary="Read a vacancy's applications",
    description="All applications to one vacancy, in the order they came.",
    response_model=ProspectGroup,
    responses={
        **answers(PROSPECT_GROUP),
        **problem_responses(ForbiddenError, ProspectNotFoundError),
    },
)
async def read_vacancy_prospects(
    codigo_vaga: Annotated[
        int, Path(ge=0, le=LARGEST_CODE, description="Code of the vacancy.", examples=[4530])
    ],
    _subject: JobsStaff,
    city: City,
) -> Response:
    """Read a vacancy's applications."""
    rendered = await vacancy_prospects(city, codigo_vaga)
    return Response(rendered, media_type="application/json")
