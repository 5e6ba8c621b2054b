"""A client written for system 5: it signs in with a name, asks, and polls until it is answered."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from praca.helpdesk.knowledge import sample_articles
from praca.helpdesk.questions.room import consuming
from praca.platform.resources import Resources

Json = dict[str, Any]
MakeAccount = Callable[..., Awaitable[Json]]

_PATIENCE_S = 30.0
_OLD_MEMBERS = {"id", "question", "answer", "session_id", "status", "created_at", "updated_at"}
_WITHOUT_ZONE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?")
_SERVICES = 25
_LEFT_OUT = {"id", "version", "valid_from", "valid_until"}


class OldClient:
    """What the contract says, and nothing that it does not."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self.token = ""

    async def login(self, name: str) -> Json:
        answer = await self._http.post("/api/v1/auth/login", json={"name": name})
        assert answer.status_code == 200
        self.token = answer.json()["token"]
        return dict(answer.json())

    async def ask(self, question: str) -> Json:
        answer = await self._http.post(
            "/api/v1/questions",
            json={"question": question},
            headers={"Authorization": f"Bearer {self.token}"},
        )
        assert answer.status_code == 200
        return dict(answer.json())

    async def list(self) -> list[Json]:
        answer = await self._http.get(f"/api/v1/questions/{self.token}")
        assert answer.status_code == 200
        return list(answer.json())

    async def poll(self, question_id: str) -> Json:
        """Ask again and again, as the old page did."""
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                (found,) = [one for one in await self.list() if one["id"] == question_id]
                if found["status"] != "pendente":
                    return found
                await asyncio.sleep(0.05)


@pytest_asyncio.fixture
async def service(client: httpx.AsyncClient, make_account: MakeAccount) -> AsyncIterator[None]:
    """A knowledge base with some of the shipped articles, the library's among them."""
    headers = (await make_account("operadora", role="operador"))["headers"]
    articles = sorted(sample_articles(), key=lambda one: not one.key.startswith("biblioteca"))
    for article in articles[:_SERVICES]:
        body = {name: value for name, value in asdict(article).items() if name not in _LEFT_OUT}
        made = await client.post("/api/v1/knowledge/articles", json=body, headers=headers)
        assert made.status_code == 201, made.text
    yield
    await client.app.state.notices.close()  # type: ignore[attr-defined]


@pytest.fixture
def old(client: httpx.AsyncClient) -> OldClient:
    return OldClient(client)


@pytest.mark.usefixtures("service")
async def test_from_a_name_to_an_answer(old: OldClient, resources: Resources) -> None:
    signed_in = await old.login("Maria")
    assert signed_in == {"token": old.token, "name": "Maria"}
    assert UUID(old.token).version == 4
    asked = await old.ask("Como consulto o catálogo de livros da biblioteca municipal?")
    assert (asked["status"], asked["answer"]) == ("pendente", None)
    assert (asked["session_id"], asked["question"]) == (old.token, asked["question"])
    assert await old.list() == [asked]
    async with consuming(resources):
        answered = await old.poll(asked["id"])
    assert answered["status"] == "respondida"
    assert "catálogo" in answered["answer"]
    assert answered["details"]["is_answered"]
    same = ("id", "question", "session_id", "created_at")
    assert [answered[name] for name in same] == [asked[name] for name in same]
    assert answered["updated_at"] > asked["updated_at"]


@pytest.mark.usefixtures("service")
async def test_what_nobody_knows_is_answered_too(old: OldClient, resources: Resources) -> None:
    await old.login("Maria")
    asked = await old.ask("Qual é a capital da Mongólia?")
    async with consuming(resources):
        answered = await old.poll(asked["id"])
    # The old worker made something up; the client sees an answer either way.
    assert answered["status"] == "respondida"
    assert answered["answer"]


async def test_the_record_has_the_old_members(old: OldClient) -> None:
    await old.login("Maria")
    asked = await old.ask("Quando abre a biblioteca?")
    assert set(asked) >= _OLD_MEMBERS
    assert UUID(asked["id"]).version in {4, 7}
    now = datetime.now(UTC).replace(tzinfo=None)
    for name in ("created_at", "updated_at"):
        assert _WITHOUT_ZONE.fullmatch(asked[name])
        assert abs(now - datetime.fromisoformat(asked[name])) < timedelta(minutes=1)


async def test_the_ten_newest_the_newest_first(old: OldClient) -> None:
    await old.login("Maria")
    asked = [(await old.ask(f"Pergunta número {number}?"))["id"] for number in range(12)]
    assert [one["id"] for one in await old.list()] == asked[:1:-1]


async def test_names_are_not_unique_and_each_login_is_a_session(old: OldClient) -> None:
    first = (await old.login("Maria"))["token"]
    await old.ask("De quem é esta?")
    assert (await old.login("Maria"))["token"] != first
    assert await old.list() == []


@pytest.mark.parametrize(
    ("authorization", "detail"),
    [
        (None, "Token não fornecido"),
        ("Basic YTpi", "Formato do token inválido"),
        ("Bearer", "Formato do token inválido"),
        ("Bearer a b", "Formato do token inválido"),
        ("Bearer 5f0cdd9e-3c24-4ff3-9c4f-b9ab5a0ac9e1", "Token inválido ou expirado"),
        ("Bearer nada", "Token inválido ou expirado"),
    ],
)
async def test_refusals_say_what_they_said(
    client: httpx.AsyncClient, authorization: str | None, detail: str
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = await client.post("/api/v1/questions", json={"question": "Oi?"}, headers=headers)
    assert (answer.status_code, answer.json()["detail"]) == (401, detail)


@pytest.mark.parametrize("session", ["5f0cdd9e-3c24-4ff3-9c4f-b9ab5a0ac9e1", "nada", "1"])
async def test_a_session_that_is_not_there_has_no_questions(
    client: httpx.AsyncClient, session: str
) -> None:
    answer = await client.get(f"/api/v1/questions/{session}")
    assert (answer.status_code, answer.json()) == (200, [])


async def test_members_that_are_missing_are_422(client: httpx.AsyncClient, old: OldClient) -> None:
    await old.login("Maria")
    headers = {"Authorization": f"Bearer {old.token}"}
    answer = await client.post("/api/v1/questions", json={}, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"] == ["body", "question"]
    answer = await client.post("/api/v1/auth/login", json={})
    assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, ["body", "name"])


async def test_the_old_page_may_call_from_its_origin(
    client: httpx.AsyncClient, old: OldClient
) -> None:
    await old.login("Maria")
    preflight = {
        "Origin": "http://localhost:3000",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = await client.options("/api/v1/questions", headers=preflight)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    answer = await client.get(
        f"/api/v1/questions/{old.token}/", headers={"Origin": "http://localhost:3000"}
    )
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_an_account_s_questions_are_its_own(
    client: httpx.AsyncClient, make_account: MakeAccount
) -> None:
    """New: a token of an account asks in a session that nobody else can read."""
    ana, bia = await make_account("ana"), await make_account("bia")
    asked = await client.post(
        "/api/v1/questions", json={"question": "Só minha?"}, headers=ana["headers"]
    )
    path = f"/api/v1/questions/{asked.json()['session_id']}"
    assert (await client.get(path, headers=ana["headers"])).json() == [asked.json()]
    nobody: dict[str, str] = {}
    for headers in (nobody, bia["headers"]):
        assert (await client.get(path, headers=headers)).status_code == 404
