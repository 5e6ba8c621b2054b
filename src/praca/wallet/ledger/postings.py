"""What the ledger is asked to do, what it keeps, and what it answers."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

__all__ = ["Account", "AccountKind", "Entry", "Posted", "Posting", "State", "TransferKind"]


class AccountKind(StrEnum):
    """Whose money an account tells of; of all but cards there is one each."""

    CARD = "card"
    RECHARGES = "recharges"
    FARES = "fares"
    PIX = "pix"
    SURRENDERED = "surrendered"


class State(StrEnum):
    """Whether money may move; a blocked account still gives it to another card of its owner."""

    OPEN = "open"
    BLOCKED = "blocked"
    CLOSED = "closed"


class TransferKind(StrEnum):
    """Why money moves."""

    RECHARGE = "recharge"
    DEBIT = "debit"
    CARD_TRANSFER = "card_transfer"
    PIX_RECHARGE = "pix_recharge"
    PIX_REFUND = "pix_refund"
    SURRENDER = "surrender"


@dataclass(frozen=True, slots=True)
class Posting:
    """A transfer that somebody asks for.

    A source, a destination and one amount: unbalanced money cannot be written.

    Attributes:
        source_id: account that gives.
        destination_id: account that takes.
        amount: centavos, positive.
        kind: why.
        reference: what it belongs to, for people; never personal data, for it stays for good.
        key: whatever names the request for ever; the same one moves money once.
        input_hash: of what was asked under the key.
        from_blocked: whether a blocked source gives all the same.
        everything: whether the amount is whatever the source holds when its turn comes.
    """

    source_id: int
    destination_id: int
    amount: int
    kind: TransferKind
    reference: str = ""
    key: str | None = None
    input_hash: bytes | None = None
    from_blocked: bool = False
    everything: bool = False

    def under(self, key: str, input_hash: bytes) -> "Posting":
        """Return the same under a key, so that it is made once."""
        return replace(self, key=key, input_hash=input_hash)


@dataclass(slots=True)
class Account:
    """An account as it is while its row is locked.

    Attributes:
        floor: the least it may hold, in centavos; None: the money came from outside.
        balance: centavos.
        entries: how many entries it has.
        head: hash of the last of them; empty before the first.
        latest_at: when that was made.
    """

    id: int
    kind: AccountKind
    state: State
    floor: int | None
    balance: int
    entries: int
    head: bytes
    latest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a transfer, as its account's statement shows it.

    Attributes:
        number: 1, 2, 3 … within the account.
        amount: centavos; negative at the source.
        balance: the account's, right after.
        hash: of this entry and, by the hash before it, of all that came before.
    """

    account_id: int
    number: int
    transfer_id: int
    amount: int
    balance: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Posted:
    """A transfer that was made.

    Attributes:
        is_new: false if it had been made before, under the same key.
    """

    id: int
    posting: Posting
    created_at: datetime
    source: Entry
    destination: Entry
    is_new: bool = True
