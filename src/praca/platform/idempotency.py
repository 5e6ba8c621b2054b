"""Requests that may be sent again: the answer of the first is kept and given to the others.

The client names a request by a key of its own choice in the header ``Idempotency-Key``. The answer
is kept in the same transaction as what the request did, so neither exists without the other,
whoever dies in between. Source: the IETF draft "The Idempotency-Key HTTP Header Field".
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import orjson
import psycopg
from sqlalchemy import BigInteger, Column, DateTime, Index, LargeBinary, SmallInteger, Table, Text
from sqlalchemy import text as sql_text

from praca.kit.errors import DomainError, ErrorKind, FieldError
from praca.platform.database.engine import Database, WriteSession, driver_connection
from praca.platform.database.models import CityBase
from praca.platform.errors import IdempotencyKeyReusedError

__all__ = [
    "Claim",
    "IdempotencyKeyReusedError",
    "InvalidIdempotencyKeyError",
    "KeptAnswer",
    "RequestInFlightError",
    "claim_all",
    "claim_one",
    "delete_answers_of",
    "delete_old_answers",
    "input_hash",
    "keep",
]

_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_BATCH: Final = 5000

idempotent_answers = Table(
    "idempotent_answers",
    CityBase.metadata,
    Column("actor_id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("input_hash", LargeBinary, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=sql_text("now()")),
    Index("ix_idempotent_answers_created_at", "created_at"),
    schema="platform",
)


class InvalidIdempotencyKeyError(DomainError):
    """An ``Idempotency-Key`` is 1 to 255 visible ASCII characters."""

    code = "invalid_idempotency_key"
    kind = ErrorKind.BAD_REQUEST
    title = "Invalid idempotency key"

    def __init__(self) -> None:
        message = "Use de 1 a 255 caracteres ASCII visíveis, sem espaços."
        super().__init__(
            f"O cabeçalho Idempotency-Key não é válido. {message}",
            errors=[FieldError(("header", "Idempotency-Key"), message)],
        )


class RequestInFlightError(DomainError):
    """A request with the same ``Idempotency-Key`` has not been answered yet.

    ``Retry-After`` says when to try again.
    """

    code = "request_in_flight"
    kind = ErrorKind.CONFLICT
    title = "Request in flight"

    def __init__(self) -> None:
        super().__init__(
            "Uma requisição com a mesma chave está em andamento; tente de novo em instantes.",
            headers={"Retry-After": "1"},
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """A request as its key names it.

    Attributes:
        actor_id: account that sent it; keys of different accounts never meet.
        input_hash: of everything that was asked for, see :func:`input_hash`.
    """

    actor_id: int
    key: str
    input_hash: bytes

    def __post_init__(self) -> None:
        """Refuse a key that cannot be.

        Raises:
            InvalidIdempotencyKeyError: it is empty, too long or unprintable.
        """
        if not _KEY.fullmatch(self.key):
            raise InvalidIdempotencyKeyError


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it was sent."""

    status: int
    media_type: str
    body: bytes


def input_hash(operation: str, *arguments: Any) -> bytes:
    """Return the SHA-256 of an operation's name and its arguments, which JSON can spell."""
    return hashlib.sha256(orjson.dumps([operation, *arguments])).digest()


# Whoever cannot have the lock is told so and does not wait. The look at the answers may be older
# than the lock; then keeping the second answer fails, for the key is unique.
_CLAIM = """
SELECT pg_try_advisory_xact_lock(hashtextextended(c.actor_id || ':' || c.key, 7226004)),
    a.input_hash, a.status, a.media_type, a.body
FROM unnest(%(actors)s::bigint[], %(keys)s::text[]) WITH ORDINALITY AS c (actor_id, key, number)
LEFT JOIN platform.idempotent_answers a ON a.actor_id = c.actor_id AND a.key = c.key
ORDER BY c.number
"""


async def claim_all(
    connection: "psycopg.AsyncConnection[Any]", claims: Sequence[Claim]
) -> list[KeptAnswer | DomainError | None]:
    """Take the keys until the transaction ends; no key may be among ``claims`` twice.

    Returns:
        For each claim the answer that was kept, or why the request is refused, or None: the
        caller is the first and goes on.
    """
    params = {"actors": [c.actor_id for c in claims], "keys": [c.key for c in claims]}
    cursor = await connection.execute(_CLAIM, params)
    rows = await cursor.fetchall()
    return [_claimed(claim, *row) for claim, row in zip(claims, rows, strict=True)]


def _claimed(
    claim: Claim,
    is_ours: bool,
    known_hash: bytes | None,
    status: int,
    media_type: str,
    body: bytes,
) -> KeptAnswer | DomainError | None:
    if known_hash is not None:
        if known_hash != claim.input_hash:
            return IdempotencyKeyReusedError()
        return KeptAnswer(status, media_type, bytes(body))
    return None if is_ours else RequestInFlightError()


async def claim_one(session: WriteSession, claim: Claim) -> KeptAnswer | None:
    """Take the key until the session's transaction ends; return the answer if one was kept.

    Raises:
        RequestInFlightError: somebody else has it.
        IdempotencyKeyReusedError: it was used for another request.
    """
    (found,) = await claim_all(await driver_connection(session), [claim])
    if isinstance(found, DomainError):
        raise found
    return found


async def keep(session: WriteSession, claim: Claim, answer: KeptAnswer) -> None:
    """Keep ``answer`` within the session's transaction."""
    connection = await driver_connection(session)
    await connection.execute(
        "INSERT INTO platform.idempotent_answers"
        " (actor_id, key, input_hash, status, media_type, body)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (
            claim.actor_id,
            claim.key,
            claim.input_hash,
            answer.status,
            answer.media_type,
            answer.body,
        ),
    )


async def delete_answers_of(session: WriteSession, actor_id: int) -> None:
    """Remove all answers that were given to an account."""
    connection = await driver_connection(session)
    await connection.execute(
        "DELETE FROM platform.idempotent_answers WHERE actor_id = %s", (actor_id,)
    )


async def delete_old_answers(database: Database, *, older_than: timedelta) -> int:
    """Remove answers that nobody will ask for any more, in batches; return how many."""
    removed = 0
    while True:
        async with database.write() as session:
            connection = await driver_connection(session)
            cursor = await connection.execute(
                "DELETE FROM platform.idempotent_answers WHERE (actor_id, key) IN"
                " (SELECT actor_id, key FROM platform.idempotent_answers"
                " WHERE created_at < now() - %(age)s::interval LIMIT %(batch)s"
                " FOR UPDATE SKIP LOCKED)",
                {"age": older_than, "batch": _BATCH},
            )
        removed += cursor.rowcount
        if cursor.rowcount < _BATCH:
            return removed
