"""All SQL that writes the ledger: rows are locked, read, and written many at a time.

It speaks to the driver, because movements of money are the busiest writes of the city: one
statement writes the transfers, both sides of each, the audit, the answers that are kept, and the
accounts as they are afterwards.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
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
    "add_city_accounts",
    "city_accounts",
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
    SELECT id, source_id, destination_id, amount, kind, reference, idempotency_key,
        decode(input_hash, 'hex'), created_at
    FROM json_to_recordset(%(transfers)s::json) AS t (id bigint, source_id bigint,
        destination_id bigint, amount bigint, kind text, reference text, idempotency_key text,
        input_hash text, created_at timestamptz)
), entered AS (
    INSERT INTO wallet.entries (account_id, number, transfer_id, amount, balance, hash)
    SELECT account_id, number, transfer_id, amount, balance, decode(hash, 'hex')
    FROM json_to_recordset(%(entries)s::json) AS e (account_id bigint, number bigint,
        transfer_id bigint, amount bigint, balance bigint, hash text)
), noted AS (
    INSERT INTO platform.audit_log (actor_id, action, resource_type, resource_id, request_id,
        address)
    SELECT * FROM json_to_recordset(%(notes)s::json) AS n (actor_id bigint, action text,
        resource_type text, resource_id text, request_id text, address text)
), kept AS (
    INSERT INTO platform.idempotent_answers (actor_id, key, input_hash, status, media_type, body)
    SELECT actor_id, key, decode(input_hash, 'hex'), status, media_type, convert_to(body, 'UTF8')
    FROM json_to_recordset(%(answers)s::json) AS k (actor_id bigint, key text, input_hash text,
        status smallint, media_type text, body text)
)
UPDATE wallet.accounts a
SET balance = n.balance, entries = n.entries, head = decode(n.head, 'hex'), latest_at = n.latest_at
FROM json_to_recordset(%(accounts)s::json) AS n (id bigint, before bigint, balance bigint,
    entries bigint, head text, latest_at timestamptz)
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
    cursor = await connection.execute(_LOCK, {"ids": "{" + ",".join(map(str, ids)) + "}"})
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
    rows = {
        "transfers": map(_transfer_row, batch.posted),
        "entries": (_entry_row(e) for p in batch.posted for e in (p.source, p.destination)),
        "notes": map(_note_row, batch.notes),
        "answers": map(_answer_row, batch.answers),
        "accounts": (_account_row(batch.accounts[key], n) for key, n in batch.before.items()),
    }
    # A list as one JSON text costs the driver less than its columns as arrays would.
    params = {name: orjson.dumps(list(found)).decode() for name, found in rows.items()}
    cursor = await connection.execute(_WRITE, params)
    if cursor.rowcount != len(batch.before):
        raise LedgerConflictError


def _transfer_row(posted: Posted) -> dict[str, Any]:
    posting = posted.posting
    return {
        "id": posted.id,
        "source_id": posting.source_id,
        "destination_id": posting.destination_id,
        "amount": posting.amount,
        "kind": posting.kind,
        "reference": posting.reference,
        "idempotency_key": posting.key,
        "input_hash": None if posting.input_hash is None else posting.input_hash.hex(),
        "created_at": posted.created_at,
    }


def _entry_row(entry: Entry) -> dict[str, Any]:
    return {
        "account_id": entry.account_id,
        "number": entry.number,
        "transfer_id": entry.transfer_id,
        "amount": entry.amount,
        "balance": entry.balance,
        "hash": entry.hash.hex(),
    }


def _note_row(note: tuple[AuditEntry, RequestContext]) -> dict[str, Any]:
    entry, context = note
    return {
        "actor_id": entry.actor_id,
        "action": entry.action,
        "resource_type": entry.resource_type,
        "resource_id": entry.resource_id,
        "request_id": context.request_id,
        "address": context.address,
    }


def _answer_row(kept: tuple[Claim, KeptAnswer]) -> dict[str, Any]:
    claim, answer = kept
    return {
        "actor_id": claim.actor_id,
        "key": claim.key,
        "input_hash": claim.input_hash.hex(),
        "status": answer.status,
        "media_type": answer.media_type,
        "body": answer.body.decode(),
    }


def _account_row(account: Account, before: int) -> dict[str, Any]:
    return {
        "id": account.id,
        "before": before,
        "balance": account.balance,
        "entries": account.entries,
        "head": account.head.hex(),
        "latest_at": account.latest_at,
    }


# --- accounts -------------------------------------------------------------------------------


async def city_accounts(connection: Connection) -> dict[AccountKind, int]:
    """Return the ids of the city's own accounts that there are, by kind."""
    cursor = await connection.execute("SELECT kind, id FROM wallet.accounts WHERE kind <> 'card'")
    return {AccountKind(kind): account_id for kind, account_id in await cursor.fetchall()}


async def add_city_accounts(connection: Connection) -> None:
    """Add the city's own accounts, as far as they are missing."""
    kinds = [kind for kind in AccountKind if kind is not AccountKind.CARD]
    # What people are credited came from outside and is owed: that side has no floor.
    floors = {AccountKind.FARES: 0, AccountKind.SURRENDERED: 0}
    await connection.execute(
        "INSERT INTO wallet.accounts (kind, floor) SELECT * FROM"
        " unnest(%(kinds)s::text[], %(floors)s::bigint[]) ON CONFLICT DO NOTHING",
        {"kinds": [str(kind) for kind in kinds], "floors": [floors.get(kind) for kind in kinds]},
    )


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
