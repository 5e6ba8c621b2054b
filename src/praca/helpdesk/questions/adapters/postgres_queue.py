"""The queue of messages in PostgreSQL: taken by leases, finished with what came of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4

from praca.helpdesk.questions.adapters.postgres import QUESTION_COLUMNS, question_of
from praca.helpdesk.questions.ports import Message, Question, Topic
from praca.platform.database import Database

if TYPE_CHECKING:
    import psycopg

__all__ = ["Dead", "MessageQueue", "Taken"]

_LONGEST_PAUSE_S: Final = 60.0

# Only the first message of a session is taken, so its questions keep their order, and those of one
# session never fill a batch. One that was laid aside holds nobody up.
_HEADS = """
SELECT m.id FROM helpdesk.messages AS m
WHERE m.topic = %(topic)s AND m.dead_at IS NULL AND m.leased_until <= now() AND NOT EXISTS (
    SELECT FROM helpdesk.messages AS before WHERE before.session_id = m.session_id
    AND before.topic = m.topic AND before.dead_at IS NULL AND before.id < m.id)
ORDER BY m.id LIMIT %(limit)s FOR UPDATE OF m SKIP LOCKED
"""
_TAKE = f"""
WITH head AS MATERIALIZED ({_HEADS}), taken AS (
    UPDATE helpdesk.messages AS m SET deliveries = m.deliveries + 1, lease = %(lease)s,
        leased_until = now() + make_interval(secs => %(lease_s)s)
    FROM head WHERE m.id = head.id
    RETURNING m.id, m.topic, m.question_id, m.session_id, m.deliveries, m.traceparent
)
SELECT t.id, t.topic, t.question_id, t.session_id, t.deliveries, t.traceparent,
    {QUESTION_COLUMNS}
FROM taken AS t LEFT JOIN helpdesk.questions AS q ON q.id = t.question_id ORDER BY t.id
"""
# No model is asked for a notice: its message is held by the transaction itself, and a worker that
# dies gives it back at once.
_HOLD = f"""
WITH head AS MATERIALIZED ({_HEADS})
SELECT m.id, m.topic, m.question_id, m.session_id, m.deliveries + 1, m.traceparent
FROM helpdesk.messages AS m JOIN head ON m.id = head.id ORDER BY m.id
"""
# What is no longer this worker's is neither deleted nor put off: somebody else has it.
_DONE = """
DELETE FROM helpdesk.messages AS m USING unnest(%(ids)s::bigint[], %(deliveries)s::int[])
    AS d (id, deliveries)
WHERE m.id = d.id AND m.dead_at IS NULL
    AND (%(is_held)s OR (m.lease = %(lease)s AND m.deliveries = d.deliveries))
RETURNING m.id
"""
_FAILED = """
UPDATE helpdesk.messages AS m SET lease = NULL, deliveries = d.deliveries, error = d.error,
    leased_until = now() + make_interval(
        secs => least(%(longest_s)s, %(pause_s)s * 2 ^ least(d.deliveries - 1, 20))),
    dead_at = CASE WHEN d.deliveries >= %(tries)s THEN now() END
FROM unnest(%(ids)s::bigint[], %(deliveries)s::int[], %(errors)s::text[])
    AS d (id, deliveries, error)
WHERE m.id = d.id AND m.dead_at IS NULL
    AND (%(is_held)s OR (m.lease = %(lease)s AND m.deliveries = d.deliveries))
RETURNING m.id
"""
_GIVE_BACK = """
UPDATE helpdesk.messages AS m SET lease = NULL, leased_until = '-infinity',
    deliveries = m.deliveries - 1
FROM unnest(%(ids)s::bigint[], %(deliveries)s::int[]) AS d (id, deliveries)
WHERE m.id = d.id AND m.lease = %(lease)s AND m.deliveries = d.deliveries
"""
_DEAD = """
SELECT id, topic, question_id, deliveries, error, created_at, dead_at FROM helpdesk.messages
WHERE dead_at IS NOT NULL ORDER BY id LIMIT %s
"""
_REDRIVE = """
UPDATE helpdesk.messages SET dead_at = NULL, deliveries = 0, error = NULL, lease = NULL,
    leased_until = '-infinity'
WHERE dead_at IS NOT NULL AND (%(id)s::bigint IS NULL OR id = %(id)s) RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """A message, and its question as it was when the message was taken."""

    message: Message
    question: Question | None


@dataclass(frozen=True, slots=True)
class Dead:
    """A message that was laid aside, and why; nothing of what was asked."""

    id: int
    topic: str
    question_id: UUID
    deliveries: int
    error: str | None
    created_at: datetime
    dead_at: datetime


class MessageQueue:
    """The messages, as one worker takes them.

    Args:
        database: the city's.
        lease_s: after which somebody else may take what this worker has.
        tries: deliveries after which a message that fails is laid aside.
        pause_s: before the second delivery of one that failed; each later pause is twice as long,
            up to a minute.

    Attributes:
        lease: names this worker in the rows that it has taken.
    """

    def __init__(
        self, database: Database, *, lease_s: float, tries: int, pause_s: float = 1.0
    ) -> None:
        self._database = database
        self.lease = self._lease = uuid4()
        self._lease_s = lease_s
        self._tries = tries
        self._pause_s = pause_s

    async def take(self, topic: Topic, limit: int) -> list[Taken]:
        """Take up to ``limit`` messages, of each session the first, in a transaction of its own."""
        params = {
            "topic": topic.value,
            "limit": limit,
            "lease": self._lease,
            "lease_s": self._lease_s,
        }
        async with self._database.transaction() as connection:
            cursor = await connection.execute(_TAKE, params)
            rows = await cursor.fetchall()
        return [
            Taken(_message(row), None if row[6] is None else question_of(row[6:])) for row in rows
        ]

    async def hold(
        self, connection: "psycopg.AsyncConnection[Any]", topic: Topic, limit: int
    ) -> list[Message]:
        """Take messages until the connection's transaction ends."""
        cursor = await connection.execute(_HOLD, {"topic": topic.value, "limit": limit})
        return [_message(row) for row in await cursor.fetchall()]

    async def finish(
        self,
        connection: "psycopg.AsyncConnection[Any]",
        messages: Sequence[Message],
        failed: Mapping[str, str],
        *,
        is_held: bool = False,
    ) -> set[str]:
        """End messages within the connection's transaction; return those that were still ours.

        What failed comes again after a pause, or is laid aside at its last try.

        Args:
            connection: in whose transaction.
            messages: as they were taken.
            failed: those that are not done: why, by their ids.
            is_held: they were taken by :meth:`hold`, in the same transaction.
        """
        done = [message for message in messages if message.id not in failed]
        others = [message for message in messages if message.id in failed]
        ours: set[str] = set()
        if done:
            params = {**self._fence(done), "is_held": is_held}
            cursor = await connection.execute(_DONE, params)
            ours |= {str(row[0]) for row in await cursor.fetchall()}
        if others:
            params = {
                **self._fence(others),
                "is_held": is_held,
                "errors": [failed[message.id] for message in others],
                "tries": self._tries,
                "pause_s": self._pause_s,
                "longest_s": _LONGEST_PAUSE_S,
            }
            cursor = await connection.execute(_FAILED, params)
            ours |= {str(row[0]) for row in await cursor.fetchall()}
        return ours

    async def give_back(self, messages: Sequence[Message]) -> None:
        """Let others take messages at once that this worker has not worked on to the end."""
        if messages:
            async with self._database.transaction() as connection:
                await connection.execute(_GIVE_BACK, self._fence(messages))

    async def list_dead(self, limit: int) -> list[Dead]:
        """Return messages that were laid aside, the oldest first."""
        async with self._database.transaction() as connection:
            cursor = await connection.execute(_DEAD, [limit])
            return [Dead(*row) for row in await cursor.fetchall()]

    async def redrive(
        self, connection: "psycopg.AsyncConnection[Any]", message_id: int | None
    ) -> list[int]:
        """Send a message that was laid aside again, or all of them; return which."""
        cursor = await connection.execute(_REDRIVE, {"id": message_id})
        return [row[0] for row in await cursor.fetchall()]

    def _fence(self, messages: Sequence[Message]) -> dict[str, Any]:
        return {
            "ids": [int(message.id) for message in messages],
            "deliveries": [message.deliveries for message in messages],
            "lease": self._lease,
        }


def _message(row: Sequence[Any]) -> Message:
    key, topic, question_id, session_id, deliveries, traceparent = row[:6]
    return Message(str(key), Topic(topic), question_id, session_id, deliveries, traceparent)
