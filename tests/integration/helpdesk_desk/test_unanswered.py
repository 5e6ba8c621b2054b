"""The operators' queue: equal questions as one, dealt with once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text
from tests.integration.cities import run_task
from tests.integration.helpdesk_desk.conftest import Audited, Rows

from praca.helpdesk.desk import note_unanswered
from praca.helpdesk.desk.unanswered import delivery
from praca.platform.resources import Resources
from praca.platform.tasks import TaskCancelledError, TaskContext, Worker

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
Ask = Callable[..., Awaitable[None]]
QUEUE = "/api/v1/helpdesk/unanswered"


@pytest.fixture
async def operator(make_account: MakeAccount) -> dict[str, Any]:
    return await make_account("olga", role="operador")


@pytest.fixture
def ask(resources: Resources) -> Ask:
    async def note(*questions: str, source: str = "pergunta", user_id: int | None = None) -> None:
        async with resources.databases.city.write() as session:
            for question in questions:
                await note_unanswered(
                    session,
                    question=question,
                    source=source,
                    question_id=uuid4() if source == "pergunta" else None,
                    user_id=user_id,
                )

    return note


async def listed(
    client: httpx.AsyncClient, operator: dict[str, Any], **params: Any
) -> list[dict[str, Any]]:
    answer = await client.get(QUEUE, params=params, headers=operator["headers"])
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_equal_questions_are_one(
    client: httpx.AsyncClient, ask: Ask, operator: dict[str, Any]
) -> None:
    await ask("Onde vacino meu gato?", "Onde  nasce o Tejo?", "onde VACINO meu gato", user_id=77)
    await ask("Onde vacino meu gató", source="chatbot")
    cat, river = await listed(client, operator)
    assert (cat["count"], cat["reachable"], cat["sources"]) == (3, 2, ["chatbot", "pergunta"])
    assert cat["question"] == "Onde vacino meu gató"
    assert (river["question"], river["status"]) == ("Onde nasce o Tejo?", "aberta")
    assert "77" not in str({k: v for k, v in cat.items() if not k.endswith("_at")})
    assert await listed(client, operator, source="chatbot") == [cat]
    assert await listed(client, operator, offset=1, limit=1) == [river]
    assert await listed(client, operator, status="fechada") == []
    answer = await client.get(QUEUE, params={"limit": 1}, headers=operator["headers"])
    assert answer.headers["X-Total-Count"] == "2"


async def test_what_is_dealt_with_leaves_the_queue(
    client: httpx.AsyncClient,
    ask: Ask,
    rows: Rows,
    audited: Audited,
    operator: dict[str, Any],
) -> None:
    await ask("Onde fica a lua?", "Quanto pesa o mar?", "Onde fica a lua?")
    moon, sea = await listed(client, operator)
    body = {"answer": "No céu."}
    answered = await client.post(
        f"{QUEUE}/{moon['id']}/answer", json=body, headers=operator["headers"]
    )
    assert answered.status_code == 200, answered.text
    assert (answered.json()["status"], answered.json()["answer"]) == ("respondida", "No céu.")
    dismissed = await client.post(f"{QUEUE}/{sea['id']}/dismiss", headers=operator["headers"])
    assert dismissed.json()["status"] == "dispensada"
    assert await listed(client, operator) == []
    assert [one["id"] for one in await listed(client, operator, status="fechada")] == [
        sea["id"],
        moon["id"],
    ]
    assert await listed(client, operator, status="respondida") == [answered.json()]
    again = await client.post(
        f"{QUEUE}/{moon['id']}/answer", json=body, headers=operator["headers"]
    )
    assert (again.status_code, again.json()["code"]) == (409, "unanswered_closed")
    assert again.json()["question_status"] == "respondida"
    assert await audited() == [
        ("helpdesk.unanswered_answered", str(moon["id"]), operator["id"]),
        ("helpdesk.unanswered_dismissed", str(sea["id"]), operator["id"]),
    ]
    tasks = await rows("SELECT kind, args FROM platform.task_runs")
    args = {"group_id": moon["id"], "operator_id": operator["id"]}
    assert tasks == [("helpdesk.give_answer", args)]
    # Asked again it is a question of its own.
    await ask("Onde fica a lua?")
    (anew,) = await listed(client, operator)
    assert (anew["count"], anew["status"]) == (1, "aberta")


async def test_an_article_is_written_from_a_question(
    client: httpx.AsyncClient, ask: Ask, rows: Rows, operator: dict[str, Any]
) -> None:
    await ask("Onde vacino meu gato?", source="resposta")
    await ask("E meu cachorro?")
    dog, cat = await listed(client, operator)  # of equally many the newest first
    article = {"title": "Vacina para gatos", "body": "No centro de zoonoses."}
    written = await client.post(
        f"{QUEUE}/{cat['id']}/article", json=article, headers=operator["headers"]
    )
    assert written.status_code == 201, written.text
    assert written.json()["status"] == "artigo"
    found = await rows("SELECT id, title FROM helpdesk.articles")
    assert found == [(written.json()["article_id"], "Vacina para gatos")]
    taken = await client.post(
        f"{QUEUE}/{dog['id']}/article", json=article, headers=operator["headers"]
    )
    assert (taken.status_code, taken.json()["code"]) == (409, "article_key_taken")
    assert await listed(client, operator) == [dog]
    # Who comes late leaves no article behind.
    late = await client.post(
        f"{QUEUE}/{cat['id']}/article", json={"title": "Outro"}, headers=operator["headers"]
    )
    assert (late.status_code, late.json()["code"]) == (409, "unanswered_closed")
    assert len(await rows("SELECT id FROM helpdesk.articles")) == 1


async def test_of_operators_at_once_one_closes_a_question(
    client: httpx.AsyncClient,
    make_account: MakeAccount,
    ask: Ask,
    rows: Rows,
    operator: dict[str, Any],
) -> None:
    await ask(*["Onde fica a lua?"] * 20)
    (moon,) = await listed(client, operator)
    other = await make_account("otto", role="admin")
    calls: list[Any] = [
        client.post(f"{QUEUE}/{moon['id']}/dismiss", headers=other["headers"]),
        client.post(
            f"{QUEUE}/{moon['id']}/article", json={"title": "Lua"}, headers=other["headers"]
        ),
        *(
            client.post(
                f"{QUEUE}/{moon['id']}/answer",
                json={"answer": f"Resposta {turn}"},
                headers=operator["headers"],
            )
            for turn in range(4)
        ),
    ]
    answers = await asyncio.gather(*calls)
    done = [answer for answer in answers if answer.is_success]
    assert len(done) == 1
    assert {a.json()["code"] for a in answers if not a.is_success} == {"unanswered_closed"}
    assert await rows("SELECT count(*) FROM helpdesk.unanswered_closings") == [(1,)]
    assert done[0].json()["count"] == 20
    articles = await rows("SELECT count(*) FROM helpdesk.articles")
    assert articles == [(int(done[0].json()["status"] == "artigo"),)]


async def test_who_may_not(
    client: httpx.AsyncClient, make_account: MakeAccount, ask: Ask, operator: dict[str, Any]
) -> None:
    await ask("Onde fica a lua?")
    (moon,) = await listed(client, operator)
    for role in ("usuario", "recrutador", "bibliotecario"):
        account = await make_account(f"quem-{role}", role=role)
        for method, path, body in (
            ("GET", "", None),
            ("POST", f"/{moon['id']}/answer", {"answer": "x"}),
            ("POST", f"/{moon['id']}/article", {"title": "x"}),
            ("POST", f"/{moon['id']}/dismiss", None),
        ):
            answer = await client.request(
                method, QUEUE + path, json=body, headers=account["headers"]
            )
            assert answer.status_code == 403
            assert (await client.request(method, QUEUE + path, json=body)).status_code == 401
    assert await listed(client, operator) == [moon]


@pytest.mark.parametrize("body", [{}, {"answer": ""}, {"answer": "\t"}, {"answer": "a\0b"}])
async def test_what_is_no_answer_is_refused(
    client: httpx.AsyncClient, ask: Ask, operator: dict[str, Any], body: dict[str, Any]
) -> None:
    await ask("Onde fica a lua?")
    (moon,) = await listed(client, operator)
    path = f"{QUEUE}/{moon['id']}/answer"
    answer = await client.post(path, json=body, headers=operator["headers"])
    assert answer.status_code == 422
    missing = await client.post(
        f"{QUEUE}/{2**63 - 1}/answer", json={"answer": "x"}, headers=operator["headers"]
    )
    assert (missing.status_code, missing.json()["code"]) == (404, "unanswered_not_found")


class Delivered:
    """What the askers have, and which notices wait."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def answers(self) -> list[Any]:
        return await self._rows(
            "SELECT status, answer, details ->> 'engine' FROM helpdesk.questions"
            ' ORDER BY answer COLLATE "C"'
        )

    async def notices(self) -> int:
        query = "SELECT count(*) FROM helpdesk.messages WHERE topic = 'notify-response'"
        ((count,),) = await self._rows(query)
        return int(count)


async def settled(resources: Resources, text_: str, user_id: int | None = None) -> UUID:
    """Keep a question to which the machine said that it does not know; return its id."""
    session_id, question_id = uuid4(), uuid4()
    async with resources.databases.city.write() as session:
        await session.execute(
            text("INSERT INTO helpdesk.sessions (id, name, user_id) VALUES (:id, 'x', :user_id)"),
            {"id": session_id, "user_id": user_id},
        )
        await session.execute(
            text(
                "INSERT INTO helpdesk.questions (id, session_id, question, status, answer,"
                " created_at, updated_at)"
                " VALUES (:id, :session_id, :question, 'respondida', 'Não sei.', now(), now())"
            ),
            {"id": question_id, "session_id": session_id, "question": text_},
        )
        await note_unanswered(
            session, question=text_, source="pergunta", question_id=question_id, user_id=user_id
        )
    return question_id


async def test_everybody_who_asked_gets_the_answer_once(
    client: httpx.AsyncClient,
    resources: Resources,
    rows: Rows,
    operator: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delivery, "_BATCH", 2)
    vanished = await settled(resources, "Onde fica a lua?")
    for question in ("Onde fica a lua?", "onde fica a LUA", "Onde fica a lua??", "E o mar?"):
        await settled(resources, question)
    async with resources.databases.city.write() as session:
        await session.execute(
            text("DELETE FROM helpdesk.questions WHERE id = :id"), {"id": vanished}
        )
    moon = (await listed(client, operator))[0]
    assert (moon["count"], moon["reachable"]) == (4, 4)
    body = {"answer": "No céu."}
    await client.post(f"{QUEUE}/{moon['id']}/answer", json=body, headers=operator["headers"])
    await asyncio.wait_for(Worker(resources).run(until_empty=True), 30)

    delivered = Delivered(rows)
    told = ("respondida", "No céu.", "pessoa")
    assert await delivered.answers() == [told, told, told, ("respondida", "Não sei.", None)]
    assert await delivered.notices() == 3
    # Of who died on the way, the next gives what is left: nothing.
    args = {"group_id": moon["id"], "operator_id": operator["id"]}
    assert await run_task(resources, "helpdesk.give_answer", **args) == {"given": 0}
    assert await delivered.notices() == 3
    (closed,) = await listed(client, operator, status="respondida")
    assert (closed["count"], closed["reachable"], closed["delivered"]) == (4, 3, 3)


async def test_what_dies_on_the_way_is_given_by_the_next(
    client: httpx.AsyncClient,
    resources: Resources,
    rows: Rows,
    operator: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(5):
        await settled(resources, "Onde fica a lua?")
    (moon,) = await listed(client, operator)
    await client.post(
        f"{QUEUE}/{moon['id']}/answer", json={"answer": "No céu."}, headers=operator["headers"]
    )
    context = TaskContext(uuid4(), resources)
    context.cancelled.set()  # it stops at its first progress, which is after the first batch
    args = {"group_id": moon["id"], "operator_id": operator["id"]}
    with monkeypatch.context() as patch:
        patch.setattr(delivery, "_BATCH", 2)
        with pytest.raises(TaskCancelledError):
            await delivery.give_answer(context, args)
    delivered = Delivered(rows)
    assert await delivered.notices() == 2
    # Two at once share what is left.
    both = await asyncio.gather(
        *(delivery.give_answer(TaskContext(uuid4(), resources), args) for _ in range(2))
    )
    assert sum(result["given"] for result in both) == 3
    assert await delivered.notices() == 5
    assert {answer for _, answer, _ in await delivered.answers()} == {"No céu."}
