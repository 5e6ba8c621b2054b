"""What the service of questions needs of the world; PostgreSQL and AWS each give it."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from praca.helpdesk.records import Answer

__all__ = [
    "Message",
    "Notice",
    "Notifier",
    "Outcome",
    "Publisher",
    "Question",
    "QuestionDesk",
    "QuestionSession",
    "QuestionStore",
    "Status",
    "Topic",
]


class Status(StrEnum):
    """State of a question, as the wire names it."""

    PENDING = "pendente"
    ANSWERED = "respondida"
    FAILED = "erro"


class Topic(StrEnum):
    """What messages are about."""

    PROCESS = "process-question"
    NOTIFY = "notify-response"


@dataclass(frozen=True, slots=True)
class QuestionSession:
    """Who asks: an account, or whoever knows the id.

    Attributes:
        id: unguessable.
        user_id: the account it belongs to; none: it is anonymous.
    """

    id: UUID
    name: str
    user_id: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a session.

    Attributes:
        answer: none until it is answered.
        error: why it failed, in Portuguese; only where it did.
        details: of the answer: citations, suggestions, engine, confidence, ``is_answered``.
        notified_at: when its notice was given; there is one.
        traceparent: the span that its next message belongs to; it goes with that, and is not kept.
    """

    id: UUID
    session_id: UUID
    question: str
    status: Status
    created_at: datetime
    updated_at: datetime
    answer: str | None = None
    error: str | None = None
    details: dict[str, Any] | None = None
    notified_at: datetime | None = None
    traceparent: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has become of a question: an answer, or why there is none."""

    question_id: UUID
    answer: Answer | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message about a question; messages of one session are delivered in order.

    Attributes:
        id: of the delivery; a message may be delivered more than once.
        deliveries: how often this one was delivered, this time included.
        traceparent: the span that sent it, where the queue carries it.
    """

    id: str
    topic: Topic
    question_id: UUID
    session_id: UUID
    deliveries: int = 1
    traceparent: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Notice:
    """Tells a session that a question is settled."""

    question_id: UUID
    session_id: UUID
    status: Status
    at: datetime


class QuestionStore(Protocol):
    """Keeps sessions and questions."""

    async def add_session(self, session: QuestionSession) -> None:
        """Keep a session."""

    async def find_session(self, session_id: UUID) -> QuestionSession | None:
        """Return the session, if there is one."""

    async def add(self, question: Question) -> bool:
        """Keep a question; false if one of this id is kept already."""

    async def count(self, session_id: UUID, since: datetime) -> tuple[int, int]:
        """Return how many questions of the session wait, and how many were asked ``since``.

        Where the store can, others who ask in the session wait until the block of work ends.
        """

    async def find_many(self, question_ids: Sequence[UUID]) -> dict[UUID, Question]:
        """Return those of the questions that there are."""

    async def list_session(self, session_id: UUID, limit: int) -> list[Question]:
        """Return the session's questions, the newest first."""

    async def settle(self, outcomes: Sequence[Outcome], at: datetime) -> set[UUID]:
        """Write outcomes of questions that are not answered yet; return which were written.

        An answer replaces a failure, and a notice is due again; nothing replaces an answer, and a
        failure replaces no other.
        """

    async def mark_notified(self, question_ids: Sequence[UUID], at: datetime) -> set[UUID]:
        """Note that notices are given; return for which it had not been noted before.

        A store without transactions leaves out those that it could not note just now.
        """


class Publisher(Protocol):
    """Sends messages; each is delivered at least once after the desk is closed."""

    async def publish(self, topic: Topic, questions: Sequence[Question]) -> None:
        """Send a message about each of ``questions``."""


class Notifier(Protocol):
    """Tells sessions."""

    async def notify(self, notices: Sequence[Notice]) -> None:
        """Tell whoever listens for these sessions."""


class QuestionDesk(Protocol):
    """Opens store, publisher and notifier together.

    Where they share a transaction it is committed when the block ends, and undone by an error in
    it. Where they do not, a message may be lost between store and publisher: the adapter finds
    such questions and sends their messages again.
    """

    def open(
        self,
    ) -> AbstractAsyncContextManager[tuple[QuestionStore, Publisher, Notifier]]:
        """Return a block of work."""
