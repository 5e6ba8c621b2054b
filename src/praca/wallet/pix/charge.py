"""A charge, its dated states, and its payments."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from praca.wallet.pix.ports import Payment

__all__ = [
    "Charge",
    "ChargeStatus",
    "ChargeView",
    "DatedStatus",
    "NotedPayment",
    "PaymentStatus",
    "RefundReason",
    "next_question",
    "reason_to_refund",
]

_FIRST_QUESTION: Final = timedelta(minutes=1)
_RAREST_QUESTION: Final = timedelta(hours=6)
_MOST_DOUBLINGS: Final = 9
_A_MOMENT: Final = timedelta(seconds=5)


class ChargeStatus(StrEnum):
    """Where a charge is.

    created -> paid -> credited | refunding -> refunded; created -> expired | cancelled. One that
    has expired or was cancelled may turn out to have been paid.
    """

    CREATED = "created"
    PAID = "paid"
    CREDITED = "credited"
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


_UNPAID = frozenset({ChargeStatus.CREATED, ChargeStatus.EXPIRED, ChargeStatus.CANCELLED})


class PaymentStatus(StrEnum):
    """What became of a payment."""

    CREDITED = "credited"
    REFUNDING = "refunding"
    REFUNDED = "refunded"


class RefundReason(StrEnum):
    """Why a payment is given back, where it is not the ledger that refuses it.

    The ledger's reasons are the codes of its errors: ``card_blocked``, ``card_cancelled``,
    ``balance_limit``.
    """

    PAID_LATE = "paid_late"
    AMOUNT_DIFFERS = "amount_differs"
    ALREADY_PAID = "already_paid"
    CHARGE_CANCELLED = "charge_cancelled"
    ACCOUNT_ERASED = "account_erased"
    RETURNED_BY_PROVIDER = "returned_by_provider"


@dataclass(frozen=True, slots=True)
class Charge:
    """Somebody's wish to put money on a card.

    Attributes:
        txid: its name at the provider.
        user_id: whose; none once the person's data has been erased.
        card_number, account_id: of the card; none once that is gone.
        amount: centavos.
        asked: how often the provider has been asked about it.
    """

    id: UUID
    txid: str
    user_id: int | None
    card_id: int | None
    card_number: str | None
    account_id: int | None
    amount: int
    status: ChargeStatus
    br_code: str
    created_at: datetime
    expires_at: datetime
    asked: int = 0

    @property
    def is_unpaid(self) -> bool:
        """Whether no payment is known."""
        return self.status in _UNPAID


@dataclass(frozen=True, slots=True)
class DatedStatus:
    """A status that a charge came into, and when."""

    status: ChargeStatus
    at: datetime


@dataclass(frozen=True, slots=True)
class NotedPayment:
    """A payment of a charge, and what became of it.

    Attributes:
        reason: why it is given back.
        settled_at: when it was credited, or had been given back.
        returned_at: when the provider gave it back although it had been credited.
        tries: how often a refund, or taking back a credit, was tried in vain.
    """

    end_to_end_id: str
    charge_id: UUID
    amount: int
    paid_at: datetime
    status: PaymentStatus
    reason: str | None
    settled_at: datetime | None
    returned_at: datetime | None
    tries: int


@dataclass(frozen=True, slots=True)
class ChargeView:
    """A charge with everything that happened to it, as its owner sees it."""

    charge: Charge
    states: list[DatedStatus]
    payments: list[NotedPayment]


def reason_to_refund(charge: Charge, payment: Payment) -> RefundReason | None:
    """Return why ``payment`` is not credited, as far as the charge itself can tell.

    The first payment settles a charge; any other is given back. When it was paid counts, not
    when we heard of it.
    """
    reasons = {
        RefundReason.RETURNED_BY_PROVIDER: payment.refunded_at is not None,
        RefundReason.ALREADY_PAID: not charge.is_unpaid,
        RefundReason.ACCOUNT_ERASED: charge.user_id is None or charge.account_id is None,
        RefundReason.CHARGE_CANCELLED: charge.status is ChargeStatus.CANCELLED,
        RefundReason.AMOUNT_DIFFERS: payment.amount != charge.amount,
        RefundReason.PAID_LATE: payment.paid_at > charge.expires_at,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def next_question(charge: Charge, now: datetime, watch: timedelta) -> datetime | None:
    """Return when the provider is to be asked about the charge again; None: never.

    Ever more rarely, but right after its end, and a last time when ``watch`` is over: whatever
    was paid by then is known.
    """
    last = charge.expires_at + watch
    if now >= last:
        return None
    pause = min(_FIRST_QUESTION * (1 << min(charge.asked, _MOST_DOUBLINGS)), _RAREST_QUESTION)
    moments = [now + pause, last]
    if now <= charge.expires_at:
        moments.append(charge.expires_at + _A_MOMENT)
    return min(moments)
