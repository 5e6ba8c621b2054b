"""The rules of the ledger, on accounts whose rows are locked: no database, no clock.

Several transfers are settled one after the other, each on what the one before it left; one that
is refused changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from praca.kit.errors import DomainError
from praca.wallet.errors import (
    BalanceLimitError,
    CardBlockedError,
    CardCancelledError,
    InsufficientFundsError,
)
from praca.wallet.ledger.chain import entry_hash
from praca.wallet.ledger.postings import Account, AccountKind, Entry, Posted, Posting, State

__all__ = ["Limits", "settle"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a card may hold at most, in centavos."""

    card_balance: int


def settle(
    accounts: Mapping[int, Account],
    postings: Sequence[Posting],
    ids: Iterable[int],
    *,
    now: datetime,
    limits: Limits,
) -> list[Posted | DomainError]:
    """Make the transfers in order; return for each what was made of it, or why not.

    Args:
        accounts: every account that the postings name, by id; changed as the transfers say.
        postings: what is asked for.
        ids: ids of transfers that nobody has yet, at least as many as postings.
        now: the moment. An account's entries never go back in time, whatever the clock does.
        limits: what applies to every card.
    """
    fresh = iter(ids)
    outcomes: list[Posted | DomainError] = []
    for asked in postings:
        posting = _with_amount(accounts, asked)
        refusal = _refusal(accounts, posting, limits)
        outcomes.append(refusal or _transfer(accounts, posting, next(fresh), now))
    return outcomes


def _with_amount(accounts: Mapping[int, Account], posting: Posting) -> Posting:
    if not posting.everything:
        return posting
    source = accounts[posting.source_id]
    return replace(posting, amount=source.balance - (source.floor or 0))


def _refusal(
    accounts: Mapping[int, Account], posting: Posting, limits: Limits
) -> DomainError | None:
    source, destination = accounts[posting.source_id], accounts[posting.destination_id]
    for account in (source, destination):
        if account.state is State.CLOSED:
            return CardCancelledError()
    if destination.state is State.BLOCKED:
        return CardBlockedError()
    if source.state is State.BLOCKED and not posting.from_blocked:
        return CardBlockedError()
    is_empty = posting.everything and posting.amount == 0
    lacks = source.floor is not None and source.balance - posting.amount < source.floor
    if is_empty or lacks:
        return InsufficientFundsError()
    is_card = destination.kind is AccountKind.CARD
    if is_card and destination.balance + posting.amount > limits.card_balance:
        return BalanceLimitError(limits.card_balance)
    return None


def _transfer(
    accounts: Mapping[int, Account], posting: Posting, transfer_id: int, now: datetime
) -> Posted:
    if posting.amount <= 0 or posting.source_id == posting.destination_id:
        raise ValueError("a transfer moves a positive amount between two accounts")
    source, destination = accounts[posting.source_id], accounts[posting.destination_id]
    moments = [now, *(account.latest_at for account in (source, destination) if account.latest_at)]
    created_at = max(moments)
    return Posted(
        transfer_id,
        posting,
        created_at,
        _enter(source, -posting.amount, posting, transfer_id, created_at),
        _enter(destination, posting.amount, posting, transfer_id, created_at),
    )


def _enter(
    account: Account, amount: int, posting: Posting, transfer_id: int, created_at: datetime
) -> Entry:
    account.balance += amount
    account.entries += 1
    account.latest_at = created_at
    account.head = entry_hash(
        account.head,
        account_id=account.id,
        number=account.entries,
        transfer_id=transfer_id,
        counterpart_id=posting.destination_id if amount < 0 else posting.source_id,
        amount=amount,
        balance=account.balance,
        kind=posting.kind,
        created_at=created_at,
        reference=posting.reference,
    )
    return Entry(account.id, account.entries, transfer_id, amount, account.balance, account.head)
