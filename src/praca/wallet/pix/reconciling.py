"""Asking the provider what its notices did not say, and giving back what must go back."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Final

import structlog

from praca.platform.database.engine import Database
from praca.platform.settings import PixSettings
from praca.wallet.pix import repository
from praca.wallet.pix.charge import Charge, NotedPayment, PaymentStatus, next_question
from praca.wallet.pix.errors import ProviderUnavailableError
from praca.wallet.pix.ports import Payment, PixProvider
from praca.wallet.pix.settling import Outcome, Settlement, pause_after

__all__ = ["Reconciled", "Reconciler"]

_log = structlog.get_logger("praca.pix")
_AT_ONCE: Final = 100
_MOST_FAILURES: Final = 5
"""So many calls in a row unanswered, and the provider is left alone until the next run."""


@dataclass(slots=True)
class Reconciled:
    """What a run found and did."""

    asked: int = 0
    found: int = 0
    expired: int = 0
    refunded: int = 0
    failed: int = 0

    def as_dict(self) -> dict[str, int]:
        """Return the numbers by name."""
        return asdict(self)


class Reconciler:
    """Does what missed notices would have done.

    Safe to run twice and beside webhooks: what is found out goes the same way as a notice. The
    provider is called between transactions, never within one.
    """

    def __init__(
        self,
        settings: PixSettings,
        database: Database,
        provider: PixProvider,
        settlement: Settlement,
    ) -> None:
        self._settings = settings
        self._database = database
        self._provider = provider
        self._settlement = settlement
        self._now = settlement.now
        self._failures = 0

    async def run(self, on_progress: Callable[[int], None] = lambda _: None) -> Reconciled:
        """Ask about every charge that is due, and try every refund that is due."""
        done = Reconciled()
        await self._settlement.prepare()
        self._failures = 0
        while self._goes_on and (charges := await self._due_charges()):
            for charge in charges:
                await self._guarded(self._ask(charge, done), done, charge)
                on_progress(done.asked)
        self._failures = 0
        while self._goes_on and (payments := await self._due_payments()):
            for txid, noted in payments:
                await self._guarded(self._settle(txid, noted, done), done, noted)
        await self._forget_old_events()
        return done

    async def refund(self, end_to_end_id: str) -> bool:
        """Give one payment back if that is still due; tell whether nothing is left to do."""
        await self._settlement.prepare()
        async with self._database.read() as session:
            noted = await repository.get_payment(session, end_to_end_id)
            if noted is None or noted.status is not PaymentStatus.REFUNDING:
                return True
            charge = await repository.get_charge(session, noted.charge_id)
        if charge is None:
            return True
        done = Reconciled()
        await self._settle(charge.txid, noted, done)
        return done.refunded == 1

    @property
    def _goes_on(self) -> bool:
        return self._failures < _MOST_FAILURES

    async def _guarded(
        self, work: Awaitable[None], done: Reconciled, about: Charge | NotedPayment
    ) -> None:
        """Do one piece of work; if it fails unexpectedly, put it off and go on with the others."""
        try:
            await work
        except Exception:  # noqa: BLE001  # whatever it is, it is logged, counted and tried again
            _log.exception("pix.reconciliation_failed")
            done.failed += 1
            # In a transaction of its own: what is not put off would be due for ever.
            async with self._database.write() as session:
                if isinstance(about, Charge):
                    at = self._now() + pause_after(about.asked)
                    await repository.set_question(session, about.id, at)
                else:
                    at = self._now() + pause_after(about.tries)
                    await repository.note_try(session, about.end_to_end_id, at)

    async def _due_charges(self) -> list[Charge]:
        async with self._database.read() as session:
            return await repository.charges_to_ask_about(session, self._now(), _AT_ONCE)

    async def _due_payments(self) -> list[tuple[str, NotedPayment]]:
        async with self._database.read() as session:
            return await repository.payments_to_retry(session, self._now(), _AT_ONCE)

    async def _ask(self, charge: Charge, done: Reconciled) -> None:
        payments = await self._payments_of(charge, done)
        now = self._now()
        watch = timedelta(hours=self._settings.pix_watch_hours)
        again = next_question(charge, now, watch)
        if payments is None:  # not even the last question is given up unanswered
            again = now + pause_after(charge.asked)
        async with self._database.write() as session:
            for payment in payments or ():
                outcome = await self._settlement.apply(session, payment)
                done.found += outcome is Outcome.APPLIED
            if charge.is_unpaid and charge.expires_at < now:
                done.expired += await self._settlement.expire(session, charge.txid)
            await repository.set_question(session, charge.id, again)

    async def _payments_of(self, charge: Charge, done: Reconciled) -> list[Payment] | None:
        done.asked += 1
        try:
            payments = await self._provider.status_of(charge.txid)
        except ProviderUnavailableError:
            self._count_failure(done)
            return None
        self._failures = 0
        return [payment for payment in payments if payment.txid == charge.txid]

    async def _settle(self, txid: str, noted: NotedPayment, done: Reconciled) -> None:
        if noted.status is PaymentStatus.CREDITED:
            async with self._database.write() as session:
                done.refunded += await self._settlement.take_back(
                    session, txid, noted.end_to_end_id
                )
            return
        refunded_at = None
        try:
            refunded_at = await self._provider.refund(
                noted.end_to_end_id, refund_id=noted.charge_id.hex, amount=noted.amount
            )
            self._failures = 0
        except ProviderUnavailableError:
            self._count_failure(done)
        async with self._database.write() as session:
            if refunded_at is None:
                at = self._now() + pause_after(noted.tries)
                await repository.note_try(session, noted.end_to_end_id, at)
                return
            payment = Payment(noted.end_to_end_id, txid, noted.amount, noted.paid_at, refunded_at)
            await self._settlement.apply(session, payment)
        done.refunded += 1

    def _count_failure(self, done: Reconciled) -> None:
        self._failures += 1
        done.failed += 1
        _log.warning("pix.provider_unavailable")

    async def _forget_old_events(self) -> None:
        before = self._now() - timedelta(days=self._settings.pix_event_days)
        async with self._database.write() as session:
            await repository.delete_old_events(session, before=before)
