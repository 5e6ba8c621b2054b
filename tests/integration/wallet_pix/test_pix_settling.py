"""Each payment is credited once or given back: whoever tells of it, how often, and who dies."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.exc import OperationalError
from tests.integration.wallet_pix.pix_city import PixCity

from praca.platform.database.engine import driver_connection
from praca.wallet.cards.card import Card
from praca.wallet.pix.charge import ChargeStatus, PaymentStatus, RefundReason
from praca.wallet.pix.errors import ProviderUnavailableError
from praca.wallet.pix.ports import Payment
from praca.wallet.pix.settling import Outcome
from praca.wallet.pix.simulator import SimulatedProvider

CREATED, PAID, CREDITED = ChargeStatus.CREATED, ChargeStatus.PAID, ChargeStatus.CREDITED
REFUNDING, REFUNDED = ChargeStatus.REFUNDING, ChargeStatus.REFUNDED
EXPIRED, CANCELLED = ChargeStatus.EXPIRED, ChargeStatus.CANCELLED


class Unreliable(SimulatedProvider):
    """The simulated provider behind a line that is down for a while."""

    answers_questions = True
    refunds_down_for = 0

    async def status_of(self, txid: str) -> list[Payment]:
        if not self.answers_questions:
            raise ProviderUnavailableError
        return await super().status_of(txid)

    async def refund(self, end_to_end_id: str, *, refund_id: str, amount: int) -> datetime | None:
        if self.refunds_down_for:
            self.refunds_down_for -= 1
            raise ProviderUnavailableError
        return await super().refund(end_to_end_id, refund_id=refund_id, amount=amount)


async def assert_sound(city: PixCity) -> None:
    assert await city.problems() == []
    assert await city.ledger_sum() == 0


async def test_a_paid_charge_is_credited_and_says_when(city: PixCity) -> None:
    card = await city.card()
    view = await city.charge(card)
    city.clock.pass_by(minutes=3)
    payment = await city.pay(view)
    (notice,) = await city.notices()
    city.clock.pass_by(seconds=2)
    assert await city.tell(notice) is Outcome.APPLIED
    assert await city.path(view.charge.id) == [CREATED, PAID, CREDITED]
    seen = await city.view(view.charge.id)
    assert [state.at for state in seen.states] == [
        view.charge.created_at,
        city.clock.moment,
        city.clock.moment,
    ]
    (noted,) = seen.payments
    assert (noted.paid_at, noted.settled_at) == (payment.paid_at, city.clock.moment)
    assert (noted.status, noted.reason) == (PaymentStatus.CREDITED, None)
    assert await city.balance(card) == 2500
    await assert_sound(city)


async def test_the_same_notice_many_times_at_once_credits_once(city: PixCity) -> None:
    card = await city.card()
    await city.pay(await city.charge(card), notify_times=2)
    (notice,) = await city.notices()
    outcomes = await asyncio.gather(*(city.tell(notice) for _ in range(20)))
    assert sorted(outcomes) == [Outcome.APPLIED, *[Outcome.KNOWN] * 19]
    assert await city.balance(card) == 2500
    await assert_sound(city)


async def test_different_notices_of_one_payment_at_once_credit_once(city: PixCity) -> None:
    card = await city.card()
    await city.pay(await city.charge(card))
    (notice,) = await city.notices()
    others = [notice.model_copy(update={"id": f"evt-{number}"}) for number in range(12)]
    outcomes = await asyncio.gather(*(city.tell(other) for other in others))
    assert outcomes.count(Outcome.APPLIED) == 1
    assert await city.balance(card) == 2500
    await assert_sound(city)


async def test_notice_and_reconciliation_at_once_credit_once(city: PixCity) -> None:
    cards = [await city.card() for _ in range(4)]
    views = [await city.charge(card) for card in cards]
    for view in views:
        await city.pay(view)
    city.clock.pass_by(minutes=2)
    runs = [city.reconciler_on(city.provider).run() for _ in range(3)]
    await asyncio.gather(*runs, *(city.tell(notice) for notice in await city.notices()))
    assert [await city.balance(card) for card in cards] == [2500] * 4
    assert [await city.path(view.charge.id) for view in views] == [[CREATED, PAID, CREDITED]] * 4
    await assert_sound(city)


async def test_a_lost_notice_is_found_by_asking(city: PixCity) -> None:
    card = await city.card()
    view = await city.charge(card)
    await city.pay(view, notify_times=0)
    assert await city.notices() == []
    assert (await city.reconciler.run()).asked == 0  # it is not due yet
    city.clock.pass_by(minutes=2)
    done = await city.reconciler.run()
    assert (done.asked, done.found, done.failed) == (1, 1, 0)
    assert await city.balance(card) == 2500
    assert (await city.reconciler.run()).asked == 0
    await assert_sound(city)


async def test_paid_in_time_and_heard_of_late_is_credited(city: PixCity) -> None:
    card = await city.card()
    view = await city.charge(card)
    city.clock.pass_by(minutes=29)
    await city.pay(view, notify_after_s=3600)
    (notice,) = await city.notices()
    provider = Unreliable(city.database, city.resources.tasks, city.clock)
    provider.answers_questions = False
    city.clock.pass_by(minutes=5)
    assert (await city.reconciler_on(provider).run()).expired == 1
    await city.tell(notice)
    assert await city.path(view.charge.id) == [CREATED, EXPIRED, PAID, CREDITED]
    assert await city.balance(card) == 2500
    await assert_sound(city)


async def late(city: PixCity, card: Card) -> tuple[Any, Payment]:
    view = await city.charge(card)
    city.clock.pass_by(minutes=31)
    await city.reconciler.run()
    return view, await city.pay(view, is_unchecked=True)


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


async def test_one_charge_that_cannot_be_settled_does_not_stop_the_others(
    city: PixCity, city_dsn: str
) -> None:
    cards = [await city.card() for _ in range(3)]
    views = [await city.charge(card) for card in cards]
    for view in views:
        await city.pay(view, notify_times=0)
    broken = views[0].charge.id
    posting = await city.cards.recharge_posting(cards[0], 1)
    async with city.database.write() as session:  # its key is taken, which cannot be
        await city.cards.ledger.post(session, [posting.under(f"pix:{broken}:credit", b"x" * 32)])
    city.clock.pass_by(minutes=2)
    done = await city.reconciler.run()
    assert done.found == 2
    assert done.failed == 1
    assert [await city.balance(card) for card in cards] == [1, 2500, 2500]
    assert await city.path(broken) == [CREATED]
    with psycopg.connect(city_dsn) as connection:
        row = connection.execute("SELECT count(*) FROM wallet.pix_payments").fetchone()
    assert row == (2,)


async def test_a_second_payment_without_a_notice_is_found(city: PixCity) -> None:
    card = await city.card()
    view = await city.charge(card)
    await city.pay(view)
    (notice,) = await city.notices()
    await city.tell(notice)
    city.clock.pass_by(hours=20)
    second = await city.pay(view, is_unchecked=True, notify_times=0)
    city.clock.pass_by(hours=53)
    await city.reconciler.run()
    assert await city.is_given_back(second)
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


async def test_a_provider_that_is_away_is_left_alone_and_asked_later(city: PixCity) -> None:
    cards = [await city.card() for _ in range(4)]
    views = [await city.charge(card) for card in cards for _ in range(2)]
    for view in views:
        await city.pay(view, notify_times=0)
    provider = Unreliable(city.database, city.resources.tasks, city.clock)
    reconciler = city.reconciler_on(provider)
    provider.answers_questions = False
    city.clock.pass_by(minutes=2)
    first = await reconciler.run()
    assert first.failed == first.asked >= 5
    provider.answers_questions = True
    city.clock.pass_by(days=30)  # even long after nobody would ask any more
    assert (await reconciler.run()).found == len(views)
    assert [await city.balance(card) for card in cards] == [5000] * 4
    await assert_sound(city)


# --- somebody dies --------------------------------------------------------------------------


async def test_dead_after_the_refund_and_before_its_note(city: PixCity) -> None:
    card = await city.card()
    view, payment = await late(city, card)
    await city.tell((await city.notices())[-1])
    # The provider has done it, and whoever asked died before he could say so.
    await city.provider.refund(
        payment.end_to_end_id, refund_id=view.charge.id.hex, amount=payment.amount
    )
    done = await city.reconciler.run()
    assert done.refunded == 1
    given_back = [notice for notice in await city.notices() if notice.type == "payment.refunded"]
    assert len(given_back) == 1
    assert (await city.path(view.charge.id))[-1] is REFUNDED
    await assert_sound(city)


async def test_killed_in_the_middle_of_a_credit(city: PixCity, city_dsn: str) -> None:
    card = await city.card()
    view = await city.charge(card)
    await city.pay(view)
    (notice,) = await city.notices()
    await city.settlement.prepare()

    async def killed() -> None:
        async with city.database.write() as session:
            await city.settlement.receive(session, notice.id, notice.type, notice.payment())
            pid = (await driver_connection(session)).info.backend_pid
            with psycopg.connect(city_dsn, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    with pytest.raises(OperationalError):
        await killed()
    assert await city.path(view.charge.id) == [CREATED]
    assert await city.balance(card) == 0
    assert await city.tell(notice) is Outcome.APPLIED
    assert await city.balance(card) == 2500
    await assert_sound(city)


async def test_the_check_finds_what_was_done_behind_its_back(city: PixCity, city_dsn: str) -> None:
    card = await city.card()
    view = await city.charge(card)
    payment = await city.pay(view)
    await city.tell((await city.notices())[-1])
    with psycopg.connect(city_dsn, autocommit=True) as other:
        other.execute("UPDATE wallet.pix_payments SET amount = amount + 1")
        problems = await city.problems()
        assert problems == [
            "a conta Pix tem -2500 centavos, mas 2501 foram creditados",
            (
                f"Pix: o pagamento {payment.end_to_end_id} consta como creditado,"
                " sem uma transferência igual no razão"
            ),
        ]
        other.execute("UPDATE wallet.pix_payments SET amount = amount - 1")
        other.execute("UPDATE wallet.pix_charges SET status = 'expired'")
        assert len(await city.problems()) == 2
        for statement in (
            "UPDATE wallet.pix_charge_states SET at = now()",
            "DELETE FROM wallet.pix_charge_states",
            "DELETE FROM wallet.pix_payments",
            "DELETE FROM wallet.pix_charges",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                other.execute(statement)
        with pytest.raises(psycopg.errors.UniqueViolation):
            other.execute(
                "INSERT INTO wallet.pix_payments (end_to_end_id, charge_id, amount, paid_at,"
                " status, noted_at, settled_at) VALUES ('E2', %s, 1, now(), 'credited', now(),"
                " now())",
                [view.charge.id],
            )
