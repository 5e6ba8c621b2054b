"""The layers around every request, in plain ASGI because they run on each of them."""

import asyncio
import contextlib
import re
import time
from uuid import uuid4

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from praca.platform.context import RequestContext, enter_context
from praca.platform.errors import RequestTooLargeError
from praca.platform.journal import Journal, noted_method
from praca.platform.logging import without_cpf
from praca.platform.web.noting import noted_user, route_template
from praca.platform.web.problems import domain_problem, unexpected_problem

__all__ = ["BodyLimitMiddleware", "RequestMiddleware", "UnexpectedErrorMiddleware"]

_log = structlog.get_logger("praca.http")
_DRAINED_BYTES = 16 * 1024 * 1024
_DRAINING_S = 5.0
_GIVEN_UP = 499
"""Noted of a request that was given up before it had an answer; nginx calls it so."""
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


class RequestMiddleware:
    """The outermost: request id, log line, journal, security headers, paths with a last slash."""

    def __init__(
        self, app: ASGIApp, *, is_production: bool, journal: Journal | None = None
    ) -> None:
        self._app = app
        self._journal = journal if journal is not None and journal.is_on else None
        self._headers = list(_SECURITY_HEADERS)
        if is_production:
            self._headers.append(
                (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
            )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = _request_id(scope)
        client = scope.get("client")
        enter_context(RequestContext(request_id, client[0] if client else None))
        if len(scope["path"]) > 1 and scope["path"].endswith("/"):
            scope = {**scope, "path": scope["path"].rstrip("/") or "/"}
        status = 0
        is_gone = False

        async def receive_noticing() -> Message:
            nonlocal is_gone
            message = await receive()
            is_gone = is_gone or message["type"] == "http.disconnect"
            return message

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                # Nobody reads what is answered to half a body.
                status = _GIVEN_UP if is_gone else int(message["status"])
                answer = list(message.get("headers", ()))
                present = {name for name, _ in answer}
                answer.append((b"x-request-id", request_id.encode()))
                answer += [header for header in self._headers if header[0] not in present]
                message["headers"] = answer
            await send(message)

        try:
            with structlog.contextvars.bound_contextvars(request_id=request_id):
                await self._app(scope, receive_noticing, send_with_headers)
        except asyncio.CancelledError:
            status = status or _GIVEN_UP
            raise
        except Exception:
            status = 500  # also of an answer that broke off
            raise
        finally:
            ms = (time.perf_counter() - started) * 1000
            status = status or (_GIVEN_UP if is_gone else 500)
            _log.info(
                "http.request",
                request_id=request_id,
                method=noted_method(scope["method"]),
                path=without_cpf(scope["path"]),
                status=status,
                ms=round(ms, 1),
            )
            if self._journal is not None:
                self._journal.note_request(
                    scope["method"], route_template(scope), status, ms, noted_user(scope)
                )


class BodyLimitMiddleware:
    """Refuses a body that is, or turns out to be, too large."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        length = _header(scope, b"content-length") if scope["type"] == "http" else b""
        if length.isdigit() and int(length) > self._max_body_bytes:
            await _drain(receive)
            await self._refuse(scope, receive, send)
        elif scope["type"] == "http":
            await self._counted(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request whose length is not told, or told wrong."""
        received = 0
        is_refused = is_answered = has_more = False

        async def receive_limited() -> Message:
            nonlocal received, is_refused, has_more
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_body_bytes:
                is_refused, has_more = True, message.get("more_body", False)
                raise RequestTooLargeError(self._max_body_bytes)
            return message

        async def send_unless_refused(message: Message) -> None:
            nonlocal is_answered
            # The framework takes the error above for a body it cannot parse, and answers that.
            if is_refused and not is_answered:
                return
            is_answered = True
            await send(message)

        try:
            await self._app(scope, receive_limited, send_unless_refused)
        except RequestTooLargeError:
            if is_answered:
                raise
        if is_refused and not is_answered:
            if has_more:
                await _drain(receive)
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = domain_problem(Request(scope), RequestTooLargeError(self._max_body_bytes))
        answer.headers["Connection"] = "close"  # the rest of the body is not read
        await answer(scope, receive, send)


def _request_id(scope: Scope) -> str:
    """Return the client's id for the request if it is one; it is logged, so it is no CPF."""
    given = _header(scope, b"x-request-id")
    if _REQUEST_ID.fullmatch(given) and without_cpf(given.decode()) != "*":
        return given.decode()
    return uuid4().hex


def _header(scope: Scope, name: bytes) -> bytes:
    """Return a header as it came, empty if there is none."""
    return next((value for key, value in scope["headers"] if key == name), b"")


async def _drain(receive: Receive) -> None:
    """Read on a little and forget it.

    A connection closed with unread bytes is reset, and the client, which is still sending, would
    see that instead of the answer.
    """
    left = _DRAINED_BYTES
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DRAINING_S):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    return


class UnexpectedErrorMiddleware:
    """The innermost: answers what nobody expected.

    The framework would do so outside of all other layers, without the headers they add: a page of
    another origin could not even read that something went wrong.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_answered = False

        async def note_answer(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        try:
            await self._app(scope, receive, note_answer)
        except RequestTooLargeError:
            raise
        except ClientDisconnect:
            return  # nothing failed, and nobody is there to be told
        except Exception as error:
            if scope["type"] != "http" or is_answered:
                raise
            await unexpected_problem(Request(scope), error)(scope, receive, send)
