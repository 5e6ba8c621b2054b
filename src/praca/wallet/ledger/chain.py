"""The hash chain: each entry's hash takes in the one before it.

Whoever changes, adds or removes an entry would have to rewrite all that follow, and the head that
the account keeps. Source: Haber and Stornetta, "How to time-stamp a digital document" (1991).
"""

import hashlib
from datetime import UTC, datetime, timedelta

__all__ = ["entry_hash", "entry_hash_at", "microseconds_of"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def entry_hash(
    previous: bytes,
    *,
    account_id: int,
    number: int,
    transfer_id: int,
    counterpart_id: int,
    amount: int,
    balance: int,
    kind: str,
    created_at: datetime,
    reference: str,
) -> bytes:
    """Return the SHA-256 of ``previous`` and everything that the entry says."""
    return entry_hash_at(
        previous,
        account_id,
        number,
        transfer_id,
        counterpart_id,
        amount,
        balance,
        kind,
        microseconds_of(created_at),
        reference,
    )


def microseconds_of(moment: datetime) -> int:
    """Return how many microseconds lie between 1970 and an aware ``moment``."""
    return (moment - _EPOCH) // _MICROSECOND


def entry_hash_at(
    previous: bytes,
    account_id: int,
    number: int,
    transfer_id: int,
    counterpart_id: int,
    amount: int,
    balance: int,
    kind: str,
    microseconds: int,
    reference: str,
) -> bytes:
    """Return the same for a moment in microseconds; who checks millions has no other.

    The reference comes last, because it is the only member that may hold the separator.
    """
    content = (
        f"|{account_id}|{number}|{transfer_id}|{counterpart_id}|{amount}|{balance}"
        f"|{kind}|{microseconds}|{reference}"
    )
    return hashlib.sha256(previous + content.encode()).digest()
