"""Who may see and change the job centre's personal data."""

from typing import Annotated, Final

from fastapi import Depends, Request

from praca.identity.auth import OptionalSubject
from praca.identity.errors import ForbiddenError, NotAuthenticatedError
from praca.identity.subjects import Subject
from praca.platform.settings import JobsAccess
from praca.platform.web.dependencies import resources_of

__all__ = ["STAFF_ROLES", "JobsStaff", "actor"]

STAFF_ROLES: Final = frozenset({"recrutador", "operador", "admin"})


async def _jobs_staff(request: Request, subject: OptionalSubject) -> Subject | None:
    if resources_of(request).settings.jobs.jobs_access is JobsAccess.PUBLIC:
        return subject
    if subject is None:
        raise NotAuthenticatedError
    if str(subject.role) not in STAFF_ROLES:
        raise ForbiddenError
    return subject


JobsStaff = Annotated[Subject | None, Depends(_jobs_staff)]
"""A recruiter, operator or admin; none only where ``PRACA_JOBS_ACCESS=public`` opens the data."""


def actor(subject: Subject | None) -> int | None:
    """Return the account for the audit."""
    return None if subject is None else subject.id
