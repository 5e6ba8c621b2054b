"""Messages about questions through FIFO topics of SNS."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog

from praca.helpdesk.questions.adapters.aws_clients import AwsClients, AwsUnavailableError
from praca.helpdesk.questions.ports import Question, Topic

__all__ = ["SnsPublisher"]

_log = structlog.get_logger("praca.questions")
_MOST: Final = 10  # of one PublishBatch


class SnsPublisher:
    """A publisher on SNS: of one session, messages stay in order; of one state, there is one.

    The message group is the session; the deduplication id is the question and its state, by which
    AWS drops what is sent twice within five minutes. A message holds ids only: the question may
    say something about a person.

    Sending never fails. What was not taken is logged (an alarm counts it); the question is kept as
    waiting, and the sweep sends the message again.

    Args:
        clients: of AWS.
        topics: where each topic is.
    """

    def __init__(self, clients: AwsClients, topics: Mapping[Topic, str]) -> None:
        self._clients = clients
        self._topics = topics

    async def publish(self, topic: Topic, questions: Sequence[Question]) -> None:
        """Send a message about each of ``questions``."""
        distinct = list({question.id: question for question in questions}.values())
        for start in range(0, len(distinct), _MOST):
            part = distinct[start : start + _MOST]
            refused = await self._send(topic, part)
            if refused:
                # What comes after it in its session is sent by the sweep as well, or was sent:
                # order is kept among what a session asks while everything works.
                _log.error("question.publish_failed", topic=topic.value, messages=refused)

    async def _send(self, topic: Topic, questions: Sequence[Question]) -> int:
        """Send up to ten messages; return how many were not taken."""
        entries = [_entry(str(number), question) for number, question in enumerate(questions)]
        try:
            answer = await self._clients.ask(
                "sns",
                "publish_batch",
                TopicArn=self._topics[topic],
                PublishBatchRequestEntries=entries,
            )
        except AwsUnavailableError:
            return len(entries)
        return len(answer.get("Failed", ()))


def _entry(number: str, question: Question) -> dict[str, Any]:
    ids = {"question_id": str(question.id), "session_id": str(question.session_id)}
    return {
        "Id": number,
        "Message": json.dumps(ids),
        "MessageGroupId": str(question.session_id),
        "MessageDeduplicationId": f"{question.id}-{question.status}",
    }
