"""Two who want the same money, or the same key, stopped at the worst moment."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql
from tests.integration.wallet_ledger.reference import Order
from tests.integration.wallet_ledger.till import OWNER, Till

from praca.kit.errors import DomainError
from praca.platform.database import Database
from praca.platform.idempotency import claim_all, delete_old_answers
from praca.wallet.errors import InsufficientFundsError, MovementKeyReusedError
from praca.wallet.ledger import repository
from praca.wallet.ledger.postings import AccountKind, Posted, Posting, TransferKind
from praca.wallet.ledger.repository import LedgerConflictError

Faults = Callable[[], list[str]]
Connection = psycopg.AsyncConnection[Any]
_PATIENCE_S = 30


@pytest.fixture
async def watcher(city_dsn: str) -> AsyncIterator[Connection]:
    """A connection that stands beside everything."""
    opened = await psycopg.AsyncConnection.connect(city_dsn, autocommit=True)
    async with opened:
        yield opened


@pytest.fixture
async def holder(city_dsn: str) -> AsyncIterator[Connection]:
    """Somebody who holds locks until the test lets him go."""
    opened = await psycopg.AsyncConnection.connect(city_dsn)
    async with opened:
        yield opened


async def hold(holder: Connection, till: Till, card: int) -> None:
    await holder.execute(
        "SELECT FROM wallet.accounts WHERE id = %s FOR UPDATE", [till.cards[card].account_id]
    )


async def until_waiting(watcher: Connection, wanted: int = 1) -> list[int]:
    """Return the backends that wait for a lock as soon as so many do."""
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            cursor = await watcher.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock'"
            )
            pids = [int(row[0]) for row in await cursor.fetchall()]
            if len(pids) >= wanted:
                return pids
            await asyncio.sleep(0.01)


def recharge(till: Till, card: int, amount: int) -> Posting:
    city = till.service.ledger.city_accounts[AccountKind.RECHARGES]
    return Posting(city, till.cards[card].account_id, amount, TransferKind.PIX_RECHARGE)


def debit(till: Till, card: int, amount: int) -> Posting:
    city = till.service.ledger.city_accounts[AccountKind.SURRENDERED]
    return Posting(till.cards[card].account_id, city, amount, TransferKind.SURRENDER)


# --- locks ----------------------------------------------------------------------------------


async def test_the_second_waits_for_the_first_and_sees_what_it_left(
    till: Till, database: Database, watcher: Connection, faults: Faults
) -> None:
    card = await till.issue(500)
    ledger = till.another().service.ledger
    async with database.write() as session:
        await till.service.ledger.post(session, [debit(till, card, 400)])

        async def second() -> list[Posted]:
            async with database.write() as other:
                return await ledger.post(other, [debit(till, card, 400)])

        waiting = asyncio.create_task(second())
        await asyncio.wait(
            {waiting, asyncio.create_task(until_waiting(watcher))},
            return_when=asyncio.FIRST_COMPLETED,
        )
        assert not waiting.done()
    with pytest.raises(InsufficientFundsError):
        await waiting
    assert faults() == []


@pytest.mark.parametrize("upwards", [True, False])
async def test_accounts_are_locked_in_one_order(
    till: Till, holder: Connection, watcher: Connection, upwards: bool
) -> None:
    low, high = await till.issue(500), await till.issue(500)
    giver, taker = (low, high) if upwards else (high, low)
    await hold(holder, till, low)
    moving = asyncio.create_task(till.ask(Order("transfer", giver, taker, 100)))
    await until_waiting(watcher)
    # Whoever waits for the lower one has not taken the higher one.
    await watcher.execute(
        "SELECT FROM wallet.accounts WHERE id = %s FOR UPDATE NOWAIT", [till.cards[high].account_id]
    )
    await holder.rollback()
    assert (await moving).startswith("made")


async def test_an_account_that_was_changed_without_a_lock_is_not_overwritten(
    till: Till, database: Database, faults: Faults
) -> None:
    card = await till.issue(500)
    ledger = till.service.ledger
    async with database.transaction() as connection:
        _, stale = await ledger.settle(connection, [debit(till, card, 100)], look_for_keys=False)
    assert (await till.ask(Order("debit", card, None, 300))).startswith("made")
    stale.posted.clear()  # whose numbers are taken, which is another safeguard
    with pytest.raises(LedgerConflictError):
        async with database.transaction() as connection:
            await repository.write(connection, stale)
    assert faults() == []


async def test_ids_fetched_at_once_are_different(till: Till, database: Database) -> None:
    ledger = till.service.ledger

    async def take(count: int) -> list[int]:
        async with database.transaction() as connection:
            return await ledger._take_ids(connection, count)

    await take(1)
    taken = await asyncio.gather(*(take(count) for count in (64, 5, 100, 64, 7, 3)))
    ids = [number for some in taken for number in some]
    assert len(set(ids)) == len(ids) == 243


async def test_all_of_a_post_or_nothing(till: Till, database: Database, faults: Faults) -> None:
    card = await till.issue(500)
    ledger = till.service.ledger
    with pytest.raises(InsufficientFundsError):
        async with database.write() as session:
            await ledger.post(session, [debit(till, card, 300), debit(till, card, 300)])
    async with database.write() as session:
        first = await ledger.post(session, [recharge(till, card, 5).under("pix", b"a")])
    async with database.write() as session:
        second = await ledger.post(session, [recharge(till, card, 5).under("pix", b"a")])
    assert (first[0].id, first[0].is_new, second[0].is_new) == (second[0].id, True, False)
    assert first[0].destination == second[0].destination
    with pytest.raises(MovementKeyReusedError):
        async with database.write() as session:
            await ledger.post(session, [recharge(till, card, 5).under("pix", b"b")])
    assert (await till.ask(Order("debit", card, None, 505))).startswith("made 505 0")
    assert faults() == []


# --- keys -----------------------------------------------------------------------------------


async def test_a_key_that_another_process_works_on_is_in_flight(
    till: Till, database: Database
) -> None:
    card = await till.issue(500)
    order = Order("debit", card, None, 100, "k")
    claim = (await till.movement(order)).claim
    assert claim is not None
    async with database.transaction() as connection:
        assert await claim_all(connection, [claim]) == [None]
        assert await till.ask(order) == "raised request_in_flight"
        unkeyed = await till.ask(Order("debit", card, None, 100))
        assert unkeyed.startswith("made 100 400")
    assert (await till.ask(order)).startswith("made 100 300")


async def test_answers_outlive_the_process(till: Till, faults: Faults) -> None:
    card = await till.issue(500)
    orders = [
        Order("debit", card, None, 100, "paid"),
        Order("debit", card, None, 1000, "refused"),
        Order("transfer", card, await till.issue(), None, "everything"),
    ]
    first = [await till.ask(order) for order in orders]
    assert [one.split()[0] for one in first] == ["made", "refused", "made"]
    await till.ask(Order("recharge", card, None, 2000))
    again = [await till.another().ask(order) for order in orders]
    assert again == [f"again {one}" for one in first]
    assert faults() == []


async def test_one_that_cannot_be_does_not_spoil_its_neighbours(
    till: Till, database: Database, watcher: Connection
) -> None:
    """The answer of an old movement is gone, and its key comes again, among others."""
    card = await till.issue(5000)
    old = Order("debit", card, None, 100, "old")
    await till.ask(old)
    await watcher.execute(
        "UPDATE platform.idempotent_answers SET created_at = now() - interval '99 days'"
    )
    assert await delete_old_answers(database, older_than=timedelta(days=30)) == 1
    new = [Order("debit", card, None, 10, f"new{number}") for number in range(5)]
    heard = await asyncio.gather(*map(till.ask, [*new[:2], old, *new[2:]]))
    assert heard.pop(2) == "raised movement_key_expired"
    assert [one.split()[:3] for one in heard] == [
        ["made", "10", str(4900 - 10 * n)] for n in range(1, 6)
    ]
    assert await till.ask(new[4]) == f"again {heard[4]}"
    cursor = await watcher.execute("SELECT count(*) FROM wallet.transfers")
    assert await cursor.fetchone() == (7,)


async def test_an_old_key_with_another_body_is_refused(till: Till, watcher: Connection) -> None:
    card = await till.issue(500)
    await till.ask(Order("debit", card, None, 100, "old"))
    await watcher.execute("TRUNCATE platform.idempotent_answers")
    heard = await till.ask(Order("debit", card, None, 101, "old"))
    assert heard == "raised movement_key_reused"
    # Nothing was kept under the key: who asks again for what was made is told that it was.
    assert await till.ask(Order("debit", card, None, 100, "old")) == "raised movement_key_expired"
    assert (await till.ask(Order("debit", card, None, 400))).startswith("made 400 0")


# --- those who die --------------------------------------------------------------------------


async def test_a_client_that_gave_up_finds_his_answer(
    till: Till, holder: Connection, watcher: Connection, faults: Faults
) -> None:
    card = await till.issue(500)
    order = Order("debit", card, None, 100, "k")
    await hold(holder, till, card)
    given_up = asyncio.create_task(till.ask(order))
    await until_waiting(watcher)
    given_up.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await given_up
    # Three that come while the first is still being made: one waits, the others are told so.
    again = [asyncio.create_task(till.ask(order)) for _ in range(3)]
    await asyncio.sleep(0)
    await holder.rollback()
    heard = await asyncio.gather(*again)
    assert sorted(heard) == ["again made 100 400 2 100 1"] + ["raised request_in_flight"] * 2
    assert faults() == []


async def test_a_backend_that_dies_half_way_leaves_nothing(
    till: Till, holder: Connection, watcher: Connection, faults: Faults
) -> None:
    card = await till.issue(500)
    order = Order("debit", card, None, 100, "k")
    await hold(holder, till, card)
    moving = asyncio.create_task(till.ask(order))
    for pid in await until_waiting(watcher):
        await watcher.execute("SELECT pg_terminate_backend(%s)", [pid])
    with pytest.raises(psycopg.OperationalError):
        # Nobody but the client decides to try again: he may have had an answer.
        await asyncio.wait_for(moving, _PATIENCE_S)
    await holder.rollback()
    assert faults() == []
    assert await till.ask(order) == "made 100 400 2 100 1"
    assert faults() == []


@pytest.mark.parametrize(
    "table",
    [
        "wallet.transfers",
        "wallet.entries",
        "wallet.accounts",
        "platform.idempotent_answers",
        "platform.audit_log",
    ],
)
async def test_a_commit_that_fails_leaves_nothing(
    till: Till, watcher: Connection, faults: Faults, table: str
) -> None:
    """Transfer, entries, balances, answer and audit: each without the others is impossible."""
    card = await till.issue(500)
    name = sql.SQL(table)
    await watcher.execute(
        "CREATE OR REPLACE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '57P01'; END $$"
    )
    await watcher.execute(
        sql.SQL(
            "CREATE CONSTRAINT TRIGGER fail AFTER INSERT OR UPDATE ON {}"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.fail()"
        ).format(name)
    )
    made, refused = Order("debit", card, None, 100, "k"), Order("debit", card, None, 501, "r")
    try:
        with pytest.raises(psycopg.OperationalError):
            await till.ask(made)
        assert faults() == []
        if table.endswith("answers"):
            with pytest.raises(psycopg.OperationalError):
                await till.ask(refused)
    finally:
        await watcher.execute(sql.SQL("DROP TRIGGER fail ON {}").format(name))
        await watcher.execute("DROP FUNCTION public.fail()")
    assert faults() == []
    assert await till.ask(made) == "made 100 400 2 100 1"
    assert await till.ask(refused) == "refused insufficient_funds"
    assert faults() == []


async def test_a_card_changes_state_between_movements_not_during_one(
    till: Till, database: Database, watcher: Connection, faults: Faults
) -> None:
    card = await till.issue(500)
    number = till.cards[card].number
    async with database.write() as session:
        await till.service.block(session, number, OWNER)
        moving = asyncio.create_task(till.ask(Order("debit", card, None, 100)))
        await until_waiting(watcher)
    assert await moving == "raised card_blocked"
    async with database.write() as session:
        await till.service.unblock(session, number, OWNER)
    await till.ask(Order("debit", card, None, 500))
    async with database.write() as session:
        # It sees the money that comes first, and would not close the card over it.
        await till.service.ledger.post(session, [recharge(till, card, 5)])

        async def cancel() -> str:
            async with database.write() as other:
                return str(await till.service.cancel(other, number, OWNER))

        cancelling = asyncio.create_task(cancel())
        await until_waiting(watcher)
    with pytest.raises(DomainError, match="5"):
        await cancelling
    assert faults() == []
