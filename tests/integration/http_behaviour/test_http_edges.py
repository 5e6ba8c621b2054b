"""What every answer has in common, whatever the endpoint."""

import io
import json
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI
from sqlalchemy import text
from starlette.types import Message, Receive, Scope, Send

from praca.platform.logging import configure_logging
from praca.platform.web import BodyLimitMiddleware

API = "/api/v1"
ORIGIN = "https://portal.example"
CPF = "12345678909"
SECURITY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}

AppWith = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
MakeAccount = Callable[..., Awaitable[dict[str, Any]]]


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check that the answer is a problem document and return it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert (document["status"], document["code"]) == (status, code)
    assert document["type"] == f"urn:praca:error:{code}"
    assert document["detail"]
    return document


def extend_with_failures(app: FastAPI) -> None:
    """Add endpoints that fail as no endpoint should."""

    async def break_down(what: str) -> None:
        raise RuntimeError(f"quebrou com {what}")

    async def break_the_database(what: str) -> None:
        async with app.state.resources.databases.city.read() as session:
            await session.execute(text("SELECT CAST(:what AS integer)"), {"what": what})

    app.add_api_route("/broken/{what}", break_down)
    app.add_api_route("/broken-database/{what}", break_the_database)


async def chunks(total: int) -> AsyncIterator[bytes]:
    """Yield a body whose length nobody tells beforehand."""
    for _ in range(total // 1000):
        yield b" " * 1000


@pytest.fixture
def logged() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Set the logs up as in production, and return what reads the lines so far."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    written = io.BytesIO()
    configure_logging("INFO", io.TextIOWrapper(written, write_through=True))
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nada", 404, "http_404"),
        ("GET", "/nada/", 404, "http_404"),
        ("GET", "/api/v1/candidatos/list", 401, "not_authenticated"),
        ("GET", "/api/v1/vagas/list?limit=x", 422, "validation_error"),
        ("GET", "/api/v1/vagas/details/1", 404, "vacancy_not_found"),
        ("DELETE", "/api/v1/health", 405, "http_405"),
        ("GET", f"/broken/{CPF}", 500, "internal_error"),
        ("GET", "/broken-database/x", 500, "internal_error"),
    ],
)
async def test_every_error_is_a_problem_with_all_headers(
    app_with: AppWith, method: str, path: str, status: int, code: str
) -> None:
    async with app_with(extend=extend_with_failures) as client:
        answer = await client.request(method, path, headers={"Origin": ORIGIN})
    document = problem(answer, status, code)
    assert document["instance"] == (path.partition("?")[0].rstrip("/"))
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-request-id"]
    assert SECURITY.items() <= answer.headers.items()
    assert "strict-transport-security" not in answer.headers
    assert "quebrou" not in answer.text


async def test_a_good_answer_has_the_same_headers(app_with: AppWith) -> None:
    production = {"secret_key": "x" * 40, "encryption_keys": f"k1:{'A' * 43}="}
    async with app_with(env="production", **production) as client:
        answer = await client.get(f"{API}/health", headers={"Origin": ORIGIN})
    assert answer.status_code == 200
    assert SECURITY.items() <= answer.headers.items()
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert "server" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/api/v1/vagas/list", "/api/v1/vagas/list/", "/api/v1/vagas/list//"]
)
async def test_a_trailing_slash_changes_nothing(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"{path}?limit=1")
    assert (answer.status_code, answer.json()["limit"]) == (200, 1)
    assert not answer.history


async def test_the_root_answers_with_and_without_the_slash(client: httpx.AsyncClient) -> None:
    for path in ("", "/", "/api/v1", "/api/v1/"):
        assert (await client.get(path)).json() == {"message": "API is running"}


async def test_a_wrong_method_names_the_right_one(client: httpx.AsyncClient) -> None:
    for method, path, allowed in (
        ("DELETE", "/health", "GET"),
        ("HEAD", "/health", "GET"),
        ("OPTIONS", "/health", "GET"),
        ("GET", "/candidatos/create", "POST"),
        ("POST", "/prospects/update-candidate", "PUT"),
        ("PATCH", "/revisoes", "GET, POST"),
        ("GET", "/candidatos/1/conta", "DELETE, PUT"),
    ):
        answer = await client.request(method, f"{API}{path}")
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


async def test_head_over_a_socket_has_no_body(live: httpx.AsyncClient) -> None:
    assert (await live.head("/health")).content == b""
    assert (await live.get("/health")).status_code == 200


# --- Origins --------------------------------------------------------------------------------------


async def preflight(client: httpx.AsyncClient, origin: str) -> httpx.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    return await client.options(f"{API}/candidatos/create", headers=headers)


async def test_only_the_origins_of_the_settings_may_call(app_with: AppWith) -> None:
    async with app_with(cors_origins=f"{ORIGIN}, https://b.example") as client:
        allowed = await preflight(client, ORIGIN)
        assert allowed.status_code == 200
        assert allowed.headers["access-control-allow-origin"] == ORIGIN
        assert "authorization" in allowed.headers["access-control-allow-headers"].lower()
        other = await preflight(client, "https://mal.example")
        assert "access-control-allow-origin" not in other.headers
        assert other.status_code == 400
        simple = await client.get(f"{API}/health", headers={"Origin": "https://mal.example"})
        assert "access-control-allow-origin" not in simple.headers
        own = await client.get(f"{API}/health", headers={"Origin": ORIGIN})
        assert own.headers["access-control-allow-origin"] == ORIGIN
        assert "x-request-id" in own.headers["access-control-expose-headers"].lower()


async def test_any_origin_may_call_by_default_but_without_cookies(
    client: httpx.AsyncClient,
) -> None:
    answer = await preflight(client, ORIGIN)
    assert answer.headers["access-control-allow-origin"] in {"*", ORIGIN}
    assert "access-control-allow-credentials" not in answer.headers


# --- Bodies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/usuarios/signup", "/candidatos/create", "/vagas/update-tables"])
@pytest.mark.parametrize("is_chunked", [False, True])
async def test_a_body_over_the_limit_is_413(app_with: AppWith, path: str, is_chunked: bool) -> None:
    async with app_with(max_body_bytes="2000", jobs_access="public") as client:
        answer = await client.post(
            f"{API}{path}",
            content=chunks(10_000) if is_chunked else b" " * 10_000,
            headers={"Content-Type": "application/json", "Origin": ORIGIN},
        )
        fitting = await client.post(
            f"{API}{path}", content=chunks(2000), headers={"Content-Type": "application/json"}
        )
    document = problem(answer, 413, "request_too_large")
    assert "2000" in document["detail"]
    assert answer.headers["x-request-id"]
    assert answer.headers["access-control-allow-origin"] == "*"
    assert fitting.status_code == 422


async def test_a_chunked_body_over_the_limit_is_413_over_a_socket(
    live: httpx.AsyncClient,
) -> None:
    answer = await live.post(
        "/usuarios/signup", content=chunks(12_000_000), headers={"Content-Type": "application/json"}
    )
    problem(answer, 413, "request_too_large")
    assert (await live.get("/health")).status_code == 200


async def test_a_body_that_came_whole_is_refused_without_waiting_for_more() -> None:
    sent: list[Message] = []

    async def read_all(_scope: Scope, receive: Receive, _send: Send) -> None:
        await receive()

    async def receive() -> Message:
        if given:
            return given.pop()
        raise AssertionError("there is nothing more to wait for")

    async def send(message: Message) -> None:
        sent.append(message)

    given: list[Message] = [{"type": "http.request", "body": b"x" * 3000, "more_body": False}]
    scope = {"type": "http", "method": "POST", "path": "/x", "query_string": b"", "headers": []}
    await BodyLimitMiddleware(read_all, max_body_bytes=2000)(scope, receive, send)
    assert [message.get("status") for message in sent] == [413, None]


async def test_a_length_that_is_a_lie_does_not_widen_the_limit(app_with: AppWith) -> None:
    async with app_with(max_body_bytes="2000") as client:
        request = client.build_request(
            "POST", f"{API}/usuarios/signup", content=chunks(10_000),
            headers={"Content-Type": "application/json", "Content-Length": "10"},
        )  # fmt: skip
        problem(await client.send(request), 413, "request_too_large")


# --- Request ids and logs -------------------------------------------------------------------------


async def test_a_request_id_is_echoed_or_made(client: httpx.AsyncClient) -> None:
    given = "portal-1234.ABC_x"
    answer = await client.get(f"{API}/health", headers={"X-Request-Id": given})
    assert answer.headers["x-request-id"] == given
    for bad in ("short", "x" * 65, "com espaço", 'aspas"aspas', "", CPF, "123.456.789-09"):
        headers = [(b"X-Request-Id", bad.encode("latin-1"))]
        answer = await client.get(f"{API}/health", headers=headers)
        assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


async def test_each_request_is_one_line_with_its_id(
    logged: Callable[[], list[dict[str, Any]]], app_with: AppWith
) -> None:
    async with app_with(extend=extend_with_failures) as client:
        await client.get(f"{API}/health", headers={"X-Request-Id": "pedido-0001"})
        await client.get("/broken/x", headers={"X-Request-Id": "pedido-0002"})
    lines = [line for line in logged() if line["event"] == "http.request"]
    assert [(line["request_id"], line["status"]) for line in lines] == [
        ("pedido-0001", 200),
        ("pedido-0002", 500),
    ]
    assert {"method", "path", "ms", "timestamp", "level"} <= lines[0].keys()
    (failure,) = [line for line in logged() if line["event"] == "http.unexpected_error"]
    assert failure["request_id"] == "pedido-0002"
    assert "RuntimeError" in failure["exception"]


@pytest.mark.parametrize("number", [CPF, "123.456.789-09", "123 456 789 09", "123456789-09"])
async def test_no_cpf_is_logged(
    logged: Callable[[], list[dict[str, Any]]], app_with: AppWith, number: str
) -> None:
    async with app_with(extend=extend_with_failures) as client:
        await client.get(f"{API}/usuarios/{number}", params={"cpf": number})
        await client.get(f"{API}/vagas/list", params={"q": number})
        await client.get(f"/broken/{number}")
        await client.get(f"/broken-database/{number}x")
        await client.post(
            f"{API}/auth/login", data={"username": number, "password": "Segredo-forte-9"}
        )
        await client.post(
            f"{API}/usuarios/signup",
            json={"username": number, "password": number, "perfil": "usuario"},
        )
        # Not every server refuses methods that it does not know.
        spoken = number.replace(" ", "")
        await client.request(spoken, "/health", headers={"X-Request-Id": spoken})
    lines = logged()
    assert len([line for line in lines if line["event"] == "http.request"]) == 7
    assert len([line for line in lines if line["event"] == "http.unexpected_error"]) == 2
    everything = json.dumps(lines)
    assert number not in everything
    assert CPF not in re.sub(r"[.\- ]", "", everything)


# --- Who may --------------------------------------------------------------------------------------


async def test_public_access_opens_the_job_centre_and_nothing_else(app_with: AppWith) -> None:
    body = {"infos_basicas": {"nome": "Ana"}}
    async with app_with(jobs_access="public") as client:
        made = await client.post(f"{API}/candidatos/create", json=body)
        assert made.status_code == 200
        assert (await client.get(f"{API}/candidatos/list")).json()["total"] == 1
        started = await client.post(f"{API}/vagas/export-vagas")
        assert started.status_code == 200
        task = f"{API}/tasks/{started.json()['task_id']}"
        assert (await client.get(task)).status_code == 401
        assert (await client.get(f"{API}/usuarios/list")).status_code == 401
        wrong = {"Authorization": "Bearer nonsense"}
        assert (await client.get(f"{API}/candidatos/list", headers=wrong)).status_code == 401


async def test_staff_access_closes_it_again(app_with: AppWith) -> None:
    async with app_with(jobs_access="staff") as client:
        for path in ("candidatos/update-tables", "vagas/export-vagas", "prospects/update-tables"):
            answer = await client.post(f"{API}/{path}", json={"file_key": "vagas"})
            problem(answer, 401, "not_authenticated")
