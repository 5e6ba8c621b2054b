"""What Pix keeps about a person: shown to him, and gone when he asks for it."""

from typing import Any, cast

import orjson
import psycopg
from tests.integration.wallet_pix.pix_city import PixCity

from praca.wallet.cards import repository as card_rows
from praca.wallet.pix.charge import ChargeStatus, RefundReason
from praca.wallet.pix.personal_data import PixHolder
from praca.wallet.pix.settling import Outcome


async def test_everything_is_exported(city: PixCity) -> None:
    card = await city.card()
    views = [await city.charge(card, amount) for amount in (100, 200)]
    await city.charge(await city.card(city.person(2)), 300)
    payment = await city.pay(views[0])
    await city.tell((await city.notices())[0])
    exported = cast("list[Any]", await PixHolder(city.resources).export(1))
    assert {charge["amount"] for charge in exported} == {100, 200}
    (paid,) = [charge for charge in exported if charge["amount"] == 100]
    assert paid["card_number"] == card.number
    assert [state["status"] for state in paid["states"]] == ["created", "paid", "credited"]
    assert paid["payments"][0]["end_to_end_id"] == payment.end_to_end_id
    assert orjson.dumps(exported)


async def test_an_erased_person_is_in_no_row(city: PixCity, city_dsn: str) -> None:
    owner = city.person(987_654_321)
    card = await city.card(owner)
    views = [await city.charge(card, amount) for amount in (100, 200)]
    await city.pay(views[0])
    await city.tell((await city.notices())[0])
    holder = PixHolder(city.resources)
    await holder.erase(owner.id)
    await holder.erase(owner.id)  # somebody died half-way, and another finishes
    async with city.database.write() as session:
        await card_rows.delete_cards_of(session, owner.id)
    assert await holder.export(owner.id) == []
    with psycopg.connect(city_dsn) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'wallet' AND tablename LIKE 'pix%'"
        ).fetchall()
        rows = [
            str(row)
            for (table,) in tables
            for row in connection.execute(f"SELECT * FROM wallet.{table}")
        ]
    assert len(tables) == 7
    assert len(rows) > 8
    assert not [row for row in rows if str(owner.id) in row or card.number in row]
    assert await city.path(views[0].charge.id) == [
        ChargeStatus.CREATED,
        ChargeStatus.PAID,
        ChargeStatus.CREDITED,
    ]
    assert (await city.path(views[1].charge.id))[-1] is ChargeStatus.CANCELLED
    assert await city.problems() == []


async def test_money_that_comes_after_the_erasure_goes_back(city: PixCity) -> None:
    card = await city.card()
    view = await city.charge(card)
    payment = await city.pay(view)
    await PixHolder(city.resources).erase(city.owner.id)
    assert await city.tell((await city.notices())[0]) is Outcome.APPLIED
    await city.reconciler.run()
    assert await city.is_given_back(payment)
    assert (await city.view(view.charge.id)).payments[0].reason == RefundReason.ACCOUNT_ERASED
    assert await city.problems() == []
    assert await city.ledger_sum() == 0
