"""Questions stored, answered and told in a second, and the rows alone by the plain driver."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from uuid import UUID, uuid4

import orjson
import psutil
import psycopg

from praca.helpdesk.answering import open_responder
from praca.helpdesk.answering.service import Answering
from praca.helpdesk.knowledge import sample_articles
from praca.helpdesk.questions.adapters.postgres import NOTICES_CHANNEL, PostgresDesk
from praca.helpdesk.questions.adapters.postgres_queue import MessageQueue
from praca.helpdesk.questions.consumer import Consumer
from praca.helpdesk.questions.details import details_of
from praca.helpdesk.questions.service import QuestionLimits, QuestionService
from praca.helpdesk.records import Answer, Knowledge
from praca.platform.database import Database
from praca.platform.settings import Settings

__all__ = ["Rate", "answer_only", "bare_rows", "pipeline", "questions_of"]

_UNLIMITED = QuestionLimits(max_waiting=10**6, max_per_hour=10**6)
_PER_SESSION = 5
_ASKERS = 16
_BATCH = 32
_WORDS = ("por favor", "urgente", "meu filho", "amanhã", "no centro", "pela internet", "hoje")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many questions in so many seconds, of which the core worked ``cpu_s`` for them."""

    questions: int
    seconds: float
    cpu_s: float = 0.0

    @property
    def per_second(self) -> float:
        """Questions in one second."""
        return self.questions / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of the core for one question: what a busy machine does not change."""
        return self.cpu_s / self.questions * 1e3


def cpu_s(url: str) -> float:
    """Return the seconds of processor time that this process and PostgreSQL have taken so far."""
    with psycopg.connect(url) as connection:
        postmaster = psutil.Process(connection.info.backend_pid).parent()
        all_of_them = [] if postmaster is None else [postmaster, *postmaster.children()]
        used = 0.0
        for process in (psutil.Process(), *all_of_them):
            times = process.cpu_times()
            # The postmaster has those of its children that have ended.
            used += times.user + times.system + times.children_user + times.children_system
        return used


def _batched(texts: Iterator[str], size: int) -> Iterator[list[str]]:
    while some := list(islice(texts, size)):
        yield some


class _Sample:
    """The shipped articles as a source."""

    async def revision(self) -> str:
        return "1"

    async def load(self) -> Knowledge:
        return Knowledge("1", sample_articles())


def responder(settings: Settings) -> Answering:
    """Return the offline engine on the shipped articles."""
    return open_responder(settings, _Sample())


def questions_of(count: int) -> Iterator[str]:
    """Yield questions about the shipped articles; no two are the same, so none is remembered."""
    titles = cycle([article.title for article in sample_articles()])
    for number in range(count):
        word, other = _WORDS[number % 7], _WORDS[number // 7 % 7]
        yield f"Como faço {next(titles).lower()}, {word} e {other}? Caso {number}"


async def answer_only(settings: Settings, count: int) -> tuple[Rate, list[Answer]]:
    """Answer questions and keep nothing."""
    answering = responder(settings)
    await answering.start()
    began = time.perf_counter()
    answers = [await answering.answer(question) for question in questions_of(count)]
    seconds = time.perf_counter() - began
    await answering.stop()
    return Rate(count, seconds), answers


async def pipeline(url: str, settings: Settings, count: int) -> Rate:
    """Ask, answer and tell, with the service, the queue and the consumer of ``praca worker``.

    From the first question asked to the last notice heard.
    """
    database = Database(url)
    answering = responder(settings)
    await answering.start()
    desk = PostgresDesk(database)
    service = QuestionService(desk, _UNLIMITED, answering, concurrency=_BATCH)
    queue = MessageQueue(database, lease_s=60, tries=5)
    consumer = Consumer(service, desk, queue, database.dsn, slots=_BATCH)
    running = asyncio.create_task(consumer.run())
    texts = _batched(questions_of(count), _PER_SESSION)

    async def asker() -> None:
        for some in texts:
            session = await service.open_session("Maria")
            for text in some:
                await service.ask(session.id, text)

    ears = await psycopg.AsyncConnection.connect(url, autocommit=True)
    async with ears:
        await ears.execute(f"LISTEN {NOTICES_CHANNEL}")
        began, used = time.perf_counter(), cpu_s(url)
        asking = [asyncio.create_task(asker()) for _ in range(_ASKERS)]
        heard: set[str] = set()
        async for notice in ears.notifies():
            heard.update(notice.payload.splitlines())
            if len(heard) >= count:
                break
        seconds, used = time.perf_counter() - began, cpu_s(url) - used
        await asyncio.gather(*asking)
    consumer.stop()
    await running
    await answering.stop()
    await database.dispose()
    return Rate(count, seconds, used)


def bare_rows(url: str, count: int, answers: list[Answer]) -> Rate:
    """Write the same rows by the plain driver: what the database alone takes.

    A transaction for each question that is asked, one for each batch that is taken, settled and
    told: the pipeline's, without looking anything up, without rules and without answering.
    """
    with psycopg.connect(url) as connection:
        began, used = time.perf_counter(), cpu_s(url)
        for texts in _batched(questions_of(count), _BATCH):
            _batch(connection, texts, answers)
        return Rate(count, time.perf_counter() - began, cpu_s(url) - used)


def _batch(
    connection: "psycopg.Connection[tuple[object, ...]]", texts: list[str], answers: list[Answer]
) -> None:
    asked: list[tuple[UUID, UUID]] = []
    for place, text in enumerate(texts):
        if place % _PER_SESSION == 0:
            session_id = uuid4()
            connection.execute(
                "INSERT INTO helpdesk.sessions (id, name) VALUES (%s, 'Maria')", [session_id]
            )
            connection.commit()
        key = uuid4()
        connection.execute(
            "INSERT INTO helpdesk.questions (id, session_id, question, status, created_at,"
            " updated_at) VALUES (%s, %s, %s, 'pendente', now(), now())",
            [key, session_id, text],
        )
        _send(connection, "process-question", [(key, session_id)])
        connection.commit()
        asked.append((key, session_id))
    keys = [key for key, _ in asked]
    connection.execute(
        "UPDATE helpdesk.messages SET deliveries = 1, lease = gen_random_uuid(),"
        " leased_until = now() + interval '1 minute' WHERE question_id = ANY(%s)"
        " AND topic = 'process-question' AND id > (SELECT max(id) - 200 FROM helpdesk.messages)",
        [keys],
    )
    connection.commit()
    some = [answers[place % len(answers)] for place in range(len(keys))]
    details = [orjson.dumps(details_of(answer)).decode() for answer in some]
    connection.execute(
        "UPDATE helpdesk.questions AS q SET status = 'respondida', answer = o.answer,"
        " details = o.details::jsonb, updated_at = now()"
        " FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS o (id, answer, details)"
        " WHERE q.id = o.id",
        [keys, [answer.text for answer in some], details],
    )
    _send(connection, "notify-response", asked)
    _done(connection, "process-question", keys)
    connection.commit()
    connection.execute(
        "UPDATE helpdesk.questions SET notified_at = now() WHERE id = ANY(%s)", [keys]
    )
    lines = "\n".join(f"{session} {key}" for key, session in asked)
    connection.execute("SELECT pg_notify(%s, %s)", [NOTICES_CHANNEL, lines])
    _done(connection, "notify-response", keys)
    connection.commit()


def _send(
    connection: "psycopg.Connection[tuple[object, ...]]",
    topic: str,
    asked: list[tuple[UUID, UUID]],
) -> None:
    connection.execute(
        "INSERT INTO helpdesk.messages (topic, question_id, session_id)"
        " SELECT %s, * FROM unnest(%s::uuid[], %s::uuid[])",
        [topic, [key for key, _ in asked], [session for _, session in asked]],
    )


def _done(
    connection: "psycopg.Connection[tuple[object, ...]]", topic: str, keys: list[UUID]
) -> None:
    connection.execute(
        "DELETE FROM helpdesk.messages WHERE topic = %s AND question_id = ANY(%s)"
        " AND id > (SELECT max(id) - 200 FROM helpdesk.messages)",
        [topic, keys],
    )
