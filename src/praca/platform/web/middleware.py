"""The outermost layer of every request, in plain ASGI because it runs on each of them."""

import re
import time
from typing import Any
from uuid import uuid4

import orjson
import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from praca.platform.context import RequestContext, enter_context
from praca.platform.errors import RequestTooLargeError

__all__ = ["RequestMiddleware"]

_log = structlog.get_logger("praca.http")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_DIGITS = re.compile(r"\d{11}|\d{3}\.\d{3}\.\d{3}-\d{2}")


class RequestMiddleware:
    """Request id, log line, security headers, body limit, and paths with a trailing slash."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, is_production: bool) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes
        self._headers = dict(_SECURITY_HEADERS)
        if is_production:
            self._headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid4().hex
        client = scope.get("client")
        enter_context(RequestContext(request_id, client[0] if client else None))
        if len(scope["path"]) > 1 and scope["path"].endswith("/"):
            scope = {**scope, "path": scope["path"].rstrip("/") or "/"}
        status = 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                answer = MutableHeaders(scope=message)
                answer["X-Request-Id"] = request_id
                for name, value in self._headers.items():
                    answer.setdefault(name, value)
            await send(message)

        try:
            await self._limited(scope, receive, send_with_headers, headers)
        finally:
            _log.info(
                "http.request",
                request_id=request_id,
                method=scope["method"],
                # Only numbers of a CPF's length are hidden: codes of vacancies are shorter.
                path=_DIGITS.sub("*", scope["path"]),
                status=status,
                ms=round((time.perf_counter() - started) * 1000, 1),
            )

    async def _limited(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        """Serve the request unless its body is, or turns out to be, too large."""
        length = headers.get("content-length", "")
        if length.isdigit() and int(length) > self._max_body_bytes:
            await self._refuse(scope, send)
            return
        received = 0
        answered = False

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_body_bytes:
                raise RequestTooLargeError(self._max_body_bytes)
            return message

        async def note_answer(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self._app(scope, receive_limited, note_answer)
        except RequestTooLargeError:
            if answered:
                raise
            await self._refuse(scope, send)

    async def _refuse(self, scope: Scope, send: Send) -> None:
        error = RequestTooLargeError(self._max_body_bytes)
        document: dict[str, Any] = {
            "type": f"urn:praca:error:{error.code}",
            "title": error.title,
            "status": 413,
            "detail": error.detail,
            "code": error.code,
            "instance": scope["path"],
        }
        await send(
            {
                "type": "http.response.start",
                "status": 413,
                "headers": [
                    (b"content-type", b"application/problem+json"),
                    (b"connection", b"close"),
                ],
            }
        )
        await send({"type": "http.response.body", "body": orjson.dumps(document)})
