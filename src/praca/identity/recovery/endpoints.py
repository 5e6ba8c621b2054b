"""Recovering a password over HTTP."""

from ipaddress import ip_address
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from praca.identity.auth import Identity
from praca.identity.errors import (
    NotAuthenticatedError,
    RecoveryCodeExpiredError,
    RecoveryCodeInvalidError,
    TooManyRecoveriesError,
    TooManySignInsError,
    WeakPasswordError,
)
from praca.identity.recovery.schemas import (
    CodeIn,
    CodeRequest,
    CodeRequested,
    NewPassword,
    PasswordSet,
    RecoveryToken,
)
from praca.identity.recovery.service import Recovery
from praca.platform.web import problem_responses, resources_of
from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

_SENT = "Se houver uma conta com este e-mail, um código foi enviado a ele."
_bearer = HTTPBearer(
    scheme_name="RecoveryToken",
    auto_error=False,
    description="Token from `POST /api/v1/forgot-password/verify-code`, and no other.",
)


async def _service(request: Request, identity: Identity) -> Recovery:
    return Recovery(identity, resources_of(request))


async def _token(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> str:
    if credentials is None:
        raise NotAuthenticatedError
    return credentials.credentials


Recoveries = Annotated[Recovery, Depends(_service)]

router = RoomRouter(prefix="/forgot-password", tags=["forgot-password"])


@router.post(
    "/forgot-password",
    summary="Ask for a code",
    response_model_exclude_unset=True,
    responses=problem_responses(TooManyRecoveriesError),
)
async def request_recovery_code(
    body: CodeRequest, request: Request, response: Response, recoveries: Recoveries
) -> CodeRequested:
    """Send a six-digit code to the e-mail, if there is an account; the answer does not tell.

    A new code takes the place of the last one.
    """
    response.headers["Cache-Control"] = "no-store"
    code = await recoveries.begin(body.email)
    # Development is the default: who is served over a network never sees the code all the same.
    if resources_of(request).settings.is_production or not _is_this_machine(request):
        return CodeRequested(response=_SENT)
    return CodeRequested(response=_SENT, code=code)


def _is_this_machine(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


@router.post(
    "/verify-code",
    summary="Exchange the code for a token",
    responses=problem_responses(
        RecoveryCodeInvalidError, RecoveryCodeExpiredError, TooManySignInsError
    ),
)
async def verify_recovery_code(
    body: CodeIn, response: Response, recoveries: Recoveries
) -> RecoveryToken:
    """Give a token that sets a new password, once. A code can be tried five times."""
    response.headers["Cache-Control"] = "no-store"
    return RecoveryToken.of(await recoveries.verify(body.email, body.code))


@router.post(
    "/reset-password",
    summary="Set a new password",
    responses=problem_responses(WeakPasswordError),
)
async def reset_password(
    body: NewPassword, recoveries: Recoveries, token: Annotated[str, Depends(_token)]
) -> PasswordSet:
    """Set the password of the account that the token is for; all its sessions end.

    The owner is told by e-mail.
    """
    await recoveries.reset(token, body.new_password)
    return PasswordSet()
