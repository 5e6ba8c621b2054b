"""What becomes of a payment: credited once, or given back; whoever tells of it, and how often.

Webhooks and reconciliation bring the same thing, a payment as the provider knows it at one
moment, and end here. A charge's row is locked first, so that of any number of messengers one
decides and the others find it decided.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import structlog

from praca.kit.clock import utc_now
from praca.platform.audit import AuditEntry, record
from praca.platform.database.engine import Database, WriteSession
from praca.platform.idempotency import input_hash
from praca.platform.tasks.queue import TaskQueue
from praca.wallet.errors import (
    BalanceLimitError,
    CardBlockedError,
    CardCancelledError,
    InsufficientFundsError,
)
from praca.wallet.ledger.postings import AccountKind, Posting, TransferKind
from praca.wallet.ledger.service import Ledger
from praca.wallet.pix import repository
from praca.wallet.pix.charge import (
    Charge,
    ChargeStatus,
    NotedPayment,
    PaymentStatus,
    RefundReason,
    reason_to_refund,
)
from praca.wallet.pix.ports import Payment

__all__ = ["REFUND_TASK", "Outcome", "Settlement", "pause_after"]

REFUND_TASK: Final = "wallet.pix_refund"
_log = structlog.get_logger("praca.pix")
_LONGEST_PAUSE: Final = timedelta(hours=6)
_MOST_DOUBLINGS: Final = 9


class Outcome(StrEnum):
    """What a messenger brought."""

    APPLIED = "applied"
    KNOWN = "known"
    UNMATCHED = "unmatched"


def pause_after(tries: int) -> timedelta:
    """Return how long to wait after so many vain tries: 1, 2, 4 … minutes, at most six hours."""
    return min(timedelta(minutes=1 << min(tries, _MOST_DOUBLINGS)), _LONGEST_PAUSE)


class Settlement:
    """Decides about payments, within the caller's transaction.

    Attributes:
        now: the clock.
    """

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        tasks: TaskQueue,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._tasks = tasks
        self.now = now

    async def prepare(self) -> None:
        """Learn the city's own accounts, in a transaction of its own, before one is needed."""
        # The first turn may make them; they are known once that is committed.
        while AccountKind.PIX not in self._ledger.city_accounts:
            async with self._database.transaction() as connection:
                await self._ledger.account_of_city(connection, AccountKind.PIX)

    async def receive(
        self, session: WriteSession, event_id: str, kind: str, payment: Payment
    ) -> Outcome:
        """Take in a notice of the provider's; one that was seen before changes nothing.

        A payment that belongs to no charge is kept as unmatched, for a person to look at: the
        city's Pix key may have other users, so it is not ours to give back.
        """
        if not await repository.insert_event(session, event_id, kind, payment, self.now()):
            return Outcome.KNOWN
        outcome = await self.apply(session, payment)
        await repository.set_event_outcome(session, event_id, outcome)
        if outcome is Outcome.UNMATCHED:
            _log.warning("pix.unmatched", event_id=event_id)
        return outcome

    async def apply(self, session: WriteSession, payment: Payment) -> Outcome:
        """Take in what the provider knows of a payment; what is known already changes nothing."""
        charge = await repository.lock_charge(session, payment.txid)
        if charge is None:
            return Outcome.UNMATCHED
        noted = await repository.get_payment(session, payment.end_to_end_id)
        if noted is None:
            await self._settle_new(session, charge, payment)
            return Outcome.APPLIED
        if noted.charge_id != charge.id:
            return Outcome.UNMATCHED
        if payment.refunded_at is None or noted.status is PaymentStatus.REFUNDED:
            return Outcome.KNOWN
        if noted.status is PaymentStatus.CREDITED:
            return await self._returned(session, charge, noted, payment.refunded_at)
        await repository.note_settled(session, noted.end_to_end_id, at=payment.refunded_at)
        await self._audit(session, charge, "refunded")
        await self._refund_completed(session, charge)
        return Outcome.APPLIED

    async def expire(self, session: WriteSession, txid: str) -> bool:
        """End a charge whose time is over, unless a payment is known; tell whether it did."""
        charge = await repository.lock_charge(session, txid)
        is_over = charge is not None and charge.expires_at < self.now()
        if charge is None or not is_over or charge.status is not ChargeStatus.CREATED:
            return False
        await self._enter(session, charge, ChargeStatus.EXPIRED)
        return True

    async def take_back(self, session: WriteSession, txid: str, end_to_end_id: str) -> bool:
        """Take a credit back whose payment the provider has returned; tell whether it is done.

        If the card no longer holds as much, it is tried again later.
        """
        charge = await repository.lock_charge(session, txid)
        noted = await repository.get_payment(session, end_to_end_id)
        if charge is None or noted is None or noted.status is not PaymentStatus.CREDITED:
            return True
        try:
            await self._reverse(session, charge)
        except (InsufficientFundsError, CardCancelledError) as error:
            _log.error("pix.credit_not_taken_back", charge_id=str(charge.id), code=error.code)
            at = self.now() + pause_after(noted.tries)
            await repository.note_try(session, end_to_end_id, at)
            return False
        await repository.note_settled(
            session,
            end_to_end_id,
            at=noted.returned_at or self.now(),
            reason=RefundReason.RETURNED_BY_PROVIDER,
        )
        await self._enter(session, charge, ChargeStatus.REFUNDED)
        return True

    # --- steps ------------------------------------------------------------------------------

    async def _settle_new(self, session: WriteSession, charge: Charge, payment: Payment) -> None:
        reason: str | None = reason_to_refund(charge, payment)
        if reason is None:
            reason = await self._credit(session, charge)
        if reason is None:
            status = PaymentStatus.CREDITED
        elif payment.refunded_at is None:
            status = PaymentStatus.REFUNDING
        else:
            status = PaymentStatus.REFUNDED
        await repository.insert_payment(
            session, charge.id, payment, status=status, reason=reason, now=self.now()
        )
        if charge.is_unpaid:
            await self._enter(session, charge, ChargeStatus.PAID)
            if status is PaymentStatus.REFUNDED:
                await self._enter(session, charge, ChargeStatus.REFUNDING)
            await self._enter(session, charge, ChargeStatus(status))
        else:
            await self._audit(session, charge, f"extra_payment_{status}")
        if status is PaymentStatus.REFUNDING:
            _log.info("pix.refunding", charge_id=str(charge.id), reason=reason)
            await self._tasks.enqueue(
                session, REFUND_TASK, {"end_to_end_id": payment.end_to_end_id}
            )

    async def _credit(self, session: WriteSession, charge: Charge) -> str | None:
        """Put the charge's amount on its card; return why not, if the ledger refuses."""
        posting = Posting(
            self._ledger.city_accounts[AccountKind.PIX],
            charge.account_id or 0,
            charge.amount,
            TransferKind.PIX_RECHARGE,
            reference=str(charge.id),
        )
        try:
            await self._ledger.post(session, [_under(posting, charge, "credit")])
        except (CardBlockedError, CardCancelledError, BalanceLimitError) as error:
            return error.code
        return None

    async def _returned(
        self, session: WriteSession, charge: Charge, noted: NotedPayment, at: datetime
    ) -> Outcome:
        if noted.returned_at is not None:
            return Outcome.KNOWN
        await repository.note_return(session, noted.end_to_end_id, at=at, retry_at=self.now())
        await self._audit(session, charge, "returned_by_provider")
        await self.take_back(session, charge.txid, noted.end_to_end_id)
        return Outcome.APPLIED

    async def _reverse(self, session: WriteSession, charge: Charge) -> None:
        if charge.account_id is None:
            raise CardCancelledError
        posting = Posting(
            charge.account_id,
            self._ledger.city_accounts[AccountKind.PIX],
            charge.amount,
            TransferKind.PIX_REFUND,
            reference=str(charge.id),
            from_blocked=True,
        )
        await self._ledger.post(session, [_under(posting, charge, "return")])

    async def _refund_completed(self, session: WriteSession, charge: Charge) -> None:
        """Bring a charge to its end when no payment of it is on its way back any more."""
        payments = (await repository.payments_of(session, [charge.id]))[charge.id]
        is_open = any(payment.status is PaymentStatus.REFUNDING for payment in payments)
        if charge.status is ChargeStatus.REFUNDING and not is_open:
            await self._enter(session, charge, ChargeStatus.REFUNDED)

    async def _enter(self, session: WriteSession, charge: Charge, status: ChargeStatus) -> None:
        await repository.add_state(session, charge.id, status, self.now())
        await self._audit(session, charge, status)

    async def _audit(self, session: WriteSession, charge: Charge, what: str) -> None:
        await record(session, AuditEntry(f"wallet.pix_{what}", "pix_charge", str(charge.id)))


def _under(posting: Posting, charge: Charge, what: str) -> Posting:
    key = f"pix:{charge.id}:{what}"
    return posting.under(key, input_hash(key, posting.amount))
