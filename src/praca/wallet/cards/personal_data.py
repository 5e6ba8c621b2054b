"""What the wallet keeps about a person besides documents: cards, and the answers kept for keys."""

from typing import Final

import orjson
from pydantic import JsonValue

from praca.identity.errors import BalanceLeftError
from praca.platform.audit import AuditEntry, record
from praca.platform.database.engine import WriteSession, driver_connection
from praca.platform.idempotency import delete_answers_of
from praca.platform.resources import Resources
from praca.wallet.cards import repository
from praca.wallet.cards.card import Card, CardStatus
from praca.wallet.cards.history import history_of
from praca.wallet.ledger import repository as ledger_rows
from praca.wallet.ledger.postings import AccountKind, Posting, State, TransferKind
from praca.wallet.ledger.rules import Limits
from praca.wallet.ledger.service import Ledger

__all__ = ["CardsHolder"]

_MOST: Final = 2**63 - 1


class CardsHolder:
    """The cards of a person; the ledger under them names nobody and stays as it is."""

    name = "cartoes"

    def __init__(self, resources: Resources) -> None:
        self._database = resources.databases.city
        most = resources.settings.wallet.wallet_max_balance_centavos
        self._ledger = Ledger(Limits(card_balance=most))

    async def export(self, account_id: int) -> JsonValue:
        """Return the person's cards, each with its movements."""
        async with self._database.read() as session:
            cards = await repository.list_cards(session, account_id)
        return [await self._export_card(card) for card in cards]

    async def _export_card(self, card: Card) -> JsonValue:
        history, _ = await history_of(self._database, card, skip=0, limit=_MOST)
        movements: JsonValue = orjson.loads(history)
        return {
            "numero": card.number,
            "situacao": card.status,
            "saldo_centavos": card.balance,
            "emitido_em": card.issued_at.isoformat(),
            "movimentos": movements,
        }

    async def check(self, account_id: int, *, forfeit_balance: bool) -> None:
        """Refuse an erasure that would take money from somebody who did not say so.

        Raises:
            BalanceLeftError: there is money on a card, and the person has not given it up.
        """
        async with self._database.read() as session:
            cards = await repository.list_cards(session, account_id)
        if any(card.balance for card in cards) and not forfeit_balance:
            raise BalanceLeftError

    async def erase(self, account_id: int) -> None:
        """Empty and close the accounts, and forget whose cards they were.

        What is left on them goes to the city's account of surrendered money, so that all sums
        stay as they are.
        """
        async with self._database.write() as session:
            await repository.lock_person(session, account_id)
            for card in await repository.list_cards(session, account_id):
                await self._close(session, card)
            await repository.delete_cards_of(session, account_id)
            await delete_answers_of(session, account_id)

    async def _close(self, session: WriteSession, card: Card) -> None:
        connection = await driver_connection(session)
        account = (await ledger_rows.lock_accounts(connection, [card.account_id]))[card.account_id]
        if account.balance:
            surrendered = await self._ledger.account_of_city(connection, AccountKind.SURRENDERED)
            posting = Posting(
                card.account_id,
                surrendered,
                0,
                TransferKind.SURRENDER,
                from_blocked=True,
                everything=True,
            )
            await self._ledger.post(session, [posting])
        if card.status is not CardStatus.CANCELLED:
            await ledger_rows.set_state(connection, card.account_id, State.CLOSED)
        await record(session, AuditEntry("wallet.card_erased", "card", str(card.id), card.user_id))
