"""Erasing a candidate over HTTP, at the request of somebody who may have no account."""

from typing import Annotated

from fastapi import Depends, Path, Request

from praca.identity.auth import require_role
from praca.identity.errors import ForbiddenError
from praca.identity.subjects import Role, Subject
from praca.jobs.erasure.service import erase_candidate
from praca.jobs.errors import CandidateNotFoundError
from praca.platform.web import CityWrite, problem_responses, resources_of
from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

router = RoomRouter(prefix="/candidatos", tags=["candidatos"])

_LARGEST = 2**63 - 1
Eraser = Annotated[Subject, Depends(require_role(Role.OPERADOR, Role.ADMIN))]
"""An operator or admin, by his token, whoever else may read."""


@router.delete(
    "/{codigo_profissional}",
    status_code=204,
    summary="Erase a candidate",
    description="For requests that come on paper (LGPD, art. 18). Record, CVs, applications, kept "
    "scores and reviews go at once, files and saved indexes within minutes; no import brings them "
    "back, and the code is not given again. An account that is linked stays.",
    responses=problem_responses(CandidateNotFoundError, ForbiddenError),
)
async def erase_candidate_record(
    codigo: Annotated[
        int,
        Path(alias="codigo_profissional", ge=1, le=_LARGEST, description="Code.", examples=[31000]),
    ],
    request: Request,
    subject: Eraser,
    session: CityWrite,
) -> None:
    """Erase a candidate."""
    if not await erase_candidate(resources_of(request), session, codigo, actor_id=subject.id):
        raise CandidateNotFoundError(str(codigo))
