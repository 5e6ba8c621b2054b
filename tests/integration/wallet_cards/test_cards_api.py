"""Transport cards, as their owner sees them over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import psycopg
import pytest

from praca.entrypoints.api import create_app
from praca.platform.resources import Resources
from praca.platform.settings import Settings

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
CARDS = "/api/v1/transport-card"
Json = dict[str, Any]


class Owner:
    """A person with cards."""

    def __init__(self, client: httpx.AsyncClient, account: Json) -> None:
        self.client, self.account = client, account

    async def call(
        self, method: str, path: str, body: Json | None = None, key: str | None = None
    ) -> httpx.Response:
        headers = dict(self.account["headers"])
        if key is not None:
            headers["Idempotency-Key"] = key
        return await self.client.request(method, f"{CARDS}{path}", json=body, headers=headers)

    async def card(self, balance: int = 0) -> str:
        answer = await self.call("POST", "/")
        assert answer.status_code == 201, answer.text
        number = str(answer.json()["card_number"])
        if balance:
            await self.recharge(number, balance)
        return number

    async def recharge(self, number: str, amount: int, key: str | None = None) -> httpx.Response:
        return await self.call("POST", f"/{number}/recharge", {"amount": amount}, key)

    async def debit(self, number: str, amount: int, key: str | None = None) -> httpx.Response:
        return await self.call("POST", f"/{number}/debit", {"amount": amount}, key)

    async def balance(self, number: str) -> Any:
        return (await self.call("GET", f"/{number}/balance")).json()

    async def history(self, number: str) -> list[Json]:
        return list((await self.call("GET", f"/{number}/history")).json())


@pytest.fixture
async def ana(client: httpx.AsyncClient, make_account: MakeAccount) -> Owner:
    return Owner(client, await make_account("ana"))


@pytest.fixture
async def bia(client: httpx.AsyncClient, make_account: MakeAccount) -> Owner:
    return Owner(client, await make_account("bia"))


def refusal(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


async def test_a_card_as_the_old_clients_know_it(ana: Owner) -> None:
    issued = (await ana.call("POST", "/")).json()
    number = issued["card_number"]
    assert issued == {
        "balance": 0,
        "card_number": number,
        "status": "active",
        "id": issued["id"],
        "user_id": ana.account["id"],
    }
    assert len(number) == 16
    assert number.isdigit()
    recharged = await ana.recharge(number, 2500)
    assert recharged.json() == {"card_number": number, "new_balance": 2500}
    debited = await ana.debit(number, 440)
    assert debited.json() == issued | {"balance": 2060}
    assert await ana.balance(number) == 2060
    assert (await ana.call("GET", "/my-cards")).json() == [issued | {"balance": 2060}]
    history = await ana.history(number)
    assert [
        (row["transaction_type"], row["amount"], row["balance_after_transaction"])
        for row in history
    ] == [("recharge", 2500, 2500), ("debit", 440, 2060)]
    assert history[0]["transaction_date"].endswith("Z")
    assert {row["card_number"] for row in history} == {number}


async def test_the_old_paths_answer_too(ana: Owner) -> None:
    number = await ana.card(100)
    headers = ana.account["headers"]
    answer = await ana.client.get(f"/transport-card/{number}/balance", headers=headers)
    assert answer.json() == 100


@pytest.mark.parametrize("amount", [0, -1, 1.5, True, "abc", None, 2**31, 10**30, [1], {}])
async def test_amounts_that_cannot_be(ana: Owner, amount: Any) -> None:
    number = await ana.card(100)
    for operation in ("recharge", "debit"):
        answer = await ana.call("POST", f"/{number}/{operation}", {"amount": amount})
        assert refusal(answer) == (422, "validation_error")
        assert answer.json()["errors"][0]["loc"] == ["body", "amount"]
    assert await ana.balance(number) == 100


async def test_limits_of_amount_and_balance(ana: Owner) -> None:
    number = await ana.card()
    assert refusal(await ana.recharge(number, 100_001)) == (422, "invalid_amount")
    for _ in range(10):
        assert (await ana.recharge(number, 100_000)).status_code == 200
    assert refusal(await ana.recharge(number, 1)) == (409, "balance_limit")
    assert await ana.balance(number) == 1_000_000


async def test_a_debit_beyond_the_balance_changes_nothing(ana: Owner) -> None:
    number = await ana.card(100)
    answer = await ana.debit(number, 101)
    assert refusal(answer) == (400, "insufficient_funds")
    assert answer.json()["detail"] == "Saldo insuficiente para realizar o débito"
    assert await ana.balance(number) == 100
    assert len(await ana.history(number)) == 1


async def test_somebody_elses_card(ana: Owner, bia: Owner) -> None:
    number = await ana.card(500)
    own = await bia.card(500)
    calls: list[tuple[str, str, Json | None]] = [
        ("GET", "balance", None),
        ("GET", "history", None),
        ("GET", "statement", None),
        ("POST", "recharge", {"amount": 1}),
        ("POST", "debit", {"amount": 1}),
        ("POST", "transfer", {"to_card_number": own}),
        ("POST", "block", None),
        ("POST", "unblock", None),
    ]
    for method, operation, body in calls:
        answer = await bia.call(method, f"/{number}/{operation}", body)
        assert refusal(answer) == (403, "not_card_owner"), operation
        missing = await bia.call(method, f"/{'9' * 16}/{operation}", body)
        assert refusal(missing) == (404, "card_not_found"), operation
    assert refusal(await bia.call("DELETE", f"/{number}")) == (403, "not_card_owner")
    given = await bia.call("POST", f"/{own}/transfer", {"to_card_number": number})
    assert refusal(given) == (403, "not_card_owner")
    assert (await bia.call("GET", "/my-cards")).json()[0]["card_number"] == own
    assert await ana.balance(number) == 500


async def test_a_blocked_card_gives_only_to_another_of_its_owner(ana: Owner) -> None:
    lost, new = await ana.card(900), await ana.card()
    blocked = await ana.call("POST", f"/{lost}/block")
    assert blocked.json()["status"] == "blocked"
    assert refusal(await ana.call("POST", f"/{lost}/block")) == (409, "card_state")
    assert refusal(await ana.recharge(lost, 1)) == (409, "card_blocked")
    assert refusal(await ana.debit(lost, 1)) == (409, "card_blocked")
    back = await ana.call("POST", f"/{new}/transfer", {"to_card_number": lost, "amount": 1})
    assert refusal(back)[0] in {400, 409}
    moved = await ana.call("POST", f"/{lost}/transfer", {"to_card_number": new})
    assert moved.json() == {
        "amount": 900,
        "card_number": lost,
        "new_balance": 0,
        "to_card_number": new,
        "to_new_balance": 900,
    }
    assert (await ana.history(lost))[-1]["kind"] == "card_transfer"
    again = await ana.call("POST", f"/{lost}/transfer", {"to_card_number": new})
    assert refusal(again) == (400, "insufficient_funds")
    assert (await ana.call("POST", f"/{lost}/unblock")).json()["status"] == "active"


async def test_a_cancelled_card_refuses_money_for_good(ana: Owner) -> None:
    number, other = await ana.card(10), await ana.card(10)
    refused = await ana.call("DELETE", f"/{number}")
    assert refusal(refused) == (409, "card_not_empty")
    assert refused.json()["balance"] == 10
    await ana.debit(number, 10)
    assert (await ana.call("DELETE", f"/{number}")).json()["status"] == "cancelled"
    into = await ana.call("POST", f"/{other}/transfer", {"to_card_number": number})
    refusals = [await ana.recharge(number, 1), await ana.debit(number, 1), into]
    refusals += [await ana.call("POST", f"/{number}/{what}") for what in ("block", "unblock")]
    refusals.append(await ana.call("DELETE", f"/{number}"))
    assert {refusal(answer) for answer in refusals} == {(409, "card_cancelled")}
    assert len(await ana.history(number)) == 2


async def test_a_card_is_not_transferred_to_itself(ana: Owner) -> None:
    number = await ana.card(10)
    answer = await ana.call("POST", f"/{number}/transfer", {"to_card_number": number})
    assert refusal(answer) == (422, "same_card")


async def test_a_person_has_so_many_cards_in_use(ana: Owner) -> None:
    # Asked for at once: counting and adding are one.
    answers = await asyncio.gather(*(ana.call("POST", "/") for _ in range(8)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201] * 5 + [409] * 3
    number = (await ana.call("GET", "/my-cards")).json()[0]["card_number"]
    await ana.call("DELETE", f"/{number}")
    assert (await ana.call("POST", "/")).status_code == 201


async def test_a_key_moves_money_once_and_gives_the_same_bytes(ana: Owner) -> None:
    number = await ana.card(1000)
    first = await ana.debit(number, 300, key="passagem-1")
    await ana.recharge(number, 50)
    again = await ana.debit(number, 300, key="passagem-1")
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert await ana.balance(number) == 750


async def test_a_refusal_under_a_key_is_repeated_too(ana: Owner) -> None:
    number = await ana.card(100)
    first = await ana.debit(number, 300, key="k")
    await ana.recharge(number, 900)
    again = await ana.debit(number, 300, key="k")
    assert (again.status_code, again.content) == (400, first.content)
    assert again.headers["Content-Type"] == "application/problem+json"
    assert await ana.balance(number) == 1000


async def test_a_key_with_another_body_is_refused(ana: Owner) -> None:
    number, other = await ana.card(1000), await ana.card(1000)
    await ana.debit(number, 300, key="k")
    others = [
        await ana.debit(number, 301, key="k"),
        await ana.recharge(number, 300, key="k"),
        await ana.debit(other, 300, key="k"),
    ]
    assert {refusal(answer) for answer in others} == {(422, "idempotency_key_reused")}
    assert others[0].json()["errors"][0]["loc"] == ["header", "Idempotency-Key"]
    assert (await ana.balance(number), await ana.balance(other)) == (700, 1000)


async def test_keys_of_two_people_never_meet(ana: Owner, bia: Owner) -> None:
    for owner in (ana, bia):
        number = await owner.card()
        assert (await owner.recharge(number, 5, key="k")).json()["new_balance"] == 5


@pytest.mark.parametrize("key", ["", "com espaco", "x" * 256])
async def test_keys_that_cannot_be(ana: Owner, key: str) -> None:
    number = await ana.card()
    answer = await ana.recharge(number, 5, key=key)
    assert refusal(answer) == (422, "validation_error")
    assert await ana.balance(number) == 0


async def test_the_same_request_many_times_at_once(ana: Owner) -> None:
    number = await ana.card(1000)
    answers = await asyncio.gather(*(ana.debit(number, 100, key="k") for _ in range(20)))
    made = [answer for answer in answers if answer.status_code == 200]
    others = [refusal(answer) for answer in answers if answer.status_code != 200]
    assert made
    assert set(others) <= {(409, "request_in_flight")}
    assert len({answer.content for answer in made}) == 1
    assert await ana.balance(number) == 900


async def test_many_at_once_on_one_card(ana: Owner) -> None:
    number = await ana.card(1000)
    recharges = [ana.recharge(number, 7) for _ in range(60)]
    debits = [ana.debit(number, 50) for _ in range(60)]
    answers = await asyncio.gather(*recharges, *debits)
    paid = sum(answer.status_code == 200 for answer in answers[60:])
    assert {a.status_code for a in answers} <= {200, 400}
    assert await ana.balance(number) == 1000 + 60 * 7 - paid * 50
    balance = 0
    for row in await ana.history(number):
        balance += row["amount"] * (1 if row["transaction_type"] == "recharge" else -1)
        assert row["balance_after_transaction"] == balance >= 0


async def test_a_long_history_is_paged(ana: Owner) -> None:
    number = await ana.card()
    for amount in range(1, 6):
        await ana.recharge(number, amount)
    answer = await ana.call("GET", f"/{number}/history?skip=1&limit=2")
    assert [row["amount"] for row in answer.json()] == [2, 3]
    assert answer.headers["X-Total-Count"] == "5"
    beyond = await ana.call("GET", f"/{number}/history?offset=99")
    assert (beyond.json(), beyond.headers["X-Total-Count"]) == ([], "5")


CITIZEN = {
    "full_name": "Ana Beatriz Moura",
    "email": "ana.moura@example.com",
    "birth_date": "1990-05-17",
    "cpf": "529.982.247-25",
    "phone": "21987654321",
    "password": "Segredo-forte-9",
}


async def citizen(client: httpx.AsyncClient) -> Owner:
    registered = await client.post("/users/register", json=CITIZEN)
    assert registered.status_code == 201, registered.text
    form = {"username": CITIZEN["cpf"], "password": CITIZEN["password"]}
    token = (await client.post("/auth/login", data=form)).json()["access_token"]
    account = {"id": registered.json()["id"], "headers": {"Authorization": f"Bearer {token}"}}
    return Owner(client, account)


async def test_a_citizen_has_a_card_from_the_start(client: httpx.AsyncClient) -> None:
    owner = await citizen(client)
    (card,) = (await owner.call("GET", "/my-cards")).json()
    assert (card["balance"], card["status"]) == (0, "active")


async def test_a_first_card_that_was_never_issued_comes_when_looked_for(
    client: httpx.AsyncClient,
) -> None:
    client.app.state.identity.listeners.clear()  # type: ignore[attr-defined]
    owner = await citizen(client)
    answers = await asyncio.gather(*(owner.call("GET", "/my-cards") for _ in range(5)))
    (number,) = {card["card_number"] for answer in answers for card in answer.json()}
    await owner.call("DELETE", f"/{number}")
    (card,) = (await owner.call("GET", "/my-cards")).json()
    assert card["status"] == "cancelled"


async def test_a_key_whose_answer_is_gone_is_never_answered_by_a_refusal(
    ana: Owner, city_dsn: str
) -> None:
    number = await ana.card(2500)
    assert (await ana.debit(number, 2500, key="d")).status_code == 200
    with psycopg.connect(city_dsn) as connection:  # as after PRACA_IDEMPOTENCY_DAYS
        connection.execute("DELETE FROM platform.idempotent_answers")
    # There is not enough now; but what was asked was done.
    for _ in range(2):
        assert refusal(await ana.debit(number, 2500, key="d")) == (409, "movement_key_expired")
    assert await ana.balance(number) == 0


async def test_a_kept_answer_comes_before_the_rules_of_the_day(
    ana: Owner, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await ana.card()
    first = await ana.recharge(number, 2500, key="k")
    monkeypatch.setenv("PRACA_WALLET_MAX_AMOUNT_CENTAVOS", "1000")
    monkeypatch.setenv("PRACA_WALLET_DIRECT_RECHARGE", "false")
    later = Settings.load()
    transport = httpx.ASGITransport(create_app(later, replace(resources, settings=later)))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        owner = Owner(client, ana.account)
        again = await owner.recharge(number, 2500, key="k")
        assert (again.status_code, again.content) == (200, first.content)
        assert refusal(await owner.recharge(number, 500)) == (403, "direct_recharge_off")
        assert refusal(await owner.debit(number, 1001, key="n")) == (422, "invalid_amount")
