"""The outermost layer of every request, in plain ASGI because it runs on each of them."""

import re
import time
from typing import Any
from uuid import uuid4

import orjson
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from praca.platform.context import RequestContext, enter_context
from praca.platform.errors import RequestTooLargeError

__all__ = ["RequestMiddleware"]

_log = structlog.get_logger("praca.http")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
_DIGITS = re.compile(r"\d{11}|\d{3}\.\d{3}\.\d{3}-\d{2}")


class RequestMiddleware:
    """Request id, log line, security headers, body limit, and paths with a trailing slash."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, is_production: bool) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes
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
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"")
        request_id = given.decode() if _REQUEST_ID.fullmatch(given) else uuid4().hex
        client = scope.get("client")
        enter_context(RequestContext(request_id, client[0] if client else None))
        if len(scope["path"]) > 1 and scope["path"].endswith("/"):
            scope = {**scope, "path": scope["path"].rstrip("/") or "/"}
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                answer = list(message.get("headers", ()))
                present = {name for name, _ in answer}
                answer.append((b"x-request-id", request_id.encode()))
                answer += [header for header in self._headers if header[0] not in present]
                message["headers"] = answer
            await send(message)

        try:
            if self._is_too_large(headers.get(b"content-length", b"")):
                await self._refuse(scope, send_with_headers)
            else:
                await self._app(scope, self._limited(receive), send_with_headers)
        except RequestTooLargeError:
            if status:
                raise
            await self._refuse(scope, send_with_headers)
        finally:
            _log.info(
                "http.request",
                request_id=request_id,
                method=scope["method"],
                # Only numbers of a CPF's length are hidden: codes of vacancies are shorter.
                path=_DIGITS.sub("*", scope["path"]),
                status=status or 500,
                ms=round((time.perf_counter() - started) * 1000, 1),
            )

    def _is_too_large(self, content_length: bytes) -> bool:
        return content_length.isdigit() and int(content_length) > self._max_body_bytes

    def _limited(self, receive: Receive) -> Receive:
        """Return ``receive`` that raises once the body turns out to be too large."""
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_body_bytes:
                raise RequestTooLargeError(self._max_body_bytes)
            return message

        return receive_limited

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
