"""Reviews of scores by people: asked by candidates, decided once by recruiters."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from praca.entrypoints.api import create_app
from praca.entrypoints.kinds import TASK_KINDS
from praca.jobs.matching import Matcher
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
Headers = dict[str, str]
Json = dict[str, Any]
API = "/api/v1"
REVIEWS = f"{API}/revisoes"
WHY = "Minha experiência não foi vista."
DECISION = {"decisao": "revista", "justificativa": "O currículo diz o mesmo em outras palavras."}
NOBODY = "01936b1e-0c7a-4c3e-8d4f-5a6b7c8d9e0f"


@pytest.fixture
def matched(client: httpx.AsyncClient, matcher: Matcher) -> httpx.AsyncClient:
    """The client of an application whose model is loaded."""
    client.app.state.matcher = matcher  # type: ignore[attr-defined]
    return client


@pytest.fixture
async def recruiter(make_account: MakeAccount) -> Headers:
    return dict((await make_account("bia", "recrutador"))["headers"])


@pytest.fixture
async def colleague(make_account: MakeAccount) -> Headers:
    return dict((await make_account("caio", "recrutador"))["headers"])


@pytest.fixture
async def citizen(make_account: MakeAccount) -> Headers:
    return dict((await make_account("ana"))["headers"])


@pytest.fixture
def codes(city_dsn: str) -> tuple[list[int], list[int]]:
    """Codes of three vacancies and of three candidates."""
    with psycopg.connect(city_dsn) as connection:
        queries = (
            "SELECT codigo_vaga FROM jobs.vacancies ORDER BY 1 LIMIT 3",
            "SELECT codigo_profissional FROM jobs.candidates ORDER BY 1 LIMIT 3",
        )
        vacancies, people = ([row[0] for row in connection.execute(q)] for q in queries)
    return vacancies, people


def execute(dsn: str, statement: str, *values: Any) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statement.encode(), values)


def count(dsn: str, table: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(f"SELECT count(*) FROM jobs.{table}".encode()).fetchone()
    assert row is not None
    return int(row[0])


async def link(client: httpx.AsyncClient, staff: Headers, codigo: int, username: str) -> Json:
    answer = await client.put(
        f"{API}/candidatos/{codigo}/conta", json={"username": username}, headers=staff
    )
    return {"status": answer.status_code, **answer.json()}


async def ask(
    client: httpx.AsyncClient, headers: Headers, vaga: int, candidato: int | None = None
) -> httpx.Response:
    body = {"codigo_vaga": vaga, "motivo": WHY, "codigo_candidato": candidato}
    return await client.post(REVIEWS, json=body, headers=headers)


async def asked(
    client: httpx.AsyncClient, headers: Headers, vaga: int, candidato: int | None = None
) -> Json:
    answer = await ask(client, headers, vaga, candidato)
    assert answer.status_code == 201, answer.text
    review: Json = answer.json()
    return review


async def act(
    client: httpx.AsyncClient, headers: Headers, review: Json, what: str, body: Json | None = None
) -> httpx.Response:
    return await client.post(f"{REVIEWS}/{review['id']}/{what}", json=body, headers=headers)


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_an_account_is_linked_by_staff_and_by_its_name_only(
    client: httpx.AsyncClient,
    recruiter: Headers,
    citizen: Headers,
    make_account: MakeAccount,
    codes: tuple[list[int], list[int]],
    city_dsn: str,
) -> None:
    first, second, _ = codes[1]
    cpf = "52998224725"
    execute(city_dsn, "UPDATE identity.accounts SET cpf = %s WHERE username = 'ana'", cpf)
    await make_account("rui")
    assert (await link(client, citizen, first, "ana"))["code"] == "forbidden"
    assert (await link(client, recruiter, first, cpf))["code"] == "account_not_found"
    assert (await link(client, recruiter, first, "ninguem"))["code"] == "account_not_found"
    assert (await link(client, recruiter, 77, "ana"))["code"] == "candidate_not_found"
    for _ in range(2):  # again changes nothing
        done = await link(client, recruiter, first, "ANA")
        assert done == {"status": 200, "codigo_profissional": first, "username": "ana"}
    assert (await link(client, recruiter, second, "ana"))["code"] == "account_link_taken"
    assert (await link(client, recruiter, first, "rui"))["code"] == "account_link_taken"
    path = f"{API}/candidatos/{first}/conta"
    gone = await client.delete(path, headers=recruiter)
    assert gone.json() == {"codigo_profissional": first, "username": None}
    again = await client.delete(path, headers=recruiter)
    assert refused(again) == (404, "account_link_not_found")
    assert (await link(client, recruiter, first, "rui"))["status"] == 200
    with psycopg.connect(city_dsn) as connection:
        told = connection.execute(
            "SELECT action, count(*) FROM platform.audit_log WHERE action LIKE 'jobs.account%%'"
            " AND resource_id ~ %s GROUP BY 1 ORDER BY 1",
            [f"^{first}(/|$)"],
        ).fetchall()
    assert told == [("jobs.account_linked", 3), ("jobs.account_unlinked", 1)]


@pytest.mark.usefixtures("citizen")
async def test_many_link_at_once_over_a_pool_of_one(
    recruiter: Headers,
    codes: tuple[list[int], list[int]],
    city_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who held a connection while he waits for another would wait for ever."""
    monkeypatch.setenv("PRACA_DATABASE_POOL_SIZE", "1")
    resources = open_resources(Settings.load(), city_dsn, TASK_KINDS)
    transport = httpx.ASGITransport(app=create_app(resources.settings, resources))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        async with asyncio.timeout(25):  # the pool gives up after 30 s
            answers = await asyncio.gather(
                *(link(client, recruiter, codes[1][0], "ana") for _ in range(20))
            )
    await resources.close()
    assert [answer["status"] for answer in answers] == [200] * 20


async def test_a_review_from_request_to_decision(
    matched: httpx.AsyncClient,
    recruiter: Headers,
    colleague: Headers,
    citizen: Headers,
    codes: tuple[list[int], list[int]],
    city_dsn: str,
) -> None:
    vaga, person = codes[0][0], codes[1][0]
    assert refused(await ask(matched, citizen, vaga)) == (403, "account_not_linked")
    await link(matched, recruiter, person, "ana")
    review = await asked(matched, citizen, vaga)
    assert (review["status"], review["codigo_candidato"]) == ("pendente", person)
    left = datetime.fromisoformat(review["prazo"]) - datetime.now(UTC)
    assert timedelta(days=14, hours=23) < left <= timedelta(days=15)
    assert refused(await ask(matched, citizen, vaga)) == (409, "review_already_open")
    own = (await matched.get(f"{REVIEWS}/minhas", headers=citizen)).json()
    assert (own["total"], own["data"]) == (1, [review])

    for _ in range(2):
        taken = await act(matched, recruiter, review, "assumir")
        assert (taken.status_code, taken.json()["status"]) == (200, "em_analise")
    assert refused(await act(matched, colleague, review, "assumir")) == (409, "review_state")
    other = await act(matched, colleague, review, "decidir", DECISION)
    assert (other.status_code, other.json()["situacao"]) == (409, "em_analise")
    assert refused(await act(matched, citizen, review, "cancelar")) == (409, "review_state")

    body = {**DECISION, "encaminhar": True}
    decided = (await act(matched, recruiter, review, "decidir", body)).json()
    assert (decided["status"], decided["decisao"], decided["encaminhar"]) == (
        "decidida",
        "revista",
        True,
    )
    again = await act(matched, recruiter, review, "decidir", body)
    assert (again.status_code, again.json()) == (200, decided)
    changed = await act(matched, recruiter, review, "decidir", DECISION)
    assert (changed.status_code, changed.json()["situacao"]) == (409, "decidida")
    assert refused(await act(matched, recruiter, review, "assumir")) == (409, "review_state")
    seen = (await matched.get(f"{REVIEWS}/{review['id']}", headers=citizen)).json()
    assert (seen["decisao"], seen["justificativa"]) == ("revista", DECISION["justificativa"])
    assert seen["explicacao"]["instantaneo"] == review["instantaneo"]
    assert (await ask(matched, citizen, vaga)).status_code == 201  # a decided one is not open
    with psycopg.connect(city_dsn) as connection:
        told = connection.execute(
            "SELECT action FROM platform.audit_log WHERE resource_id = %s ORDER BY id",
            [review["id"]],
        ).fetchall()
    assert [action for (action,) in told] == [
        f"jobs.review_{what}" for what in ("requested", "assumed", "assumed", "decided", "read")
    ]


async def test_staff_asks_on_somebodys_behalf(
    matched: httpx.AsyncClient,
    recruiter: Headers,
    citizen: Headers,
    codes: tuple[list[int], list[int]],
) -> None:
    vaga, person = codes[0][0], codes[1][0]
    assert refused(await ask(matched, recruiter, vaga)) == (403, "account_not_linked")
    assert refused(await ask(matched, recruiter, 77, person)) == (404, "match_vacancy_not_found")
    assert refused(await ask(matched, recruiter, vaga, 77)) == (404, "candidate_not_found")
    review = await asked(matched, recruiter, vaga, person)
    await link(matched, recruiter, person, "ana")
    assert (await act(matched, citizen, review, "cancelar")).json()["status"] == "cancelada"
    for headers in (citizen, recruiter):
        assert (await act(matched, headers, review, "cancelar")).status_code == 200
    late = await act(matched, recruiter, review, "decidir", DECISION)
    assert (late.status_code, late.json()["situacao"]) == (409, "cancelada")


async def test_nobody_sees_or_touches_somebody_elses_review(
    matched: httpx.AsyncClient,
    recruiter: Headers,
    colleague: Headers,
    citizen: Headers,
    make_account: MakeAccount,
    codes: tuple[list[int], list[int]],
) -> None:
    (vaga, *_), (person, other, _) = codes
    rui = dict((await make_account("rui"))["headers"])
    await link(matched, recruiter, person, "ana")
    review = await asked(matched, citizen, vaga)
    for _ in ("unlinked", "linked to another"):
        shown = await matched.get(f"{REVIEWS}/{review['id']}", headers=rui)
        assert refused(shown) == (404, "review_not_found")
        assert refused(await act(matched, rui, review, "cancelar")) == (404, "review_not_found")
        assert (await matched.get(f"{REVIEWS}/minhas", headers=rui)).json()["total"] == 0
        assert refused(await matched.get(REVIEWS, headers=rui)) == (403, "forbidden")
        decision = await act(matched, rui, review, "decidir", DECISION)
        assert refused(decision) == (403, "forbidden")
        await link(matched, recruiter, other, "rui")
    assert refused(await ask(matched, rui, vaga, person)) == (403, "forbidden")
    assert refused(await act(matched, colleague, review, "cancelar")) == (403, "forbidden")
    assert (await act(matched, {}, review, "assumir")).status_code == 401


async def test_nobody_reviews_his_own_score(
    matched: httpx.AsyncClient,
    recruiter: Headers,
    colleague: Headers,
    codes: tuple[list[int], list[int]],
) -> None:
    vaga, person = codes[0][0], codes[1][0]
    await link(matched, colleague, person, "bia")  # a recruiter who looks for another post
    review = await asked(matched, recruiter, vaga)
    for what, body in (("assumir", None), ("decidir", DECISION)):
        answer = await act(matched, recruiter, review, what, body)
        assert refused(answer) == (403, "review_own_case")
    assert (await act(matched, colleague, review, "decidir", DECISION)).status_code == 200


async def test_nobody_vouches_for_himself(
    client: httpx.AsyncClient,
    recruiter: Headers,
    colleague: Headers,
    codes: tuple[list[int], list[int]],
    city_dsn: str,
) -> None:
    first, second, _ = codes[1]
    assert (await link(client, recruiter, first, "Bia"))["code"] == "account_link_own"
    assert count(city_dsn, "candidate_accounts") == 0
    await link(client, colleague, first, "bia")
    for codigo in (first, second):
        assert (await link(client, recruiter, codigo, "bia"))["code"] == "account_link_own"
    path = f"{API}/candidatos/{first}/conta"
    assert refused(await client.delete(path, headers=recruiter)) == (403, "account_link_own")
    assert count(city_dsn, "candidate_accounts") == 1
    assert (await client.delete(path, headers=colleague)).status_code == 200


@pytest.mark.parametrize("asks_for_himself", [True, False])
async def test_who_was_the_candidate_does_not_review_either(
    matched: httpx.AsyncClient,
    recruiter: Headers,
    colleague: Headers,
    codes: tuple[list[int], list[int]],
    asks_for_himself: bool,
) -> None:
    (vaga, *_), (person, other, _) = codes
    await link(matched, colleague, person, "bia")
    review = await asked(matched, recruiter if asks_for_himself else colleague, vaga, person)
    gone = await matched.delete(f"{API}/candidatos/{person}/conta", headers=colleague)
    assert gone.status_code == 200
    for _ in ("unlinked", "linked to another"):
        for what, body in (("assumir", None), ("decidir", DECISION)):
            answer = await act(matched, recruiter, review, what, body)
            assert refused(answer) == (403, "review_own_case")
        await link(matched, colleague, other, "bia")
    assert (await act(matched, colleague, review, "decidir", DECISION)).status_code == 200


async def test_a_citizen_asks_for_so_many_reviews_at_once(
    matched: httpx.AsyncClient,
    recruiter: Headers,
    citizen: Headers,
    codes: tuple[list[int], list[int]],
    city_dsn: str,
) -> None:
    person = codes[1][0]
    await link(matched, recruiter, person, "ana")
    with psycopg.connect(city_dsn) as connection:
        rows = connection.execute("SELECT codigo_vaga FROM jobs.vacancies ORDER BY 1 LIMIT 24")
        vacancies = [row[0] for row in rows]
    first = await asked(matched, citizen, vacancies[0])
    for vaga in vacancies[1:18]:
        await asked(matched, citizen, vaga)
    answers = await asyncio.gather(*(ask(matched, citizen, vaga) for vaga in vacancies[18:23]))
    assert sorted(answer.status_code for answer in answers) == [201] * 2 + [429] * 3
    over = next(answer for answer in answers if answer.status_code == 429)
    assert refused(over) == (429, "review_limit")
    assert int(over.headers["Retry-After"]) > 0
    assert count(city_dsn, "reviews") == count(city_dsn, "score_snapshots") == 20
    # Asking and withdrawing is asking, too; staff, who answers for it, goes on.
    await act(matched, citizen, first, "cancelar")
    assert refused(await ask(matched, citizen, vacancies[23])) == (429, "review_limit")
    await asked(matched, recruiter, vacancies[23], person)
    execute(city_dsn, "UPDATE jobs.reviews SET requested_at = now() - interval '25 hours'")
    await asked(matched, citizen, vacancies[0])
    assert refused(await ask(matched, citizen, vacancies[1])) == (429, "review_limit")


async def test_operators_take_over_what_lies(
    matched: httpx.AsyncClient,
    recruiter: Headers,
    make_account: MakeAccount,
    codes: tuple[list[int], list[int]],
) -> None:
    operator = dict((await make_account("olga", "operador"))["headers"])
    review = await asked(matched, recruiter, codes[0][0], codes[1][0])
    await act(matched, recruiter, review, "assumir")
    assert (await act(matched, operator, review, "assumir")).status_code == 200
    assert (await act(matched, recruiter, review, "decidir", DECISION)).status_code == 409
    assert (await act(matched, operator, review, "decidir", DECISION)).status_code == 200


async def test_what_does_not_fit_is_refused(client: httpx.AsyncClient, recruiter: Headers) -> None:
    reason = {"codigo_vaga": 1, "motivo": "a"}
    one = f"{REVIEWS}/{NOBODY}"
    cases: list[tuple[str, Json | None, tuple[int, str]]] = [
        (f"{one}/assumir", None, (404, "review_not_found")),
        (f"{one}/decidir", DECISION, (404, "review_not_found")),
        (f"{one}/cancelar", None, (404, "review_not_found")),
        (f"{one}/decidir", {"decisao": "revista"}, (422, "validation_error")),
        (f"{one}/decidir", {**DECISION, "decisao": "x"}, (422, "validation_error")),
        (f"{one}/decidir", {**DECISION, "justificativa": " \n"}, (422, "validation_error")),
        (f"{REVIEWS}/x/assumir", None, (422, "validation_error")),
        (REVIEWS, {**reason, "motivo": ""}, (422, "validation_error")),
        (REVIEWS, {**reason, "motivo": "a\0"}, (422, "validation_error")),
        (REVIEWS, {**reason, "motivo": "a" * 4001}, (422, "validation_error")),
        (REVIEWS, {**reason, "codigo_vaga": 0}, (422, "validation_error")),
        (REVIEWS, {**reason, "codigo_candidato": 1}, (503, "match_model_missing")),
    ]
    for path, body, expected in cases:
        assert refused(await client.post(path, json=body, headers=recruiter)) == expected, body
    unread = await client.get(f"{REVIEWS}/{NOBODY}", headers=recruiter)
    assert refused(unread) == (404, "review_not_found")


async def test_of_two_who_decide_at_once_one_wins(
    matched: httpx.AsyncClient,
    recruiter: Headers,
    colleague: Headers,
    codes: tuple[list[int], list[int]],
) -> None:
    vacancies, people = codes
    for vaga in vacancies:
        review = await asked(matched, recruiter, vaga, people[0])
        answers = await asyncio.gather(
            *(
                act(matched, who, review, "decidir", {**DECISION, "decisao": decision})
                for who, decision in ((recruiter, "mantida"), (colleague, "revista")) * 3
            )
        )
        winners = {answer.json()["decisao"] for answer in answers if answer.status_code == 200}
        assert sorted(answer.status_code for answer in answers) == [200] * 3 + [409] * 3
        shown = await matched.get(f"{REVIEWS}/{review['id']}", headers=recruiter)
        assert winners == {shown.json()["decisao"]}


async def test_of_many_who_ask_at_once_one_review_comes(
    matched: httpx.AsyncClient,
    recruiter: Headers,
    codes: tuple[list[int], list[int]],
    city_dsn: str,
) -> None:
    """More callers than the pool has connections; none may hold one while it wants another."""
    async with asyncio.timeout(25):  # the pool gives up after 30 s
        answers = await asyncio.gather(
            *(ask(matched, recruiter, codes[0][0], codes[1][0]) for _ in range(25))
        )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 24
    assert count(city_dsn, "reviews") == count(city_dsn, "score_snapshots") == 1


async def test_the_queue_is_in_order_of_deadline_and_counts_truly(
    matched: httpx.AsyncClient,
    recruiter: Headers,
    codes: tuple[list[int], list[int]],
    city_dsn: str,
) -> None:
    vacancies, people = codes
    made = [await asked(matched, recruiter, vaga, who) for vaga in vacancies for who in people]
    for days, review in zip((3, 8, -1, 1, 5, -2, 9, -4, 7), made, strict=True):
        execute(
            city_dsn,
            "UPDATE jobs.reviews SET prazo = now() + %s * interval '1 day' WHERE id = %s",
            days,
            review["id"],
        )
    await act(matched, recruiter, made[2], "decidir", DECISION)  # decided too late, but decided
    await act(matched, recruiter, made[5], "assumir")

    async def page(**params: Any) -> Json:
        answer = await matched.get(REVIEWS, params=params, headers=recruiter)
        found: Json = answer.json()
        return found

    everything = await page()
    deadlines = [one["prazo"] for one in everything["data"]]
    assert deadlines == sorted(deadlines)
    assert [one["id"] for one in everything["data"][:3]] == [made[at]["id"] for at in (7, 5, 2)]
    late = await page(atrasadas=True)
    assert (late["total"], [one["id"] for one in late["data"]]) == (
        2,
        [made[7]["id"], made[5]["id"]],
    )
    assert all(one["atrasada"] for one in late["data"])
    assert [(await page(status=s))["total"] for s in ("pendente", "em_analise", "decidida")] == [
        7,
        1,
        1,
    ]
    beyond = await page(offset=100)
    assert (beyond["total"], beyond["data"]) == (9, [])
    parts = [one for at in (0, 4, 8) for one in (await page(offset=at, limit=4))["data"]]
    assert parts == everything["data"]
    assert refused(await matched.get(f"{REVIEWS}?status=x", headers=recruiter))[0] == 422


async def test_a_review_shows_the_score_of_then_and_goes_with_its_candidate(
    matched: httpx.AsyncClient,
    resources: Resources,
    recruiter: Headers,
    codes: tuple[list[int], list[int]],
    city_dsn: str,
) -> None:
    vaga, person = codes[0][0], codes[1][0]
    pair = {"codigo_vaga": vaga, "codigo_candidato": person}
    explain = f"{API}/inferencias/explain"
    then = (await matched.get(explain, params=pair, headers=recruiter)).json()
    review = await asked(matched, recruiter, vaga, person)
    await matched.post(
        f"{API}/candidatos/create",
        json={"infos_basicas": {"codigo_profissional": person, "nome": "A"}, "cv_pt": "Outra."},
        headers=recruiter,
    )
    execute(city_dsn, "DELETE FROM jobs.vacancies WHERE codigo_vaga = %s", vaga)
    shown = (await matched.get(f"{REVIEWS}/{review['id']}", headers=recruiter)).json()
    assert shown["explicacao"] == then  # to the last bit
    with psycopg.connect(city_dsn) as connection:
        row = connection.execute("SELECT object_key FROM platform.models WHERE version = 1")
        (key,) = row.fetchone() or ("",)
    resources.objects.delete_below(key)
    client_app: Any = matched
    client_app.app.state.matcher = Matcher(resources)
    shown = (await matched.get(f"{REVIEWS}/{review['id']}", headers=recruiter)).json()
    assert (shown["explicacao"], shown["motivo"]) == (None, WHY)
    assert (await act(matched, recruiter, review, "decidir", DECISION)).status_code == 200
    assert count(city_dsn, "reviews") == 1
    execute(city_dsn, "DELETE FROM jobs.candidates WHERE codigo_profissional = %s", person)
    assert count(city_dsn, "reviews") == count(city_dsn, "score_snapshots") == 0
