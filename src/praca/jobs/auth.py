"""Who may see and change the job centre's personal data."""

from typing import Annotated, Final

from fastapi import Depends, Request

from praca.identity.auth import OptionalSubject
from praca.identity.errors import ForbiddenError, NotAuthenticatedError
from praca.identity.subjects import Subject
from praca.jobs.accounts import candidate_of
from praca.platform.settings import JobsAccess
from praca.platform.web.dependencies import resources_of

__all__ = ["STAFF_ROLES", "JobsStaff", "StaffOrSelf", "actor"]

STAFF_ROLES: Final = frozenset({"recrutador", "operador", "admin"})


def _is_staff(request: Request, subject: Subject | None) -> bool:
    if resources_of(request).settings.jobs.jobs_access is JobsAccess.PUBLIC:
        return True
    return subject is not None and str(subject.role) in STAFF_ROLES


async def _jobs_staff(request: Request, subject: OptionalSubject) -> Subject | None:
    if _is_staff(request, subject):
        return subject
    if subject is None:
        raise NotAuthenticatedError
    raise ForbiddenError


JobsStaff = Annotated[Subject | None, Depends(_jobs_staff)]
"""A recruiter, operator or admin; none only where ``PRACA_JOBS_ACCESS=public`` opens the data."""


async def _staff_or_self(request: Request, subject: OptionalSubject) -> Subject | None:
    if _is_staff(request, subject):
        return subject
    if subject is None:
        raise NotAuthenticatedError
    # Read as it came: who may not ask is told so before what he asks for is looked at.
    asked = request.query_params.get("codigo_candidato", "")
    own = await candidate_of(resources_of(request).databases.city, subject.id)
    if own is None or asked != str(own):
        raise ForbiddenError
    return subject


StaffOrSelf = Annotated[Subject | None, Depends(_staff_or_self)]
"""As ``JobsStaff``, or the account of the candidate whom the query's ``codigo_candidato`` names."""


def actor(subject: Subject | None) -> int | None:
    """Return the account for the audit."""
    return None if subject is None else subject.id
