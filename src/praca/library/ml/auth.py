"""Who may start a training of the library's models."""

from typing import Annotated, Final

from fastapi import Depends, Request

from praca.identity.auth import OptionalSubject
from praca.identity.errors import ForbiddenError, NotAuthenticatedError
from praca.identity.subjects import Role, Subject
from praca.platform.settings import MlAccess
from praca.platform.web.dependencies import resources_of

__all__ = ["TRAINER_ROLES", "BookTrainer"]

TRAINER_ROLES: Final = frozenset({Role.BIBLIOTECARIO, Role.OPERADOR, Role.ADMIN})


async def _trainer(request: Request, subject: OptionalSubject) -> Subject | None:
    if resources_of(request).settings.library.ml_access is MlAccess.PUBLIC:
        return subject
    if subject is None:
        raise NotAuthenticatedError
    if subject.role not in TRAINER_ROLES:
        raise ForbiddenError
    return subject


BookTrainer = Annotated[Subject | None, Depends(_trainer)]
"""A librarian, operator or admin; none only where ``PRACA_ML_ACCESS=public`` lets anyone train."""
