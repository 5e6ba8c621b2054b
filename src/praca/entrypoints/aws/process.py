"""Answers the questions of a batch of messages."""

import time
from collections.abc import Mapping
from typing import Any, Final, Protocol

from praca.entrypoints.aws.events import Batch, read_batch
from praca.entrypoints.aws.retries import failures
from praca.entrypoints.aws.runtime import Functions, functions
from praca.helpdesk.questions.ports import Message, Topic
from praca.kit.errors import DomainError

__all__ = ["Context", "handler"]

_SPARE_S: Final = 3.0
"""What writing takes at worst."""


class Context(Protocol):
    """What Lambda tells about a call."""

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the call may still take."""


def handler(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Answer the questions of an SQS event; return the messages that are to come again."""
    shared = functions()
    batch = read_batch(event, Topic.PROCESS, shared.settings.helpdesk.question_tries)
    url = shared.settings.aws.aws_process_queue_url
    end = time.monotonic() + context.get_remaining_time_in_millis() / 1000
    done = shared.run(_process(shared, batch, end))
    return shared.run(failures(shared.clients, event, batch.failed(done), url))


async def _process(shared: Functions, batch: Batch, end: float) -> set[str]:
    """Return the messages that are done.

    Of each session one question at a time, each wave written before the next begins: a call that
    is cut off by Lambda has lost one wave. What there is no time for comes again.
    """
    tries = shared.settings.helpdesk.question_tries
    done: set[str] = set()
    held: set[object] = set()
    for wave in batch.waves():
        if end - time.monotonic() < shared.answer_s + _SPARE_S:
            break
        # One at its last try waits for nobody: this is all the queue gives it.
        todo = [m for m in wave if m.session_id not in held or m.deliveries >= tries]
        failed = await _failed(shared, todo)
        done |= {message.id for message in todo if message.id not in failed}
        held |= {
            message.session_id
            for message in todo
            if message.id in failed and message.deliveries < tries
        }
    return done


async def _failed(shared: Functions, messages: list[Message]) -> set[str]:
    if not messages:
        return set()
    try:
        return set(await shared.processing.process(messages))
    except DomainError:  # of AWS; logged there. Earlier waves are done.
        return {message.id for message in messages}
