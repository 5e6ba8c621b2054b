"""Each payment is credited once or given back: whoever tells of it, how often, and who dies."""

import asyncio

import psycopg
import pytest
from sqlalchemy.exc import OperationalError
from tests.integration.wallet_pix.pix_city import PixCity
from tests.integration.wallet_pix.provider_lines import Unreliable, assert_sound, late

from praca.platform.database.engine import driver_connection
from praca.wallet.pix.charge import ChargeStatus, PaymentStatus
from praca.wallet.pix.settling import Outcome

CREATED, PAID, CREDITED = ChargeStatus.CREATED, ChargeStatus.PAID, ChargeStatus.CREDITED
REFUNDING, REFUNDED = ChargeStatus.REFUNDING, ChargeStatus.REFUNDED
EXPIRED, CANCELLED = ChargeStatus.EXPIRED, ChargeStatus.CANCELLED


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
