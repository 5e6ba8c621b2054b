"""Batches of messages as Lambda gets them from SQS, and the answer that it wants."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog

from praca.helpdesk.questions.ports import Message, Topic

__all__ = ["Batch", "is_readable", "read_batch"]

_log = structlog.get_logger("praca.questions")


@dataclass(frozen=True, slots=True)
class _Record:
    """One record of a batch; no message if nobody can read it."""

    id: str
    group: str | None
    deliveries: int
    message: Message | None


@dataclass(frozen=True, slots=True)
class Batch:
    """The records of one call, in the order of their delivery."""

    _records: Sequence[_Record] = field(default_factory=tuple)
    _tries: int = 1

    def waves(self) -> Iterator[list[Message]]:
        """Yield the readable messages, of each group one at a time, in their order.

        What lies behind an unreadable record of its group is left out: it waits.
        """
        left: dict[str | None, list[Message]] = {}
        unreadable = {record.id for record in self._records if record.message is None}
        held = self._held(unreadable)
        for record in self._records:
            if record.message is not None and record.id not in held:
                left.setdefault(record.group or record.id, []).append(record.message)
        queues = [iter(messages) for messages in left.values()]
        while wave := [message for queue in queues if (message := next(queue, None))]:
            yield wave

    def failed(self, done: Collection[str]) -> list[str]:
        """Return which records are to be delivered again: all but those that are ``done``.

        Behind one of a group that comes again, the later ones of the group come again, too: that
        is how a FIFO queue keeps their order. One at its last try leaves the queue, and holds up
        nobody.
        """
        failed = {record.id for record in self._records if record.id not in done}
        again = failed | self._held(failed)
        return [record.id for record in self._records if record.id in again]

    def _held(self, failed: Collection[str]) -> set[str]:
        """Return the records behind failed ones of their groups."""
        holding: set[str] = set()
        held: set[str] = set()
        for record in self._records:
            if record.group is None:
                continue
            if record.group in holding:
                held.add(record.id)
            elif record.id in failed and record.deliveries < self._tries:
                holding.add(record.group)
        return held


def read_batch(event: Mapping[str, Any], topic: Topic, tries: int) -> Batch:
    """Read the event of a call.

    Args:
        event: of SQS; a record's body is our message, or SNS's envelope around it.
        topic: what the queue's messages are about.
        tries: deliveries after which the queue lays a message aside.
    """
    return Batch([_record(record, topic) for record in event.get("Records", ())], tries)


def _record(record: Mapping[str, Any], topic: Topic) -> _Record:
    attributes = record.get("attributes", {})
    message_id = str(record["messageId"])
    deliveries = int(attributes.get("ApproximateReceiveCount", 1))
    try:
        message = Message(message_id, topic, *_ids(record["body"]), deliveries)
    except ValueError:
        # What is in it stays out of the log, and reaches the dead-letter queue.
        _log.error("question.message_unreadable", topic=topic.value)
        message = None
    return _Record(message_id, attributes.get("MessageGroupId"), deliveries, message)


def is_readable(body: str) -> bool:
    """Tell whether the body of a message is one of ours."""
    try:
        _ids(body)
    except ValueError:
        return False
    return True


def _ids(body: str) -> tuple[UUID, UUID]:
    """Return the question and the session that a body names.

    Raises:
        ValueError: it names none.
    """
    try:
        content = json.loads(body)
        if content.get("Type") == "Notification":
            content = json.loads(content["Message"])
        return UUID(content["question_id"]), UUID(content["session_id"])
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("not a message about a question") from error
