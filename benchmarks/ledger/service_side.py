"""Our side without HTTP: movements through the service layer, each with its audit entry."""

import asyncio
import random
import time
from dataclasses import dataclass
from typing import Self

from praca.platform.audit import AuditEntry
from praca.platform.database import Databases
from praca.platform.idempotency import KeptAnswer
from praca.wallet.ledger import repository
from praca.wallet.ledger.moving import Movement, Mover
from praca.wallet.ledger.postings import AccountKind, Posting, TransferKind
from praca.wallet.ledger.rules import Limits
from praca.wallet.ledger.service import Ledger

__all__ = ["Service"]

_ENOUGH = 10**9
_CARDS = 1001
_BATCH = 1000


def _no_answer(_: object) -> KeptAnswer:
    return KeptAnswer(200, "application/json", b"{}")


@dataclass
class Service:
    """The service layer on a migrated database, with a thousand cards that hold enough."""

    databases: Databases
    ledger: Ledger
    mover: Mover
    city: int
    cards: list[int]

    @classmethod
    async def open(cls, url: str) -> Self:
        """Make the accounts."""
        databases = Databases(url, None)
        ledger = Ledger(Limits(card_balance=2**62))
        async with databases.city.transaction() as connection:
            city = await ledger.account_of_city(connection, AccountKind.RECHARGES)
            cards = [await repository.add_card_account(connection) for _ in range(_CARDS)]
        async with databases.city.write() as session:
            first = [Posting(city, card, _ENOUGH, TransferKind.RECHARGE) for card in cards]
            await ledger.post(session, first)
        return cls(databases, ledger, Mover(databases.city, ledger), city, cards)

    def _movement(self, *, is_hot: bool) -> Movement:
        source, destination = self.city, self.cards[0]
        if not is_hot:
            index = random.randrange(len(self.cards) - 1)  # noqa: S311  # a load
            source, destination = self.cards[index], self.cards[index + 1]
        return Movement(
            Posting(source, destination, 5, TransferKind.RECHARGE),
            AuditEntry("wallet.card_recharged", "card", "1", 1),
            None,
            _no_answer,
            _no_answer,
        )

    async def rate(self, *, clients: int, is_hot: bool, seconds: float) -> float:
        """Return transfers per second with so many clients, each waiting for its answer."""
        done = 0
        until = time.perf_counter() + seconds

        async def client() -> None:
            nonlocal done
            while time.perf_counter() < until:
                await self.mover.move(self._movement(is_hot=is_hot))
                done += 1

        started = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(clients)))
        return done / (time.perf_counter() - started)

    async def batch_rate(self, *, seconds: float) -> float:
        """Return transfers per second to one hot account, a thousand in each transaction."""
        done = 0
        started = time.perf_counter()
        posting = Posting(self.city, self.cards[0], 5, TransferKind.RECHARGE)
        while time.perf_counter() < started + seconds:
            async with self.databases.city.write() as session:
                await self.ledger.post(session, [posting] * _BATCH)
            done += _BATCH
        return done / (time.perf_counter() - started)
