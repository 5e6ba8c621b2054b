"""Charges, as the people see them who make, watch and cancel them."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import segno

from praca.identity import Subject
from praca.platform.audit import AuditEntry, record
from praca.platform.database.engine import Database, ReadSession, WriteSession
from praca.platform.idempotency import Claim, KeptAnswer, claim_one, keep
from praca.platform.settings import Settings
from praca.wallet.cards.card import Card, CardStatus
from praca.wallet.cards.repository import lock_person
from praca.wallet.cards.service import Cards
from praca.wallet.errors import (
    BalanceLimitError,
    CardBlockedError,
    CardCancelledError,
    InvalidAmountError,
)
from praca.wallet.ledger.moving import Answered
from praca.wallet.pix import repository
from praca.wallet.pix.brcode import BRCode, encode
from praca.wallet.pix.charge import Charge, ChargeStatus, ChargeView, next_question
from praca.wallet.pix.errors import (
    ChargeNotFoundError,
    ChargeNotOpenError,
    PixOffError,
    TooManyChargesError,
)
from praca.wallet.pix.ports import PixProvider
from praca.wallet.pix.settling import Settlement

__all__ = ["Charges", "qr_svg", "views_of"]


def qr_svg(br_code: str) -> bytes:
    """Return the QR code of ``br_code`` as an SVG image, with the margin that readers need."""
    image = io.BytesIO()
    segno.make_qr(br_code, error="m").save(image, kind="svg", scale=4, border=4)
    return image.getvalue()


class Charges:
    """The charges of one application."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        cards: Cards,
        provider: PixProvider | None,
        settlement: Settlement,
    ) -> None:
        self._wallet = settings.wallet
        self._pix = settings.pix
        self._database = database
        self._cards = cards
        self._provider = provider
        self._now = settlement.now

    async def create(
        self,
        owner: Subject,
        card_number: str,
        amount: int,
        *,
        claim: Claim | None,
        answer: Callable[[ChargeView], KeptAnswer],
    ) -> Answered:
        """Ask for ``amount`` centavos to be paid onto a card of the person's own.

        The provider is told before our own transaction, because no transaction of ours stays
        open while others work. If that fails, the provider has a charge of which nobody knows
        the code; it is never paid.

        Raises:
            PixOffError: this city has no provider.
            CardNotFoundError, NotCardOwnerError: see :meth:`Cards.require_own`.
            CardBlockedError, CardCancelledError, BalanceLimitError: it could not be credited now.
            InvalidAmountError: more than one movement may be.
            TooManyChargesError: he has as many unpaid ones as he may.
            ProviderUnavailableError: the provider does not answer.
            RequestInFlightError, IdempotencyKeyReusedError: see :func:`claim_one`.
        """
        if claim is not None and (kept := await self._kept(claim)):
            return Answered(kept, is_replayed=True)
        if self._provider is None:
            raise PixOffError
        card = await self._cards.require_own(card_number, owner)
        self._check(card, amount)
        async with self._database.read() as session:  # before the provider hears of it
            await self._check_open(session, owner, self._now())
        charge_id, now = uuid4(), self._now()
        expires_at = now + timedelta(minutes=self._pix.pix_expiry_minutes)
        location = await self._provider.create_charge(
            charge_id.hex, amount=amount, expires_at=expires_at
        )
        charge = Charge(
            id=charge_id,
            txid=charge_id.hex,
            user_id=owner.id,
            card_id=card.id,
            card_number=card.number,
            account_id=card.account_id,
            amount=amount,
            status=ChargeStatus.CREATED,
            br_code=self._code(amount, location),
            created_at=now,
            expires_at=expires_at,
        )
        try:
            return await self._add(charge, owner, claim, answer)
        except psycopg.errors.UniqueViolation:
            # The same key was quicker, and done after this looked for it.
            kept = None if claim is None else await self._kept(claim)
            if kept is None:
                raise
            return Answered(kept, is_replayed=True)

    async def _add(
        self,
        charge: Charge,
        owner: Subject,
        claim: Claim | None,
        answer: Callable[[ChargeView], KeptAnswer],
    ) -> Answered:
        async with self._database.write() as session:
            if claim is not None and (kept := await claim_one(session, claim)):
                return Answered(kept, is_replayed=True)
            view = await self._insert(session, charge, owner)
            answered = answer(view)
            if claim is not None:
                await keep(session, claim, answered)
        return Answered(answered, is_replayed=False)

    async def _kept(self, claim: Claim) -> KeptAnswer | None:
        async with self._database.write() as session:
            return await claim_one(session, claim)

    def _check(self, card: Card, amount: int) -> None:
        if amount > self._wallet.wallet_max_amount_centavos:
            raise InvalidAmountError(self._wallet.wallet_max_amount_centavos)
        if card.status is CardStatus.CANCELLED:
            raise CardCancelledError
        if card.status is CardStatus.BLOCKED:
            raise CardBlockedError
        if card.balance + amount > self._wallet.wallet_max_balance_centavos:
            raise BalanceLimitError(self._wallet.wallet_max_balance_centavos)

    async def _check_open(self, session: ReadSession, owner: Subject, now: datetime) -> None:
        most = self._pix.pix_max_open_charges
        if await repository.count_open(session, owner.id, now) >= most:
            raise TooManyChargesError(most)

    def _code(self, amount: int, location: str) -> str:
        return encode(
            BRCode(
                merchant_name=self._pix.pix_merchant_name,
                merchant_city=self._pix.pix_merchant_city,
                amount=amount,
                location=location,
            )
        )

    async def _insert(self, session: WriteSession, charge: Charge, owner: Subject) -> ChargeView:
        await lock_person(session, owner.id)
        await self._check_open(session, owner, charge.created_at)
        watch = timedelta(hours=self._pix.pix_watch_hours)
        await repository.insert_charge(
            session, charge, ask_at=next_question(charge, charge.created_at, watch)
        )
        await _audit(session, "created", charge, owner)
        return await _view(session, charge)

    async def list_own(
        self, session: ReadSession, owner: Subject, *, offset: int, limit: int
    ) -> tuple[int, list[ChargeView]]:
        """Return how many charges the person has, and one page of them, the newest first."""
        total, charges = await repository.list_charges(
            session, owner.id, offset=offset, limit=limit
        )
        return total, await views_of(session, charges)

    async def require_own(
        self, session: ReadSession, charge_id: UUID, owner: Subject
    ) -> ChargeView:
        """Return a charge of the person's own with its history.

        Raises:
            ChargeNotFoundError: he has none with this id.
        """
        return await _view(session, await self._own(session, charge_id, owner))

    async def cancel(self, session: WriteSession, charge_id: UUID, owner: Subject) -> ChargeView:
        """End an unpaid charge; should it be paid all the same, the money goes back.

        Raises:
            ChargeNotFoundError: he has none with this id.
            ChargeNotOpenError: it has been paid or has ended.
        """
        own = await self._own(session, charge_id, owner)
        charge = await repository.lock_charge(session, own.txid)
        if charge is None or charge.status is not ChargeStatus.CREATED:
            raise ChargeNotOpenError
        await repository.add_state(session, charge.id, ChargeStatus.CANCELLED, self._now())
        await _audit(session, "cancelled", charge, owner)
        return await self.require_own(session, charge_id, owner)

    async def _own(self, session: ReadSession, charge_id: UUID, owner: Subject) -> Charge:
        charge = await repository.get_charge(session, charge_id)
        if charge is None or charge.user_id != owner.id:
            raise ChargeNotFoundError
        return charge


async def views_of(session: ReadSession, charges: list[Charge]) -> list[ChargeView]:
    """Return the charges with their states and payments."""
    ids = [charge.id for charge in charges]
    states = await repository.states_of(session, ids)
    payments = await repository.payments_of(session, ids)
    return [ChargeView(charge, states[charge.id], payments[charge.id]) for charge in charges]


async def _view(session: ReadSession, charge: Charge) -> ChargeView:
    return (await views_of(session, [charge]))[0]


async def _audit(session: WriteSession, what: str, charge: Charge, actor: Subject) -> None:
    await record(session, AuditEntry(f"wallet.pix_{what}", "pix_charge", str(charge.id), actor.id))
