"""Sends messages again that did not do their work: the outbox of questions on AWS.

A question is stored before its message is sent; if the message is lost there, or anywhere behind,
the question still carries that it waits, and is found here.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog

from praca.entrypoints.aws.runtime import Functions, functions
from praca.helpdesk.questions.adapters.dynamodb import Waiting
from praca.helpdesk.questions.ports import Outcome, Status, Topic
from praca.helpdesk.questions.service import GIVEN_UP
from praca.kit.clock import utc_now

__all__ = ["handler"]

_log = structlog.get_logger("praca.questions")


def handler(event: Mapping[str, Any], context: object) -> dict[str, int]:
    """Send again what waits too long; return how many messages of each topic."""
    del event, context
    shared = functions()
    return shared.run(_sweep(shared))


async def _sweep(shared: Functions) -> dict[str, int]:
    names = shared.settings.aws
    before = utc_now() - timedelta(seconds=names.aws_sweep_after_s)
    sent: dict[str, int] = {}
    for topic in Topic:
        waiting = await shared.desk.store().list_waiting(topic, before, names.aws_sweep_most)
        sent[topic.value] = await _send_again(shared, topic, waiting)
    if any(sent.values()):
        _log.warning("question.swept", **sent)
    return sent


async def _send_again(shared: Functions, topic: Topic, waiting: list[Waiting]) -> int:
    tries = shared.settings.helpdesk.question_tries
    again = [one.question for one in waiting if one.sweeps < tries]
    store, now = shared.desk.store(), utc_now()
    first_s = shared.settings.aws.aws_sweep_after_s
    # Noted first: what the publisher cannot send now is sent by a later sweep. It waits twice as
    # long each time, as a message may be in a long queue only, where another copy is no help.
    await asyncio.gather(
        *(
            store.note_sent(topic, one.question, now + _further(first_s, one.sweeps))
            for one in waiting
            if one.sweeps < tries
        )
    )
    await shared.desk.publisher.publish(topic, again)
    for one in waiting:
        if one.sweeps >= tries:
            await _give_up(shared, topic, one)
    return len(again)


def _further(first_s: float, sweeps: int) -> timedelta:
    """Return how much longer than at first a message waits that was sent again so often before."""
    return timedelta(seconds=first_s * (2 ** min(sweeps, 10) - 1))


async def _give_up(shared: Functions, topic: Topic, one: Waiting) -> None:
    """Let a question fail whose function died at every try; its message is laid aside."""
    _log.error("question.gave_up", topic=topic.value, question_id=str(one.question.id))
    store = shared.desk.store()
    if topic is Topic.PROCESS:
        await store.settle([Outcome(one.question.id, None, GIVEN_UP)], utc_now())
        failed = replace(one.question, status=Status.FAILED, error=GIVEN_UP)
        await shared.desk.publisher.publish(Topic.NOTIFY, [failed])
    else:
        await store.stop_waiting(topic, one.question)
