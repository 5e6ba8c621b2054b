"""A citizen asks, judges, talks to the chatbot and to a person; then the erasure; then a search.

Somebody else who asked the same keeps what is his.
"""

import asyncio
import io
import json
from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from tests.integration.cities import run_task
from tests.integration.personal_data.places import files_of, holds, rows_of, server_log

from praca.helpdesk.answering import open_responder
from praca.helpdesk.knowledge import CityKnowledge
from praca.helpdesk.personal_data import HELPDESK_TABLES
from praca.helpdesk.questions.room import open_consumer
from praca.identity import Role
from praca.platform.database.models import CityBase
from praca.platform.resources import Resources
from praca.platform.tasks import Worker

PASSWORD = "Segredo-forte-9"
NAME = "zqusuario"
ASKED, KNOWN, OPINION, OTHERWISE = "zqpergunta", "zqvacina", "zqopiniao", "zqressalva"
SAID, TOLD, REPLIED, SOLVED = "zqconversa", "zqrecado", "zqresposta", "zqsolucao"
UNDER_WAY = "zqrascunho"
PLANTED = {NAME, ASKED, KNOWN, OPINION, OTHERWISE, SAID, TOLD, REPLIED, SOLVED}
PARTS = {"perguntas", "sessoes", "avaliacoes", "sem_resposta", "atendimentos", "conversa"}
COMMON = "Onde estaciono meu disco voador?"


class Desk:
    """What people do at the help desk, all of it over HTTP."""

    def __init__(self, app: FastAPI, resources: Resources, log: io.BytesIO) -> None:
        self.app, self.resources, self._log = app, resources, log

    async def call(self, client: httpx.AsyncClient, method: str, path: str, **asked: Any) -> Any:
        answer = await client.request(method, path, **asked)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else None

    async def sign_in(self, client: httpx.AsyncClient, name: str, role: Role) -> None:
        async with self.resources.databases.identity.write() as session:
            await self.app.state.identity.create_account(
                session, username=name, password=PASSWORD, role=role
            )
        form = {"username": name, "password": PASSWORD}
        pair = await self.call(client, "POST", "/auth/login", data=form)
        client.headers["Authorization"] = f"Bearer {pair['access_token']}"

    async def ask(self, client: httpx.AsyncClient, question: str) -> Any:
        return await self.call(client, "POST", "/questions", json={"question": question})

    async def answer(self) -> None:
        """Have a worker answer and tell what was asked."""
        consumer = open_consumer(self.resources, self.app.state.responder)
        running = asyncio.create_task(consumer.run())
        async with asyncio.timeout(30):
            query = "SELECT FROM helpdesk.messages WHERE dead_at IS NULL"
            while self.rows(query):  # noqa: ASYNC110  # other processes' doings are no events
                await asyncio.sleep(0.05)
        consumer.stop()
        await running

    async def chat(self, client: httpx.AsyncClient, *messages: str) -> str:
        said = ""
        for message in messages:
            answer = await self.call(client, "POST", "/chatbot/chat", json={"message": message})
            said = answer["message"]
        return said

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.resources.databases.city.dsn) as connection:
            return connection.execute(query.encode()).fetchall()

    def places(self) -> dict[str, str]:
        """Every place where something may lie, as text in lower case."""
        databases = self.resources.databases
        found = files_of(self.resources.settings.data_dir)
        for name, database in (("city", databases.city), ("identity", databases.identity)):
            found |= {f"{name}: {table}": rows for table, rows in rows_of(database.dsn).items()}
        found["log"] = self._log.getvalue().decode()
        found["server's log"] = server_log(databases.city.dsn)
        return {place: content.casefold() for place, content in found.items()}

    def found(self, words: set[str]) -> dict[str, list[str]]:
        places = self.places()
        found = {
            word: [place for place, content in places.items() if holds(content, word)]
            for word in words
        }
        return {word: where for word, where in found.items() if where}


@pytest.fixture
async def desk(app: FastAPI, parted: Resources, log: io.BytesIO) -> Any:
    responder = open_responder(parted.settings, CityKnowledge(parted.databases.city))
    app.state.responder = responder
    yield Desk(app, parted, log)
    await responder.stop()


@pytest.fixture
def client_of(app: FastAPI) -> Callable[[], httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    return lambda: httpx.AsyncClient(transport=transport, base_url="http://test/api/v1")


async def live(
    desk: Desk, citizen: httpx.AsyncClient, other: httpx.AsyncClient, office: httpx.AsyncClient
) -> None:
    """Ask what is known and what is not, judge, talk to the chatbot and to a person."""
    article = {
        "title": "Vacinação de rotina",
        "summary": "As vacinas de rotina são gratuitas.",
        "steps": "Procure o posto de saúde com a caderneta de vacinação.",
    }
    written = await desk.call(office, "POST", "/knowledge/articles", json=article)
    known = await desk.ask(citizen, f"Onde tomo a vacina de rotina {KNOWN}?")
    await desk.ask(citizen, f"{ASKED} qwxz?")
    for somebody in (citizen, other):
        await desk.ask(somebody, COMMON)
    await desk.answer()
    judged = {"question_id": known["id"], "helpful": False, "comment": OPINION}
    await desk.call(citizen, "POST", "/helpdesk/feedback", json=judged)
    at_once = {"article_key": written["key"], "question": "E a vacina?", "helpful": False}
    judged = {**at_once, "comment": OTHERWISE}  # of no question that is kept
    await desk.call(citizen, "POST", "/helpdesk/feedback", json=judged)

    queue = await desk.call(office, "GET", "/helpdesk/unanswered")
    (own,) = [one for one in queue if ASKED in one["question"]]
    path = f"/helpdesk/unanswered/{own['id']}/answer"
    await desk.call(office, "POST", path, json={"answer": SOLVED})

    await desk.chat(citizen, f"preciso muito que alguém veja {SAID} comigo", "atendente", "sim")
    (ticket,) = await desk.call(citizen, "GET", "/helpdesk/my-tickets")
    path = f"/helpdesk/my-tickets/{ticket['id']}/reply"
    await desk.call(citizen, "POST", path, json={"text": TOLD})
    (ticket,) = await desk.call(office, "GET", "/helpdesk/tickets")
    path = f"/helpdesk/tickets/{ticket['id']}/reply"
    reply = {"text": REPLIED, "version": ticket["version"]}
    await desk.call(office, "POST", path, json=reply)
    await asyncio.wait_for(Worker(desk.resources).run(until_empty=True), 60)
    await desk.answer()
    await desk.chat(citizen, "menu", "3", UNDER_WAY)  # a document, unfinished


async def test_an_erased_asker_is_nowhere_and_others_keep_what_is_theirs(
    desk: Desk,
    citizen: httpx.AsyncClient,
    office: httpx.AsyncClient,
    client_of: Callable[[], httpx.AsyncClient],
) -> None:
    other = client_of()
    for client, name, role in (
        (citizen, NAME, Role.USUARIO),
        (other, "outra", Role.USUARIO),
        (office, "chefe", Role.ADMIN),
    ):
        await desk.sign_in(client, name, role)
    await live(desk, citizen, other, office)

    before = desk.found(PLANTED | {UNDER_WAY})
    assert set(before) == PLANTED, "the search is blind, or something is not encrypted"
    assert not [p for found in before.values() for p in found if p.startswith(("log", "server"))]
    copy = await desk.call(citizen, "GET", "/users/me/export")
    shown = json.dumps(copy["atendimento"], ensure_ascii=False).casefold()
    assert {word for word in {*PLANTED, UNDER_WAY} if word not in shown} == set()
    assert {part for part, content in copy["atendimento"].items() if content} == PARTS
    others = json.dumps(await desk.call(other, "GET", "/users/me/export")).casefold()
    assert not [word for word in PLANTED if word in others]

    await desk.ask(citizen, f"{ASKED} de novo?")  # it waits when its asker goes
    await desk.call(
        citizen, "DELETE", "/users/me?renunciar_saldo=true", json={"password": PASSWORD}
    )
    await run_task(desk.resources, "identity.finish_erasures")  # as the clock does
    await desk.answer()

    assert desk.found(PLANTED | {UNDER_WAY}) == {}
    assert desk.rows("SELECT question, user_id IS NULL FROM helpdesk.unanswered") == [
        (COMMON, False)
    ]
    assert desk.rows("SELECT question FROM helpdesk.questions") == [(COMMON,)]
    for table in ("messages", "feedback", "tickets", "unanswered_closings", "chatbot_states"):
        assert desk.rows(f"SELECT * FROM helpdesk.{table}") == [], table
    # He who stays is answered still.
    (group,) = await desk.call(office, "GET", "/helpdesk/unanswered")
    path = f"/helpdesk/unanswered/{group['id']}/answer"
    await desk.call(office, "POST", path, json={"answer": "No hangar."})
    await asyncio.wait_for(Worker(desk.resources).run(until_empty=True), 60)
    assert desk.rows("SELECT answer FROM helpdesk.questions") == [("No hangar.",)]


def test_every_table_of_the_room_is_tidied_that_names_somebody() -> None:
    """A table that comes to have an account or a question in it must not be forgotten."""
    named = {
        table.fullname
        for table in CityBase.metadata.sorted_tables
        if table.schema == "helpdesk"
        and {"user_id", "session_id", "question", "text"} & set(table.columns.keys())
    }
    assert named - set(HELPDESK_TABLES) == set()
