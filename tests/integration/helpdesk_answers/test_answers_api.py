"""Questions answered at once over HTTP, from articles that operators change."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
from pydantic import SecretStr
from tests.model_server import ModelServer, Script, opened_model, said

from praca.entrypoints.api import create_app
from praca.helpdesk.records import Knowledge
from praca.platform.journal import Journal
from praca.platform.resources import Resources
from praca.platform.settings import JournalSettings, Settings, SettingsError

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]

ANSWERS = "/api/v1/answers"
ARTICLES = "/api/v1/knowledge/articles"
STREAM = {"Accept": "text/event-stream"}
QUESTION = "Quanto custa a segunda via do cartão de transporte?"
CARD = {
    "title": "Segunda via do cartão de transporte",
    "summary": "Peça outro cartão de transporte quando o seu foi perdido.",
    "body": "O cartão perdido é bloqueado na hora.",
    "steps": "Entre na sua conta. Escolha o cartão perdido. Peça a segunda via.",
    "cost": "A segunda via do cartão custa R$ 12,50.",
    "deadline": "O cartão chega em até 10 dias úteis.",
    "links": ["https://cidade.example/cartao"],
    "keywords": ["perdi o cartão", "bilhete"],
}
OTHERS = [
    {"title": "Poda de árvore", "body": "A prefeitura poda árvores nas ruas da cidade."},
    {"title": "Carteira da biblioteca", "body": "Com ela você leva livros para casa."},
    {"title": "Vaga de emprego", "body": "A central de empregos recebe currículos."},
]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """What was just written is read; whatever was found counts as an answer."""
    helpdesk = settings.helpdesk.model_copy(
        update={"helpdesk_fresh_s": 0.0, "helpdesk_min_confidence": 0.05}
    )
    return replace(settings, helpdesk=helpdesk)


@pytest_asyncio.fixture
async def operator(make_account: MakeAccount) -> dict[str, str]:
    account = await make_account("operadora", role="operador")
    headers: dict[str, str] = account["headers"]
    return headers


@pytest_asyncio.fixture
async def card(client: httpx.AsyncClient, operator: dict[str, str]) -> dict[str, Any]:
    for article in (*OTHERS, CARD):
        made = await client.post(ARTICLES, json=article, headers=operator)
        assert made.status_code == 201, made.text
    last: dict[str, Any] = made.json()
    return last


def configured(settings: Settings, **changes: Any) -> Settings:
    return replace(settings, helpdesk=settings.helpdesk.model_copy(update=changes))


async def ask(client: httpx.AsyncClient, question: str = QUESTION) -> dict[str, Any]:
    answer = await client.post(ANSWERS, json={"question": question})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


@pytest.mark.usefixtures("card")
async def test_a_question_is_answered_with_what_the_article_says(
    client: httpx.AsyncClient, card: dict[str, Any]
) -> None:
    answer = await ask(client)
    assert set(answer) == {
        "text", "is_answered", "confidence", "engine", "citations", "suggestions", "revision",
    }  # fmt: skip
    assert answer["is_answered"] is True
    assert answer["engine"] == "extrativo"
    assert CARD["cost"] in answer["text"]
    assert answer["citations"][0] == {
        "article_id": card["id"],
        "article_key": card["key"],
        "title": CARD["title"],
        "passage": CARD["cost"],
        "url": "https://cidade.example/cartao",
    }


async def test_an_answer_changes_with_its_article(
    client: httpx.AsyncClient, operator: dict[str, str], card: dict[str, Any]
) -> None:
    before = await ask(client)
    changed = await client.put(
        f"{ARTICLES}/{card['id']}",
        json={**CARD, "cost": "A segunda via do cartão custa R$ 99."},
        headers={**operator, "If-Match": '"1"'},
    )
    assert changed.status_code == 200, changed.text
    after = await ask(client)
    assert "R$ 99" in after["text"]
    assert "12,50" not in after["text"]
    assert before["revision"] != after["revision"]
    await client.delete(f"{ARTICLES}/{card['id']}", headers={**operator, "If-Match": '"2"'})
    gone = await ask(client)
    assert "R$ 99" not in gone["text"]


@pytest.mark.usefixtures("card")
async def test_the_stream_ends_with_the_answer(client: httpx.AsyncClient) -> None:
    answer = await client.post(ANSWERS, json={"question": QUESTION}, headers=STREAM)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    found = events(answer.text)
    assert [name for name, _ in found] == ["piece", "answer"]
    assert found[-1][1] == await ask(client)
    assert "".join(data["text"] for _, data in found[:-1]) == found[-1][1]["text"]


async def test_what_is_not_known_waits_for_an_operator(
    settings: Settings, resources: Resources, operator: dict[str, str], city_dsn: str
) -> None:
    app = create_app(configured(settings, helpdesk_min_confidence=1.0), resources)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        question = "Como faço um foguete? Meu CPF é 529.982.247-25"
        answer = await ask(client, question)
        assert answer["is_answered"] is False
        assert answer["citations"] == []
        assert "não sei" in answer["text"]
        queue = await client.get("/api/v1/helpdesk/unanswered", headers=operator)
        assert queue.status_code == 200
        assert "foguete" in queue.text
        assert "529" not in queue.text
        streamed = await client.post(ANSWERS, json={"question": question}, headers=STREAM)
        assert events(streamed.text)[-1][1]["is_answered"] is False
    with psycopg.connect(city_dsn) as connection:
        (count,) = connection.execute("SELECT count(*) FROM helpdesk.unanswered").fetchone() or ()
    assert count == 2


@pytest.mark.parametrize(
    "body",
    [{}, {"question": ""}, {"question": "  "}, {"question": 3}, {"question": None}, [],
     {"question": "a" * 2001}, {"question": "a" * 30_000}],
    ids=str,
)  # fmt: skip
async def test_what_is_no_question_is_refused(client: httpx.AsyncClient, body: Any) -> None:
    answer = await client.post(ANSWERS, json=body)
    assert answer.status_code == 422
    assert answer.json()["code"] == "validation_error"


@pytest.mark.parametrize(
    "question", ["a\x00b", "\u200b", "?", "ﷺ" * 500, "a" * 2000, "\u0301" * 999]
)
@pytest.mark.usefixtures("card")
async def test_odd_questions_are_answered(client: httpx.AsyncClient, question: str) -> None:
    assert (await ask(client, question))["text"]


@pytest.mark.usefixtures("card")
async def test_each_network_address_has_a_limit(settings: Settings, resources: Resources) -> None:
    few = configured(settings, answers_per_minute=3)
    app = create_app(few, replace(resources, settings=few))

    def connected(address: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=app, client=(address, 1))
        return httpx.AsyncClient(transport=transport, base_url="http://test")

    async with connected("192.0.2.1") as client, connected("192.0.2.2") as other:
        answers = await asyncio.gather(
            *(client.post(ANSWERS, json={"question": QUESTION}) for _ in range(6))
        )
        assert sorted(one.status_code for one in answers) == [200] * 3 + [429] * 3
        refused = next(one for one in answers if one.status_code == 429)
        assert refused.json()["code"] == "too_many_answers"
        assert 0 < int(refused.headers["Retry-After"]) <= 60
        streamed = await client.post(ANSWERS, json={"question": QUESTION}, headers=STREAM)
        assert streamed.status_code == 429
        assert (await other.post(ANSWERS, json={"question": QUESTION})).status_code == 200


class Down:
    """Articles that cannot be read."""

    async def revision(self) -> str:
        raise psycopg.OperationalError("down")

    async def load(self) -> Knowledge:
        raise psycopg.OperationalError("down")


@pytest.mark.parametrize("headers", [{}, STREAM], ids=["json", "stream"])
async def test_without_articles_it_is_unavailable(
    client: httpx.AsyncClient, settings: Settings, headers: dict[str, str]
) -> None:
    from praca.helpdesk.answering import open_responder

    client.app.state.responder = open_responder(settings, Down())  # type: ignore[attr-defined]
    answer = await client.post(ANSWERS, json={"question": QUESTION}, headers=headers)
    assert answer.status_code == 503
    assert answer.json()["code"] == "database_unavailable"


@pytest.mark.usefixtures("card")
async def test_the_journal_knows_no_question(
    client: httpx.AsyncClient, settings: Settings, resources: Resources, city_dsn: str
) -> None:
    noting = replace(settings, journal=JournalSettings(journal=True))
    journal = Journal(noting, resources.databases.city)
    client.app.state.journal = journal  # type: ignore[attr-defined]
    journal.start()
    await ask(client, f"{QUESTION} Sou Fulana de Tal")
    await journal.stop()
    with psycopg.connect(city_dsn) as connection:
        rows = connection.execute(
            "SELECT p::text, p.model, p.output FROM platform.prediction_log p"
        ).fetchall()
    assert [row[1:] for row in rows] == [("answers", "respondida (extrativo)")]
    assert "Fulana" not in rows[0][0]


@pytest_asyncio.fixture
async def model() -> AsyncIterator[ModelServer]:
    async with opened_model() as server:
        yield server


@pytest_asyncio.fixture
async def worded(
    settings: Settings, resources: Resources, model: ModelServer
) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of an application with a model."""
    llm = settings.llm.model_copy(
        update={"llm_base_url": model.url, "llm_api_key": SecretStr("k"), "llm_timeout_s": 2.0}
    )
    app = create_app(replace(settings, llm=llm), resources)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened
    await app.state.responder.stop()


@pytest.mark.usefixtures("card")
async def test_a_model_words_what_is_checked(worded: httpx.AsyncClient, model: ModelServer) -> None:
    model.plays(said("A segunda via do cartão custa R$ 12,50 [1]. O cartão chega logo [2]."))
    found = events((await worded.post(ANSWERS, json={"question": QUESTION}, headers=STREAM)).text)
    assert found[0] == ("piece", {"text": "A segunda via do cartão custa R$ 12,50."})
    assert found[-1][1]["engine"] == "llm"
    assert "".join(data["text"] for _, data in found[:-1]) == found[-1][1]["text"]
    assert await ask(worded) == found[-1][1]
    assert len(model.requests) == 1


@pytest.mark.usefixtures("card")
async def test_what_a_model_invents_is_quoted_instead(
    worded: httpx.AsyncClient, model: ModelServer
) -> None:
    model.plays(said("A segunda via do cartão custa R$ 1,00 [1]."))
    answer = await ask(worded)
    assert answer["engine"] == "extrativo"
    assert CARD["cost"] in answer["text"]
    model.plays(Script(status=500))
    assert (await ask(worded, "Como peço a segunda via do cartão?"))["engine"] == "extrativo"


def test_a_model_without_its_client_is_an_error_at_the_start(
    settings: Settings, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    llm = settings.llm.model_copy(update={"llm_base_url": "http://127.0.0.1:9/v1"})
    monkeypatch.setattr("praca.helpdesk.answering.llm.find_spec", lambda _name: None)
    with pytest.raises(SettingsError, match=r"PRACA_LLM_BASE_URL.*praca\[llm\]"):
        create_app(replace(settings, llm=llm), resources)
