"""All SQL of the cards."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from praca.platform.database.engine import Database, ReadSession, WriteSession
from praca.wallet.cards import models
from praca.wallet.cards.card import Card, CardStatus
from praca.wallet.ledger.postings import State

__all__ = [
    "count_in_use",
    "delete_cards_of",
    "find_card",
    "get_card",
    "has_cards",
    "insert_card",
    "list_cards",
    "lock_person",
]

_COLUMNS = "c.id, c.user_id, c.card_number, c.account_id, a.balance, a.state, c.issued_at"
_FROM = f"{models.cards.fullname} c JOIN wallet.accounts a ON a.id = c.account_id"
_PERSON_LOCK = 7_226_005


def _card(row: Sequence[Any]) -> Card:
    card_id, user_id, number, account_id, balance, state, issued_at = row
    status = CardStatus.of(State(state))
    return Card(card_id, user_id, number, account_id, balance, status, issued_at)


async def find_card(database: Database, card_number: str) -> Card | None:
    """Return the card with this number, in one round trip."""
    row = await database.fetch_one(
        f"SELECT {_COLUMNS} FROM {_FROM} WHERE c.card_number = %(number)s",
        {"number": card_number},
    )
    return None if row is None else _card(row)


async def get_card(session: ReadSession, card_number: str) -> Card | None:
    """Return the card with this number, as the session's transaction sees it."""
    found = await session.execute(
        text(f"SELECT {_COLUMNS} FROM {_FROM} WHERE c.card_number = :number"),
        {"number": card_number},
    )
    row = found.first()
    return None if row is None else _card(row)


async def list_cards(session: ReadSession, user_id: int) -> list[Card]:
    """Return a person's cards, the oldest first."""
    found = await session.execute(
        text(f"SELECT {_COLUMNS} FROM {_FROM} WHERE c.user_id = :user_id ORDER BY c.id"),
        {"user_id": user_id},
    )
    return [_card(row) for row in found]


async def lock_person(session: WriteSession, user_id: int) -> None:
    """Let nobody else add or count this person's cards meanwhile."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(:kind, hashint8(:user_id))"),
        {"kind": _PERSON_LOCK, "user_id": user_id},
    )


async def count_in_use(session: ReadSession, user_id: int) -> int:
    """Return how many cards of the person are not cancelled."""
    found = await session.scalar(
        text(f"SELECT count(*) FROM {_FROM} WHERE c.user_id = :user_id AND a.state <> 'closed'"),
        {"user_id": user_id},
    )
    return int(found or 0)


async def has_cards(session: ReadSession, user_id: int) -> bool:
    """Tell whether the person ever had a card."""
    return bool(
        await session.scalar(
            text("SELECT EXISTS (SELECT FROM wallet.cards WHERE user_id = :user_id)"),
            {"user_id": user_id},
        )
    )


async def insert_card(
    session: WriteSession, *, user_id: int, card_number: str, account_id: int, is_first: bool
) -> bool:
    """Add a card; false if the number is taken."""
    added = await session.execute(
        text(
            "INSERT INTO wallet.cards (user_id, card_number, account_id, is_first)"
            " VALUES (:user_id, :card_number, :account_id, :is_first)"
            " ON CONFLICT (card_number) DO NOTHING RETURNING id"
        ),
        {
            "user_id": user_id,
            "card_number": card_number,
            "account_id": account_id,
            "is_first": is_first,
        },
    )
    return added.first() is not None


async def delete_cards_of(session: WriteSession, user_id: int) -> None:
    """Forget whose the cards are; their accounts stay, for the ledger's sums."""
    await session.execute(
        text("DELETE FROM wallet.cards WHERE user_id = :user_id"), {"user_id": user_id}
    )
