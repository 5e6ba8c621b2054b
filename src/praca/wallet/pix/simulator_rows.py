"""All SQL of the simulated provider."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from praca.platform.database.engine import ReadSession, WriteSession
from praca.wallet.pix.ports import Payment

__all__ = [
    "Announced",
    "Notice",
    "delete_notice",
    "insert_charge",
    "insert_notice",
    "insert_payment",
    "is_paid",
    "lock_charge",
    "lock_payment",
    "payments_of",
    "postpone_notice",
    "set_refund",
    "take_notices",
]

_PAYMENT = "SELECT end_to_end_id, txid, amount, paid_at, refunded_at FROM wallet.pix_sim_payments"


@dataclass(frozen=True, slots=True)
class Announced:
    """A charge as the provider knows it."""

    txid: str
    amount: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that is to be sent."""

    id: int
    body: str
    copies: int
    tries: int


async def insert_charge(
    session: WriteSession, txid: str, location: str, amount: int, expires_at: datetime
) -> str:
    """Add a charge unless it is there; return its location."""
    await session.execute(
        text(
            "INSERT INTO wallet.pix_sim_charges (txid, location, amount, expires_at)"
            " VALUES (:txid, :location, :amount, :expires_at) ON CONFLICT (txid) DO NOTHING"
        ),
        {"txid": txid, "location": location, "amount": amount, "expires_at": expires_at},
    )
    found = await session.scalar(
        text("SELECT location FROM wallet.pix_sim_charges WHERE txid = :txid"), {"txid": txid}
    )
    return str(found)


async def lock_charge(session: WriteSession, location: str) -> Announced | None:
    """Return the charge whose code names ``location``; nobody else pays it meanwhile."""
    found = await session.execute(
        text(
            "SELECT txid, amount, expires_at FROM wallet.pix_sim_charges"
            " WHERE location = :location FOR NO KEY UPDATE"
        ),
        {"location": location},
    )
    row = found.first()
    return None if row is None else Announced(*row)


async def is_paid(session: ReadSession, txid: str) -> bool:
    """Tell whether the charge has a payment."""
    return bool(
        await session.scalar(
            text("SELECT EXISTS (SELECT FROM wallet.pix_sim_payments WHERE txid = :txid)"),
            {"txid": txid},
        )
    )


async def insert_payment(session: WriteSession, payment: Payment) -> None:
    """Add a payment."""
    await session.execute(
        text(
            "INSERT INTO wallet.pix_sim_payments (end_to_end_id, txid, amount, paid_at)"
            " VALUES (:id, :txid, :amount, :paid_at)"
        ),
        {
            "id": payment.end_to_end_id,
            "txid": payment.txid,
            "amount": payment.amount,
            "paid_at": payment.paid_at,
        },
    )


async def payments_of(session: ReadSession, txid: str) -> list[Payment]:
    """Return the payments of a charge, in the order in which they were made."""
    found = await session.execute(
        text(f"{_PAYMENT} WHERE txid = :txid ORDER BY paid_at, end_to_end_id"), {"txid": txid}
    )
    return [Payment(*row) for row in found]


async def lock_payment(session: WriteSession, end_to_end_id: str) -> Payment | None:
    """Return a payment, and let nobody else refund it meanwhile."""
    found = await session.execute(
        text(f"{_PAYMENT} WHERE end_to_end_id = :id FOR NO KEY UPDATE"), {"id": end_to_end_id}
    )
    row = found.first()
    return None if row is None else Payment(*row)


async def set_refund(
    session: WriteSession, end_to_end_id: str, refund_id: str, at: datetime
) -> None:
    """Note that a payment was given back."""
    await session.execute(
        text(
            "UPDATE wallet.pix_sim_payments SET refund_id = :refund_id, refunded_at = :at"
            " WHERE end_to_end_id = :id"
        ),
        {"id": end_to_end_id, "refund_id": refund_id, "at": at},
    )


async def insert_notice(session: WriteSession, body: str, copies: int, due_at: datetime) -> None:
    """Add a notice that is to be sent."""
    await session.execute(
        text(
            "INSERT INTO wallet.pix_sim_notices (body, copies, due_at)"
            " VALUES (:body, :copies, :due_at)"
        ),
        {"body": body, "copies": copies, "due_at": due_at},
    )


async def take_notices(
    session: WriteSession, now: datetime, *, until: datetime, limit: int
) -> list[Notice]:
    """Return notices that are due; nobody else takes them before ``until``."""
    found = await session.execute(
        text(
            "UPDATE wallet.pix_sim_notices n SET due_at = :until, tries = n.tries + 1"
            " FROM (SELECT id FROM wallet.pix_sim_notices WHERE due_at <= :now"
            " ORDER BY due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED) due"
            " WHERE n.id = due.id RETURNING n.id, n.body, n.copies, n.tries"
        ),
        {"now": now, "until": until, "limit": limit},
    )
    return sorted((Notice(*row) for row in found), key=lambda notice: notice.id)


async def postpone_notice(session: WriteSession, notice_id: int, due_at: datetime) -> None:
    """Send a notice later."""
    await session.execute(
        text("UPDATE wallet.pix_sim_notices SET due_at = :due_at WHERE id = :id"),
        {"id": notice_id, "due_at": due_at},
    )


async def delete_notice(session: WriteSession, notice_id: int) -> None:
    """Remove a notice that has arrived, or is given up."""
    await session.execute(
        text("DELETE FROM wallet.pix_sim_notices WHERE id = :id"), {"id": notice_id}
    )
