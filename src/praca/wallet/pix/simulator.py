"""A provider of our own, for cities without a bank: it knows charges, payments and refunds.

Its state is in tables of its own, so that it survives restarts as a bank does, and it tells of
payments by signed notices that can be late, sent twice, out of order or lost.
"""

import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import orjson
import structlog

from praca.kit.clock import utc_now
from praca.platform.audit import AuditEntry, record
from praca.platform.database.engine import Database, WriteSession
from praca.platform.tasks.queue import TaskQueue
from praca.wallet.pix import simulator_rows as rows
from praca.wallet.pix.brcode import parse
from praca.wallet.pix.errors import CodeNotPayableError
from praca.wallet.pix.ports import Payment

__all__ = ["DELIVER_TASK", "PayOrder", "SimulatedProvider", "notice_body"]

_log = structlog.get_logger("praca.pix_simulator")
DELIVER_TASK: Final = "wallet.pix_sim_deliver"
_LOCATION: Final = "pix.simulador.invalid/qr/v2"
_BANK: Final = "E00000000"
_LETTERS: Final = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class PayOrder:
    """What somebody pays, and what goes wrong with the notice of it.

    Attributes:
        amount: centavos; none: what the code says.
        is_unchecked: the payer's bank does not look whether the charge has ended or is paid.
        notify_after_s: how late the notice is.
        notify_times: how often it is sent; 0: it is lost.
    """

    br_code: str
    amount: int | None = None
    is_unchecked: bool = False
    notify_after_s: int = 0
    notify_times: int = 1


class SimulatedProvider:
    """The adapter of :class:`PixProvider` that needs no bank."""

    def __init__(
        self, database: Database, tasks: TaskQueue, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._database = database
        self._tasks = tasks
        self._now = now

    async def create_charge(self, txid: str, *, amount: int, expires_at: datetime) -> str:
        """See :class:`PixProvider`."""
        async with self._database.write() as session:
            return await rows.insert_charge(
                session, txid, f"{_LOCATION}/{uuid4().hex}", amount, expires_at
            )

    async def status_of(self, txid: str) -> list[Payment]:
        """See :class:`PixProvider`."""
        async with self._database.read() as session:
            return await rows.payments_of(session, txid)

    async def refund(self, end_to_end_id: str, *, refund_id: str, amount: int) -> datetime | None:
        """See :class:`PixProvider`; it is done at once, and once, whoever asked first."""
        async with self._database.write() as session:
            payment = await rows.lock_payment(session, end_to_end_id)
            if payment is None or payment.amount != amount:
                _log.error("pix_simulator.refund_refused", end_to_end_id=end_to_end_id)
                return None
            return payment.refunded_at or await self._refund(session, payment, refund_id)

    async def _refund(self, session: WriteSession, payment: Payment, refund_id: str) -> datetime:
        at = self._now()
        await rows.set_refund(session, payment.end_to_end_id, refund_id, at)
        done = Payment(payment.end_to_end_id, payment.txid, payment.amount, payment.paid_at, at)
        await self._notify(session, "payment.refunded", done, after_s=0, times=1)
        return at

    async def pay(self, session: WriteSession, order: PayOrder, payer_id: int) -> Payment:
        """Pay a code, as a bank's app does for its customer.

        Raises:
            InvalidBRCodeError: it is none, or has been changed.
            CodeNotPayableError: nobody made it, it has been paid, or its time is over.
        """
        location = parse(order.br_code).location
        charge = None if location is None else await rows.lock_charge(session, location)
        if charge is None:
            raise CodeNotPayableError
        is_over = charge.expires_at < self._now() or await rows.is_paid(session, charge.txid)
        if is_over and not order.is_unchecked:
            raise CodeNotPayableError
        now = self._now()
        payment = Payment(_end_to_end_id(now), charge.txid, order.amount or charge.amount, now)
        await rows.insert_payment(session, payment)
        await record(
            session,
            AuditEntry("wallet.pix_simulator_paid", "pix_payment", None, payer_id),
        )
        await self._notify(
            session,
            "payment.received",
            payment,
            after_s=order.notify_after_s,
            times=order.notify_times,
        )
        return payment

    async def _notify(
        self, session: WriteSession, kind: str, payment: Payment, *, after_s: int, times: int
    ) -> None:
        if not times:
            return
        now = self._now()
        # What it says is fixed now: one that comes late tells old news.
        body = notice_body(f"evt-{uuid4().hex}", kind, payment, now)
        await rows.insert_notice(session, body, times, now + timedelta(seconds=after_s))
        if not after_s:
            await self._tasks.enqueue(session, DELIVER_TASK, {})


def notice_body(event_id: str, kind: str, payment: Payment, created_at: datetime) -> str:
    """Return a notice as it is signed and sent."""
    return orjson.dumps(
        {
            "id": event_id,
            "type": kind,
            "created_at": created_at,
            "end_to_end_id": payment.end_to_end_id,
            "txid": payment.txid,
            "amount": payment.amount,
            "paid_at": payment.paid_at,
            "refunded_at": payment.refunded_at,
        }
    ).decode()


def _end_to_end_id(now: datetime) -> str:
    """Return an id as the Pix system makes them: E, bank, minute, eleven letters or digits."""
    tail = "".join(secrets.choice(_LETTERS) for _ in range(11))
    return f"{_BANK}{now:%Y%m%d%H%M}{tail}"
