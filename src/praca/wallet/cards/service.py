"""The rules of transport cards; their money moves through the ledger."""

from praca.identity import Subject
from praca.platform.audit import AuditEntry, record
from praca.platform.database.engine import Database, WriteSession, driver_connection
from praca.platform.settings import Settings
from praca.wallet.cards import repository
from praca.wallet.cards.card import Card, new_card_number
from praca.wallet.errors import (
    CardCancelledError,
    CardNotEmptyError,
    CardNotFoundError,
    CardStateError,
    DirectRechargeOffError,
    InvalidAmountError,
    NotCardOwnerError,
    SameCardError,
    TooManyCardsError,
)
from praca.wallet.ledger import repository as ledger_rows
from praca.wallet.ledger.moving import Mover
from praca.wallet.ledger.postings import AccountKind, Posting, State, TransferKind
from praca.wallet.ledger.rules import Limits
from praca.wallet.ledger.service import Ledger

__all__ = ["Cards"]

_FROM_STATE = {State.OPEN: State.BLOCKED, State.BLOCKED: State.OPEN}


class Cards:
    """The cards of one application.

    Attributes:
        ledger: where their money is.
        mover: moves it for requests.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings.wallet
        self._database = database
        chosen = self._settings.wallet_direct_recharge
        self._takes_direct_recharges = not settings.is_production if chosen is None else chosen
        self.ledger = Ledger(Limits(card_balance=self._settings.wallet_max_balance_centavos))
        self.mover = Mover(database, self.ledger)

    # --- cards ------------------------------------------------------------------------------

    async def issue_first(self, user_id: int) -> None:
        """Give a person the card that comes with the registration, unless he ever had one.

        It has a transaction of its own and is safe to call again.
        """
        async with self._database.write() as session:
            await repository.lock_person(session, user_id)
            if not await repository.has_cards(session, user_id):
                await self._issue(session, user_id, user_id, is_first=True)

    async def issue(self, session: WriteSession, owner: Subject) -> Card:
        """Give the person another card.

        Raises:
            TooManyCardsError: he has as many in use as he may.
        """
        await repository.lock_person(session, owner.id)
        if await repository.count_in_use(session, owner.id) >= self._settings.wallet_max_cards:
            raise TooManyCardsError(self._settings.wallet_max_cards)
        return await self._issue(session, owner.id, owner.id, is_first=False)

    async def _issue(
        self, session: WriteSession, user_id: int, actor_id: int, *, is_first: bool
    ) -> Card:
        account_id = await ledger_rows.add_card_account(await driver_connection(session))
        number = new_card_number()
        while not await repository.insert_card(
            session,
            user_id=user_id,
            card_number=number,
            account_id=account_id,
            is_first=is_first,
        ):
            number = new_card_number()
        card = await repository.get_card(session, number)
        if card is None:
            raise CardNotFoundError
        await _audit(session, "card_issued", card, actor_id)
        return card

    async def list_own(self, owner: Subject) -> list[Card]:
        """Return the person's cards, the oldest first."""
        own = await self._list(owner)
        if not own and owner.cpf is not None:
            # A citizen's first card comes with the registration; that may have died half-way.
            await self.issue_first(owner.id)
            own = await self._list(owner)
        return own

    async def _list(self, owner: Subject) -> list[Card]:
        async with self._database.read() as session:
            return await repository.list_cards(session, owner.id)

    async def require_own(self, card_number: str, owner: Subject) -> Card:
        """Return the card, which must be the person's own; one round trip.

        Raises:
            CardNotFoundError: no card has this number.
            NotCardOwnerError: it is somebody else's.
        """
        card = await repository.find_card(self._database, card_number)
        return _own(card, owner)

    async def block(self, session: WriteSession, card_number: str, owner: Subject) -> Card:
        """Let no money move to or from the card, but to another card of its owner.

        Raises:
            CardNotFoundError, NotCardOwnerError: see :meth:`require_own`.
            CardStateError: it is not active.
        """
        return await self._change(session, card_number, owner, State.BLOCKED, "card_blocked")

    async def unblock(self, session: WriteSession, card_number: str, owner: Subject) -> Card:
        """Undo :meth:`block`.

        Raises:
            CardNotFoundError, NotCardOwnerError: see :meth:`require_own`.
            CardStateError: it is not blocked.
        """
        return await self._change(session, card_number, owner, State.OPEN, "card_unblocked")

    async def cancel(self, session: WriteSession, card_number: str, owner: Subject) -> Card:
        """End the card for good.

        Raises:
            CardNotFoundError, NotCardOwnerError: see :meth:`require_own`.
            CardNotEmptyError: there is money on it.
            CardCancelledError: it has been cancelled before.
        """
        return await self._change(session, card_number, owner, State.CLOSED, "card_cancelled")

    async def _change(
        self, session: WriteSession, card_number: str, owner: Subject, state: State, what: str
    ) -> Card:
        card = _own(await repository.get_card(session, card_number), owner)
        connection = await driver_connection(session)
        # Decided on the locked row: a recharge that was quicker is seen.
        account = (await ledger_rows.lock_accounts(connection, [card.account_id]))[card.account_id]
        if account.state is State.CLOSED:
            raise CardCancelledError
        if state is State.CLOSED and account.balance:
            raise CardNotEmptyError(account.balance)
        if state is not State.CLOSED and _FROM_STATE[account.state] is not state:
            raise CardStateError
        await ledger_rows.set_state(connection, card.account_id, state)
        await _audit(session, what, card, owner.id)
        return _own(await repository.get_card(session, card_number), owner)

    # --- money ------------------------------------------------------------------------------

    async def recharge_posting(self, card: Card, amount: int) -> Posting:
        """Return the transfer that a recharge of ``amount`` centavos is.

        Raises:
            DirectRechargeOffError: this city takes money by Pix only.
            InvalidAmountError: more than one movement may be.
        """
        if not self._takes_direct_recharges:
            raise DirectRechargeOffError
        city = await self._city_account(AccountKind.RECHARGES)
        return self._posting(city, card.account_id, amount, TransferKind.RECHARGE)

    async def debit_posting(self, card: Card, amount: int) -> Posting:
        """Return the transfer that a debit of ``amount`` centavos is.

        Raises:
            InvalidAmountError: more than one movement may be.
        """
        city = await self._city_account(AccountKind.FARES)
        return self._posting(card.account_id, city, amount, TransferKind.DEBIT)

    def transfer_posting(self, source: Card, destination: Card, amount: int | None) -> Posting:
        """Return the transfer of ``amount`` centavos, or of all, to another card of the person.

        A blocked card gives, because what is on a lost card is its owner's.

        Raises:
            SameCardError: it is the same card.
        """
        if source.id == destination.id:
            raise SameCardError
        return Posting(
            source.account_id,
            destination.account_id,
            amount or 0,
            TransferKind.CARD_TRANSFER,
            from_blocked=True,
            everything=amount is None,
        )

    def _posting(
        self, source_id: int, destination_id: int, amount: int, kind: TransferKind
    ) -> Posting:
        if amount > self._settings.wallet_max_amount_centavos:
            raise InvalidAmountError(self._settings.wallet_max_amount_centavos)
        return Posting(source_id, destination_id, amount, kind)

    async def _city_account(self, kind: AccountKind) -> int:
        # The first turn may make them; they are known once that is committed.
        while kind not in self.ledger.city_accounts:
            async with self._database.transaction() as connection:
                await self.ledger.account_of_city(connection, kind)
        return self.ledger.city_accounts[kind]


def _own(card: Card | None, owner: Subject) -> Card:
    if card is None:
        raise CardNotFoundError
    if card.user_id != owner.id:
        raise NotCardOwnerError
    return card


async def _audit(session: WriteSession, what: str, card: Card, actor_id: int) -> None:
    await record(session, AuditEntry(f"wallet.{what}", "card", str(card.id), actor_id))
