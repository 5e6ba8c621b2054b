"""The ledger as its users see it: postings in, transfers or refusals out."""

from collections.abc import Sequence
from typing import Any, Final

import psycopg

from praca.kit.clock import utc_now
from praca.kit.errors import DomainError
from praca.platform.database.engine import WriteSession, driver_connection
from praca.wallet.errors import MovementKeyReusedError
from praca.wallet.ledger import repository
from praca.wallet.ledger.metrics import note_when_committed
from praca.wallet.ledger.postings import Account, AccountKind, Posted, Posting
from praca.wallet.ledger.repository import Batch
from praca.wallet.ledger.rules import Limits, settle

__all__ = ["Ledger"]

_IDS_AT_ONCE: Final = 64


class Ledger:
    """Moves money between accounts, each time within one transaction of the city's database.

    Every transfer locks its accounts, in one order for all, before it looks at them; so what it
    decides on is what it changes.

    Attributes:
        city_accounts: ids of the city's own accounts; empty until somebody asks for one.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.city_accounts: dict[AccountKind, int] = {}
        self._ids: list[int] = []

    async def account_of_city(
        self, connection: "psycopg.AsyncConnection[Any]", kind: AccountKind
    ) -> int:
        """Return the id of the city's own account of this kind; the first call makes them all."""
        if kind in self.city_accounts:
            return self.city_accounts[kind]
        known = await repository.city_accounts(connection)
        if kind in known:
            self.city_accounts = known
            return known[kind]
        # Not remembered yet: the caller's transaction may still take them back.
        await repository.add_city_accounts(connection)
        return (await repository.city_accounts(connection))[kind]

    async def post(self, session: WriteSession, postings: Sequence[Posting]) -> list[Posted]:
        """Make transfers within the session's transaction: all of them, or none.

        One whose key is known already is not made again; what was made then is returned.

        Raises:
            MovementKeyReusedError: a key is known with another input.
            DomainError: the first transfer that the rules refuse, see ``wallet.errors``.
        """
        connection = await driver_connection(session)
        outcomes, batch = await self.settle(connection, postings, look_for_keys=True)
        for outcome in outcomes:
            if isinstance(outcome, DomainError):
                raise outcome
        await repository.write(connection, batch)
        note_when_committed(session, batch.posted)
        return [outcome for outcome in outcomes if isinstance(outcome, Posted)]

    async def settle(
        self,
        connection: "psycopg.AsyncConnection[Any]",
        postings: Sequence[Posting],
        *,
        look_for_keys: bool,
    ) -> tuple[list[Posted | DomainError], Batch]:
        """Lock the accounts and decide what becomes of each posting; write nothing yet.

        Args:
            connection: inside a transaction.
            postings: what is asked for; no key twice.
            look_for_keys: whether a transfer may have been made under one of the keys. Should one
                be known that was not looked for, writing fails.

        Returns:
            The outcome of each, and what is to be written.
        """
        accounts = await repository.lock_accounts(
            connection, {i for p in postings for i in (p.source_id, p.destination_id)}
        )
        keys = [posting.key for posting in postings if posting.key is not None]
        known = await repository.made_before(connection, keys) if look_for_keys and keys else {}
        new = [posting for posting in postings if posting.key not in known]
        before = {account.id: account.entries for account in accounts.values()}
        ids = await self._take_ids(connection, len(new))
        made = iter(settle(accounts, new, ids, now=utc_now(), limits=self._limits))
        outcomes = [
            _known(known[posting.key], posting) if posting.key in known else next(made)
            for posting in postings
        ]
        if not look_for_keys:
            # A refusal writes no transfer, so no constraint would tell of a key that is known.
            refused = [
                posting.key
                for posting, outcome in zip(postings, outcomes, strict=True)
                if posting.key is not None and isinstance(outcome, DomainError)
            ]
            known = await repository.made_before(connection, refused) if refused else {}
            outcomes = [
                _known(known[posting.key], posting) if posting.key in known else outcome
                for posting, outcome in zip(postings, outcomes, strict=True)
            ]
        posted = [item for item in outcomes if isinstance(item, Posted) and item.is_new]
        return outcomes, Batch(posted, _changed(before, accounts), accounts)

    async def _take_ids(self, connection: "psycopg.AsyncConnection[Any]", count: int) -> list[int]:
        """Return unused ids. Some are kept in stock, to save a round trip; a restart skips them."""
        if len(self._ids) < count:
            wanted = max(count, _IDS_AT_ONCE)
            # Not in one statement: it would put back what others took while this waits.
            fetched = await repository.transfer_ids(connection, wanted)
            self._ids += fetched
        taken, self._ids = self._ids[:count], self._ids[count:]
        return taken


def _known(made: Posted, posting: Posting) -> Posted | DomainError:
    same = made.posting.input_hash == posting.input_hash
    return made if same else MovementKeyReusedError()


def _changed(before: dict[int, int], accounts: dict[int, Account]) -> dict[int, int]:
    return {key: count for key, count in before.items() if accounts[key].entries != count}
