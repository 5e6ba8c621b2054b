"""How questions lie in DynamoDB: keys, indexes, attributes.

The table of questions has one key, ``pk``:

``question#<id>``
    a question; ``session_id`` and ``created_at`` are the key of the index ``by_session``.
``session#<id>``
    a session.

A question whose message has not done its work yet carries ``waiting`` and ``waiting_since``, the
key of the sparse index ``by_waiting``: first the topic ``process-question``, from the write that
settles it ``notify-response``, from the write that notes its notice nothing. So a message that
got lost anywhere is found without a write of its own, and the index holds only what is under way.
``waiting`` ends with one of a few numbers, made of the question's id, so that no partition is hot.

The table of connections has the key ``owner`` and ``name``: ``session#<id>`` with the ids of its
WebSocket connections, and ``connection#<id>`` with its session, for when it is closed.

Both tables forget by the attribute ``ttl``, seconds since 1970. Times are texts in UTC of one
length, which sort; ``details`` is JSON, since DynamoDB's numbers are not those of JSON.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from praca.helpdesk.questions.ports import Question, QuestionSession, Status, Topic

__all__ = [
    "BY_SESSION",
    "BY_WAITING",
    "CONNECTIONS_KEY",
    "QUESTIONS_KEY",
    "QUESTION_INDEXES",
    "SHARDS",
    "Item",
    "is_expired",
    "moment",
    "number",
    "question_item",
    "question_key",
    "question_of",
    "session_item",
    "session_key",
    "session_of",
    "text",
    "waiting_text",
]

Item = dict[str, dict[str, str]]
"""An item as DynamoDB's protocol has it: each value within its type."""

SHARDS: Final = 8
BY_SESSION: Final = "by_session"
BY_WAITING: Final = "by_waiting"
QUESTIONS_KEY: Final = ("pk",)
CONNECTIONS_KEY: Final = ("owner", "name")
QUESTION_INDEXES: Final[Mapping[str, tuple[str, str]]] = {
    BY_SESSION: ("session_id", "created_at"),
    BY_WAITING: ("waiting", "waiting_since"),
}
_QUESTION: Final = "question#"
_SESSION: Final = "session#"


def text(value: object) -> dict[str, str]:
    """Return a text as DynamoDB takes it."""
    return {"S": str(value)}


def number(value: int) -> dict[str, str]:
    """Return a number as DynamoDB takes it."""
    return {"N": str(value)}


def moment(at: datetime) -> dict[str, str]:
    """Return a time as DynamoDB takes it."""
    return text(at.astimezone(UTC).isoformat(timespec="microseconds"))


def waiting_text(topic: Topic, of: UUID | int) -> dict[str, str]:
    """Return the key of what waits for a topic's message: of a question, or of a shard."""
    shard = of.int if isinstance(of, UUID) else of
    return text(f"{topic}#{shard % SHARDS}")


def question_key(question_id: UUID) -> Item:
    """Return the key of a question."""
    return {"pk": text(f"{_QUESTION}{question_id}")}


def session_key(session_id: UUID) -> Item:
    """Return the key of a session."""
    return {"pk": text(f"{_SESSION}{session_id}")}


def is_expired(item: Item, now: datetime) -> bool:
    """Tell whether an item is to be forgotten; DynamoDB takes days to do so."""
    return "ttl" in item and int(item["ttl"]["N"]) <= now.timestamp()


def session_item(session: QuestionSession, ttl: int) -> Item:
    """Return a session as it is kept."""
    item = {
        **session_key(session.id),
        "name": text(session.name),
        "created_at": moment(session.created_at),
        "ttl": number(ttl),
    }
    if session.user_id is not None:
        item["user_id"] = number(session.user_id)
    return item


def session_of(item: Item) -> QuestionSession:
    """Return the session that is kept as ``item``."""
    return QuestionSession(
        UUID(item["pk"]["S"].removeprefix(_SESSION)),
        item["name"]["S"],
        int(item["user_id"]["N"]) if "user_id" in item else None,
        datetime.fromisoformat(item["created_at"]["S"]),
    )


def question_item(question: Question, ttl: int) -> Item:
    """Return a question that waits for its answer as it is kept."""
    return {
        **question_key(question.id),
        "session_id": text(question.session_id),
        "question": text(question.question),
        "status": text(question.status),
        "created_at": moment(question.created_at),
        "updated_at": moment(question.updated_at),
        "waiting": waiting_text(Topic.PROCESS, question.id),
        "waiting_since": moment(question.created_at),
        "ttl": number(ttl),
    }


def question_of(item: Item) -> Question:
    """Return the question that is kept as ``item``."""
    details: Any = json.loads(item["details"]["S"]) if "details" in item else None
    return Question(
        UUID(item["pk"]["S"].removeprefix(_QUESTION)),
        UUID(item["session_id"]["S"]),
        item["question"]["S"],
        Status(item["status"]["S"]),
        datetime.fromisoformat(item["created_at"]["S"]),
        datetime.fromisoformat(item["updated_at"]["S"]),
        answer=item.get("answer", {}).get("S"),
        error=item.get("error", {}).get("S"),
        details=details,
        notified_at=(
            datetime.fromisoformat(item["notified_at"]["S"]) if "notified_at" in item else None
        ),
    )
