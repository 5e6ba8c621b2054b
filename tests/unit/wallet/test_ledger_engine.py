"""Two hundred thousand orders through the ledger's rules, in memory, beside the reference.

The same against PostgreSQL, with keys, batches and sessions, is fewer in each run:
``tests/integration/wallet_ledger/test_ledger_simulation.py``.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

from tests.integration.wallet_ledger.reference import Order, Pocket, Reference

from praca.kit.errors import DomainError
from praca.wallet.ledger.postings import Account, AccountKind, Posted, Posting, State, TransferKind
from praca.wallet.ledger.rules import Limits, settle

ORDERS = 200_000
CARDS = 40
CEILING = 10_000
OUTSIDE, FARES = CARDS + 1, CARDS + 2
STATES = ("open", "open", "open", "open", "blocked", "closed")
Lines = dict[int, list[tuple[int, int]]]


def drawn(dice: random.Random, reference: Reference) -> Iterator[Order]:
    while True:
        what = dice.choice(("recharge", "debit", "transfer"))
        card = 1 if dice.random() < 0.3 else dice.randrange(1, CARDS + 1)
        other = card % CARDS + 1 if what == "transfer" else None
        balance = reference.pockets[card].balance
        if what == "transfer" and dice.random() < 0.2:
            yield Order(what, card, other, None)
        elif dice.random() < 0.1:
            yield Order(what, card, other, max(1, balance + dice.randrange(2)))
        else:
            yield Order(what, card, other, dice.randrange(1, 1500))


def posting_of(order: Order) -> Posting:
    amount = order.amount or 0
    if order.what == "recharge":
        return Posting(OUTSIDE, order.card, amount, TransferKind.RECHARGE)
    if order.what == "debit":
        return Posting(order.card, FARES, amount, TransferKind.DEBIT)
    kind, everything = TransferKind.CARD_TRANSFER, order.amount is None
    return Posting(
        order.card, order.other or 0, amount, kind, from_blocked=True, everything=everything
    )


def said(outcome: Posted | DomainError, lines: Lines) -> str:
    if isinstance(outcome, DomainError):
        return f"raised {outcome.code}"
    source, destination = outcome.source, outcome.destination
    for entry in (source, destination):
        lines[entry.account_id].append((entry.amount, entry.balance))
    return (
        f"made {outcome.posting.amount} {source.balance} {source.number}"
        f" {destination.balance} {destination.number}"
    )


def test_two_hundred_thousand_orders() -> None:
    dice = random.Random(20261122)  # noqa: S311  # a repeatable draw
    reference = Reference(CEILING, CEILING)
    accounts = {
        n: Account(n, AccountKind.CARD, State.OPEN, 0, 0, 0, b"", None) for n in range(1, CARDS + 1)
    }
    reference.pockets |= {number: Pocket() for number in accounts}
    accounts[OUTSIDE] = Account(OUTSIDE, AccountKind.RECHARGES, State.OPEN, None, 0, 0, b"", None)
    accounts[FARES] = Account(FARES, AccountKind.FARES, State.OPEN, 0, 0, 0, b"", None)
    lines: Lines = {number: [] for number in accounts}
    orders, ids, done = drawn(dice, reference), count(1), 0
    now = datetime(2026, 11, 22, tzinfo=UTC)
    while done < ORDERS:
        card, state = dice.randrange(1, CARDS + 1), dice.choice(STATES)
        accounts[card].state, reference.pockets[card].state = State(state), state
        now += timedelta(seconds=dice.randrange(-5, 60))
        some, expected = [], []
        for _ in range(dice.randrange(1, 256)):
            order = next(orders)
            some.append(order)
            expected.append(reference.move(order))
        outcomes = settle(
            accounts, [posting_of(one) for one in some], ids, now=now, limits=Limits(CEILING)
        )
        assert [said(outcome, lines) for outcome in outcomes] == expected, done
        done += len(some)
    pockets = [reference.pockets[n] for n in (*range(1, CARDS + 1), "recharges", "fares")]
    assert [pocket.statement for pocket in pockets] == list(lines.values())
    assert sum(account.balance for account in accounts.values()) == 0
    assert reference.transfers > ORDERS / 4
