"""The ledger's rules by themselves, on whatever hypothesis thinks of."""

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from praca.kit.errors import DomainError
from praca.wallet.errors import (
    BalanceLimitError,
    CardBlockedError,
    CardCancelledError,
    InsufficientFundsError,
)
from praca.wallet.ledger.chain import entry_hash
from praca.wallet.ledger.postings import (
    Account,
    AccountKind,
    Entry,
    Posted,
    Posting,
    State,
    TransferKind,
)
from praca.wallet.ledger.rules import Limits, settle

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CEILING = 1000
OUTSIDE, FARES = 1, 2
Accounts = dict[int, Account]


def card(
    number: int, balance: int = 0, state: State = State.OPEN, latest_at: datetime | None = None
) -> Account:
    entries = 1 if balance else 0
    return Account(number, AccountKind.CARD, state, 0, balance, entries, b"", latest_at)


def accounts_of(*cards: Account) -> Accounts:
    outside = Account(OUTSIDE, AccountKind.RECHARGES, State.OPEN, None, 0, 0, b"", None)
    fares = Account(FARES, AccountKind.FARES, State.OPEN, 0, 0, 0, b"", None)
    return {account.id: account for account in (outside, fares, *cards)}


def made(accounts: Accounts, *postings: Posting, now: datetime = NOW) -> list[Posted | DomainError]:
    return settle(accounts, postings, count(100), now=now, limits=Limits(CEILING))


def recharge(number: int, amount: int) -> Posting:
    return Posting(OUTSIDE, number, amount, TransferKind.RECHARGE)


def debit(number: int, amount: int) -> Posting:
    return Posting(number, FARES, amount, TransferKind.DEBIT)


def give(source: int, destination: int, amount: int | None) -> Posting:
    return Posting(
        source,
        destination,
        amount or 0,
        TransferKind.CARD_TRANSFER,
        from_blocked=True,
        everything=amount is None,
    )


CARDS = (11, 12, 13)
amounts = st.integers(1, CEILING + 200)
cards = st.sampled_from(CARDS)
pairs = st.permutations(CARDS).map(lambda order: order[:2])
postings_drawn = st.lists(
    st.one_of(
        st.builds(recharge, cards, amounts),
        st.builds(debit, cards, amounts),
        st.builds(lambda pair, amount: give(pair[0], pair[1], amount), pairs, st.none() | amounts),
    ),
    max_size=12,
)
moments = st.none() | st.integers(-3600, 3600).map(lambda s: NOW + timedelta(seconds=s))
accounts_drawn = st.builds(
    lambda *drawn: accounts_of(*(card(n, *d) for n, d in zip(CARDS, drawn, strict=True))),
    *[st.tuples(st.integers(0, CEILING), st.sampled_from(State), moments) for _ in CARDS],
)

# The same on every machine, however slow it is.
anything = settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def entries_of(outcomes: Sequence[Posted | DomainError]) -> list[Entry]:
    posted = [outcome for outcome in outcomes if isinstance(outcome, Posted)]
    return [entry for one in posted for entry in (one.source, one.destination)]


@anything
@given(accounts_drawn, postings_drawn)
def test_money_is_neither_made_nor_lost(accounts: Accounts, postings: list[Posting]) -> None:
    before = sum(account.balance for account in accounts.values())
    outcomes = made(accounts, *postings)
    assert sum(account.balance for account in accounts.values()) == before
    for outcome in outcomes:
        if isinstance(outcome, Posted):
            amount = outcome.posting.amount
            assert (outcome.source.amount, outcome.destination.amount) == (-amount, amount)
            assert outcome.source.account_id == outcome.posting.source_id
            assert outcome.destination.account_id == outcome.posting.destination_id
            assert amount > 0


@anything
@given(accounts_drawn, postings_drawn)
def test_no_account_leaves_its_bounds(accounts: Accounts, postings: list[Posting]) -> None:
    for entry in entries_of(made(accounts, *postings)):
        account = accounts[entry.account_id]
        assert account.floor is None or entry.balance >= account.floor
        if account.kind is AccountKind.CARD and entry.amount > 0:
            assert entry.balance <= CEILING


@anything
@given(accounts_drawn, postings_drawn)
def test_entries_are_numbered_summed_and_chained(
    accounts: Accounts, postings: list[Posting]
) -> None:
    now = {number: copy(account) for number, account in accounts.items()}
    outcomes = made(accounts, *postings)
    by_transfer = {o.id: o for o in outcomes if isinstance(o, Posted)}
    for entry in entries_of(outcomes):
        account, transfer = now[entry.account_id], by_transfer[entry.transfer_id]
        posting = transfer.posting
        account.entries += 1
        account.balance += entry.amount
        account.head = entry_hash(
            account.head,
            account_id=account.id,
            number=account.entries,
            transfer_id=transfer.id,
            counterpart_id=({posting.source_id, posting.destination_id} - {account.id}).pop(),
            amount=entry.amount,
            balance=account.balance,
            kind=posting.kind,
            created_at=transfer.created_at,
            reference=posting.reference,
        )
        account.latest_at = transfer.created_at
        said = (entry.number, entry.balance, entry.hash)
        assert said == (account.entries, account.balance, account.head)
    assert now == accounts


@anything
@given(accounts_drawn, postings_drawn)
def test_time_never_goes_back(accounts: Accounts, postings: list[Posting]) -> None:
    latest = {number: account.latest_at for number, account in accounts.items()}
    for outcome in made(accounts, *postings):
        if isinstance(outcome, Posted):
            assert outcome.created_at >= NOW
            for entry in (outcome.source, outcome.destination):
                before = latest[entry.account_id]
                assert before is None or outcome.created_at >= before
                latest[entry.account_id] = outcome.created_at


@anything
@given(accounts_drawn, postings_drawn)
def test_each_is_settled_on_what_the_one_before_left(
    accounts: Accounts, postings: list[Posting]
) -> None:
    alone = {number: copy(account) for number, account in accounts.items()}
    ids = count(100)
    expected: list[Posted | DomainError] = []
    for posting in postings:
        before = {number: copy(account) for number, account in alone.items()}
        (outcome,) = settle(alone, [posting], ids, now=NOW, limits=Limits(CEILING))
        if isinstance(outcome, DomainError):
            assert alone == before  # a refusal changes nothing
        expected.append(outcome)
    outcomes = made(accounts, *postings)
    assert accounts == alone
    for got, should in zip(outcomes, expected, strict=True):
        if isinstance(should, Posted):
            assert isinstance(got, Posted)
            # A refused posting takes no id here, and none there.
            assert replace(got, id=0) == replace(should, id=0)
        else:
            assert type(got) is type(should)


@anything
@given(accounts_drawn, postings_drawn)
def test_ids_are_given_once(accounts: Accounts, postings: list[Posting]) -> None:
    ids = [o.id for o in made(accounts, *postings) if isinstance(o, Posted)]
    assert ids == list(range(100, 100 + len(ids)))


@pytest.mark.parametrize(
    ("posting", "refusal"),
    [
        (debit(11, 500), None),
        (debit(11, 501), InsufficientFundsError),
        (give(11, 12, 500), None),
        (give(11, 12, 501), InsufficientFundsError),
        (give(13, 12, None), InsufficientFundsError),
        (recharge(11, 500), None),
        (recharge(11, 501), BalanceLimitError),
        (give(11, 14, 500), None),
        (give(11, 15, 500), BalanceLimitError),
        (debit(11, CEILING), InsufficientFundsError),
        (recharge(21, 1), CardBlockedError),
        (debit(21, 1), CardBlockedError),
        (give(21, 11, 1), None),
        (give(11, 21, 1), CardBlockedError),
        (recharge(31, 1), CardCancelledError),
        (debit(31, 1), CardCancelledError),
        (give(31, 11, 1), CardCancelledError),
        (give(11, 31, 1), CardCancelledError),
        (give(21, 31, 1), CardCancelledError),
    ],
)
def test_what_is_refused(posting: Posting, refusal: type[DomainError] | None) -> None:
    accounts = accounts_of(
        card(11, 500), card(12), card(13), card(14, 500), card(15, 501),
        card(21, 100, State.BLOCKED), card(31, 100, State.CLOSED),
    )  # fmt: skip
    (outcome,) = made(accounts, posting)
    assert isinstance(outcome, refusal or Posted)


def test_everything_is_what_is_above_the_floor() -> None:
    accounts = accounts_of(card(11, 300), card(12))
    accounts[11].floor = 100
    (outcome,) = made(accounts, give(11, 12, None))
    assert isinstance(outcome, Posted)
    assert outcome.posting.amount == 200
    assert (accounts[11].balance, accounts[12].balance) == (100, 200)


@pytest.mark.parametrize("posting", [debit(11, 0), debit(11, -5), give(11, 11, 5)])
def test_what_no_caller_may_ask_for_is_an_error(posting: Posting) -> None:
    accounts = accounts_of(card(11, 300))
    with pytest.raises(ValueError, match="positive amount between two accounts"):
        made(accounts, posting)
    assert accounts[11].balance == 300


def test_two_entries_of_a_known_chain() -> None:
    """The hashes of one transfer, worked out by hand with sha256sum."""
    accounts = accounts_of(card(11))
    posting = replace(recharge(11, 250), reference="a|b")
    (outcome,) = made(accounts, posting)
    assert isinstance(outcome, Posted)
    # printf '|1|1|100|11|-250|-250|recharge|1795348800000000|a|b' | sha256sum
    assert (
        outcome.source.hash.hex()
        == "ec574fcf1d67c863e1559dc6b6202ff659363b592e389f99f0b0216fe31dd484"
    )
    # printf '|11|1|100|1|250|250|recharge|1795348800000000|a|b' | sha256sum
    assert (
        outcome.destination.hash.hex()
        == "1a21de6df393c5a3377b9597a456d4cd78c5f6166d6610856c5536612047e40d"
    )


def test_a_hash_takes_in_everything_that_an_entry_says() -> None:
    said: dict[str, Any] = {
        "account_id": 1, "number": 2, "transfer_id": 3, "counterpart_id": 4, "amount": 5,
        "balance": 6, "kind": "debit", "created_at": NOW, "reference": "r",
    }  # fmt: skip
    other: dict[str, Any] = {
        name: value + 1 for name, value in said.items() if isinstance(value, int)
    }
    other |= {"kind": "recharge", "created_at": NOW + timedelta(microseconds=1), "reference": "s"}
    hashes = {entry_hash(b"", **said), entry_hash(b"x", **said)}
    hashes |= {entry_hash(b"", **(said | {name: other[name]})) for name in said}
    assert len(hashes) == 2 + len(said)
