"""Tickets: operators answer them, citizens see their own, nobody sees others'."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from tests.integration.cities import run_task
from tests.integration.helpdesk_desk.conftest import Audited, OpenTicket, Outbox, Rows

from praca.helpdesk.desk.tickets import repository
from praca.helpdesk.desk.tickets.records import MOST_MESSAGES, Author
from praca.platform.resources import Resources
from praca.platform.tasks import Worker

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
TICKETS, OWN = "/api/v1/helpdesk/tickets", "/api/v1/helpdesk/my-tickets"


@pytest.fixture
async def ana(make_account: MakeAccount) -> dict[str, Any]:
    return await make_account("ana")


@pytest.fixture
async def operator(make_account: MakeAccount) -> dict[str, Any]:
    return await make_account("olga", role="operador")


async def test_a_conversation_with_a_person(
    client: httpx.AsyncClient,
    resources: Resources,
    new_ticket: OpenTicket,
    outbox: Outbox,
    rows: Rows,
    audited: Audited,
    ana: dict[str, Any],
    operator: dict[str, Any],
) -> None:
    async with resources.databases.identity.write() as session:
        await session.execute(
            text("UPDATE identity.accounts SET email = 'ana@example.com' WHERE username = 'ana'")
        )
    number = await new_ticket(ana["id"], "Perdi meu cartão")
    listed = await client.get(TICKETS, headers=operator["headers"])
    assert listed.headers["X-Total-Count"] == "1"
    (ticket,) = listed.json()
    assert (ticket["id"], ticket["status"], ticket["version"]) == (number, "aberto", 1)
    assert ticket["user_id"] == ana["id"]

    sent = {"text": "Bloqueie o cartão no aplicativo.", "version": 1}
    answered = await client.post(
        f"{TICKETS}/{number}/reply", json=sent, headers=operator["headers"]
    )
    assert answered.status_code == 200, answered.text
    assert (answered.json()["status"], answered.json()["version"]) == ("respondido", 2)

    await asyncio.wait_for(Worker(resources).run(until_empty=True), 30)
    (mail,) = outbox.sent
    assert mail.to == "ana@example.com"
    assert f"nº {number}" in mail.text
    assert "Bloqueie" not in mail.text + mail.subject
    ((message_id,),) = await rows(
        "SELECT id FROM helpdesk.ticket_messages WHERE author = 'atendente'"
    )
    await run_task(resources, "helpdesk.tell_of_reply", message_id=message_id)
    assert len(outbox.sent) == 1, "told twice"

    own = (await client.get(f"{OWN}/{number}", headers=ana["headers"])).json()
    assert [(one["author"], one["text"]) for one in own["history"]] == [
        ("cidadao", "Perdi meu cartão"),
        ("atendente", "Bloqueie o cartão no aplicativo."),
    ]
    assert "olga" not in str(own)
    said = await client.post(
        f"{OWN}/{number}/reply", json={"text": "Meu CPF é 52998224725"}, headers=ana["headers"]
    )
    assert said.json()["status"] == "aberto"
    assert said.json()["history"][-1]["text"] == "Meu CPF é 52998224725"

    closed = await client.post(
        f"{TICKETS}/{number}/close", json={"version": 3}, headers=operator["headers"]
    )
    assert closed.json()["status"] == "fechado"
    refused = await client.post(f"{OWN}/{number}/reply", json={"text": "?"}, headers=ana["headers"])
    assert (refused.status_code, refused.json()["code"]) == (409, "ticket_closed")
    for what, body in (("reply", sent), ("close", {"version": 4})):
        again = await client.post(
            f"{TICKETS}/{number}/{what}", json=body, headers=operator["headers"]
        )
        assert (again.status_code, again.json()["code"]) == (409, "ticket_closed")
    assert [(action, key) for action, key, _ in await audited() if key] == [
        (f"helpdesk.ticket_{what}", str(number))
        for what in ("opened", "answered", "continued", "closed")
    ]


async def test_the_reading_of_a_ticket_is_audited(
    client: httpx.AsyncClient,
    new_ticket: OpenTicket,
    audited: Audited,
    ana: dict[str, Any],
    operator: dict[str, Any],
) -> None:
    number = await new_ticket(ana["id"])
    read = await client.get(f"{TICKETS}/{number}", headers=operator["headers"])
    assert read.json()["history"][0]["text"] == "Preciso de ajuda"
    await client.get(TICKETS, headers=operator["headers"])
    assert (await audited())[1:] == [
        ("helpdesk.ticket_read", str(number), operator["id"]),
        ("helpdesk.tickets_listed", None, operator["id"]),
    ]


async def test_somebody_elses_ticket_is_none(
    client: httpx.AsyncClient,
    make_account: MakeAccount,
    new_ticket: OpenTicket,
    rows: Rows,
    ana: dict[str, Any],
    operator: dict[str, Any],
) -> None:
    number = await new_ticket(ana["id"])
    nobodys = await new_ticket(None)
    bia = await make_account("bia")
    for whose in (bia, operator):  # whom operators answer they do not pretend to be
        for ticket in (number, nobodys, number + 99, 2**63 - 1):
            for answer in (
                await client.get(f"{OWN}/{ticket}", headers=whose["headers"]),
                await client.post(
                    f"{OWN}/{ticket}/reply", json={"text": "oi"}, headers=whose["headers"]
                ),
            ):
                assert (answer.status_code, answer.json()["code"]) == (404, "ticket_not_found")
        listed = await client.get(OWN, headers=whose["headers"])
        assert (listed.json(), listed.headers["X-Total-Count"]) == ([], "0")
    assert await rows("SELECT count(*) FROM helpdesk.ticket_messages") == [(2,)]
    for headers, status in ((bia["headers"], 403), ({}, 401)):
        for method, path, body in (
            ("GET", TICKETS, None),
            ("GET", f"{TICKETS}/{number}", None),
            ("POST", f"{TICKETS}/{number}/reply", {"text": "oi", "version": 1}),
            ("POST", f"{TICKETS}/{number}/close", {"version": 1}),
        ):
            answer = await client.request(method, path, json=body, headers=headers)
            assert answer.status_code == status
    assert (await client.get(OWN)).status_code == 401


async def test_of_two_operators_at_once_one_is_refused(
    client: httpx.AsyncClient,
    make_account: MakeAccount,
    new_ticket: OpenTicket,
    rows: Rows,
    operator: dict[str, Any],
) -> None:
    number = await new_ticket(None)
    other = await make_account("otto", role="admin")
    body = {"text": "Pronto.", "version": 1}
    answers = await asyncio.gather(
        *(
            client.post(f"{TICKETS}/{number}/reply", json=body, headers=who["headers"])
            for who in (operator, other) * 3
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert (refused["code"], refused["version"]) == ("ticket_changed", 2)
    assert await rows("SELECT count(*) FROM helpdesk.ticket_messages") == [(2,)]
    stale = await client.post(
        f"{TICKETS}/{number}/close", json={"version": 1}, headers=operator["headers"]
    )
    assert stale.json()["code"] == "ticket_changed"


async def test_who_waits_longest_comes_first(
    client: httpx.AsyncClient, new_ticket: OpenTicket, operator: dict[str, Any]
) -> None:
    first, second, third = [await new_ticket(None) for _ in range(3)]
    for number in (first, third):
        body = {"text": "Pronto.", "version": 1}
        await client.post(f"{TICKETS}/{number}/reply", json=body, headers=operator["headers"])
    await client.post(f"{TICKETS}/{first}/close", json={"version": 2}, headers=operator["headers"])
    fourth = await new_ticket(None)

    async def ids(**params: Any) -> list[int]:
        answer = await client.get(TICKETS, params=params, headers=operator["headers"])
        return [ticket["id"] for ticket in answer.json()]

    assert await ids() == [second, fourth, third, first]
    assert await ids(offset=1, limit=2) == [fourth, third]
    assert await ids(status="fechado") == [first]


async def test_a_full_ticket_takes_no_more(
    client: httpx.AsyncClient,
    resources: Resources,
    new_ticket: OpenTicket,
    rows: Rows,
    ana: dict[str, Any],
) -> None:
    number = await new_ticket(ana["id"])
    async with resources.databases.city.write() as session:
        said = [(Author.CITIZEN, "e?")] * (MOST_MESSAGES - 2)
        await repository.add_messages(session, number, said)
    answers = await asyncio.gather(
        *(
            client.post(f"{OWN}/{number}/reply", json={"text": "oi"}, headers=ana["headers"])
            for _ in range(3)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert {a.json().get("code") for a in answers} == {None, "ticket_full"}
    assert await rows("SELECT count(*) FROM helpdesk.ticket_messages") == [(MOST_MESSAGES,)]


@pytest.mark.parametrize(
    "body",
    [{}, {"text": ""}, {"text": " \n"}, {"text": "a\0"}, {"text": "x" * 4001}, {"text": 7}],
)
async def test_what_is_no_message_is_refused(
    client: httpx.AsyncClient, new_ticket: OpenTicket, ana: dict[str, Any], body: dict[str, Any]
) -> None:
    number = await new_ticket(ana["id"])
    answer = await client.post(f"{OWN}/{number}/reply", json=body, headers=ana["headers"])
    assert answer.status_code == 422


async def test_who_has_no_address_gets_no_mail(
    client: httpx.AsyncClient,
    resources: Resources,
    new_ticket: OpenTicket,
    outbox: Outbox,
    rows: Rows,
    ana: dict[str, Any],
    operator: dict[str, Any],
) -> None:
    for number in (await new_ticket(ana["id"]), await new_ticket(None)):
        body = {"text": "Pronto.", "version": 1}
        answer = await client.post(
            f"{TICKETS}/{number}/reply", json=body, headers=operator["headers"]
        )
        assert answer.status_code == 200
    await asyncio.wait_for(Worker(resources).run(until_empty=True), 30)
    assert outbox.sent == []
    tasks = await rows("SELECT kind, status FROM platform.task_runs")
    assert tasks == [("helpdesk.tell_of_reply", "succeeded")]
