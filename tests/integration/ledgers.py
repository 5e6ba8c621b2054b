"""Money moved at chosen moments, by the ledger's own rules."""

from collections.abc import Sequence
from datetime import datetime

from praca.platform.database.engine import Database
from praca.wallet.ledger import repository
from praca.wallet.ledger.postings import AccountKind, Posted, Posting, TransferKind
from praca.wallet.ledger.repository import Batch
from praca.wallet.ledger.rules import Limits, settle

_LIMITS = Limits(card_balance=10**9)
_CITY = {
    TransferKind.RECHARGE: AccountKind.RECHARGES,
    TransferKind.DEBIT: AccountKind.FARES,
    TransferKind.PIX_RECHARGE: AccountKind.PIX,
}
Movement = tuple[datetime, TransferKind, int]


async def move(database: Database, account_id: int, movements: Sequence[Movement]) -> None:
    """Move money to (positive) and from (negative) an account, each time at its moment."""
    async with database.transaction() as connection:
        await repository.add_city_accounts(connection)
        city = await repository.city_accounts(connection)
        before = await repository.lock_accounts(connection, [account_id, *city.values()])
        counts = {account.id: account.entries for account in before.values()}
        posted: list[Posted] = []
        ids = await repository.transfer_ids(connection, len(movements))
        for transfer_id, (moment, kind, amount) in zip(ids, movements, strict=True):
            other = city[_CITY[kind]]
            sides = (other, account_id) if amount > 0 else (account_id, other)
            posting = Posting(*sides, abs(amount), kind)
            (made,) = settle(before, [posting], [transfer_id], now=moment, limits=_LIMITS)
            assert isinstance(made, Posted), made
            posted.append(made)
        changed = {key: count for key, count in counts.items() if before[key].entries != count}
        await repository.write(connection, Batch(posted, changed, before))
