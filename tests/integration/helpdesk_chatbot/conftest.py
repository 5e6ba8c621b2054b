"""People who talk to the chatbot, and a help desk that knows two services."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio

from praca.helpdesk.answering import open_responder
from praca.helpdesk.records import Article, Knowledge
from praca.platform.settings import Settings

Json = dict[str, Any]
MakeAccount = Callable[..., Awaitable[Json]]

ARTICLES = (
    Article(
        id=1,
        key="poda",
        version=1,
        title="Poda de árvore",
        summary="A prefeitura poda árvores que estão na rua, sem custo.",
        steps="Peça a poda no aplicativo e informe o endereço da árvore.",
        keywords=("cortar galho", "árvore"),
    ),
    Article(
        id=2,
        key="castracao",
        version=1,
        title="Castração gratuita de cães e gatos",
        summary="A castração é gratuita para cães e gatos de moradores.",
        steps="Agende a castração no posto veterinário do seu bairro.",
        keywords=("castrar gato", "castrar cachorro"),
    ),
)


class Shelf:
    """A knowledge source that never changes."""

    async def revision(self) -> str:
        return "1"

    async def load(self) -> Knowledge:
        return Knowledge("1", ARTICLES)


class Person:
    """Somebody with an account, who talks to the chatbot."""

    def __init__(self, client: httpx.AsyncClient, account: Json, dsn: str) -> None:
        self.client, self.account, self.dsn = client, account, dsn
        self.is_over = False

    async def chat(self, message: str) -> httpx.Response:
        return await self.client.post(
            "/chatbot/chat", json={"message": message}, headers=self.account["headers"]
        )

    async def say(self, *messages: str) -> str:
        """Say one after the other; return the answer to the last."""
        said = ""
        for message in messages:
            answer = await self.chat(message)
            assert answer.status_code == 200, answer.text
            body = answer.json()
            assert set(body) == {"message", "options", "end_conversation"}
            assert body["options"] is None
            said, self.is_over = body["message"], body["end_conversation"]
            assert said
        return said

    async def card(self, balance: int = 0) -> str:
        headers = self.account["headers"]
        issued = await self.client.post("/transport-card/", headers=headers)
        number = str(issued.json()["card_number"])
        if balance:
            await self.client.post(
                f"/transport-card/{number}/recharge", json={"amount": balance}, headers=headers
            )
        return number

    async def statuses(self) -> dict[str, str]:
        answer = await self.client.get("/transport-card/my-cards", headers=self.account["headers"])
        return {card["card_number"]: card["status"] for card in answer.json()}

    async def documents(self) -> list[Json]:
        answer = await self.client.get(
            "/documents/my-documents", headers=self.account["headers"], params={"limit": 1000}
        )
        return list(answer.json())

    async def keep(self, kind: str, number: str) -> None:
        body = {"document_type": kind, "document_number": number}
        answer = await self.client.post("/documents", json=body, headers=self.account["headers"])
        assert answer.status_code == 201

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(query.encode()).fetchall()

    def fall_silent(self, minutes: int) -> None:
        """Let so much time pass for the conversation."""
        with psycopg.connect(self.dsn) as connection:
            connection.execute(
                "UPDATE helpdesk.chatbot_states SET updated_at = now() - %s * interval '1 minute'"
                " WHERE user_id = %s",
                (minutes, self.account["id"]),
            )


@pytest.fixture(autouse=True)
def as_many_questions_as_they_like(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRACA_CHATBOT_QUESTIONS_PER_MINUTE", "100000")


@pytest_asyncio.fixture
async def helpdesk(client: httpx.AsyncClient, settings: Settings) -> AsyncIterator[None]:
    responder = open_responder(settings, Shelf())
    client.app.state.responder = responder  # type: ignore[attr-defined]
    yield
    await responder.stop()


@pytest.fixture
async def ana(
    client: httpx.AsyncClient, make_account: MakeAccount, city_dsn: str, helpdesk: None
) -> Person:
    del helpdesk  # answers questions
    return Person(client, await make_account("ana"), city_dsn)


@pytest.fixture
async def bia(
    client: httpx.AsyncClient, make_account: MakeAccount, city_dsn: str, helpdesk: None
) -> Person:
    del helpdesk
    return Person(client, await make_account("bia"), city_dsn)
