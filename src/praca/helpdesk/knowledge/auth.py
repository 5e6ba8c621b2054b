"""Who may change articles, and see those that do not hold."""

from typing import Annotated, Final

from fastapi import Depends

from praca.identity.auth import require_role
from praca.identity.errors import ForbiddenError, NotAuthenticatedError
from praca.identity.subjects import Role, Subject

__all__ = ["EDITOR_ROLES", "Editor", "check_editor", "is_editor"]

EDITOR_ROLES: Final = frozenset({Role.OPERADOR, Role.ADMIN})

Editor = Annotated[Subject, Depends(require_role(*EDITOR_ROLES))]
"""An operator or admin."""


def is_editor(subject: Subject | None) -> bool:
    """Tell whether somebody may change articles."""
    return subject is not None and subject.role in EDITOR_ROLES


def check_editor(subject: Subject | None) -> None:
    """Refuse who may not see more than citizens do.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        ForbiddenError: somebody is, and is no editor.
    """
    if subject is None:
        raise NotAuthenticatedError
    if not is_editor(subject):
        raise ForbiddenError
