"""Feedback: of one's own answers, once each, changeable; and what operators see of it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text
from tests.integration.helpdesk_desk.conftest import Audited, Rows

from praca.helpdesk.knowledge.content import ArticleDraft
from praca.helpdesk.knowledge.service import create_article, remove_article
from praca.platform.resources import Resources
from praca.platform.settings import Settings

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
Keep = Callable[..., Awaitable[UUID]]
FEEDBACK = "/api/v1/helpdesk/feedback"
ANSWER = {"article_key": "vacinas", "question": "Onde tomo vacina?", "helpful": True}


@pytest.fixture
async def articles(resources: Resources) -> dict[str, int]:
    async with resources.databases.city.write() as session:
        made = [
            await create_article(session, ArticleDraft(key=key, title=key.title()), None)
            for key in ("vacinas", "iptu")
        ]
    return {stored.draft.key: stored.id for stored in made}


@pytest.fixture
def keep(resources: Resources) -> Keep:
    """Keep a question as the asynchronous desk does; returns its id."""

    async def add(
        session_id: UUID, user_id: int | None, *cited: str, status: str = "respondida", **more: Any
    ) -> UUID:
        question_id = uuid4()
        details = {"is_answered": bool(cited), "engine": "extrativo", **more}
        details["citations"] = [{"article_key": key} for key in cited]
        async with resources.databases.city.write() as session:
            await session.execute(
                text(
                    "INSERT INTO helpdesk.sessions (id, name, user_id)"
                    " VALUES (:id, 'x', :user_id) ON CONFLICT DO NOTHING"
                ),
                {"id": session_id, "user_id": user_id},
            )
            await session.execute(
                text(
                    "INSERT INTO helpdesk.questions (id, session_id, question, status, details,"
                    " created_at, updated_at) VALUES (:id, :session_id, 'Onde?', :status,"
                    " CAST(:details AS jsonb), now() - interval '3 seconds', now())"
                ),
                {
                    "id": question_id,
                    "session_id": session_id,
                    "status": status,
                    "details": json.dumps(details),
                },
            )
        return question_id

    return add


def bearer(token: object) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_an_opinion_may_change_but_is_one(
    client: httpx.AsyncClient,
    rows: Rows,
    audited: Audited,
    make_account: MakeAccount,
    articles: dict[str, int],
) -> None:
    del articles
    ana = await make_account("ana")
    callers: tuple[dict[str, str], ...] = ({}, ana["headers"])
    for headers in callers:
        for question in ("Onde tomo vacina?", "ONDE  tomo vacina?"):
            first = await client.post(FEEDBACK, json=ANSWER, headers=headers)
            assert first.status_code == 200, first.text
            again = {**ANSWER, "question": question, "helpful": False, "comment": "Fone 98765-0077"}
            changed = await client.post(FEEDBACK, json=again, headers=headers)
            assert changed.json()["comment"] == "Fone *"
            assert changed.json()["created_at"] == first.json()["created_at"]
    kept = await rows("SELECT user_id, helpful, comment, article_keys FROM helpdesk.feedback")
    assert sorted(kept, key=str) == [
        (ana["id"], False, "Fone *", ["vacinas"]),
        (None, False, "Fone *", ["vacinas"]),
    ]
    assert not any(
        "vacina?" in str(row).casefold() for row in await rows("SELECT f FROM helpdesk.feedback f")
    )
    assert {actor for _, _, actor in (await audited())} == {None, ana["id"]}


async def test_of_ones_own_question_with_the_token_that_asked_it(
    client: httpx.AsyncClient, rows: Rows, make_account: MakeAccount, keep: Keep
) -> None:
    ana, bia = await make_account("ana"), await make_account("bia")
    own, nobodys = uuid4(), uuid4()
    of_ana = await keep(own, ana["id"], "vacinas", "iptu", "vacinas")
    anonymous = await keep(nobodys, None, "iptu")
    waiting = await keep(nobodys, None, status="pendente")

    async def judged(question: UUID, headers: dict[str, str]) -> tuple[int, str | None]:
        body = {"question_id": str(question), "helpful": False}
        answer = await client.post(FEEDBACK, json=body, headers=headers)
        return answer.status_code, answer.json().get("code")

    missing = (404, "feedback_question_not_found")
    # An account's session is the account's: its id is nobody's token.
    for headers in ({}, bia["headers"], bearer(own), bearer(uuid4())):
        assert await judged(of_ana, headers) == missing
        assert await judged(uuid4(), headers) == missing
    for headers in ({}, ana["headers"], bearer(uuid4()), bearer(own)):
        assert await judged(anonymous, headers) == missing
    assert await judged(of_ana, bearer("e30.e30.e30")) == (401, "invalid_token")
    assert await rows("SELECT * FROM helpdesk.feedback") == []
    assert await judged(of_ana, ana["headers"]) == (200, None)
    assert await judged(anonymous, bearer(nobodys)) == (200, None)
    assert await judged(waiting, bearer(nobodys)) == (409, "feedback_too_early")
    assert await rows(
        "SELECT question_id, user_id, article_keys FROM helpdesk.feedback ORDER BY id"
    ) == [(of_ana, ana["id"], ["iptu", "vacinas"]), (anonymous, None, ["iptu"])]


async def test_many_at_once_are_one_opinion(
    client: httpx.AsyncClient, rows: Rows, articles: dict[str, int]
) -> None:
    del articles
    answers = await asyncio.gather(
        *(client.post(FEEDBACK, json={**ANSWER, "helpful": turn % 2 == 0}) for turn in range(8))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert await rows("SELECT count(*) FROM helpdesk.feedback") == [(1,)]


async def test_what_is_no_feedback_is_refused(
    client: httpx.AsyncClient, resources: Resources, articles: dict[str, int]
) -> None:
    for body in (
        {"helpful": True},
        {"helpful": True, "question_id": str(uuid4()), "article_key": "iptu", "question": "?"},
        {"helpful": True, "question_id": str(uuid4()), "question": "?"},
        {"helpful": True, "article_key": "iptu"},
        {"helpful": True, "question": "Quanto custa?"},
        {"helpful": True, "question_id": "um"},
        {**ANSWER, "helpful": None},
        {**ANSWER, "comment": "a\0"},
        {**ANSWER, "comment": "x" * 1001},
        {**ANSWER, "article_key": "a\0"},
    ):
        answer = await client.post(FEEDBACK, json=body)
        assert answer.status_code == 422, body
    half = json.dumps(ANSWER).replace("Onde", "\\ud800").encode()
    answer = await client.post(FEEDBACK, content=half, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    async with resources.databases.city.write() as session:
        await remove_article(session, articles["iptu"], None)
    for key in ("iptu", "nenhum"):
        answer = await client.post(FEEDBACK, json={**ANSWER, "article_key": key})
        assert (answer.status_code, answer.json()["code"]) == (404, "article_not_found")


class TestLimit:
    @pytest.fixture
    def settings(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
        del settings  # has set the data folder
        monkeypatch.setenv("PRACA_FEEDBACK_MAX_PER_HOUR", "2")
        return Settings.load()

    async def test_nobody_judges_without_end(
        self, client: httpx.AsyncClient, make_account: MakeAccount, articles: dict[str, int]
    ) -> None:
        del articles
        ana = await make_account("ana")
        # Ids that nobody has heard of are no way around the address' limit.
        callers: tuple[dict[str, str], ...]
        callers = ({}, bearer(uuid4()), bearer(uuid4()), ana["headers"], ana["headers"], {})
        codes = [
            (await client.post(FEEDBACK, json=ANSWER, headers=headers)).status_code
            for headers in callers
        ]
        assert codes == [200, 200, 429, 200, 200, 429]
        refused = await client.post(FEEDBACK, json=ANSWER, headers=ana["headers"])
        assert (refused.status_code, refused.json()["code"]) == (429, "feedback_limit")
        assert 0 < int(refused.headers["Retry-After"]) <= 3600


async def test_operators_see_what_did_not_help_but_not_whom(
    client: httpx.AsyncClient, make_account: MakeAccount, keep: Keep, articles: dict[str, int]
) -> None:
    del articles
    ana = await make_account("ana")
    operator = await make_account("olga", role="operador")
    own = uuid4()
    for cited, helpful in ((["iptu"], False), (["iptu", "vacinas"], False), (["vacinas"], True)):
        question = await keep(own, ana["id"], *cited)
        body = {"question_id": str(question), "helpful": helpful, "comment": "Hum"}
        await client.post(FEEDBACK, json=body, headers=ana["headers"])
    await keep(own, ana["id"])
    await keep(own, ana["id"], "iptu", engine="pessoa")
    await keep(own, ana["id"], status="erro")
    await keep(own, ana["id"], status="pendente")

    async def get(path: str, **params: Any) -> Any:
        answer = await client.get(path, params=params, headers=operator["headers"])
        assert answer.status_code == 200, answer.text
        return answer.json()

    listed = await get(f"{FEEDBACK}/articles")
    assert [
        (one["article_key"], one["title"], one["helpful"], one["unhelpful"]) for one in listed
    ] == [("iptu", "Iptu", 0, 2), ("vacinas", "Vacinas", 1, 1)]
    assert [one["helpful_share"] for one in listed] == [0.0, 0.5]
    opinions = await get(FEEDBACK, article_key="vacinas")
    assert [one["helpful"] for one in opinions] == [True, False]
    assert set(opinions[0]) == {
        *("id", "helpful", "comment", "article_keys", "created_at", "updated_at"),
    }
    assert len(await get(FEEDBACK, helpful=False, limit=1)) == 1
    figures = await get("/api/v1/helpdesk/figures", days=1)
    median = figures.pop("median_s")
    assert 2.9 < median < 4
    names = ("asked", "answered", "abstained", "by_person", "failed", "pending")
    assert figures == {
        "days": 1,
        **dict(zip(names, (7, 4, 1, 1, 1, 1), strict=True)),
        **dict.fromkeys(("unanswered_open", "tickets_waiting", "tickets_answered"), 0),
        "helpful": 1,
        "unhelpful": 2,
        "helpful_share": 1 / 3,
    }
    for path in (FEEDBACK, f"{FEEDBACK}/articles", "/api/v1/helpdesk/figures"):
        assert (await client.get(path, headers=ana["headers"])).status_code == 403
        assert (await client.get(path)).status_code == 401
