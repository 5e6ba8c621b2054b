"""What is noted of requests and predictions, and what never is."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi.responses import StreamingResponse
from starlette.types import Message
from structlog.testing import capture_logs
from tests.conftest import MakeAccount
from tests.integration.journal.conftest import rows

from praca.entrypoints.api import create_app
from praca.platform.journal import Journal
from praca.platform.journal.lines import Hashing
from praca.platform.noting import NO_ROUTE
from praca.platform.resources import Resources
from praca.platform.settings import Settings

_REQUESTS = "SELECT method, route, status, user_id FROM platform.request_log ORDER BY at, id"
_CPF = "52998224725"


async def test_each_request_is_noted_by_its_template(
    client: httpx.AsyncClient, journal: Journal, city_dsn: str, make_account: MakeAccount
) -> None:
    user = await make_account("ana")
    for path in (
        f"/api/v1/{_CPF}/segredo",
        f"/api/v1/tasks/{_CPF}",
        "/api/v1/health",
        "/health/",
        "/api/v1/transport-card/x/",
        "/docs/files/swagger-ui.css",
        "/",
    ):
        await client.get(path, headers=user["headers"])
    await client.request("PURGE-" + _CPF, "/health")
    await client.delete("/api/v1/health")
    await journal.flush()

    assert rows(city_dsn, _REQUESTS) == [
        ("POST", "/api/v1/auth/login", 200, None),
        ("GET", NO_ROUTE, 404, None),
        ("GET", "/api/v1/tasks/{task_id}", 422, user["id"]),
        ("GET", "/api/v1/health", 200, None),
        ("GET", "/health", 200, None),
        ("GET", "/api/v1/transport-card/{card_number}", 405, None),
        ("GET", "/docs/files/{path}", 200, None),
        ("GET", "/", 200, None),
        ("(outro)", "/health", 405, None),
        ("DELETE", "/api/v1/health", 405, None),
    ]


async def test_no_path_token_or_number_gets_into_the_table(
    client: httpx.AsyncClient, journal: Journal, city_dsn: str, make_account: MakeAccount
) -> None:
    user = await make_account("ana")
    secret = "zqsegredo" + _CPF
    for method, path in (
        ("GET", f"/api/v1/shared-documents?token={secret}"),
        ("GET", f"/api/v1/shared-documents/{secret}"),
        ("GET", f"/transport-card/{_CPF}/balance"),
        ("PUT", f"/api/v1/usuarios/{_CPF}"),
        ("POST", f"/api/v1/models/{secret}/promote"),
        ("GET", f"/auth/{secret}/callback?code={secret}&state={secret}"),
        ("GET", f"/docs/files/{secret}"),
        (secret.upper(), f"/{secret}"),
    ):
        await client.request(method, path, headers=user["headers"])
    journal.note_prediction("modelo", 1, {"cpf": _CPF, "texto": secret}, "sim", 1.0)
    await journal.flush()
    noted = rows(city_dsn, "SELECT r::text FROM platform.request_log r") + rows(
        city_dsn, "SELECT p::text FROM platform.prediction_log p"
    )
    assert len(noted) == 10
    text = repr(noted).casefold()
    assert _CPF not in text
    assert "zqsegredo" not in text


async def test_what_fails_or_breaks_off_is_noted_too(
    client: httpx.AsyncClient, journal: Journal, city_dsn: str, settings: Settings
) -> None:
    app = client.app  # type: ignore[attr-defined]

    async def fail() -> None:
        raise RuntimeError

    async def some() -> AsyncIterator[bytes]:
        yield b"a"

    async def half() -> AsyncIterator[bytes]:
        yield b"a"
        raise RuntimeError

    async def stream() -> StreamingResponse:
        return StreamingResponse(some())

    async def broken() -> StreamingResponse:
        return StreamingResponse(half())

    for path, endpoint in (("/x-fails", fail), ("/x-streams", stream), ("/x-breaks", broken)):
        app.add_api_route(path, endpoint)
    large = b"x" * (settings.http.max_body_bytes + 1)

    async def trickle() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 2**20):
            yield large[start : start + 2**20]

    await client.get("/x-fails")
    await client.get("/x-streams")
    await client.get("/x-breaks")
    await client.post("/login", content=large)
    await client.post("/login", content=trickle(), headers={"Content-Type": "application/json"})
    preflight = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    await client.options("/api/v1/health", headers=preflight)
    await journal.flush()
    assert rows(city_dsn, _REQUESTS) == [
        ("GET", "/x-fails", 500, None),
        ("GET", "/x-streams", 200, None),
        ("GET", "/x-breaks", 500, None),
        ("POST", NO_ROUTE, 413, None),
        ("POST", "/login", 413, None),
        ("OPTIONS", NO_ROUTE, 200, None),
    ]


async def test_a_request_that_is_given_up_is_noted(
    client: httpx.AsyncClient, journal: Journal, city_dsn: str
) -> None:
    started = asyncio.Event()

    async def wait() -> None:
        started.set()
        await asyncio.sleep(60)

    client.app.add_api_route("/x-waits", wait)  # type: ignore[attr-defined]
    asking = asyncio.create_task(client.get("/x-waits"))
    await started.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await journal.flush()
    assert rows(city_dsn, _REQUESTS) == [("GET", "/x-waits", 499, None)]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/v1/auth/login", b"application/x-www-form-urlencoded"),
        ("/api/v1/usuarios/signup", b"application/json"),
        ("/api/v1/documents", b"multipart/form-data; boundary=x"),
    ],
)
async def test_half_a_body_is_given_up_and_no_error(
    client: httpx.AsyncClient, journal: Journal, city_dsn: str, path: str, kind: bytes
) -> None:
    came: list[Message] = [
        {"type": "http.request", "body": b"--x", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return came.pop(0) if came else {"type": "http.disconnect"}

    async def send(_message: Message) -> None:
        """Take it, and tell nobody."""

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [(b"content-type", kind), (b"content-length", b"1000")],
    }
    with capture_logs() as log:
        await client.app(scope, receive, send)  # type: ignore[attr-defined]
    await journal.flush()
    assert rows(city_dsn, _REQUESTS) == [("POST", path, 499, None)]
    assert "http.unexpected_error" not in [line["event"] for line in log]


async def test_an_event_stream_is_noted_at_its_end(
    client: httpx.AsyncClient,
    journal: Journal,
    city_dsn: str,
    resources: Resources,
    make_account: MakeAccount,
) -> None:
    user = await make_account("ana")
    await journal.flush()
    async with resources.databases.city.write() as session:
        task = await resources.tasks.enqueue(session, "platform.retention", {}, owner_id=user["id"])
    url = f"/api/v1/tasks/{task}/events"
    following = asyncio.create_task(client.get(url, headers=user["headers"]))
    await asyncio.sleep(0.05)
    await journal.flush()
    assert rows(city_dsn, f"{_REQUESTS} OFFSET 1") == []
    async with resources.databases.city.write() as session:
        await resources.tasks.cancel(session, task)
    await following
    await journal.flush()
    query = "SELECT route, status, user_id, ms > 50 FROM platform.request_log ORDER BY at OFFSET 1"
    assert rows(city_dsn, query) == [("/api/v1/tasks/{task_id}/events", 200, user["id"], True)]


async def test_a_journal_that_is_off_does_nothing(
    resources: Resources, city_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRACA_JOURNAL", "off")
    app = create_app(Settings.load(), resources)
    journal: Journal = app.state.journal
    journal.start()
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        await client.get("/health")
    journal.note_prediction("modelo", 1, {}, "sim", 1.0)
    assert (journal.is_on, journal.waiting) == (False, 0)
    await journal.stop()
    assert rows(city_dsn, _REQUESTS) == []
    assert rows(city_dsn, "SELECT * FROM platform.prediction_log") == []


_LOOP: list[Any] = []
_LOOP.append(_LOOP)


@pytest.mark.parametrize(
    ("inputs", "output", "shown"),
    [
        ({"b": 1, "a": "é"}, "Contratado", "Contratado"),
        (["texto"], {"classe": 3, "p": 0.5}, '{"classe":3,"p":0.5}'),
        (None, 4, "4"),
        ({1: 2, "x": object}, None, "null"),
        ("metade \ud800", "a\0\ud800", "a\ufffd?"),
        (2**70, "x" * 1000, "x" * 200),
        (float("nan"), float("inf"), "null"),
        (b"bytes", [2**70], "[1180591620717411303424]"),
    ],
)
async def test_whatever_a_model_says_can_be_noted(
    journal: Journal, city_dsn: str, inputs: Any, output: Any, shown: str
) -> None:
    journal.note_prediction("modelo", 3, inputs, output, 1.5)
    await journal.flush()
    query = "SELECT model, version, length(input_hash), output, ms FROM platform.prediction_log"
    assert rows(city_dsn, query) == [("modelo", 3, 16, shown, 1.5)]


@pytest.mark.parametrize(
    ("version", "inputs", "ms"),
    [(2**40, {}, 1.0), (-1, {}, 1.0), (1, _LOOP, 1.0), (1, {}, float("nan")), (None, {}, 1.0)],
)
async def test_what_cannot_be_noted_is_counted_and_disturbs_nobody(
    journal: Journal, city_dsn: str, version: Any, inputs: Any, ms: float
) -> None:
    journal.note_prediction("modelo", version, inputs, "sim", ms)
    await journal.flush()
    assert rows(city_dsn, "SELECT * FROM platform.prediction_log") == []
    assert rows(city_dsn, "SELECT lines FROM platform.journal_drops") == [(1,)]


def test_equal_inputs_have_equal_hashes_under_one_secret_only() -> None:
    one, other = Hashing("segredo-1"), Hashing("segredo-2")
    assert one.of({"a": 1, "b": [2]}) == one.of({"b": [2], "a": 1})
    assert one.of({"a": 1}) != one.of({"a": 2})
    assert one.of({"a": 1}) != other.of({"a": 1})
    assert len(one.of("x")) == 32
