"""Tells sessions that their questions are settled, for a batch of messages."""

from collections.abc import Mapping
from typing import Any

from praca.entrypoints.aws.events import Batch, read_batch
from praca.entrypoints.aws.retries import failures
from praca.entrypoints.aws.runtime import Functions, functions
from praca.helpdesk.questions.ports import Topic
from praca.kit.errors import DomainError

__all__ = ["handler"]


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Give the notices of an SQS event; return the messages that are to come again."""
    del context
    shared = functions()
    batch = read_batch(event, Topic.NOTIFY, shared.settings.helpdesk.question_tries)
    done = shared.run(_notify(shared, batch))
    url = shared.settings.aws.aws_notify_queue_url
    return shared.run(failures(shared.clients, event, batch.failed(done), url))


async def _notify(shared: Functions, batch: Batch) -> set[str]:
    """Return the messages that are done."""
    messages = [message for wave in batch.waves() for message in wave]
    if not messages:
        return set()
    try:
        failed = set(await shared.service.give_notices(messages))
    except DomainError:  # of AWS; logged there
        return set()
    return {message.id for message in messages} - failed
