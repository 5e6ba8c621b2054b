"""The provider behind a bad line, and what must hold all the same."""

from datetime import datetime
from typing import Any

from tests.integration.wallet_pix.pix_city import PixCity

from praca.wallet.cards.card import Card
from praca.wallet.pix.errors import ProviderUnavailableError
from praca.wallet.pix.ports import Payment
from praca.wallet.pix.simulator import SimulatedProvider


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


async def late(city: PixCity, card: Card) -> tuple[Any, Payment]:
    view = await city.charge(card)
    city.clock.pass_by(minutes=31)
    await city.reconciler.run()
    return view, await city.pay(view, is_unchecked=True)
