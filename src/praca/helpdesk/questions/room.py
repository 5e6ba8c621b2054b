"""Questions on the city's database, as processes open them."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from praca.helpdesk.answering import open_responder
from praca.helpdesk.desk import note_unanswered
from praca.helpdesk.knowledge import CityKnowledge
from praca.helpdesk.questions.adapters.postgres import (
    MESSAGES_CHANNEL,
    PostgresDesk,
    Unanswered,
)
from praca.helpdesk.questions.adapters.postgres_queue import MessageQueue
from praca.helpdesk.questions.asking import AskingSessions
from praca.helpdesk.questions.consumer import Consumer
from praca.helpdesk.questions.service import QuestionLimits, QuestionService
from praca.helpdesk.records import Responder
from praca.platform.audit import AuditEntry, record
from praca.platform.database import WriteSession, driver_connection
from praca.platform.resources import Resources
from praca.platform.settings import Settings

__all__ = [
    "Questions",
    "consuming",
    "limits_of",
    "open_consumer",
    "open_questions",
    "open_queue",
    "redrive",
]

_SHARE_OF_LEASE: Final = 0.75
"""How much of its lease a question may be answered for; the rest is for writing the answer."""
_SHARE_OF_MODEL: Final = 0.6
"""How much of it a model has, whatever its own settings allow; then there is time to quote."""


@dataclass(frozen=True, slots=True)
class Questions:
    """What a process of the API needs to take questions.

    Attributes:
        sessions: whose token is whose session.
        desk: the store of ``service``.
    """

    service: QuestionService
    sessions: AskingSessions
    desk: PostgresDesk


def limits_of(settings: Settings) -> QuestionLimits:
    """Return how much a session may ask."""
    helpdesk = settings.helpdesk
    return QuestionLimits(
        max_chars=helpdesk.question_max_chars,
        max_waiting=helpdesk.question_max_pending,
        max_per_hour=helpdesk.question_max_per_hour,
    )


def open_questions(resources: Resources) -> Questions:
    """Return what takes questions; it opens no connection yet."""
    city = resources.databases.city
    desk = PostgresDesk(city)
    return Questions(
        QuestionService(desk, limits_of(resources.settings)), AskingSessions(city), desk
    )


def open_queue(resources: Resources) -> MessageQueue:
    """Return the messages as one worker takes them."""
    helpdesk = resources.settings.helpdesk
    return MessageQueue(
        resources.databases.city,
        lease_s=helpdesk.question_lease_s,
        tries=helpdesk.question_tries,
    )


async def redrive(resources: Resources, message_id: int | None) -> list[int]:
    """Send a message that was laid aside again, or all of them; return which."""
    async with resources.databases.city.write() as session:
        connection = await driver_connection(session)
        sent = await open_queue(resources).redrive(connection, message_id)
        for one in sent:
            await record(session, AuditEntry("helpdesk.message_redriven", "message", str(one)))
        await connection.execute("SELECT pg_notify(%s, '')", [MESSAGES_CHANNEL])
    return sent


@asynccontextmanager
async def consuming(resources: Resources) -> AsyncIterator[None]:
    """Answer questions until the block ends; what is being written then is written."""
    lease_s = resources.settings.helpdesk.question_lease_s
    llm = resources.settings.llm.within(lease_s * _SHARE_OF_MODEL)
    settings = dataclasses.replace(resources.settings, llm=llm)
    responder = open_responder(settings, CityKnowledge(resources.databases.city))
    consumer = open_consumer(resources, responder)
    running = asyncio.create_task(consumer.run())
    try:
        yield
    finally:
        consumer.stop()
        await asyncio.wait([running])
        await responder.stop()
    await running


def open_consumer(resources: Resources, responder: Responder) -> Consumer:
    """Return what answers questions in a worker by ``responder``."""
    settings, city = resources.settings, resources.databases.city
    helpdesk = settings.helpdesk
    desk = PostgresDesk(city, note_unanswered=_note)
    service = QuestionService(
        desk,
        limits_of(settings),
        responder,
        tries=helpdesk.question_tries,
        concurrency=helpdesk.question_concurrency,
        answer_timeout_s=helpdesk.question_lease_s * _SHARE_OF_LEASE,
    )
    queue = open_queue(resources)
    return Consumer(service, desk, queue, city.dsn, slots=helpdesk.question_concurrency)


async def _note(session: WriteSession, unanswered: Unanswered) -> None:
    await note_unanswered(
        session,
        question=unanswered.question,
        source="pergunta",
        question_id=unanswered.question_id,
        user_id=unanswered.user_id,
    )
