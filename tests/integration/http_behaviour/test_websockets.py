"""What every WebSocket has in common: a real server, and a client that is not ours."""

import asyncio
import io
import json
import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
import structlog
import uvicorn
from fastapi import FastAPI, WebSocket
from fastapi.responses import StreamingResponse
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from praca.entrypoints.cli.sockets import SOCKET_OPTIONS
from praca.identity.errors import NotAuthenticatedError
from praca.platform.errors import TaskNotFoundError
from praca.platform.logging import configure_logging
from praca.platform.web import OpenStreams, close_reason, note_user

TIMEOUT_S = 60
CPF = "12345678909"
ORIGIN = "https://portal.example"
_CLIENTS = ("websockets.client", "httpcore.connection", "httpcore.http11", "httpx", "asyncio")

AppWith = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
Logged = Callable[[], list[dict[str, Any]]]
Opened = Callable[..., AbstractAsyncContextManager["Server"]]


class Server:
    """An application behind a real server."""

    def __init__(self, running: uvicorn.Server, streams: OpenStreams) -> None:
        self.running, self.streams = running, streams
        self.port = running.servers[0].sockets[0].getsockname()[1]

    def open(self, path: str, **options: Any) -> connect:
        return connect(f"ws://127.0.0.1:{self.port}{path}", proxy=None, **options)


def extend(app: FastAPI) -> None:  # noqa: C901  # one small endpoint after the other
    """Add sockets that do what sockets do."""

    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        async for text in socket.iter_text():
            await socket.send_text(text)

    async def session(socket: WebSocket, session_id: str) -> None:
        await socket.accept()
        note_user(socket, 77)
        await socket.send_text(session_id[:4])
        await socket.close()

    async def refuse(socket: WebSocket, when: str) -> None:
        if when == "before":
            raise NotAuthenticatedError
        await socket.accept()
        raise TaskNotFoundError

    async def broken(socket: WebSocket, when: str) -> None:
        if when == "after":
            await socket.accept()
        raise RuntimeError(f"quebrou com {CPF}")

    async def close(socket: WebSocket) -> None:
        await socket.close()

    async def number(socket: WebSocket, limit: int) -> None:
        await socket.accept()
        await socket.send_text(str(limit))

    async def deaf(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("sim")
        await asyncio.Event().wait()

    async def events() -> StreamingResponse:
        async def forever() -> AsyncIterator[bytes]:
            yield b"event: a\ndata: 1\n\n"
            await asyncio.Event().wait()

        return StreamingResponse(forever(), media_type="text/event-stream")

    app.add_api_websocket_route("/ws/echo", echo)
    app.add_api_websocket_route("/ws/sessions/{session_id}", session)
    app.add_api_websocket_route("/ws/refuse/{when}", refuse)
    app.add_api_websocket_route("/ws/broken/{when}", broken)
    app.add_api_websocket_route("/ws/close", close)
    app.add_api_websocket_route("/ws/number", number)
    app.add_api_websocket_route("/ws/deaf", deaf)
    app.add_api_route("/events", events)


@pytest.fixture
def served(app_with: AppWith) -> Opened:
    """Return what serves an application with further ``PRACA_*`` variables as `praca api` does."""

    @asynccontextmanager
    async def opened(**variables: str) -> AsyncIterator[Server]:
        found: list[FastAPI] = []

        def keep(app: FastAPI) -> None:
            extend(app)
            found.append(app)

        async with app_with(extend=keep, **variables):
            options: dict[str, Any] = {
                "log_config": None,
                "access_log": False,
                "timeout_graceful_shutdown": 20,
            }
            config = uvicorn.Config(
                found[0], host="127.0.0.1", port=0, lifespan="off", **options, **SOCKET_OPTIONS
            )
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server._serve())
            async with asyncio.timeout(TIMEOUT_S):
                while not server.started:  # noqa: ASYNC110  # the server tells no event
                    await asyncio.sleep(0.01)
            try:
                yield Server(server, found[0].state.streams)
            finally:
                server.should_exit = True
                async with asyncio.timeout(TIMEOUT_S):
                    await serving
            if variables.get("journal") == "on":
                await found[0].state.journal.flush()

    return opened


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Logged]:
    """Set the logs up as in production, and return what reads the lines so far."""
    root, server = logging.getLogger(), logging.getLogger("uvicorn.error")
    before, level, server_level = list(root.handlers), root.level, server.level
    written = io.BytesIO()
    configure_logging("DEBUG", io.TextIOWrapper(written, write_through=True))
    for client in _CLIENTS:
        monkeypatch.setattr(logging.getLogger(client), "disabled", True)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)
    server.setLevel(server_level)
    structlog.reset_defaults()


def sockets_of(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if line["event"] == "http.websocket"]


async def refusal(attempt: connect) -> tuple[int, dict[str, Any], Any]:
    """Return status, problem document and headers of a handshake that fails."""
    with pytest.raises(InvalidStatus) as caught:
        await attempt
    answer = caught.value.response
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    return answer.status_code, json.loads(answer.body or b""), answer.headers


async def closing(attempt: connect) -> tuple[int, str]:
    """Return code and reason of the close that follows."""
    async with attempt as socket:
        with pytest.raises(ConnectionClosed) as caught:
            await socket.recv()
    assert caught.value.rcvd is not None
    return caught.value.rcvd.code, caught.value.rcvd.reason


async def test_a_socket_is_opened_used_and_logged_once(served: Opened, logged: Logged) -> None:
    own_id = {"X-Request-Id": "pedido-1"}
    async with (
        served() as server,
        server.open("/ws/echo?token=segredo", additional_headers=own_id) as ws,
    ):
        assert ws.response is not None
        assert ws.response.headers["x-request-id"] == "pedido-1"
        await ws.send("olá, segredo")
        assert await ws.recv() == "olá, segredo"
    (line,) = sockets_of(logged())
    expected = {"path": "/ws/echo", "status": 101, "code": 1000, "request_id": "pedido-1"}
    assert expected.items() <= line.items()
    assert "segredo" not in json.dumps(logged())


@pytest.mark.parametrize("code", [1000, 1011, 4401, 4500, 4999])
async def test_a_client_that_closes_with_any_code_is_no_failure(
    served: Opened, logged: Logged, code: int
) -> None:
    async with served() as server, server.open("/ws/echo") as ws:
        await ws.close(code)
    (line,) = sockets_of(logged())
    assert (line["status"], line["code"]) == (101, code)


async def test_the_id_of_a_session_is_in_no_line(served: Opened, logged: Logged) -> None:
    secret = str(uuid4())
    async with served() as server:
        async with server.open(f"/ws/sessions/{secret}/") as ws:
            assert await ws.recv() == secret[:4]
        await refusal(server.open(f"/ws/sessions/{secret}/nada"))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
            lost = await client.get(f"/api/v1/perguntas/{secret.replace('-', '')}")
    assert lost.status_code == 404
    paths = [line["path"] for line in logged() if "path" in line]
    assert paths == ["/ws/sessions/{session_id}", "/ws/sessions/*/nada", "/api/v1/perguntas/*"]
    assert secret[-12:] not in json.dumps(logged())


async def test_refusals_before_acceptance_are_answers(served: Opened) -> None:
    async with served() as server:
        status, document, headers = await refusal(server.open("/ws/refuse/before"))
        assert (status, document["code"]) == (401, "not_authenticated")
        assert headers["www-authenticate"] == "Bearer"
        status, document, _ = await refusal(server.open("/ws/number?limit=x"))
        assert (status, document["errors"][0]["loc"]) == (422, ["query", "limit"])
        assert (await refusal(server.open("/nada")))[:1] == (404,)
        assert (await refusal(server.open("/api/v1/health")))[:1] == (404,)
        assert (await refusal(server.open("/ws/close")))[:1] == (403,)
        status, document, _ = await refusal(server.open("/ws/broken/before"))
        assert (status, document["code"]) == (500, "internal_error")
        assert CPF not in json.dumps(document)


async def test_errors_after_acceptance_close_with_code_and_reason(served: Opened) -> None:
    async with served() as server:
        assert await closing(server.open("/ws/refuse/after")) == (4404, "Tarefa não encontrada.")
        code, reason = await closing(server.open("/ws/broken/after"))
        assert code == 1011
        assert "erro interno" in reason


async def test_pages_of_other_origins_are_refused(served: Opened) -> None:
    async with served(cors_origins=ORIGIN) as server:
        status, document, _ = await refusal(server.open("/ws/echo", origin="https://evil.example"))
        assert (status, document["code"]) == (403, "origin_not_allowed")
        for odd in ("null", "https://["):
            assert (await refusal(server.open("/ws/echo", origin=odd)))[0] == 403
        for origin in (ORIGIN, f"http://127.0.0.1:{server.port}", None):
            async with server.open("/ws/echo", origin=origin) as ws:
                await ws.send("a")
                assert await ws.recv() == "a"


async def test_by_default_pages_of_any_origin_may(served: Opened) -> None:
    async with served() as server, server.open("/ws/echo", origin="https://a.example") as ws:
        await ws.send("a")
        assert await ws.recv() == "a"


async def test_what_is_too_long_closes_the_socket(served: Opened, logged: Logged) -> None:
    limit = SOCKET_OPTIONS["ws_max_size"]
    async with served() as server, server.open("/ws/echo") as ws:
        await ws.send("x" * limit)
        assert len(await ws.recv()) == limit
        await ws.send("x" * (limit + 1))
        with pytest.raises(ConnectionClosed) as caught:
            await ws.recv()
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 1009
    (line,) = sockets_of(logged())
    assert (line["status"], line["code"]) == (413, 1009)


async def test_handshakes_that_are_none_do_no_harm(served: Opened, logged: Logged) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
    async with served() as server:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
            assert (await client.get("/ws/echo", headers=upgrade)).status_code == 400
            assert (await client.get("/ws/echo")).status_code == 404
        async with server.open("/ws/echo") as ws:
            await ws.send("a")
            assert await ws.recv() == "a"
    assert not [line for line in logged() if line["level"] == "error"]


async def test_an_open_socket_does_not_keep_the_server(served: Opened, logged: Logged) -> None:
    async with served() as server:
        told = await server.open("/ws/deaf")
        assert await told.recv() == "sim"
        address = f"http://127.0.0.1:{server.port}/events"
        async with httpx.AsyncClient() as client, client.stream("GET", address) as answer:
            parts = answer.aiter_raw()
            assert await anext(parts) == b"event: a\ndata: 1\n\n"
            server.streams.end()
            # Ends as an answer that is complete, not as one that broke off.
            assert [part async for part in parts] == []
        with pytest.raises(ConnectionClosed) as caught:
            await told.recv()
        assert caught.value.rcvd is not None
        assert (caught.value.rcvd.code, caught.value.rcvd.reason[:10]) == (1012, "O servidor")
        # Whoever comes too late is told so.
        assert (await refusal(server.open("/ws/deaf")))[0] == 503
        assert len(server.streams) == 0
    assert not [line for line in logged() if line["level"] == "error"]


async def test_a_signal_ends_streams_and_reaches_the_server() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    try:
        streams = OpenStreams()
        with streams.ended_by_signals():
            waiting = asyncio.create_task(asyncio.Event().wait())
            streams.add(waiting)
            signal.raise_signal(signal.SIGTERM)
            async with asyncio.timeout(TIMEOUT_S):
                await asyncio.wait([waiting])
        assert heard == [signal.SIGTERM]
        assert waiting.cancelled()
        signal.raise_signal(signal.SIGTERM)
        assert len(heard) == 2
    finally:
        signal.signal(signal.SIGTERM, before)


async def test_the_journal_counts_handshakes(served: Opened, city_dsn: str) -> None:
    async with served(journal="on") as server:
        async with server.open(f"/ws/sessions/{uuid4()}") as ws:
            await ws.recv()
        await refusal(server.open("/ws/refuse/before"))
        await closing(server.open("/ws/refuse/after"))
        await closing(server.open("/ws/broken/after"))
    with psycopg.connect(city_dsn) as connection:
        rows = connection.execute(
            "SELECT method, route, status, user_id FROM platform.request_log ORDER BY at"
        ).fetchall()
    assert rows == [
        ("WEBSOCKET", "/ws/sessions/{session_id}", 101, 77),
        ("WEBSOCKET", "/ws/refuse/{when}", 401, None),
        ("WEBSOCKET", "/ws/refuse/{when}", 404, None),
        ("WEBSOCKET", "/ws/broken/{when}", 500, None),
    ]


@pytest.mark.parametrize("text", ["", "curto", "ã" * 200, "x" * 122 + "ã"])
def test_reasons_fit_into_a_frame(text: str) -> None:
    assert len(close_reason(text).encode()) <= 123
    assert text.startswith(close_reason(text))
