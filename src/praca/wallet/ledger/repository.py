"""All SQL that writes the ledger: rows are locked, read, and written many at a time.

It speaks to the driver, because movements of money are the busiest writes of the city: one
statement writes the transfers, both sides of each, the audit, the answers that are kept, and the
accounts as they are afterwards.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import psycopg

from praca.platform.audit import AuditEntry
from praca.platform.context import RequestContext
from praca.platform.idempotency import Claim, KeptAnswer
from praca.wallet.ledger import models
from praca.wallet.ledger.postings import (
    Account,
    AccountKind,
    Entry,
    Posted,
    Posting,
    State,
    TransferKind,
)

__all__ = [
    "Batch",
    "LedgerConflictError",
    "add_card_account",
    "ensure_accounts",
    "lock_accounts",
    "made_before",
    "set_state",
    "transfer_ids",
    "write",
]

Connection = psycopg.AsyncConnection[Any]

_LOCK = """
SELECT id, kind, state, floor, balance, entries, head, latest_at
FROM wallet.accounts WHERE id = ANY(%(ids)s::bigint[]) ORDER BY id FOR NO KEY UPDATE
"""
_IDS = f"SELECT nextval('wallet.{models.transfer_ids.name}') FROM generate_series(1, %(count)s)"
_MADE_BEFORE = """
SELECT t.id, t.source_id, t.destination_id, t.amount, t.kind, t.reference, t.idempotency_key,
    t.input_hash, t.created_at, s.number, s.balance, s.hash, d.number, d.balance, d.hash
FROM wallet.transfers t
JOIN wallet.entries s ON s.transfer_id = t.id AND s.account_id = t.source_id
JOIN wallet.entries d ON d.transfer_id = t.id AND d.account_id = t.destination_id
WHERE t.idempotency_key = ANY(%(keys)s::text[])
"""
_WRITE = """
WITH made AS (
    INSERT INTO wallet.transfers (id, source_id, destination_id, amount, kind, reference,
        idempotency_key, input_hash, created_at)
    SELECT * FROM unnest(%(t_id)s::bigint[], %(t_source)s::bigint[], %(t_destination)s::bigint[],
        %(t_amount)s::bigint[], %(t_kind)s::text[], %(t_reference)s::text[],
        %(t_key)s::text[], %(t_input)s::bytea[], %(t_at)s::timestamptz[])
), entered AS (
    INSERT INTO wallet.entries (account_id, number, transfer_id, amount, balance, hash)
    SELECT * FROM unnest(%(e_account)s::bigint[], %(e_number)s::bigint[], %(e_transfer)s::bigint[],
        %(e_amount)s::bigint[], %(e_balance)s::bigint[], %(e_hash)s::bytea[])
), noted AS (
    INSERT INTO platform.audit_log (actor_id, action, resource_type, resource_id, request_id,
        address)
    SELECT * FROM unnest(%(n_actor)s::bigint[], %(n_action)s::text[], %(n_type)s::text[],
        %(n_id)s::text[], %(n_request)s::text[], %(n_address)s::text[])
), kept AS (
    INSERT INTO platform.idempotent_answers (actor_id, key, input_hash, status, media_type, body)
    SELECT * FROM unnest(%(k_actor)s::bigint[], %(k_key)s::text[], %(k_input)s::bytea[],
        %(k_status)s::smallint[], %(k_type)s::text[], %(k_body)s::bytea[])
)
UPDATE wallet.accounts a
SET balance = n.balance, entries = n.entries, head = n.head, latest_at = n.latest_at
FROM unnest(%(a_id)s::bigint[], %(a_before)s::bigint[], %(a_balance)s::bigint[],
    %(a_entries)s::bigint[], %(a_head)s::bytea[], %(a_at)s::timestamptz[])
    AS n (id, before, balance, entries, head, latest_at)
WHERE a.id = n.id AND a.entries = n.before
"""


class LedgerConflictError(Exception):
    """An account was changed by somebody who had not locked it; nothing was written."""


@dataclass(slots=True)
class Batch:
    """What one statement writes.

    Attributes:
        posted: transfers, in the order in which they were made.
        before: how many entries each changed account had.
        accounts: the accounts as they are afterwards.
        notes: audit entries, each with the request that it is about.
        answers: what is answered should the same be asked again.
    """

    posted: list[Posted] = field(default_factory=list)
    before: dict[int, int] = field(default_factory=dict)
    accounts: Mapping[int, Account] = field(default_factory=dict)
    notes: list[tuple[AuditEntry, RequestContext]] = field(default_factory=list)
    answers: list[tuple[Claim, KeptAnswer]] = field(default_factory=list)


async def lock_accounts(connection: Connection, ids: Iterable[int]) -> dict[int, Account]:
    """Return the accounts, and let nobody else change one of them meanwhile.

    They are locked by id, so that no two wait for each other in a circle.
    """
    cursor = await connection.execute(_LOCK, {"ids": _numbers(ids)})
    return {
        row[0]: Account(row[0], AccountKind(row[1]), State(row[2]), *row[3:])
        for row in await cursor.fetchall()
    }


async def transfer_ids(connection: Connection, count: int) -> list[int]:
    """Return ``count`` ids that no transfer has or will have."""
    cursor = await connection.execute(cast("Any", _IDS), {"count": count})
    return [row[0] for row in await cursor.fetchall()]


async def made_before(connection: Connection, keys: Sequence[str]) -> dict[str, Posted]:
    """Return the transfers that were made under ``keys``."""
    cursor = await connection.execute(_MADE_BEFORE, {"keys": list(keys)})
    return {posted.posting.key or "": posted for posted in map(_posted, await cursor.fetchall())}


def _posted(row: tuple[Any, ...]) -> Posted:
    transfer_id, source_id, destination_id, amount, kind, reference, key, input_hash, at = row[:9]
    return Posted(
        transfer_id,
        Posting(source_id, destination_id, amount, TransferKind(kind), reference, key, input_hash),
        at,
        Entry(source_id, row[9], transfer_id, -amount, row[10], row[11]),
        Entry(destination_id, row[12], transfer_id, amount, row[13], row[14]),
        is_new=False,
    )


async def write(connection: Connection, batch: Batch) -> None:
    """Write everything of ``batch``.

    Raises:
        LedgerConflictError: an account has more entries than when it was locked.
        psycopg.errors.CheckViolation: an account would fall below its floor.
        psycopg.errors.UniqueViolation: a key is known by now.
    """
    params = {
        **_transfer_columns(batch.posted),
        **_entry_columns([e for p in batch.posted for e in (p.source, p.destination)]),
        **_note_columns(batch.notes),
        **_answer_columns(batch.answers),
        **_account_columns(batch),
    }
    cursor = await connection.execute(_WRITE, params)
    if cursor.rowcount != len(batch.before):
        raise LedgerConflictError


def _transfer_columns(posted: Sequence[Posted]) -> dict[str, Any]:
    postings = [item.posting for item in posted]
    return {
        "t_id": _numbers(item.id for item in posted),
        "t_source": _numbers(item.source_id for item in postings),
        "t_destination": _numbers(item.destination_id for item in postings),
        "t_amount": _numbers(item.amount for item in postings),
        "t_kind": _words(item.kind for item in postings),
        "t_reference": [item.reference for item in postings],
        "t_key": [item.key for item in postings],
        "t_input": _hashes(item.input_hash for item in postings),
        "t_at": [item.created_at for item in posted],
    }


def _entry_columns(entries: Sequence[Entry]) -> dict[str, Any]:
    return {
        "e_account": _numbers(entry.account_id for entry in entries),
        "e_number": _numbers(entry.number for entry in entries),
        "e_transfer": _numbers(entry.transfer_id for entry in entries),
        "e_amount": _numbers(entry.amount for entry in entries),
        "e_balance": _numbers(entry.balance for entry in entries),
        "e_hash": _hashes(entry.hash for entry in entries),
    }


def _note_columns(notes: Sequence[tuple[AuditEntry, RequestContext]]) -> dict[str, Any]:
    return {
        "n_actor": _numbers(entry.actor_id for entry, _ in notes),
        "n_action": [entry.action for entry, _ in notes],
        "n_type": [entry.resource_type for entry, _ in notes],
        "n_id": [entry.resource_id for entry, _ in notes],
        "n_request": [context.request_id for _, context in notes],
        "n_address": [context.address for _, context in notes],
    }


def _answer_columns(answers: Sequence[tuple[Claim, KeptAnswer]]) -> dict[str, Any]:
    return {
        "k_actor": _numbers(claim.actor_id for claim, _ in answers),
        "k_key": [claim.key for claim, _ in answers],
        "k_input": _hashes(claim.input_hash for claim, _ in answers),
        "k_status": _numbers(answer.status for _, answer in answers),
        "k_type": [answer.media_type for _, answer in answers],
        "k_body": [answer.body for _, answer in answers],
    }


def _account_columns(batch: Batch) -> dict[str, Any]:
    changed = [batch.accounts[account_id] for account_id in batch.before]
    return {
        "a_id": _numbers(batch.before),
        "a_before": _numbers(batch.before.values()),
        "a_balance": _numbers(account.balance for account in changed),
        "a_entries": _numbers(account.entries for account in changed),
        "a_head": _hashes(account.head for account in changed),
        "a_at": [account.latest_at for account in changed],
    }


# Numbers and hashes are sent as PostgreSQL spells arrays: the driver would look at each of them to
# choose a type, and the statement would be prepared anew for every choice.


def _numbers(values: Iterable[int | None]) -> str:
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"


def _words(values: Iterable[str]) -> str:
    return "{" + ",".join(values) + "}"


def _hashes(values: Iterable[bytes | None]) -> str:
    return (
        "{"
        + ",".join("NULL" if value is None else f'"\\\\x{value.hex()}"' for value in values)
        + "}"
    )


# --- accounts -------------------------------------------------------------------------------


async def ensure_accounts(connection: Connection) -> dict[AccountKind, int]:
    """Return the city's own accounts by kind, made where they are missing."""
    kinds = [kind for kind in AccountKind if kind is not AccountKind.CARD]
    # What people are credited came from outside and is owed: that side has no floor.
    floors = {AccountKind.FARES: 0, AccountKind.SURRENDERED: 0}
    await connection.execute(
        "INSERT INTO wallet.accounts (kind, floor) SELECT * FROM"
        " unnest(%(kinds)s::text[], %(floors)s::bigint[]) ON CONFLICT DO NOTHING",
        {"kinds": [str(kind) for kind in kinds], "floors": [floors.get(kind) for kind in kinds]},
    )
    cursor = await connection.execute("SELECT kind, id FROM wallet.accounts WHERE kind <> 'card'")
    return {AccountKind(kind): account_id for kind, account_id in await cursor.fetchall()}


async def add_card_account(connection: Connection) -> int:
    """Add the account of a card, empty, and return its id."""
    cursor = await connection.execute(
        "INSERT INTO wallet.accounts (kind, floor) VALUES ('card', 0) RETURNING id"
    )
    row = await cursor.fetchone()
    return int(cast("tuple[int]", row)[0])


async def set_state(connection: Connection, account_id: int, state: State) -> None:
    """Change whether money may move; the caller has locked the account."""
    await connection.execute(
        "UPDATE wallet.accounts SET state = %(state)s WHERE id = %(id)s",
        {"state": str(state), "id": account_id},
    )
