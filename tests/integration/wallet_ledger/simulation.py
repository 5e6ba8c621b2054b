"""A city's cards under random orders: the real service beside the reference, from one seed."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import psycopg
from tests.integration.wallet_ledger import checks
from tests.integration.wallet_ledger.reference import Order, Pocket, Reference
from tests.integration.wallet_ledger.till import OWNER, Till, said

from praca.kit.errors import DomainError
from praca.platform.database import Database
from praca.platform.idempotency import input_hash
from praca.platform.settings import Settings
from praca.wallet.ledger.postings import AccountKind, Posting, TransferKind

__all__ = ["CEILING", "DisagreementError", "Simulation", "simulated_settings"]

CEILING = 10_000
_LARGEST = 5_000
_PATIENCE_S = 60


class DisagreementError(AssertionError):
    """The service and the reference differ; the message has the seed and the order."""


def simulated_settings(settings: Settings) -> Settings:
    """Return settings whose limits random amounts often meet."""
    wallet = settings.wallet.model_copy(
        update={
            "wallet_max_amount_centavos": _LARGEST,
            "wallet_max_balance_centavos": CEILING,
            "wallet_max_cards": 10_000,
        }
    )
    return replace(settings, wallet=wallet)


@dataclass
class Simulation:
    """One run, reproducible from its seed.

    Attributes:
        cards: in use at a time.
        done: orders so far.
        known: those that had a key.
        heard: how often each kind of answer came.
    """

    settings: Settings
    database: Database
    seed: int
    cards: int = 40
    done: int = 0
    known: list[Order] = field(default_factory=list)
    heard: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)  # noqa: S311  # a repeatable draw
        self.till = Till(self.settings, self.database)
        self.service = self.till.service
        self.issued = self.till.cards
        self.reference = Reference(CEILING, _LARGEST)
        self.in_use: list[int] = []
        self._keys = 0
        self._credited: list[Order] = []
        self._audited = checks.last_audited(self.database.dsn)

    # --- one run ----------------------------------------------------------------------------

    async def run(self, operations: int) -> None:
        """Do at least so many, and compare the tables with the reference at the end.

        Raises:
            DisagreementError: an answer, or the end, is another than it should be.
        """
        await self.till.open()
        for _ in range(self.cards - len(self.in_use)):
            await self._issue()
        while self.done < operations:
            await self._change_state()
            if self.dice.random() < 0.5:
                await self._credit()
            await self._move_many(min(operations - self.done, self.dice.randrange(1, 400)) or 1)

    def faults(self) -> list[str]:
        """Return what is wrong with the tables, by themselves and beside the reference."""
        dsn = self.database.dsn
        found = checks.faults_of(dsn, ceiling=CEILING, audited=self._audited)
        with psycopg.connect(dsn) as connection:
            rows = connection.execute(
                "SELECT coalesce(c.account_id::text, a.kind), a.balance, a.state,"
                " (SELECT array_agg(ARRAY[e.amount, e.balance] ORDER BY e.number)"
                "  FROM wallet.entries e WHERE e.account_id = a.id)"
                " FROM wallet.accounts a LEFT JOIN wallet.cards c ON c.account_id = a.id"
            ).fetchall()
        places = {str(card.account_id): place for place, card in enumerate(self.issued)}
        for name, balance, state, statement in rows:
            place = places.get(name)
            expected = self.reference.pockets.get(name if place is None else place, Pocket())
            if (expected.balance, expected.state) != (balance, state):
                found.append(f"account {name} has {balance} and is {state}, not {expected}")
            if [list(line) for line in expected.statement] != (statement or []):
                found.append(f"the statement of account {name} differs")
        return found

    # --- orders -----------------------------------------------------------------------------

    def _draw_card(self) -> int:
        # One in three orders is about the same card.
        hot = self.dice.random() < 0.33
        return self.in_use[0] if hot else self.dice.choice(self.in_use)

    def _draw(self) -> Order:
        if self.known and self.dice.random() < 0.12:
            return self._repeated()
        what = self.dice.choices(("recharge", "debit", "transfer"), (5, 6, 4))[0]
        card = self._draw_card()
        other = self._draw_card() if what == "transfer" else None
        order = Order(what, card, other, self._amount(what, card))
        if self.dice.random() < 0.6:
            self._keys += 1
            order = replace(order, key=f"k{self._keys}")
            self.known.append(order)
        return order

    def _repeated(self) -> Order:
        order = self.dice.choice(self.known[-500:])
        match self.dice.randrange(6):
            case 0:
                return replace(order, amount=(order.amount or 0) + 1)
            case 1:
                return replace(order, card=self._draw_card())
        return order

    def _amount(self, what: str, card: int) -> int | None:
        balance = self.reference.pockets[card].balance
        chance = self.dice.random()
        if what == "transfer" and chance < 0.2:
            return None
        if chance < 0.1:  # just enough, or one centavo too much
            return max(1, balance + self.dice.randrange(2))
        if chance < 0.2 and what == "recharge":  # up to the ceiling, or one centavo above
            return max(1, min(_LARGEST, CEILING - balance + self.dice.randrange(2)))
        if chance < 0.22:
            return _LARGEST + self.dice.randrange(2)
        return self.dice.randrange(1, 1500)

    # --- requests ---------------------------------------------------------------------------

    async def _move_many(self, count: int) -> None:
        """Send many at once; those that repeat a key of the same moment are told to wait."""
        orders = [self._draw() for _ in range(count)]
        expected, flying = [], set()
        for order in orders:
            reaches = order.card != order.other and (
                order.what == "transfer" or (order.amount or 0) <= _LARGEST
            )
            if reaches and order.key is not None and order.key in flying:
                expected.append("raised request_in_flight")
                continue
            expected.append(self.reference.move(order))
            if reaches and order.key is not None:
                flying.add(order.key)
        async with asyncio.timeout(_PATIENCE_S):
            got = await asyncio.gather(*map(self.till.ask, orders))
        self._compare(orders, expected, got)

    async def _credit(self) -> None:
        """Credit some Pix charges in one transaction of a session, as a webhook does."""
        orders = []
        for card in {self._draw_card() for _ in range(self.dice.randrange(1, 4))}:
            self._keys += 1
            order = Order("pix", card, None, self.dice.randrange(1, 2500), f"pix:{self._keys}")
            orders.append(order)
        if self.dice.random() < 0.5:
            orders.append(self._repeated_credit(orders[0]))
        expected = self.reference.credit(orders)
        if not expected[0].startswith("raised"):
            self._credited += orders
        self._compare(orders[: len(expected)], expected, await self._post(orders))

    def _repeated_credit(self, instead: Order) -> Order:
        if not self._credited:
            self._keys += 1
            return replace(instead, key=f"pix:{self._keys}")
        order = self.dice.choice(self._credited[-20:])
        return order if self.dice.random() < 0.8 else replace(order, amount=(order.amount or 0) + 1)

    async def _post(self, orders: Sequence[Order]) -> list[str]:
        pix = self.service.ledger.city_accounts[AccountKind.PIX]
        postings = [
            Posting(
                pix,
                self.issued[order.card].account_id,
                order.amount or 0,
                TransferKind.PIX_RECHARGE,
                f"cobrança {order.key}",
            ).under(order.key or "", input_hash("pix", order.card, order.amount))
            for order in orders
        ]
        try:
            async with self.database.write() as session:
                made = await self.service.ledger.post(session, postings)
        except DomainError as error:
            return [f"raised {error.code}"]
        return [("" if posted.is_new else "again ") + said(posted) for posted in made]

    def _draw_change(self) -> Order:
        pockets = {card: self.reference.pockets[card] for card in self.in_use}
        blocked = [card for card, pocket in pockets.items() if pocket.state == "blocked"]
        empty = [c for c, p in pockets.items() if p.state == "open" and not p.balance]
        chance = self.dice.random()
        if blocked and chance < 0.45:
            return Order("unblock", self.dice.choice(blocked))
        if empty and chance < 0.7:
            return Order("cancel", self.dice.choice(empty))
        what = self.dice.choice(("block", "block", "unblock", "cancel"))
        return Order(what, self.dice.choice(self.in_use))

    async def _change_state(self) -> None:
        order = self._draw_change()
        expected = self.reference.change_state(order)
        change = getattr(self.service, order.what)
        try:
            async with self.database.write() as session:
                card = await change(session, self.issued[order.card].number, OWNER)
            names = {"active": "open", "blocked": "blocked", "cancelled": "closed"}
            got = names[card.status.value]
        except DomainError as error:
            got = f"raised {error.code}"
        self._compare([order], [expected], [got])
        if got == "closed":
            # The card stays in the draw for a while: money must not reach it.
            await self._issue()
            if len(self.in_use) > self.cards + 3:
                closed = [c for c in self.in_use if self.reference.pockets[c].state == "closed"]
                self.in_use.remove(closed[0])

    async def _issue(self) -> None:
        index = await self.till.issue()
        self.in_use.append(index)
        self.reference.pockets[index] = Pocket()

    def _compare(self, orders: Sequence[Order], expected: list[str], got: Sequence[str]) -> None:
        for order, should, was in zip(orders, expected, got, strict=True):
            if should != was:
                raise DisagreementError(
                    f"seed {self.seed}, after {self.done}: {order}: {was!r} for {should!r}"
                )
            self.done += 1
            self.heard[
                " ".join(word for word in was.split() if not word.lstrip("-").isdigit())
            ] += 1
