"""Who may see and change the job centre's personal data."""

from typing import Annotated, Final

from fastapi import Depends, Request

from praca.identity.auth import OptionalSubject, require_role
from praca.identity.errors import ForbiddenError, NotAuthenticatedError
from praca.identity.subjects import Role, Subject
from praca.jobs.accounts import candidate_of
from praca.platform.settings import JobsAccess
from praca.platform.web.dependencies import resources_of

__all__ = ["STAFF_ROLES", "JobsStaff", "StaffMember", "StaffOrSelf", "actor", "is_staff_member"]

STAFF_ROLES: Final = frozenset({"recrutador", "operador", "admin"})


def is_staff_member(subject: Subject | None) -> bool:
    """Tell whether somebody works in the job centre, whoever else may read."""
    return subject is not None and str(subject.role) in STAFF_ROLES


def _is_staff(request: Request, subject: Subject | None) -> bool:
    if resources_of(request).settings.jobs.jobs_access is JobsAccess.PUBLIC:
        return True
    return is_staff_member(subject)


async def _jobs_staff(request: Request, subject: OptionalSubject) -> Subject | None:
    if _is_staff(request, subject):
        return subject
    if subject is None:
        raise NotAuthenticatedError
    raise ForbiddenError


JobsStaff = Annotated[Subject | None, Depends(_jobs_staff)]
"""A recruiter, operator or admin; none only where ``PRACA_JOBS_ACCESS=public`` opens the data."""

StaffMember = Annotated[Subject, Depends(require_role(Role.RECRUTADOR, Role.OPERADOR, Role.ADMIN))]
"""The same people, always by their token, whoever else may read: for what a person answers for, and
for work that keeps the machine busy."""


async def _staff_or_self(request: Request, subject: OptionalSubject) -> Subject | None:
    if _is_staff(request, subject):
        return subject
    if subject is None:
        raise NotAuthenticatedError
    # Read as it came: who may not ask is told so before what he asks for is looked at.
    asked = request.query_params.get("codigo_candidato", "")
    async with resources_of(request).databases.city.read() as session:
        own = await candidate_of(session, subject.id)
    if own is None or asked != str(own):
        raise ForbiddenError
    return subject


StaffOrSelf = Annotated[Subject | None, Depends(_staff_or_self)]
"""As ``JobsStaff``, or the account of the candidate whom the query's ``codigo_candidato`` names."""


def actor(subject: Subject | None) -> int | None:
    """Return the account for the audit."""
    return None if subject is None else subject.id
