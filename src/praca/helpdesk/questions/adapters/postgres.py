"""Questions in PostgreSQL: store, messages and notices share one transaction."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

import orjson
import structlog

from praca.helpdesk.questions.details import details_of
from praca.helpdesk.questions.ports import (
    Notice,
    Outcome,
    Question,
    QuestionSession,
    Status,
    Topic,
)
from praca.platform.audit import AuditEntry, noting
from praca.platform.database import Database, WriteSession, driver_connection

if TYPE_CHECKING:
    import psycopg

__all__ = [
    "MESSAGES_CHANNEL",
    "NOTICES_CHANNEL",
    "QUESTION_COLUMNS",
    "NoteUnanswered",
    "PostgresDesk",
    "PostgresUnit",
    "Unanswered",
    "question_of",
]

_log = structlog.get_logger("praca.questions")
MESSAGES_CHANNEL: Final = "helpdesk_messages"
"""Told that messages wait; who is not there to hear it looks by itself after a while."""
NOTICES_CHANNEL: Final = "helpdesk_notices"
"""Told which questions are settled: lines of session and question."""
QUESTION_COLUMNS: Final = (
    "q.id, q.session_id, q.question, q.status, q.created_at, q.updated_at, q.answer, q.error,"
    " q.details, q.notified_at"
)
_NOTICES_AT_ONCE: Final = 100
"""Lines of one notification, which holds 8,000 bytes."""

_ADD_SESSION = """
INSERT INTO helpdesk.sessions (id, name, user_id, created_at) VALUES (%s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""
_FIND_SESSION = "SELECT id, name, user_id, created_at FROM helpdesk.sessions WHERE id = %s"
# The message goes with its question, so that both are one round trip.
_ADD = """
WITH added AS (
    INSERT INTO helpdesk.questions (id, session_id, question, status, created_at, updated_at)
    VALUES (%(id)s, %(session)s, %(question)s, 'pendente', %(created)s, %(updated)s)
    ON CONFLICT (id) DO NOTHING RETURNING id, session_id
), sent AS (
    INSERT INTO helpdesk.messages (topic, question_id, session_id, traceparent)
    SELECT 'process-question', id, session_id, %(traceparent)s FROM added
)
SELECT id FROM added
"""
_COUNT = "SELECT waiting, asked FROM helpdesk.hold_session(%(session)s, %(since)s)"
_FIND_MANY = f"SELECT {QUESTION_COLUMNS} FROM helpdesk.questions AS q WHERE q.id = ANY(%s)"
_LIST = (
    f"SELECT {QUESTION_COLUMNS} FROM helpdesk.questions AS q WHERE q.session_id = %s"
    " ORDER BY q.created_at DESC, q.id LIMIT %s"
)
# Sent in binary: in an array of texts every quotation mark would be looked for and escaped.
_SETTLE = """
UPDATE helpdesk.questions AS q SET status = o.status, answer = o.answer, error = o.error,
    details = o.details::jsonb, updated_at = %(at)s, notified_at = NULL
FROM unnest(%(ids)b::uuid[], %(statuses)b::text[], %(answers)b::text[], %(errors)b::text[],
    %(details)b::text[]) AS o (id, status, answer, error, details)
WHERE q.id = o.id AND (q.status = 'pendente' OR (q.status = 'erro' AND o.status = 'respondida'))
RETURNING q.id
"""
_MARK_NOTIFIED = """
UPDATE helpdesk.questions SET notified_at = %(at)s
WHERE id = ANY(%(ids)s) AND notified_at IS NULL AND status <> 'pendente' RETURNING id
"""
_PUBLISH = """
INSERT INTO helpdesk.messages (topic, question_id, session_id, traceparent)
SELECT %(topic)s, m.question_id, m.session_id, m.traceparent
FROM unnest(%(questions)s::uuid[], %(sessions)s::uuid[], %(traces)s::text[]) WITH ORDINALITY
    AS m (question_id, session_id, traceparent, place)
ORDER BY m.place
"""
_UNANSWERED = """
SELECT q.id, q.question, s.user_id FROM helpdesk.questions AS q
JOIN helpdesk.sessions AS s ON s.id = q.session_id WHERE q.id = ANY(%s)
"""
# It changes nothing, so its commit need not wait for the disk.
_WAKE = f"SELECT set_config('synchronous_commit', 'off', true), pg_notify('{MESSAGES_CHANNEL}', '')"


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question to which the help desk had to say that it does not know."""

    question_id: UUID
    question: str
    user_id: int | None


NoteUnanswered = Callable[[WriteSession, Unanswered], Awaitable[None]]
"""Keeps such a question for operators, in the transaction in which it is settled."""


def question_of(row: Sequence[Any]) -> Question:
    """Return the question of a row of :data:`QUESTION_COLUMNS`."""
    key, session, text, status, created, updated, answer, error, details, notified = row
    return Question(
        key, session, text, Status(status), created, updated, answer, error, details, notified
    )


class PostgresUnit:
    """Store, publisher and notifier within one transaction.

    Args:
        connection: inside the transaction.
        session: the same, if somebody is to note what has no answer.
        note_unanswered: who.

    Attributes:
        connection: as it was given.
        has_published: some message.
    """

    def __init__(
        self,
        connection: "psycopg.AsyncConnection[Any]",
        session: WriteSession | None = None,
        note_unanswered: NoteUnanswered | None = None,
    ) -> None:
        self.connection = self._connection = connection
        self._session = session
        self._note_unanswered = note_unanswered
        self.has_published = False
        self._asker_id: int | None = None
        self._sent: set[UUID] = set()

    # --- store ------------------------------------------------------------------------------

    async def add_session(self, session: QuestionSession) -> None:
        """Keep a session."""
        values = (session.id, session.name, session.user_id, session.created_at)
        await self._connection.execute(_ADD_SESSION, values)

    async def find_session(self, session_id: UUID) -> QuestionSession | None:
        """Return the session, if there is one."""
        cursor = await self._connection.execute(_FIND_SESSION, [session_id])
        row = await cursor.fetchone()
        self._asker_id = None if row is None else row[2]
        return None if row is None else QuestionSession(*row)

    async def add(self, question: Question) -> bool:
        """Keep a question, and its message with it; false if one of this id is kept already."""
        params: dict[str, Any] = {
            "id": question.id,
            "session": question.session_id,
            "question": question.question,
            "created": question.created_at,
            "updated": question.updated_at,
            "traceparent": question.traceparent,
        }
        cursor = await self._connection.execute(_ADD, params)
        if await cursor.fetchone() is None:
            return False
        self._sent.add(question.id)
        if self._asker_id is not None:
            # Anonymous questions are not in the audit: it would name nobody.
            entry = AuditEntry(
                "helpdesk.question_asked", "question", str(question.id), self._asker_id
            )
            statement, audited = noting("SELECT 1", entry)
            await self._connection.execute(cast("Any", statement), audited)
        return True

    async def count(self, session_id: UUID, since: datetime) -> tuple[int, int]:
        """Return how many questions wait and how many were asked; others wait from here on."""
        cursor = await self._connection.execute(_COUNT, {"session": session_id, "since": since})
        waiting, asked = await cursor.fetchone() or (0, 0)
        return waiting, asked

    async def find_many(self, question_ids: Sequence[UUID]) -> dict[UUID, Question]:
        """Return those of the questions that there are."""
        cursor = await self._connection.execute(_FIND_MANY, [list(question_ids)])
        return {row[0]: question_of(row) for row in await cursor.fetchall()}

    async def list_session(self, session_id: UUID, limit: int) -> list[Question]:
        """Return the session's questions, the newest first."""
        cursor = await self._connection.execute(_LIST, [session_id, limit])
        return [question_of(row) for row in await cursor.fetchall()]

    async def settle(self, outcomes: Sequence[Outcome], at: datetime) -> set[UUID]:
        """Write outcomes of questions that are not answered yet; return which were written."""
        cursor = await self._connection.execute(_SETTLE, {**_columns(outcomes), "at": at})
        written = {row[0] for row in await cursor.fetchall()}
        unknown = [o.question_id for o in outcomes if o.answer and not o.answer.is_answered]
        await self._note([key for key in unknown if key in written])
        return written

    async def _note(self, question_ids: list[UUID]) -> None:
        if not question_ids or self._session is None or self._note_unanswered is None:
            return
        cursor = await self._connection.execute(_UNANSWERED, [question_ids])
        for row in await cursor.fetchall():
            await self._note_unanswered(self._session, Unanswered(*row))

    async def mark_notified(self, question_ids: Sequence[UUID], at: datetime) -> set[UUID]:
        """Note that notices are given; return for which it had not been noted before."""
        params = {"ids": list(question_ids), "at": at}
        cursor = await self._connection.execute(_MARK_NOTIFIED, params)
        return {row[0] for row in await cursor.fetchall()}

    # --- publisher and notifier -------------------------------------------------------------

    async def publish(self, topic: Topic, questions: Sequence[Question]) -> None:
        """Put a message about each of ``questions`` into the queue."""
        self.has_published = True
        if topic is Topic.PROCESS:
            questions = [question for question in questions if question.id not in self._sent]
        if questions:
            params = {
                "topic": topic.value,
                "questions": [question.id for question in questions],
                "sessions": [question.session_id for question in questions],
                "traces": [question.traceparent for question in questions],
            }
            await self._connection.execute(_PUBLISH, params)

    async def notify(self, notices: Sequence[Notice]) -> None:
        """Tell the processes of the API, when the transaction is committed."""
        for start in range(0, len(notices), _NOTICES_AT_ONCE):
            some = notices[start : start + _NOTICES_AT_ONCE]
            lines = "\n".join(f"{notice.session_id} {notice.question_id}" for notice in some)
            await self._connection.execute("SELECT pg_notify(%s, %s)", [NOTICES_CHANNEL, lines])


def _columns(outcomes: Iterable[Outcome]) -> dict[str, list[Any]]:
    # In one order for all, so that no two wait for each other.
    ordered = sorted(outcomes, key=lambda outcome: outcome.question_id)
    answers = [outcome.answer for outcome in ordered]
    statuses = [Status.FAILED if answer is None else Status.ANSWERED for answer in answers]
    return {
        "ids": [outcome.question_id for outcome in ordered],
        "statuses": [status.value for status in statuses],
        "answers": [None if answer is None else answer.text for answer in answers],
        "errors": [outcome.error for outcome in ordered],
        "details": [
            None if answer is None else orjson.dumps(details_of(answer)).decode()
            for answer in answers
        ],
    }


class PostgresDesk:
    """Opens store, messages and notices on the city's database.

    Args:
        database: the city's.
        note_unanswered: keeps what has no answer for operators.
    """

    def __init__(
        self, database: Database, *, note_unanswered: NoteUnanswered | None = None
    ) -> None:
        self._database = database
        self._note_unanswered = note_unanswered
        self._waking = asyncio.Lock()
        self._published = 0
        self._told = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[tuple[PostgresUnit, PostgresUnit, PostgresUnit]]:
        """Open one transaction; what it publishes is told the workers once it is committed."""
        async with self._database.transaction() as connection:
            unit = PostgresUnit(connection)
            yield unit, unit, unit
        if unit.has_published:
            await self.wake()

    @asynccontextmanager
    async def settling(self) -> AsyncIterator[PostgresUnit]:
        """Open one transaction in which also operators may be given something to do."""
        async with self._database.write() as session:
            connection = await driver_connection(session)
            yield PostgresUnit(connection, session, self._note_unanswered)

    async def wake(self) -> None:
        """Tell the workers that messages wait, once for all that are published meanwhile.

        Not in the transaction: PostgreSQL lets transactions that notify commit one by one. Were
        this process to die before, the workers would find the messages by themselves.
        """
        self._published += 1
        ours = self._published
        async with self._waking:
            if self._told >= ours:
                return
            told = self._published
            try:
                await self._database.fetch_one(_WAKE, {})
            except Exception as error:  # noqa: BLE001  # whatever it is: they look by themselves
                _log.warning("question.wake_failed", error=type(error).__name__)
            self._told = told
