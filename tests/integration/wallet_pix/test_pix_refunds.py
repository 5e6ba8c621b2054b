"""Payments that cannot be credited go back, once; so do those that the provider takes back."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from tests.integration.wallet_pix.pix_city import PixCity
from tests.integration.wallet_pix.provider_lines import Unreliable, assert_sound, late

from praca.wallet.cards.card import Card
from praca.wallet.pix.charge import ChargeStatus, PaymentStatus, RefundReason
from praca.wallet.pix.settling import Outcome

CREATED, PAID, CREDITED = ChargeStatus.CREATED, ChargeStatus.PAID, ChargeStatus.CREDITED
REFUNDING, REFUNDED = ChargeStatus.REFUNDING, ChargeStatus.REFUNDED
EXPIRED, CANCELLED = ChargeStatus.EXPIRED, ChargeStatus.CANCELLED


async def test_paid_late_goes_back(city: PixCity) -> None:
    card = await city.card()
    view, payment = await late(city, card)
    (notice,) = await city.notices()
    await city.tell(notice)
    assert await city.path(view.charge.id) == [CREATED, EXPIRED, PAID, REFUNDING]
    assert not await city.is_given_back(payment)
    assert await city.reconciler.refund(payment.end_to_end_id)
    assert await city.is_given_back(payment)
    assert (await city.path(view.charge.id))[-1] is REFUNDED
    (noted,) = (await city.view(view.charge.id)).payments
    assert (noted.status, noted.reason) == (PaymentStatus.REFUNDED, RefundReason.PAID_LATE)
    assert await city.balance(card) == 0
    await assert_sound(city)


async def change_nothing(city: PixCity, card: Card, view: Any) -> None:
    del city, card, view


async def block(city: PixCity, card: Card, view: Any) -> None:
    del view
    async with city.database.write() as session:
        await city.cards.block(session, card.number, city.owner)


async def cancel_card(city: PixCity, card: Card, view: Any) -> None:
    del view
    async with city.database.write() as session:
        await city.cards.cancel(session, card.number, city.owner)


async def cancel_charge(city: PixCity, card: Card, view: Any) -> None:
    del card
    async with city.database.write() as session:
        await city.charges.cancel(session, view.charge.id, city.owner)


async def fill_card(city: PixCity, card: Card, view: Any) -> None:
    del view
    for amount in [100_000] * 10:
        posting = await city.cards.recharge_posting(card, amount)
        async with city.database.write() as session:
            await city.cards.ledger.post(session, [posting])


@pytest.mark.parametrize(
    ("meanwhile", "order", "reason"),
    [
        (block, {}, "card_blocked"),
        (cancel_card, {}, "card_cancelled"),
        (fill_card, {}, "balance_limit"),
        (cancel_charge, {}, RefundReason.CHARGE_CANCELLED),
        (change_nothing, {"amount": 2499}, RefundReason.AMOUNT_DIFFERS),
        (change_nothing, {"amount": 99_999}, RefundReason.AMOUNT_DIFFERS),
    ],
)
async def test_what_cannot_be_credited_goes_back(
    city: PixCity, meanwhile: Callable[..., Any], order: dict[str, int], reason: str
) -> None:
    card = await city.card()
    view = await city.charge(card)
    await meanwhile(city, card, view)
    before = await city.balance(card)
    payment = await city.pay(view, **order)
    (notice,) = await city.notices()
    await city.tell(notice)
    assert (await city.path(view.charge.id))[-2:] == [PAID, REFUNDING]
    assert await city.problems() == []
    done = await city.reconciler.run()
    assert done.refunded == 1
    assert await city.is_given_back(payment)
    assert (await city.path(view.charge.id))[-1] is REFUNDED
    assert (await city.view(view.charge.id)).payments[0].reason == reason
    assert await city.balance(card) == before
    assert (await city.reconciler.run()).refunded == 0
    await assert_sound(city)


async def test_a_card_cancelled_at_the_same_moment_loses_no_money(city: PixCity) -> None:
    for _ in range(6):
        card = await city.card()
        view = await city.charge(card)
        payment = await city.pay(view)
        notice = (await city.notices())[-1]
        await asyncio.gather(
            city.tell(notice), cancel_card(city, card, view), return_exceptions=True
        )
        credited = await city.balance(card) == 2500
        status = (await city.path(view.charge.id))[-1]
        assert status is (CREDITED if credited else REFUNDING)
        await city.reconciler.run()
        assert await city.is_given_back(payment) is not credited
        if credited:  # so that the person may have another card
            async with city.database.write() as session:
                everything = await city.cards.debit_posting(card, 2500)
                await city.cards.ledger.post(session, [everything])
            await cancel_card(city, card, view)
    await assert_sound(city)


async def test_a_second_payment_of_one_charge_goes_back(city: PixCity) -> None:
    card = await city.card()
    view = await city.charge(card)
    first = await city.pay(view)
    city.clock.pass_by(seconds=1)
    second = await city.pay(view, is_unchecked=True)
    for notice in await city.notices():
        await city.tell(notice)
    await city.reconciler.run()
    assert not await city.is_given_back(first)
    assert await city.is_given_back(second)
    assert await city.path(view.charge.id) == [CREATED, PAID, CREDITED]
    seen = (await city.view(view.charge.id)).payments
    assert [payment.status for payment in seen] == [PaymentStatus.CREDITED, PaymentStatus.REFUNDED]
    assert await city.balance(card) == 2500
    await assert_sound(city)


async def test_late_payments_one_after_the_other_all_go_back(city: PixCity) -> None:
    card = await city.card()
    view, first = await late(city, card)
    await city.tell((await city.notices())[-1])
    await city.reconciler.refund(first.end_to_end_id)
    second = await city.pay(view, is_unchecked=True)
    await city.tell((await city.notices())[-1])
    await assert_sound(city)
    await city.reconciler.run()
    assert await city.is_given_back(first)
    assert await city.is_given_back(second)
    assert await city.path(view.charge.id) == [CREATED, EXPIRED, PAID, REFUNDING, REFUNDED]
    await assert_sound(city)


async def test_the_end_of_a_refund_heard_of_before_the_payment(city: PixCity) -> None:
    card = await city.card()
    view, payment = await late(city, card)
    await city.provider.refund(payment.end_to_end_id, refund_id="outro", amount=payment.amount)
    paid, refunded = await city.notices()
    assert (paid.type, refunded.type) == ("payment.received", "payment.refunded")
    assert await city.tell(refunded) is Outcome.APPLIED
    assert await city.path(view.charge.id) == [CREATED, EXPIRED, PAID, REFUNDING, REFUNDED]
    assert await city.tell(paid) is Outcome.KNOWN
    assert (await city.reconciler.run()).refunded == 0
    assert await city.balance(card) == 0
    await assert_sound(city)


async def test_what_the_provider_returns_is_taken_back(city: PixCity) -> None:
    card = await city.card()
    view = await city.charge(card)
    payment = await city.pay(view)
    (notice,) = await city.notices()
    await city.tell(notice)
    await city.provider.refund(payment.end_to_end_id, refund_id="fraude", amount=payment.amount)
    returned = (await city.notices())[-1]
    assert await city.tell(returned) is Outcome.APPLIED
    assert await city.path(view.charge.id) == [CREATED, PAID, CREDITED, REFUNDED]
    assert await city.balance(card) == 0
    await assert_sound(city)


async def test_what_has_been_spent_is_taken_back_when_it_is_there_again(city: PixCity) -> None:
    card = await city.card()
    view = await city.charge(card)
    payment = await city.pay(view)
    await city.tell((await city.notices())[-1])
    fare = await city.cards.debit_posting(card, 440)
    async with city.database.write() as session:
        await city.cards.ledger.post(session, [fare])
    await city.provider.refund(payment.end_to_end_id, refund_id="fraude", amount=payment.amount)
    returned = (await city.notices())[-1]
    await city.tell(returned)
    assert await city.problems() == [
        f"Pix: o pagamento {payment.end_to_end_id} foi devolvido pelo provedor e continua creditado"
    ]
    assert await city.balance(card) == 2060
    more = await city.cards.recharge_posting(card, 1000)
    async with city.database.write() as session:
        await city.cards.ledger.post(session, [more])
    city.clock.pass_by(minutes=2)
    await city.reconciler.run()
    assert await city.balance(card) == 560
    assert (await city.path(view.charge.id))[-1] is REFUNDED
    await assert_sound(city)


async def test_a_payment_of_no_charge_is_kept_and_not_touched(city: PixCity) -> None:
    await city.pay(await city.charge(await city.card()))
    (notice,) = await city.notices()
    foreign = notice.model_copy(update={"txid": uuid4().hex})
    assert await city.tell(foreign) is Outcome.UNMATCHED
    assert await city.tell(foreign) is Outcome.KNOWN
    row = await city.database.fetch_one(
        "SELECT outcome FROM wallet.pix_events WHERE id = %(id)s", {"id": foreign.id}
    )
    assert row == ("unmatched",)
    assert (await city.reconciler.run()).refunded == 0


async def test_a_known_payment_under_another_charge_is_not_credited(city: PixCity) -> None:
    card, other = await city.card(), await city.card()
    payment = await city.pay(await city.charge(card))
    (notice,) = await city.notices()
    await city.tell(notice)
    txid = (await city.charge(other)).charge.txid
    forged = notice.model_copy(update={"id": "evt-outra", "txid": txid})
    assert await city.tell(forged) is Outcome.UNMATCHED
    assert payment.txid != txid
    assert await city.balance(other) == 0
    await assert_sound(city)


async def test_refunds_wait_for_a_provider_that_is_away(city: PixCity) -> None:
    card = await city.card()
    view, payment = await late(city, card)
    await city.tell((await city.notices())[-1])
    provider = Unreliable(city.database, city.resources.tasks, city.clock)
    reconciler = city.reconciler_on(provider)
    provider.refunds_down_for = 2
    assert not await reconciler.refund(payment.end_to_end_id)
    assert (await reconciler.run()).refunded == 0  # not yet
    city.clock.pass_by(seconds=61)
    assert (await reconciler.run()).failed == 1
    city.clock.pass_by(seconds=61)
    assert (await reconciler.run()).refunded == 0  # two minutes this time
    city.clock.pass_by(seconds=60)
    assert (await reconciler.run()).refunded == 1
    assert (await city.path(view.charge.id))[-1] is REFUNDED
    await assert_sound(city)
