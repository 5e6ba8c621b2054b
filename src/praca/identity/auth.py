"""Who may call, as types: a signature says what it needs."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from praca.identity.errors import ForbiddenError, NotAuthenticatedError
from praca.identity.service import IdentityService
from praca.identity.subjects import ACCOUNT_LIST_ROLES, STAFF_ROLES, Role, Subject
from praca.platform.web import note_user

__all__ = [
    "SIGNED_IN",
    "AccountListSubject",
    "AdminSubject",
    "CurrentSubject",
    "Identity",
    "OptionalSubject",
    "StaffSubject",
    "identity_of",
    "require_role",
    "require_subject",
]

_bearer = HTTPBearer(auto_error=False, description="Access token from `POST /api/v1/auth/login`.")


def identity_of(connection: HTTPConnection) -> IdentityService:
    """Return the identity service that ``create_app`` built for this application."""
    return cast("IdentityService", connection.app.state.identity)


async def _identity(request: Request) -> IdentityService:
    return identity_of(request)


Identity = Annotated[IdentityService, Depends(_identity)]


async def _optional_subject(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Subject | None:
    if credentials is None:
        return None
    return await _subject(request, credentials.credentials)


OptionalSubject = Annotated[Subject | None, Depends(_optional_subject)]
"""The caller if he sent a token; a token that does not count is still refused."""


async def _current_subject(subject: OptionalSubject) -> Subject:
    if subject is None:
        raise NotAuthenticatedError
    return subject


CurrentSubject = Annotated[Subject, Depends(_current_subject)]
"""The caller, who must be signed in."""


SIGNED_IN: dict[str, Any] = {"security": [{_bearer.scheme_name: []}]}
"""``openapi_extra`` of an operation that asks by :func:`require_subject`."""


async def require_subject(request: Request) -> Subject:
    """Return the caller, for dependencies that ask for him by themselves.

    Each dependency of a dependency costs the framework more than a look at the token: the busiest
    operations have one in all.

    Raises:
        NotAuthenticatedError: no token was sent.
        InvalidTokenError: it does not count.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAuthenticatedError
    return await _subject(request, token)


async def _subject(request: Request, token: str) -> Subject:
    subject = await identity_of(request).subject_of(token)
    note_user(request, subject.id)
    return subject


def require_role(*roles: Role) -> Callable[[Subject], Awaitable[Subject]]:
    """Return a dependency that admits only these roles."""
    allowed = frozenset(roles)

    async def check(subject: CurrentSubject) -> Subject:
        if subject.role not in allowed:
            raise ForbiddenError
        return subject

    return check


AdminSubject = Annotated[Subject, Depends(require_role(Role.ADMIN))]
StaffSubject = Annotated[Subject, Depends(require_role(*STAFF_ROLES))]
AccountListSubject = Annotated[Subject, Depends(require_role(*ACCOUNT_LIST_ROLES))]
