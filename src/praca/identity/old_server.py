"""How errors look on the routes of the old model server (system 2 of the contracts).

Its clients read the text in ``error``, and that of a token that does not count in ``msg``. Both are
added to the problem document; ``detail`` stays Portuguese.
"""

from collections.abc import Callable, Coroutine
from typing import Any

import jwt
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from praca.identity.errors import InvalidTokenError, NotAuthenticatedError
from praca.kit.errors import DomainError
from praca.platform.web import invalid_request

__all__ = ["OldServerRoute"]

_NO_HEADER = "Missing Authorization Header"
_OTHER_SCHEME = (
    "Missing 'Bearer' type in 'Authorization' header. Expected 'Authorization: Bearer <JWT>'"
)
_EXPIRED = "Token has expired"
_NO_ACCOUNT = "Token has been revoked"


class OldServerRoute(APIRoute):
    """A route whose errors, whatever raises them, also carry ``error`` and ``msg``."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with its errors completed."""
        handle = super().get_route_handler()

        async def handle_and_tell(request: Request) -> Response:
            try:
                return await handle(request)
            except DomainError as error:
                raise _told(error, request) from error
            except RequestValidationError as error:
                raise _told(invalid_request(error), request) from error

        return handle_and_tell


def _told(error: DomainError, request: Request) -> DomainError:
    if isinstance(error, NotAuthenticatedError | InvalidTokenError):
        error.extra["msg"] = error.extra["error"] = _token_text(error, request)
    error.extra.setdefault("error", error.detail)
    return error


def _token_text(error: DomainError, request: Request) -> str:
    """Return what flask-jwt-extended says; where it quotes PyJWT, so does this."""
    if isinstance(error, NotAuthenticatedError):
        return _OTHER_SCHEME if "Authorization" in request.headers else _NO_HEADER
    cause = error.__cause__
    if isinstance(cause, jwt.ExpiredSignatureError):
        return _EXPIRED
    return str(cause) if isinstance(cause, jwt.InvalidTokenError) else _NO_ACCOUNT
