"""The layer around every WebSocket, as the one around requests is for them.

Endpoints raise the errors of the house, before they accept and after. Before, the client gets the
HTTP answer that a request would get, problem document and all. After, the socket is closed with
4000 and that status as the code (4401, 4404, 4429 …) and the Portuguese detail as the reason; an
unexpected error closes it with 1011, a server that stops with 1012.
"""

import asyncio
import time
from collections.abc import Collection, Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import orjson
import structlog
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from praca.platform.errors import OriginNotAllowedError
from praca.platform.journal import WEBSOCKET, Journal
from praca.platform.noting import NO_ROUTE, logged_path, noted_user, route_template
from praca.platform.telemetry import Span
from praca.platform.web.metrics import note_answered
from praca.platform.web.problems import domain_problem, status_problem
from praca.platform.web.streams import OpenStreams, running_task
from praca.platform.web.tracing import end_server_span

__all__ = ["SocketLayer", "close_code", "close_reason"]

_log = structlog.get_logger("praca.http")
_OWN_CODES: Final = 4000
"""From here on codes are ours (RFC 6455, 7.4.2)."""
_INTERNAL_ERROR: Final = 1011
_TOO_BIG: Final = 1009
_RESTART: Final = 1012
_LONGEST_REASON: Final = 123
_GIVEN_UP: Final = 499
"""Noted of a handshake that was given up before it had an answer, as of a request."""
_NAMELESS_S: Final = 900.0
"""What an account did with a socket older than this is noted without it.

The line says when the socket ended; the account may have been erased since it was opened, and
must not come back to the journal.
"""


def close_code(status: int) -> int:
    """Return the code with which a socket is closed where a request would get ``status``."""
    return _INTERNAL_ERROR if status == HTTPStatus.INTERNAL_SERVER_ERROR else _OWN_CODES + status


def close_reason(text: str) -> str:
    """Return as much of ``text`` as the reason of a close may hold: 123 bytes of UTF-8."""
    return text.encode("utf-8", "replace")[:_LONGEST_REASON].decode("utf-8", "ignore")


class SocketLayer:
    """Request id, origin, refusals, log line and journal of WebSockets.

    Args:
        app: what serves them.
        headers: of every answer to a handshake.
        origins: whose pages may open one; ``*`` for any.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        headers: Sequence[tuple[bytes, bytes]],
        origins: Collection[str],
        streams: OpenStreams,
        journal: Journal | None,
    ) -> None:
        self._app = app
        self._headers = headers
        self._origins = frozenset(origins)
        self._streams = streams
        self._journal = journal

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send, *, request_id: str, span: Span
    ) -> None:
        """Serve one socket from its handshake to its end."""
        socket = _Socket(scope, receive, send, self._headers, request_id)
        task = running_task()
        self._streams.add(task)
        try:
            if self._streams.is_ending:
                await socket.refuse(HTTPStatus.SERVICE_UNAVAILABLE)
            elif self._is_foreign(scope):
                answer = domain_problem(HTTPConnection(scope), OriginNotAllowedError())
                await answer(scope, receive, socket.send)
            else:
                await self._app(scope, socket.receive, socket.send)
        except asyncio.CancelledError:
            if not self._streams.has_ended(task):
                raise
            await socket.close(_RESTART, "O servidor está sendo reiniciado.")
        except Exception:
            socket.fail()
            raise
        finally:
            self._streams.remove(task)
            end_server_span(span, scope, socket.status)
            self._note(scope, socket, request_id)

    def _is_foreign(self, scope: Scope) -> bool:
        """Tell whether a page of an origin that is not allowed opens the socket.

        Only browsers name an origin, and no page can make them name another. Tokens are no
        cookies, so a foreign page has none to open a socket with; but the browser asks no
        permission as it does for requests (CORS), so this is asked here.
        """
        if "*" in self._origins:
            return False
        headers: dict[bytes, bytes] = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1")
        if not origin or origin in self._origins:
            return False
        own = headers.get(b"host", b"").decode("latin-1")
        try:
            return bool(urlsplit(origin).netloc != own)
        except ValueError:  # no browser has sent it
            return True

    def _note(self, scope: Scope, socket: "_Socket", request_id: str) -> None:
        lived_s = time.perf_counter() - socket.began
        _log.info(
            "http.websocket",
            request_id=request_id,
            path=logged_path(scope),
            status=socket.status,
            code=socket.code,
            ms=round(lived_s * 1000, 1),
        )
        route = route_template(scope)
        note_answered(WEBSOCKET, route, socket.status, socket.handshake_ms / 1000)
        if self._journal is not None:
            user = noted_user(scope) if lived_s < _NAMELESS_S else None
            self._journal.note_request(WEBSOCKET, route, socket.status, socket.handshake_ms, user)


class _Socket:
    """One socket as the server and the application see it.

    Attributes:
        began: when its handshake came.
        handshake_ms: until it was answered.
        code: with which it was closed, by whomever; none: it was refused, or is open.
    """

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        headers: Sequence[tuple[bytes, bytes]],
        request_id: str,
    ) -> None:
        self.began = time.perf_counter()
        self.handshake_ms = 0.0
        self.code: int | None = None
        self._scope, self._receive, self._send = scope, receive, send
        self._headers = [(b"x-request-id", request_id.encode()), *headers]
        self._answered = 0
        self._was_left = False
        self._refusal: tuple[int, bytearray] | None = None

    @property
    def status(self) -> int:
        """What the journal says: 101, or why it was refused or closed, as a status.

        A client may close with any code: his own is no failure of ours.
        """
        code = self.code or 0
        if self._was_left and self._answered:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE if code == _TOO_BIG else self._answered
        if self._answered == HTTPStatus.SWITCHING_PROTOCOLS and code > _OWN_CODES:
            return code - _OWN_CODES if code < _OWN_CODES + 600 else self._answered
        if code == _INTERNAL_ERROR and not self._was_left:
            return HTTPStatus.INTERNAL_SERVER_ERROR
        return self._answered or (500 if self.code is None else _GIVEN_UP)

    async def receive(self) -> Message:
        """Return what comes next from the client."""
        message = await self._receive()
        if message["type"] == "websocket.disconnect" and self.code is None:
            self.code, self._was_left = message.get("code"), True
        return message

    async def send(self, message: Message) -> None:
        """Send what the application says, in words that fit the state of the socket."""
        kind = message["type"]
        if kind == "websocket.accept":
            self._answer(HTTPStatus.SWITCHING_PROTOCOLS)
            message = {**message, "headers": [*message.get("headers", ()), *self._headers[:1]]}
        elif kind == "websocket.close":
            if not self._answered:
                is_lost = route_template(self._scope) == NO_ROUTE
                await self.refuse(HTTPStatus.NOT_FOUND if is_lost else HTTPStatus.FORBIDDEN)
                return
            self.code = message.get("code", 1000)
        elif kind == "websocket.http.response.start" and self._is_open:
            self._refusal = int(message["status"]), bytearray()
            return
        elif kind == "websocket.http.response.start":
            message = self._denial(message)
        elif kind == "websocket.http.response.body" and self._refusal is not None:
            await self._close_refused(message)
            return
        await self._send(message)

    async def close(self, code: int, reason: str) -> None:
        """Close an open socket; one that waits for an answer is refused."""
        if self._is_open:
            await self.send({"type": "websocket.close", "code": code, "reason": reason})
        elif not self._answered:
            await self.refuse(HTTPStatus.SERVICE_UNAVAILABLE)

    def fail(self) -> None:
        """Note that serving the socket has failed."""
        self.code, self._was_left = _INTERNAL_ERROR, False

    async def refuse(self, status: HTTPStatus) -> None:
        """Answer the handshake with a problem that has no error of its own."""
        answer = status_problem(HTTPConnection(self._scope), status)
        await answer(self._scope, self._receive, self.send)

    @property
    def _is_open(self) -> bool:
        return self._answered == HTTPStatus.SWITCHING_PROTOCOLS and self.code is None

    def _answer(self, status: int) -> None:
        self._answered = status
        self.handshake_ms = (time.perf_counter() - self.began) * 1000

    def _denial(self, message: Message) -> Message:
        """Return the beginning of an HTTP answer to the handshake, with the headers of all."""
        self._answer(int(message["status"]))
        headers = list(message.get("headers", ()))
        present = {name for name, _ in headers}
        headers += [header for header in self._headers if header[0] not in present]
        return {**message, "headers": headers}

    async def _close_refused(self, message: Message) -> None:
        """Close an open socket with what would have been the answer to its handshake."""
        assert self._refusal is not None  # noqa: S101  # asked by the caller
        status, body = self._refusal
        body += message.get("body", b"")
        if message.get("more_body", False):
            return
        self._refusal = None
        await self.close(close_code(status), close_reason(_detail(bytes(body))))


def _detail(body: bytes) -> str:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    return str(document.get("detail", "")) if isinstance(document, dict) else ""
