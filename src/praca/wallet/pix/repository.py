"""All SQL of charges, payments and notices."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from praca.platform.database.engine import ReadSession, WriteSession
from praca.wallet.pix.charge import (
    Charge,
    ChargeStatus,
    DatedStatus,
    NotedPayment,
    PaymentStatus,
)
from praca.wallet.pix.ports import Payment

__all__ = [
    "add_state",
    "charges_to_ask_about",
    "count_open",
    "delete_old_events",
    "forget_owner",
    "get_charge",
    "get_payment",
    "insert_charge",
    "insert_event",
    "insert_payment",
    "list_charges",
    "list_open_of",
    "lock_charge",
    "note_return",
    "note_settled",
    "note_try",
    "payments_of",
    "payments_to_retry",
    "set_event_outcome",
    "set_question",
    "states_of",
]

_CHARGE = """
SELECT p.id, p.txid, p.user_id, p.card_id, c.card_number, c.account_id, p.amount, p.status,
    p.br_code, p.created_at, p.expires_at, p.asked
FROM wallet.pix_charges p LEFT JOIN wallet.cards c ON c.id = p.card_id
"""
_PAYMENT = """
SELECT end_to_end_id, charge_id, amount, paid_at, status, reason, settled_at, returned_at, tries
FROM wallet.pix_payments
"""


def _charge(row: Sequence[Any]) -> Charge:
    values = list(row)
    values[7] = ChargeStatus(row[7])
    return Charge(*values)


def _payment(row: Sequence[Any]) -> NotedPayment:
    values = list(row)
    values[4] = PaymentStatus(row[4])
    return NotedPayment(*values)


# --- charges --------------------------------------------------------------------------------


async def insert_charge(session: WriteSession, charge: Charge, *, ask_at: datetime | None) -> None:
    """Add a charge with its first state."""
    await session.execute(
        text(
            "INSERT INTO wallet.pix_charges (id, txid, user_id, card_id, amount, status, br_code,"
            " created_at, expires_at, ask_at) VALUES (:id, :txid, :user_id, :card_id, :amount,"
            " :status, :br_code, :created_at, :expires_at, :ask_at)"
        ),
        {
            "id": charge.id,
            "txid": charge.txid,
            "user_id": charge.user_id,
            "card_id": charge.card_id,
            "amount": charge.amount,
            "status": str(charge.status),
            "br_code": charge.br_code,
            "created_at": charge.created_at,
            "expires_at": charge.expires_at,
            "ask_at": ask_at,
        },
    )
    await _append_state(session, charge.id, charge.status, charge.created_at)


async def lock_charge(session: WriteSession, txid: str) -> Charge | None:
    """Return the charge, and let nobody else change it meanwhile."""
    found = await session.execute(
        text(f"{_CHARGE} WHERE p.txid = :txid FOR NO KEY UPDATE OF p"), {"txid": txid}
    )
    row = found.first()
    return None if row is None else _charge(row)


async def get_charge(session: ReadSession, charge_id: UUID) -> Charge | None:
    """Return the charge."""
    found = await session.execute(text(f"{_CHARGE} WHERE p.id = :id"), {"id": charge_id})
    row = found.first()
    return None if row is None else _charge(row)


async def list_charges(
    session: ReadSession, user_id: int, *, offset: int, limit: int
) -> tuple[int, list[Charge]]:
    """Return how many charges the person has, and one page of them, the newest first."""
    total = await session.scalar(
        text("SELECT count(*) FROM wallet.pix_charges WHERE user_id = :user_id"),
        {"user_id": user_id},
    )
    found = await session.execute(
        text(
            f"{_CHARGE} WHERE p.user_id = :user_id"
            " ORDER BY p.created_at DESC, p.id OFFSET :offset LIMIT :limit"
        ),
        {"user_id": user_id, "offset": offset, "limit": limit},
    )
    return int(total or 0), [_charge(row) for row in found]


async def count_open(session: ReadSession, user_id: int, now: datetime) -> int:
    """Return how many charges of the person can still be paid."""
    found = await session.scalar(
        text(
            "SELECT count(*) FROM wallet.pix_charges"
            " WHERE user_id = :user_id AND status = 'created' AND expires_at > :now"
        ),
        {"user_id": user_id, "now": now},
    )
    return int(found or 0)


async def add_state(
    session: WriteSession, charge_id: UUID, status: ChargeStatus, at: datetime
) -> None:
    """Bring a charge, whose row the caller has locked, into another state."""
    await session.execute(
        text("UPDATE wallet.pix_charges SET status = :status WHERE id = :id"),
        {"id": charge_id, "status": str(status)},
    )
    await _append_state(session, charge_id, status, at)


async def _append_state(
    session: WriteSession, charge_id: UUID, status: ChargeStatus, at: datetime
) -> None:
    await session.execute(
        text(
            "INSERT INTO wallet.pix_charge_states (charge_id, number, status, at)"
            " SELECT :id, count(*) + 1, :status, greatest(max(at), :at)"
            " FROM wallet.pix_charge_states WHERE charge_id = :id"
        ),
        {"id": charge_id, "status": str(status), "at": at},
    )


async def states_of(
    session: ReadSession, charge_ids: Sequence[UUID]
) -> dict[UUID, list[DatedStatus]]:
    """Return the states of each charge, in order."""
    found = await session.execute(
        text(
            "SELECT charge_id, status, at FROM wallet.pix_charge_states"
            " WHERE charge_id = ANY(:ids) ORDER BY charge_id, number"
        ),
        {"ids": list(charge_ids)},
    )
    states: dict[UUID, list[DatedStatus]] = {charge_id: [] for charge_id in charge_ids}
    for charge_id, status, at in found:
        states[charge_id].append(DatedStatus(ChargeStatus(status), at))
    return states


async def charges_to_ask_about(session: ReadSession, now: datetime, limit: int) -> list[Charge]:
    """Return charges about which the provider is to be asked by now."""
    found = await session.execute(
        text(f"{_CHARGE} WHERE p.ask_at <= :now ORDER BY p.ask_at, p.id LIMIT :limit"),
        {"now": now, "limit": limit},
    )
    return [_charge(row) for row in found]


async def set_question(session: WriteSession, charge_id: UUID, ask_at: datetime | None) -> None:
    """Note that the provider has been asked, and when it is to be asked again."""
    await session.execute(
        text("UPDATE wallet.pix_charges SET ask_at = :ask_at, asked = asked + 1 WHERE id = :id"),
        {"id": charge_id, "ask_at": ask_at},
    )


# --- payments -------------------------------------------------------------------------------


async def insert_payment(
    session: WriteSession,
    charge_id: UUID,
    payment: Payment,
    *,
    status: PaymentStatus,
    reason: str | None,
    now: datetime,
) -> None:
    """Add a payment and what becomes of it."""
    settled_at = {PaymentStatus.CREDITED: now, PaymentStatus.REFUNDED: payment.refunded_at}
    await session.execute(
        text(
            "INSERT INTO wallet.pix_payments (end_to_end_id, charge_id, amount, paid_at, status,"
            " reason, noted_at, settled_at, retry_at) VALUES (:end_to_end_id, :charge_id, :amount,"
            " :paid_at, :status, :reason, :now, :settled_at, :retry_at)"
        ),
        {
            "end_to_end_id": payment.end_to_end_id,
            "charge_id": charge_id,
            "amount": payment.amount,
            "paid_at": payment.paid_at,
            "status": str(status),
            "reason": reason,
            "now": now,
            "settled_at": settled_at.get(status),
            "retry_at": now if status is PaymentStatus.REFUNDING else None,
        },
    )


async def get_payment(session: ReadSession, end_to_end_id: str) -> NotedPayment | None:
    """Return the payment as it is noted."""
    found = await session.execute(
        text(f"{_PAYMENT} WHERE end_to_end_id = :id"), {"id": end_to_end_id}
    )
    row = found.first()
    return None if row is None else _payment(row)


async def payments_of(
    session: ReadSession, charge_ids: Sequence[UUID]
) -> dict[UUID, list[NotedPayment]]:
    """Return the payments of each charge, in the order in which we heard of them."""
    found = await session.execute(
        text(f"{_PAYMENT} WHERE charge_id = ANY(:ids) ORDER BY noted_at, paid_at, end_to_end_id"),
        {"ids": list(charge_ids)},
    )
    payments: dict[UUID, list[NotedPayment]] = {charge_id: [] for charge_id in charge_ids}
    for row in found:
        payment = _payment(row)
        payments[payment.charge_id].append(payment)
    return payments


async def payments_to_retry(
    session: ReadSession, now: datetime, limit: int
) -> list[tuple[str, NotedPayment]]:
    """Return payments to give back, or whose credit is to be taken back, with the charge's txid."""
    found = await session.execute(
        text(
            "SELECT p.txid, n.* FROM (" + _PAYMENT + " WHERE retry_at <= :now"
            " ORDER BY retry_at, end_to_end_id LIMIT :limit) n"
            " JOIN wallet.pix_charges p ON p.id = n.charge_id"
        ),
        {"now": now, "limit": limit},
    )
    return [(row[0], _payment(row[1:])) for row in found]


async def note_try(session: WriteSession, end_to_end_id: str, retry_at: datetime) -> None:
    """Note that giving back failed, and when to try again."""
    await session.execute(
        text(
            "UPDATE wallet.pix_payments SET retry_at = :retry_at, tries = tries + 1"
            " WHERE end_to_end_id = :id AND retry_at IS NOT NULL"
        ),
        {"id": end_to_end_id, "retry_at": retry_at},
    )


async def note_settled(
    session: WriteSession, end_to_end_id: str, *, at: datetime, reason: str | None = None
) -> None:
    """Note that the payment has been given back, at ``at``."""
    await session.execute(
        text(
            "UPDATE wallet.pix_payments SET status = 'refunded', settled_at = :at,"
            " retry_at = NULL, reason = coalesce(reason, :reason) WHERE end_to_end_id = :id"
        ),
        {"id": end_to_end_id, "at": at, "reason": reason},
    )


async def note_return(
    session: WriteSession, end_to_end_id: str, *, at: datetime, retry_at: datetime
) -> None:
    """Note that the provider gave a payment back that has been credited."""
    await session.execute(
        text(
            "UPDATE wallet.pix_payments SET returned_at = coalesce(returned_at, :at),"
            " retry_at = :retry_at WHERE end_to_end_id = :id"
        ),
        {"id": end_to_end_id, "at": at, "retry_at": retry_at},
    )


# --- notices --------------------------------------------------------------------------------


async def insert_event(
    session: WriteSession, event_id: str, kind: str, payment: Payment, now: datetime
) -> bool:
    """Keep a notice; false if it was seen before.

    Whoever brings the same one meanwhile waits for this transaction's end.
    """
    added = await session.execute(
        text(
            "INSERT INTO wallet.pix_events (id, type, txid, end_to_end_id, amount, outcome,"
            " received_at) VALUES (:id, :type, :txid, :end_to_end_id, :amount, 'known', :now)"
            " ON CONFLICT DO NOTHING RETURNING id"
        ),
        {
            "id": event_id,
            "type": kind,
            "txid": payment.txid,
            "end_to_end_id": payment.end_to_end_id,
            "amount": payment.amount,
            "now": now,
        },
    )
    return added.first() is not None


async def set_event_outcome(session: WriteSession, event_id: str, outcome: str) -> None:
    """Note what became of a notice."""
    await session.execute(
        text("UPDATE wallet.pix_events SET outcome = :outcome WHERE id = :id"),
        {"id": event_id, "outcome": outcome},
    )


async def delete_old_events(session: WriteSession, *, before: datetime) -> None:
    """Remove notices that nobody will look for; unmatched ones stay until somebody has."""
    await session.execute(
        text(
            "DELETE FROM wallet.pix_events WHERE received_at < :before AND outcome <> 'unmatched'"
        ),
        {"before": before},
    )


# --- a person's -----------------------------------------------------------------------------


async def list_open_of(session: WriteSession, user_id: int) -> list[UUID]:
    """Lock all charges of a person, and return those that are neither paid nor ended."""
    found = await session.execute(
        text(
            "SELECT id, status FROM wallet.pix_charges WHERE user_id = :user_id"
            " ORDER BY id FOR NO KEY UPDATE"
        ),
        {"user_id": user_id},
    )
    return [charge_id for charge_id, status in found if status == ChargeStatus.CREATED]


async def forget_owner(session: WriteSession, user_id: int) -> None:
    """Forget whose the charges are, and what he was shown."""
    await session.execute(
        text(
            "UPDATE wallet.pix_charges SET user_id = NULL, card_id = NULL, br_code = ''"
            " WHERE user_id = :user_id"
        ),
        {"user_id": user_id},
    )
