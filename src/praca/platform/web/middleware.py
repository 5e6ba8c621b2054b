"""The layers around every request, in plain ASGI because they run on each of them."""

import asyncio
import contextlib
import re
import time
from collections.abc import Collection
from uuid import uuid4

import structlog
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from praca.platform.context import RequestContext, enter_context
from praca.platform.errors import RequestTooLargeError
from praca.platform.journal import Journal, noted_method
from praca.platform.logging import without_cpf
from praca.platform.noting import logged_path, noted_user, route_template
from praca.platform.telemetry import Span
from praca.platform.web.draining import Draining
from praca.platform.web.metrics import IN_FLIGHT, note_answered
from praca.platform.web.problems import domain_problem, unexpected_problem
from praca.platform.web.sockets import SocketLayer
from praca.platform.web.streams import OpenStreams, running_task
from praca.platform.web.tracing import end_server_span, server_span

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
    """The outermost: request id, log line, journal, security headers, paths with a last slash.

    Args:
        streams: where event streams and WebSockets are noted, to be ended when the server stops.
        origins: whose pages may open WebSockets; ``*`` for any.
        draining: whether answers are the last ones of their connections.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        is_production: bool,
        journal: Journal | None = None,
        streams: OpenStreams | None = None,
        origins: Collection[str] = ("*",),
        draining: Draining | None = None,
    ) -> None:
        self._app = app
        self._draining = Draining() if draining is None else draining
        self._streams = OpenStreams() if streams is None else streams
        self._journal = journal if journal is not None and journal.is_on else None
        self._headers = list(_SECURITY_HEADERS)
        if is_production:
            self._headers.append(
                (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
            )
        self._sockets = SocketLayer(
            app,
            headers=self._headers,
            origins=origins,
            streams=self._streams,
            journal=self._journal,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or one socket."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        client = scope.get("client")
        enter_context(RequestContext(request_id, client[0] if client else None))
        if len(scope["path"]) > 1 and scope["path"].endswith("/"):
            scope = {**scope, "path": scope["path"].rstrip("/") or "/"}
        serve = self._serve if scope["type"] == "http" else self._sockets
        with (
            structlog.contextvars.bound_contextvars(request_id=request_id),
            server_span(scope) as span,
        ):
            await serve(scope, receive, send, request_id=request_id, span=span)

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, *, request_id: str, span: Span
    ) -> None:
        started = time.perf_counter()
        status = 0
        is_gone = is_complete = False
        task = running_task()
        IN_FLIGHT.add()

        async def receive_noticing() -> Message:
            nonlocal is_gone
            message = await receive()
            is_gone = is_gone or message["type"] == "http.disconnect"
            return message

        async def send_with_headers(message: Message) -> None:
            nonlocal status, is_complete
            if message["type"] == "http.response.start":
                # Nobody reads what is answered to half a body.
                status = _GIVEN_UP if is_gone else int(message["status"])
                self._complete(message, request_id, task, span)
            elif message["type"] == "http.response.body":
                is_complete = not message.get("more_body", False)
            await send(message)

        try:
            await self._app(scope, receive_noticing, send_with_headers)
        except asyncio.CancelledError:
            status = status or _GIVEN_UP
            if not self._streams.has_ended(task):
                raise
            if not is_complete:
                await send({"type": "http.response.body", "body": b""})
        except Exception:
            status = 500  # also of an answer that broke off
            raise
        finally:
            is_stream = self._streams.remove(task)
            IN_FLIGHT.add(amount=-1)
            ms = (time.perf_counter() - started) * 1000
            status = status or (_GIVEN_UP if is_gone else 500)
            end_server_span(span, scope, status)
            method, route = noted_method(scope["method"]), route_template(scope)
            note_answered(method, route, status, ms / 1000, is_stream=is_stream)
            _log.info(
                "http.request",
                request_id=request_id,
                method=method,
                path=logged_path(scope),
                status=status,
                ms=round(ms, 1),
            )
            if self._journal is not None:
                self._journal.note_request(method, route, status, ms, noted_user(scope))

    def _complete(
        self, message: Message, request_id: str, task: "asyncio.Task[object]", span: Span
    ) -> None:
        """Add the headers of every answer to its beginning; note ``task`` if it is a stream."""
        answer = list(message.get("headers", ()))
        present = {name for name, _ in answer}
        answer.append((b"x-request-id", request_id.encode()))
        answer += [header for header in self._headers if header[0] not in present]
        if self._draining.closes_connections and b"connection" not in present:
            answer.append((b"connection", b"close"))
        if (trace := span.traceparent) is not None:
            answer.append((b"traceresponse", trace.encode()))
        message["headers"] = answer
        if _is_event_stream(answer):
            self._streams.add(task)


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
        answer = domain_problem(HTTPConnection(scope), RequestTooLargeError(self._max_body_bytes))
        answer.headers["Connection"] = "close"  # the rest of the body is not read
        await answer(scope, receive, send)


def _request_id(scope: Scope) -> str:
    """Return the client's id for the request if it is one; it is logged, so it is no CPF."""
    given = _header(scope, b"x-request-id")
    if _REQUEST_ID.fullmatch(given) and without_cpf(given.decode()) != "*":
        return given.decode()
    return uuid4().hex


def _is_event_stream(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(
        name == b"content-type" and value.startswith(b"text/event-stream")
        for name, value in headers
    )


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
        """Serve one request, or one socket."""
        is_answered = False

        async def note_answer(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        try:
            await self._app(scope, receive, note_answer)
        except RequestTooLargeError:
            raise
        except (ClientDisconnect, WebSocketDisconnect):
            return  # nothing failed, and nobody is there to be told
        except Exception as error:
            # An open socket can still be told; the layer around it closes it with this.
            if scope["type"] == "lifespan" or (is_answered and scope["type"] == "http"):
                raise
            await unexpected_problem(HTTPConnection(scope), error)(scope, receive, send)
