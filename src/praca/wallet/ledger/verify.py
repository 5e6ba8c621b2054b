"""Checks that the whole ledger is what its rules would have made of it.

Everything is seen at one moment, in a read-only transaction, and nothing is kept but the account
that is being looked at: memory does not grow with the ledger. Entries come in the order of their
accounts and numbers, accounts in the order of their ids, and are matched as they come.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.types.numeric import Int8BinaryLoader

from praca.kit.clock import utc_now
from praca.platform.database.engine import Database
from praca.wallet.ledger.heads import EarlierHeads, HeadsWriter, Seal
from praca.wallet.ledger.walk import Chain, Problems, Walk

__all__ = ["Check", "Progress", "Report", "verify"]

Check = Callable[["psycopg.AsyncConnection[Any]"], Awaitable[list[str]]]
"""A further check: what it finds wrong in the transaction that it is given, in Portuguese."""
Progress = Callable[[int, int], None]
"""Is told how many entries have been looked at, and how many there are."""

_ROWS_AT_ONCE: Final = 10_000
_SET_UP: Final = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET LOCAL search_path = pg_catalog",  # nobody's functions but PostgreSQL's own
    "SET LOCAL cursor_tuple_fraction = 1",  # all rows are read
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL work_mem = '64MB'",
)
# The accounts tell how many entries there should be; it is only for the progress.
_COUNTS = """
SELECT (SELECT count(*) FROM wallet.transfers), (SELECT count(*) FROM wallet.cards),
    (SELECT coalesce(sum(entries), 0)::bigint FROM wallet.accounts)
"""
_ENTRIES = """
SELECT e.account_id, e.number, e.transfer_id, e.amount, e.balance, e.hash,
    t.source_id, t.destination_id, t.amount, t.kind, t.reference,
    t.created_at
FROM wallet.entries e LEFT JOIN wallet.transfers t ON t.id = e.transfer_id
ORDER BY e.account_id, e.number
"""
_ACCOUNTS = """
SELECT id, kind, floor, balance, entries, head, latest_at
FROM wallet.accounts ORDER BY id
"""
# That each entry is one of the two sides of its transfer is seen when its account is walked.
_UNPAIRED = """
SELECT t.id, t.source_id, t.destination_id, coalesce(e.sides, 0)
FROM wallet.transfers t LEFT JOIN (
    SELECT transfer_id, count(*) AS sides, min(account_id) AS low, max(account_id) AS high,
        sum(amount) AS total
    FROM wallet.entries GROUP BY transfer_id
) e ON e.transfer_id = t.id
WHERE e.sides IS DISTINCT FROM 2 OR e.low = e.high OR e.total <> 0
ORDER BY t.id LIMIT 101
"""
_CARDS = """
SELECT c.id, c.account_id FROM wallet.cards c LEFT JOIN wallet.accounts a ON a.id = c.account_id
WHERE a.kind IS DISTINCT FROM 'card' ORDER BY c.id LIMIT 101
"""


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at and what is wrong.

    Attributes:
        seal: one hash over all that was seen; kept elsewhere, it tells whether two are the same.
        problems: in Portuguese, at most a hundred.
        found: how many there were.
    """

    accounts: int
    cards: int
    transfers: int
    entries: int
    seal: str
    problems: tuple[str, ...]
    found: int
    seconds: float

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.found


async def verify(
    database: Database,
    *,
    checks: Sequence[Check] = (),
    heads: Path | None = None,
    progress: Progress | None = None,
) -> Report:
    """Check every entry, transfer, account and card.

    Args:
        database: the city's.
        checks: further ones, in the same transaction.
        heads: file with the heads of an earlier run, which the chains must still have; if all is
            good, it gets the present ones. One that does not exist is made.
        progress: is told about it, from the event loop.

    Raises:
        HeadsFileError: the file of heads is not whole.
    """
    started = time.monotonic()
    async with database.transaction() as connection:
        for statement in _SET_UP:
            await connection.execute(statement)
        with contextlib.ExitStack() as files:
            earlier = None if heads is None else EarlierHeads.of(heads)
            writer = None if heads is None else HeadsWriter(heads, utc_now())
            if writer is not None:
                files.enter_context(writer)
            verifying = _Verifying(connection, earlier, writer, progress)
            report = await verifying.run(checks, started)
            if writer is not None and report.is_good:
                writer.replace(report.seal)
    return report


class _Verifying:
    def __init__(
        self,
        connection: "psycopg.AsyncConnection[Any]",
        earlier: EarlierHeads | None,
        writer: HeadsWriter | None,
        progress: Progress | None,
    ) -> None:
        self._connection = connection
        self._writer = writer
        self._progress = progress or (lambda _done, _total: None)
        self._problems = Problems()
        self._walk = Walk(self._problems, earlier)
        self._seal = Seal()
        self._accounts = 0
        self._sum = 0
        self._waiting: tuple[Any, ...] | None = None

    async def run(self, checks: Sequence[Check], started: float) -> Report:
        cursor = await self._connection.execute(_COUNTS)
        transfers, cards, expected = await cursor.fetchone() or (0, 0, 0)
        await self._chains(int(expected))
        if self._sum:
            self._problems.add(f"a soma de todos os saldos é {self._sum} centavos, em vez de zero")
        await self._pairs()
        await self._cards()
        for check in checks:
            for problem in await check(self._connection):
                self._problems.add(problem)
        return Report(
            accounts=self._accounts,
            cards=cards,
            transfers=transfers,
            entries=self._walk.entries,
            seal=self._seal.hex(),
            problems=tuple(self._problems.kept),
            found=self._problems.found,
            seconds=time.monotonic() - started,
        )

    async def _chains(self, expected: int) -> None:
        entries = self._cursor("praca_entries")
        async with contextlib.aclosing(self._rows_of_accounts()) as accounts, entries:
            await entries.execute(_ENTRIES)
            rows = await entries.fetchmany(_ROWS_AT_ONCE)
            while rows:
                # PostgreSQL finds the next while these are hashed beside the event loop.
                ended, rows = await asyncio.gather(
                    asyncio.to_thread(self._walk.feed, rows), entries.fetchmany(_ROWS_AT_ONCE)
                )
                await self._match(accounts, ended)
                self._progress(self._walk.entries, expected)
            await self._match(accounts, self._walk.finish())
            while (account := await self._account_until(accounts, None)) is not None:
                self._account(account, None)

    def _cursor(self, name: str) -> "psycopg.AsyncServerCursor[tuple[Any, ...]]":
        """Return a cursor that reads moments as PostgreSQL has them: as microseconds."""
        cursor = self._connection.cursor(name, binary=True)
        cursor.adapters.register_loader("timestamptz", Int8BinaryLoader)
        return cursor

    async def _rows_of_accounts(self) -> AsyncGenerator[tuple[Any, ...], None]:
        async with self._cursor("praca_accounts") as cursor:
            await cursor.execute(_ACCOUNTS)
            while rows := await cursor.fetchmany(_ROWS_AT_ONCE):
                for row in rows:
                    yield row

    async def _match(
        self, accounts: AsyncGenerator[tuple[Any, ...], None], chains: Sequence[Chain]
    ) -> None:
        """Take the accounts up to those of ``chains``."""
        for chain in chains:
            account = None
            while (found := await self._account_until(accounts, chain.account_id)) is not None:
                account = found
                self._account(account, chain if account[0] == chain.account_id else None)
            if account is None or account[0] != chain.account_id:
                self._problems.add(
                    f"conta {chain.account_id}, lançamento {chain.number}: a conta não existe"
                )

    async def _account_until(
        self, accounts: AsyncGenerator[tuple[Any, ...], None], last_id: int | None
    ) -> tuple[Any, ...] | None:
        """Return the next account unless it comes after ``last_id``."""
        if self._waiting is None:
            self._waiting = await anext(accounts, None)
        if self._waiting is None or (last_id is not None and self._waiting[0] > last_id):
            return None
        account, self._waiting = self._waiting, None
        return account

    def _account(self, row: tuple[Any, ...], chain: Chain | None) -> None:
        account_id, kind, floor, balance, entries, head, latest = row
        self._accounts += 1
        self._sum += balance
        self._seal.add(account_id, entries, head)
        if self._writer is not None:
            self._writer.add(account_id, entries, head)
        seen = chain or Chain(account_id)
        for name, kept, found in (
            ("o número de lançamentos", entries, seen.number),
            ("o saldo", balance, seen.balance),
            ("o último hash", head.hex(), seen.hash.hex()),
            ("a hora do último lançamento", latest, seen.microseconds),
        ):
            if kept != found:
                self._problems.add(
                    f"conta {account_id}, lançamento {seen.number}: {name} na conta é "
                    f"{kept}, e pelos lançamentos {found}"
                )
        if kind == "card" and floor != 0:
            self._problems.add(f"conta {account_id}: o limite de um cartão é {floor}, e não zero")
        if floor is not None and seen.lowest < floor:
            self._problems.add(
                f"conta {account_id}, lançamento {seen.lowest_number}: o saldo {seen.lowest} "
                f"está abaixo do limite {floor}"
            )

    async def _pairs(self) -> None:
        cursor = await self._connection.execute(_UNPAIRED)
        for transfer_id, source_id, destination_id, sides in await cursor.fetchall():
            self._problems.add(
                f"transferência {transfer_id}, da conta {source_id} para a conta {destination_id}:"
                f" os seus lançamentos ({sides}) não são os dois lados dela"
            )

    async def _cards(self) -> None:
        cursor = await self._connection.execute(_CARDS)
        for card_id, account_id in await cursor.fetchall():
            self._problems.add(f"cartão {card_id}: a conta {account_id} não é conta de cartão")
