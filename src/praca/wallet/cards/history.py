"""A card's movements, as PostgreSQL renders them."""

from praca.platform.database.engine import Database
from praca.wallet.cards.card import Card
from praca.wallet.ledger import models

__all__ = ["history_of"]

_QUERY = f"""
SELECT (
    SELECT coalesce(json_agg(json_build_object(
        'id', t.id,
        'card_number', %(card_number)s::text,
        'transaction_type', CASE WHEN e.amount > 0 THEN 'recharge' ELSE 'debit' END,
        'amount', abs(e.amount),
        'balance_after_transaction', e.balance,
        'transaction_date',
            to_char(t.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'kind', t.kind
    ) ORDER BY e.number), '[]')::text
    FROM {models.entries.fullname} e
    JOIN {models.transfers.fullname} t ON t.id = e.transfer_id
    WHERE e.account_id = a.id AND e.number > %(skip)s::bigint AND e.number <= %(until)s::bigint
), a.entries
FROM {models.accounts.fullname} a WHERE a.id = %(account_id)s
"""


async def history_of(database: Database, card: Card, *, skip: int, limit: int) -> tuple[bytes, int]:
    """Return a page of the card's movements as a JSON array, oldest first, and how many there are.

    Entries are numbered without gaps, so a page is a range of numbers.
    """
    row = await database.fetch_one(
        _QUERY,
        {
            "account_id": card.account_id,
            "card_number": card.number,
            "skip": skip,
            "until": min(skip + limit, 2**63 - 1),
        },
    )
    if row is None:
        return b"[]", 0
    return str(row[0]).encode(), int(row[1])
