"""A city with cards, Pix, and a clock that only the test moves."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from praca.identity import Role, Subject
from praca.platform.idempotency import KeptAnswer
from praca.platform.resources import Resources
from praca.wallet import Cards
from praca.wallet.cards.card import Card
from praca.wallet.pix import repository
from praca.wallet.pix.charge import ChargeStatus, ChargeView
from praca.wallet.pix.charges import Charges
from praca.wallet.pix.checking import check_pix
from praca.wallet.pix.ports import Payment, PixProvider
from praca.wallet.pix.reconciling import Reconciler
from praca.wallet.pix.schemas import NoticeIn
from praca.wallet.pix.settling import Outcome, Settlement
from praca.wallet.pix.simulator import PayOrder, SimulatedProvider


@dataclass
class Clock:
    moment: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.moment

    def pass_by(self, **span: float) -> None:
        self.moment += timedelta(**span)


class PixCity:
    """Everything of Pix on the real database, by the same doors as HTTP and the tasks use."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources
        self.database = resources.databases.city
        self.clock = Clock()
        self.cards = Cards(resources.settings, self.database)
        self.settlement = Settlement(self.database, self.cards.ledger, resources.tasks, self.clock)
        self.provider = SimulatedProvider(self.database, resources.tasks, self.clock)
        self.reconciler = self.reconciler_on(self.provider)
        self.charges = self.charges_on(self.provider)
        self.owner = self.person(1)

    def reconciler_on(self, provider: PixProvider) -> Reconciler:
        return Reconciler(self.resources.settings.pix, self.database, provider, self.settlement)

    def charges_on(self, provider: PixProvider | None) -> Charges:
        settings = self.resources.settings
        return Charges(settings, self.database, self.cards, provider, self.settlement)

    @staticmethod
    def person(number: int) -> Subject:
        return Subject(number, f"pessoa-{number}", Role.USUARIO, None)

    async def card(self, owner: Subject | None = None) -> Card:
        async with self.database.write() as session:
            return await self.cards.issue(session, owner or self.owner)

    async def charge(self, card: Card, amount: int = 2500) -> ChargeView:
        views: list[ChargeView] = []

        def answer(view: ChargeView) -> KeptAnswer:
            views.append(view)
            return KeptAnswer(201, "application/json", b"{}")

        owner = self.person(card.user_id)
        await self.charges.create(owner, card.number, amount, claim=None, answer=answer)
        return views[0]

    async def pay(self, view: ChargeView, **order: Any) -> Payment:
        """Pay the charge's code; the notice waits in the provider's table."""
        async with self.database.write() as session:
            return await self.provider.pay(session, PayOrder(view.charge.br_code, **order), 99)

    async def notices(self) -> list[NoticeIn]:
        """The provider's waiting notices, in the order in which they were made."""
        async with self.database.read() as session:
            found = await session.execute(
                text("SELECT body FROM wallet.pix_sim_notices ORDER BY id")
            )
            return [NoticeIn.model_validate(orjson.loads(body)) for (body,) in found]

    async def tell(self, notice: NoticeIn) -> Outcome:
        """Bring a notice, in a transaction of its own."""
        await self.settlement.prepare()
        async with self.database.write() as session:
            return await self.settlement.receive(session, notice.id, notice.type, notice.payment())

    async def view(self, charge_id: UUID) -> ChargeView:
        async with self.database.read() as session:
            charge = await repository.get_charge(session, charge_id)
            assert charge is not None
            states = await repository.states_of(session, [charge_id])
            payments = await repository.payments_of(session, [charge_id])
        return ChargeView(charge, states[charge_id], payments[charge_id])

    async def path(self, charge_id: UUID) -> list[ChargeStatus]:
        """The states of a charge, in order; their times never go back."""
        view = await self.view(charge_id)
        moments = [state.at for state in view.states]
        assert moments == sorted(moments)
        return [state.status for state in view.states]

    async def balance(self, card: Card) -> int:
        return (await self.cards.require_own(card.number, self.person(card.user_id))).balance

    async def problems(self) -> list[str]:
        async with self.database.transaction() as connection:
            return await check_pix(connection)

    async def ledger_sum(self) -> int:
        row = await self.database.fetch_one(
            "SELECT coalesce(sum(balance), 0)::bigint FROM wallet.accounts", {}
        )
        return int(row[0]) if row else 0

    async def is_given_back(self, payment: Payment) -> bool:
        (found,) = [
            known
            for known in await self.provider.status_of(payment.txid)
            if known.end_to_end_id == payment.end_to_end_id
        ]
        return found.refunded_at is not None
