"""Pix over HTTP: the citizen, somebody else, the provider, and somebody who claims to be it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import httpx2
import orjson
import psycopg
import pytest

from praca.entrypoints.api import create_app
from praca.platform.resources import Resources
from praca.platform.settings import Settings
from praca.platform.tasks import TaskContext
from praca.wallet.pix.brcode import parse
from praca.wallet.pix.delivery import Delivery
from praca.wallet.pix.service import webhook_secrets
from praca.wallet.pix.signatures import sign

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
Json = dict[str, Any]


class Citizen:
    def __init__(self, client: httpx.AsyncClient, account: Json) -> None:
        self.client, self.account = client, account

    async def call(
        self, method: str, path: str, body: Json | None = None, key: str | None = None
    ) -> httpx.Response:
        headers = dict(self.account["headers"])
        if key is not None:
            headers["Idempotency-Key"] = key
        return await self.client.request(method, f"/api/v1{path}", json=body, headers=headers)

    async def card(self) -> str:
        return str((await self.call("POST", "/transport-card")).json()["card_number"])

    async def ask(self, card: str, amount: int = 2500, key: str | None = None) -> httpx.Response:
        return await self.call("POST", f"/transport-card/{card}/pix", {"amount": amount}, key)

    async def charge(self, card: str, amount: int = 2500) -> Json:
        answer = await self.ask(card, amount)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def pay(self, charge: Json, **more: Any) -> httpx.Response:
        return await self.call("POST", "/pix-simulator/pay", {"br_code": charge["br_code"], **more})

    async def balance(self, card: str) -> Any:
        return (await self.call("GET", f"/transport-card/{card}/balance")).json()


@pytest.fixture
async def ana(client: httpx.AsyncClient, make_account: MakeAccount) -> Citizen:
    return Citizen(client, await make_account("ana"))


@pytest.fixture
async def bia(client: httpx.AsyncClient, make_account: MakeAccount) -> Citizen:
    return Citizen(client, await make_account("bia"))


@pytest.fixture
def secret(settings: Settings) -> str:
    return webhook_secrets(settings)[0]


def refusal(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


async def work(resources: Resources, name: str, **args: Any) -> Json:
    """Do a task's work as a worker would."""
    result = await resources.tasks.kinds[name].run(TaskContext(uuid4(), resources), args)
    assert result is not None
    return result


async def deliver(ana: Citizen, resources: Resources, secret: str) -> int:
    """Send the simulated provider's notices to this application."""
    app = ana.client.app  # type: ignore[attr-defined]
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport) as client:
        url = "http://test/api/v1/pix/webhook"
        city = resources.databases.city
        return await Delivery(city, client, url=url, secret=secret).send_due()


def a_notice(**changes: Any) -> bytes:
    return orjson.dumps(
        {
            "id": "evt-1",
            "type": "payment.received",
            "created_at": "2026-11-22T13:06:01Z",
            "end_to_end_id": "E0000000020261122130512345678901",
            "txid": "desconhecida",
            "amount": 2500,
            "paid_at": "2026-11-22T13:06:01Z",
            "refunded_at": None,
        }
        | changes
    )


async def send(
    client: httpx.AsyncClient, body: bytes, signature: str | None, **headers: str
) -> httpx.Response:
    given = {} if signature is None else {"Pix-Signature": signature}
    return await client.post("/api/v1/pix/webhook", content=body, headers=given | headers)


def events(dsn: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute("SELECT id, outcome FROM wallet.pix_events").fetchall()


async def test_from_the_charge_to_the_balance(
    ana: Citizen, bia: Citizen, resources: Resources, secret: str
) -> None:
    card = await ana.card()
    charge = await ana.charge(card)
    assert (charge["status"], charge["amount"], charge["payments"]) == ("created", 2500, [])
    assert charge["card_number"] == card
    assert charge["states"] == [{"status": "created", "at": charge["created_at"]}]
    code = parse(charge["br_code"])
    assert (code.amount, code.merchant_name, code.txid) == (2500, "PREFEITURA MUNICIPAL", "***")
    assert charge["txid"] not in charge["br_code"]
    paid = await bia.pay(charge)  # anybody may pay, as in real life
    assert paid.status_code == 201
    assert paid.json()["txid"] == charge["txid"]
    assert await ana.balance(card) == 0
    assert await deliver(ana, resources, secret) == 1
    seen = (await ana.call("GET", f"/pix-charges/{charge['id']}")).json()
    assert [state["status"] for state in seen["states"]] == ["created", "paid", "credited"]
    assert seen["status"] == "credited"
    assert seen["payments"][0]["end_to_end_id"] == paid.json()["end_to_end_id"]
    assert await ana.balance(card) == 2500
    (entry,) = (await ana.call("GET", f"/transport-card/{card}/history")).json()
    assert (entry["kind"], entry["amount"]) == ("pix_recharge", 2500)
    assert refusal(await bia.pay(charge)) == (409, "pix_code_not_payable")


async def test_the_qr_code_is_an_image_of_the_owners(ana: Citizen, bia: Citizen) -> None:
    charge = await ana.charge(await ana.card())
    path = charge["qr_svg_url"].removeprefix("/api/v1")
    image = await ana.call("GET", path)
    assert image.headers["Content-Type"] == "image/svg+xml"
    assert image.content.startswith(b"<?xml")
    assert b"<path" in image.content
    assert refusal(await bia.call("GET", path)) == (404, "pix_charge_not_found")


async def test_charges_are_their_owners_alone(
    ana: Citizen, bia: Citizen, client: httpx.AsyncClient
) -> None:
    card = await ana.card()
    charge = await ana.charge(card)
    assert refusal(await bia.ask(card)) == (403, "not_card_owner")
    assert refusal(await bia.ask("0" * 16)) == (404, "card_not_found")
    for method in ("GET", "DELETE"):
        answer = await bia.call(method, f"/pix-charges/{charge['id']}")
        assert refusal(answer) == (404, "pix_charge_not_found")
        assert refusal(await ana.call(method, f"/pix-charges/{uuid4()}")) == refusal(answer)
        anonymous = await client.request(method, f"/api/v1/pix-charges/{charge['id']}")
        assert anonymous.status_code == 401
    listed = await bia.call("GET", "/pix-charges")
    assert (listed.json(), listed.headers["X-Total-Count"]) == ([], "0")


async def test_the_list_is_newest_first_and_pages(ana: Citizen) -> None:
    card = await ana.card()
    made = [await ana.charge(card, amount) for amount in (100, 200, 300)]
    listed = await ana.call("GET", "/pix-charges")
    assert listed.json() == made[::-1]
    page = await ana.call("GET", "/pix-charges?skip=1&limit=1")
    assert (page.json(), page.headers["X-Total-Count"]) == ([made[1]], "3")


async def test_a_repeated_request_makes_one_charge(ana: Citizen) -> None:
    card = await ana.card()
    first = await ana.ask(card, key="uma")
    again = await ana.ask(card, key="uma")
    assert (again.status_code, again.content) == (201, first.content)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await ana.ask(card, 2501, key="uma")
    assert refusal(other) == (422, "idempotency_key_reused")
    assert len((await ana.call("GET", "/pix-charges")).json()) == 1
    answers = await asyncio.gather(*(ana.ask(card, key="duas") for _ in range(8)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert len((await ana.call("GET", "/pix-charges")).json()) == 2


async def test_what_cannot_be_credited_is_not_charged(ana: Citizen) -> None:
    card = await ana.card()
    assert refusal(await ana.ask(card, 100_001)) == (422, "invalid_amount")
    for amount in (0, -1, 2**31, 1.5, True, "um"):
        answer = await ana.call("POST", f"/transport-card/{card}/pix", {"amount": amount})
        assert refusal(answer) == (422, "validation_error")
    for _ in range(10):
        await ana.call("POST", f"/transport-card/{card}/recharge", {"amount": 100_000})
    assert refusal(await ana.ask(card, 1)) == (409, "balance_limit")
    await ana.call("POST", f"/transport-card/{card}/block")
    assert refusal(await ana.ask(card)) == (409, "card_blocked")
    empty = await ana.card()
    await ana.call("DELETE", f"/transport-card/{empty}")
    assert refusal(await ana.ask(empty)) == (409, "card_cancelled")
    assert (await ana.call("GET", "/pix-charges")).json() == []


async def test_unpaid_charges_are_limited_and_cancelled(
    ana: Citizen, resources: Resources, secret: str
) -> None:
    card = await ana.card()
    charges = [await ana.charge(card) for _ in range(10)]
    assert refusal(await ana.ask(card)) == (409, "pix_too_many_charges")
    path = f"/pix-charges/{charges[0]['id']}"
    cancelled = await ana.call("DELETE", path)
    assert [state["status"] for state in cancelled.json()["states"]] == ["created", "cancelled"]
    assert refusal(await ana.call("DELETE", path)) == (409, "pix_charge_not_open")
    await ana.charge(card)
    # The provider does not know that it was cancelled; whoever pays gets the money back.
    await ana.pay(charges[0])
    await deliver(ana, resources, secret)
    seen = (await ana.call("GET", path)).json()
    assert (seen["status"], seen["payments"][0]["reason"]) == ("refunding", "charge_cancelled")
    found = await work(
        resources, "wallet.pix_refund", end_to_end_id=seen["payments"][0]["end_to_end_id"]
    )
    assert found == {"refunded": True}
    seen = (await ana.call("GET", path)).json()
    assert seen["status"] == "refunded"
    assert seen["payments"][0]["settled_at"] is not None
    assert await ana.balance(card) == 0
    await deliver(ana, resources, secret)  # of the refund, which is known
    assert (await ana.call("GET", path)).json() == seen


async def test_twenty_deliveries_at_once_credit_once(ana: Citizen, secret: str) -> None:
    card = await ana.card()
    charge = await ana.charge(card)
    paid = (await ana.pay(charge, notify_times=0)).json()
    body = a_notice(**{name: paid[name] for name in ("end_to_end_id", "txid", "amount", "paid_at")})
    signature = sign(secret, body, int(time.time()))
    answers = await asyncio.gather(*(send(ana.client, body, signature) for _ in range(20)))
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, '{"received":true}')}
    assert await ana.balance(card) == 2500


async def test_only_the_provider_is_believed(
    client: httpx.AsyncClient, city_dsn: str, secret: str
) -> None:
    body, now = a_notice(), int(time.time())
    wrong = [
        sign("x" * 48, body, now),
        sign(secret, body + b" ", now),
        sign(secret, body, now - 330),
        sign(secret, body, now + 330),
        "t=1",
        "nada",
    ]
    for signature in wrong:
        answer = await send(client, body, signature)
        assert refusal(answer) == (401, "pix_invalid_signature")
        assert answer.headers["WWW-Authenticate"] == "Pix-Signature"
    assert refusal(await send(client, body, None)) == (422, "validation_error")
    assert events(city_dsn) == []
    assert (await send(client, body, sign(secret, body, now))).status_code == 200
    assert events(city_dsn) == [("evt-1", "unmatched")]
    again = await send(client, body, sign(secret, body, now + 1))
    assert again.json() == {"received": True}
    assert events(city_dsn) == [("evt-1", "unmatched")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"{",
        b"\xff",
        a_notice(amount=0),
        a_notice(amount=2**63),
        a_notice(id="a b"),
        a_notice(id="\x00"),
        a_notice(txid=""),
        a_notice(type="payment.lost"),
        a_notice(paid_at="2026-11-22T13:06:01"),  # where in the world?
    ],
)
async def test_signed_nonsense_is_refused(
    client: httpx.AsyncClient, city_dsn: str, secret: str, body: bytes
) -> None:
    answer = await send(client, body, sign(secret, body, int(time.time())))
    assert refusal(answer) == (422, "validation_error")
    assert answer.json()["errors"]
    assert events(city_dsn) == []


async def test_a_notice_has_a_size(client: httpx.AsyncClient, secret: str) -> None:
    body = b" " * (16 * 1024 + 1)
    answer = await send(client, body, sign(secret, body, int(time.time())))
    assert refusal(answer) == (413, "request_too_large")


async def test_a_secret_can_be_changed(
    resources: Resources, city_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = "o" * 32, "n" * 32
    monkeypatch.setenv("PRACA_PIX_WEBHOOK_SECRET", f"{new}, {old}")
    settings = Settings.load()
    app = create_app(settings, replace(resources, settings=settings))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for number, secret in enumerate((old, new)):
            body = a_notice(id=f"evt-{number}")
            answer = await send(client, body, sign(secret, body, int(time.time())))
            assert answer.status_code == 200
    assert len(events(city_dsn)) == 2


async def test_a_changed_code_is_not_paid(ana: Citizen) -> None:
    charge = await ana.charge(await ana.card())
    dearer = charge["br_code"].replace("540525.00", "540595.00")
    assert refusal(await ana.pay({"br_code": dearer})) == (422, "invalid_br_code")
    foreign = (
        "00020101021226770014BR.GOV.BCB.PIX2555pix.example.com/qr/93598be0-1bd0-4997-8318-"
        "81776a1d8a995204000053039865802BR5907EMPRESA6009SAO PAULO62070503***6304EEAB"
    )
    assert refusal(await ana.pay({"br_code": foreign})) == (409, "pix_code_not_payable")


async def test_notices_wait_for_a_city_that_is_away(
    ana: Citizen, resources: Resources, secret: str, city_dsn: str
) -> None:
    card = await ana.card()
    await ana.pay(await ana.charge(card), notify_times=3)
    assert await deliver(ana, resources, "w" * 40) == 0  # refused with 401
    assert await deliver(ana, resources, secret) == 0  # not due again yet
    with psycopg.connect(city_dsn, autocommit=True) as connection:
        connection.execute("UPDATE wallet.pix_sim_notices SET due_at = now()")
    assert await deliver(ana, resources, secret) == 1
    assert await ana.balance(card) == 2500
    with psycopg.connect(city_dsn) as connection:
        left = connection.execute("SELECT count(*) FROM wallet.pix_sim_notices").fetchone()
    assert left == (0,)


async def test_the_task_finds_what_no_notice_told(
    ana: Citizen, resources: Resources, city_dsn: str
) -> None:
    card = await ana.card()
    await ana.pay(await ana.charge(card), notify_times=0)
    with psycopg.connect(city_dsn, autocommit=True) as connection:
        connection.execute("UPDATE wallet.pix_charges SET ask_at = now()")
    done = await work(resources, "wallet.pix_reconcile")
    assert done == {"asked": 1, "found": 1, "expired": 0, "refunded": 0, "failed": 0}
    assert await ana.balance(card) == 2500


@pytest.fixture
async def production(
    settings: Settings, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> httpx.AsyncClient:
    del settings
    monkeypatch.setenv("PRACA_ENV", "production")
    monkeypatch.setenv("PRACA_SECRET_KEY", "s" * 48)
    monkeypatch.setenv("PRACA_ENCRYPTION_KEYS", f"k1:{'A' * 43}=")
    chosen = Settings.load()
    app = create_app(chosen, replace(resources, settings=chosen))
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


async def test_production_has_no_simulator_unless_asked_for(
    production: httpx.AsyncClient, ana: Citizen, secret: str
) -> None:
    card = await ana.card()
    charge = await ana.charge(card)
    async with production:
        login = {"username": "ana", "password": "Segredo-forte-9"}
        token = (await production.post("/api/v1/auth/login", data=login)).json()["access_token"]
        there = Citizen(production, {"headers": {"Authorization": f"Bearer {token}"}})
        assert refusal(await there.ask(card)) == (503, "pix_off")
        assert refusal(await there.pay(charge)) == (404, "pix_simulator_off")
        body = a_notice()
        answer = await send(production, body, sign(secret, body, int(time.time())))
        assert refusal(answer) == (401, "pix_invalid_signature")
