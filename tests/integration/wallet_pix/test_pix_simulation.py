"""Weeks of Pix in seconds: payments of all kinds, notices lost, doubled, late and out of order."""

import random
from typing import Any

from tests.integration.wallet_pix.pix_city import PixCity

from praca.wallet.cards.card import Card
from praca.wallet.pix.charge import ChargeStatus, PaymentStatus
from praca.wallet.pix.ports import Payment
from praca.wallet.pix.schemas import NoticeIn

CHARGES = 150
SEED = 20261122


class Life:
    """People who pay, or do not, and a provider whose notices are a mess."""

    def __init__(self, city: PixCity) -> None:
        self.city = city
        self.random = random.Random(SEED)  # noqa: S311  # a fixed seed is meant
        self.cards: list[Card] = []
        self.views: list[Any] = []
        self.payments: dict[str, Payment] = {}
        self.heard: set[str] = set()

    async def some_card(self) -> Card:
        if len(self.cards) < 20:
            number = len(self.cards) // 4 + 1
            self.cards.append(await self.city.card(self.city.person(number)))
            return self.cards[-1]
        return self.random.choice(self.cards)

    async def another_charge(self) -> None:
        amount = self.random.randrange(1, 20_000)
        view = await self.city.charge(await self.some_card(), amount)
        self.views.append(view)
        kind = self.random.choices(
            ["paid", "unpaid", "twice", "wrong", "late", "cancelled"], [50, 15, 10, 10, 10, 5]
        )[0]
        if kind == "unpaid":
            return
        if kind == "late":
            self.city.clock.pass_by(minutes=31)
        if kind == "cancelled":
            async with self.city.database.write() as session:
                owner = self.city.person(view.charge.user_id or 0)
                await self.city.charges.cancel(session, view.charge.id, owner)
        other = amount + self.random.choice([-1, 1]) * (amount > 1) if kind == "wrong" else None
        for _ in range(2 if kind == "twice" else 1):
            payment = await self.city.pay(view, amount=other, is_unchecked=True)
            self.payments[payment.end_to_end_id] = payment

    async def some_notices(self) -> None:
        """Bring a few, the newest as likely as the oldest; some are lost, some come again."""
        waiting = [notice for notice in await self.city.notices() if notice.id not in self.heard]
        self.random.shuffle(waiting)
        for notice in waiting[: self.random.randrange(4)]:
            self.heard.add(notice.id)
            for _ in range(self.random.choices([0, 1, 2], [30, 50, 20])[0]):
                await self.city.tell(notice)

    async def old_notice(self) -> None:
        known: list[NoticeIn] = await self.city.notices()
        if known:
            await self.city.tell(self.random.choice(known))

    async def live(self) -> None:
        for _ in range(CHARGES):
            await self.another_charge()
            await self.some_notices()
            self.city.clock.pass_by(seconds=self.random.randrange(1, 120))
            if self.random.random() < 0.05:
                await self.old_notice()
            if self.random.random() < 0.03:
                await self.city.reconciler.run()
        self.city.clock.pass_by(hours=80)
        await self.city.reconciler.run()


async def test_every_payment_is_credited_once_or_given_back(city: PixCity) -> None:
    life = Life(city)
    await life.live()
    credited: dict[str, int] = {}
    outcomes = {"credited": 0, "refunded": 0, "unpaid": 0}
    seen: set[str] = set()
    for made in life.views:
        view = await city.view(made.charge.id)
        statuses = [payment.status for payment in view.payments]
        assert PaymentStatus.REFUNDING not in statuses
        assert statuses.count(PaymentStatus.CREDITED) <= 1
        for payment in view.payments:
            assert payment.end_to_end_id not in seen
            seen.add(payment.end_to_end_id)
            is_credited = payment.status is PaymentStatus.CREDITED
            paid = life.payments[payment.end_to_end_id]
            assert await city.is_given_back(paid) is not is_credited
            outcomes[payment.status] += 1
            if is_credited:
                number = str(made.charge.card_number)
                credited[number] = credited.get(number, 0) + made.charge.amount
        if not view.payments:
            assert view.charge.status in {ChargeStatus.EXPIRED, ChargeStatus.CANCELLED}
            outcomes["unpaid"] += 1
    assert seen == set(life.payments)  # none was lost
    for card in life.cards:
        assert await city.balance(card) == credited.get(card.number, 0)
    assert min(outcomes.values()) > 10, outcomes
    assert await city.problems() == []
    assert await city.ledger_sum() == 0
