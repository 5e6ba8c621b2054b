"""Workers that are killed, messages that come twice and late: is each question answered once?

Each worker is a process of its own with the consumer of ``praca worker``. The supervisor kills
them by ``kill -9`` at moments drawn at random, whatever they are doing, and counts the messages
that the dead had in hand: those deliveries ended in a killed worker. It goes on killing until they
are the share asked for. Triggers note every answer and every notice that is ever written; a
listener counts what is told.
"""

import asyncio
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.context import ForkProcess
from typing import Any, Final
from uuid import UUID

import psycopg

from praca.helpdesk.questions.adapters.postgres import NOTICES_CHANNEL, PostgresDesk
from praca.helpdesk.questions.adapters.postgres_queue import MessageQueue
from praca.helpdesk.questions.consumer import Consumer
from praca.helpdesk.questions.service import QuestionLimits, QuestionService
from praca.helpdesk.records import Answer, Engine, Piece
from praca.platform.database import Database

__all__ = ["Chaos", "Outcome"]

_FORK: Final = multiprocessing.get_context("fork")
_LEASE_S: Final = 1.0
_TRIES: Final = 8
_PER_SESSION: Final = 10
_UNLIMITED: Final = QuestionLimits(max_waiting=10**6, max_per_hour=10**6)
_LATEST_S: Final = 3.0

_WATCH: Final = """
CREATE SCHEMA chaos;
CREATE TABLE chaos.settled (question_id uuid, answer text);
CREATE TABLE chaos.told (question_id uuid);
CREATE FUNCTION chaos.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.answer IS DISTINCT FROM OLD.answer OR NEW.status <> OLD.status THEN
        INSERT INTO chaos.settled VALUES (NEW.id, NEW.answer);
    END IF;
    IF NEW.notified_at IS DISTINCT FROM OLD.notified_at AND NEW.notified_at IS NOT NULL THEN
        INSERT INTO chaos.told VALUES (NEW.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER chaos AFTER UPDATE ON helpdesk.questions
    FOR EACH ROW EXECUTE FUNCTION chaos.note();
"""
_FORGET: Final = """
DROP TRIGGER chaos ON helpdesk.questions;
DROP SCHEMA chaos CASCADE;
"""
# A copy of what waits or is being worked on, to be delivered some time later; copies of one topic
# are made in any order.
_COPY_WAITING: Final = """
INSERT INTO helpdesk.messages (topic, question_id, session_id, leased_until)
SELECT topic, question_id, session_id, now() + random() * make_interval(secs => %(latest_s)s)
FROM (SELECT * FROM helpdesk.messages WHERE topic = %(topic)s ORDER BY random() LIMIT %(some)s) AS m
"""
# The same of questions that were settled long ago.
_COPY_SETTLED: Final = """
INSERT INTO helpdesk.messages (topic, question_id, session_id, leased_until)
SELECT %(topic)s, id, session_id, now() + random() * make_interval(secs => %(latest_s)s)
FROM (SELECT * FROM helpdesk.questions WHERE notified_at IS NOT NULL ORDER BY random()
    LIMIT %(some)s) AS q
"""
_TOPICS: Final = ("process-question", "notify-response")


@dataclass(frozen=True, slots=True)
class Chaos:
    """What is to happen.

    Attributes:
        questions: how many are asked.
        doubled: share of messages, of each topic, that is delivered twice.
        killed: share of deliveries that end in a killed worker.
        workers: at a time.
        answer_s: that an answer takes at most, and on average half of.
        seed: of all chance here; what the processes do meanwhile nobody repeats.
    """

    questions: int
    doubled: float = 0.05
    killed: float = 0.02
    workers: int = 3
    answer_s: float = 0.02
    seed: int = 2026
    patience_s: float = 900.0


@dataclass(slots=True)
class Outcome:
    """What has happened."""

    seconds: float = 0.0
    asked: int = 0
    doubled: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    lost_deliveries: int = 0
    answered: int = 0
    settled_twice: int = 0
    told_twice: int = 0
    heard: int = 0
    heard_twice: int = 0
    wrong: int = 0
    failed: int = 0
    out_of_order: int = 0
    dead: int = 0
    left: int = 0

    @property
    def is_good(self) -> bool:
        """Whether there is exactly one right answer and one notice to each question."""
        return self.asked == self.answered == self.heard and not any(
            (
                self.settled_twice,
                self.told_twice,
                self.heard_twice,
                self.wrong,
                self.failed,
                self.out_of_order,
                self.dead,
                self.left,
            )
        )

    def lines(self) -> list[str]:
        """Return the counts as they are printed."""
        share = self.lost_deliveries / max(1, self.asked)
        return [
            f"asked                      {self.asked:8}   in {self.seconds:.1f} s",
            f"doubled: questions         {self.doubled[_TOPICS[0]]:8}",
            f"doubled: notices           {self.doubled[_TOPICS[1]]:8}",
            f"workers killed (kill -9)   {self.kills:8}",
            f"deliveries lost with them  {self.lost_deliveries:8}   {share:.1%}",
            f"answered                   {self.answered:8}",
            f"  answered more than once  {self.settled_twice:8}",
            f"  with a wrong answer      {self.wrong:8}",
            f"  failed                   {self.failed:8}",
            f"  out of order in session  {self.out_of_order:8}",
            f"notices heard              {self.heard:8}",
            f"  of one question twice    {self.heard_twice + self.told_twice:8}",
            f"messages left, laid aside  {self.left:8} {self.dead:8}",
            "exactly one answer and one notice each" if self.is_good else "BROKEN",
        ]


class _Echo:
    """Answers after a moment in which a worker may be killed."""

    def __init__(self, answer_s: float) -> None:
        self._answer_s = answer_s

    async def answer(self, question: str) -> Answer:
        await asyncio.sleep(random.random() * self._answer_s)  # noqa: S311  # no secret
        return Answer(f"Eco: {question}", is_answered=True, confidence=1, engine=Engine.EXTRACTIVE)

    async def answer_many(self, questions: Sequence[str]) -> list[Answer]:
        return [await self.answer(question) for question in questions]

    async def stream(self, question: str) -> AsyncIterator[Piece]:
        answer = await self.answer(question)
        yield Piece(answer.text, answer)


def _work(url: str, lease: Any, answer_s: float) -> None:
    """Be a worker until killed."""
    random.seed()

    async def run() -> None:
        database = Database(url)
        desk = PostgresDesk(database)
        echo = _Echo(answer_s)
        service = QuestionService(desk, _UNLIMITED, echo, tries=_TRIES, concurrency=32)
        queue = MessageQueue(database, lease_s=_LEASE_S, tries=_TRIES, pause_s=0.05)
        lease.value = str(queue.lease).encode()
        await Consumer(service, desk, queue, database.dsn, slots=32, poll_s=0.1).run()

    asyncio.run(run())


def _ask(url: str, count: int) -> None:
    """Ask ``count`` questions in sessions of ten; a client each that waits for its answer."""

    async def run() -> None:
        database = Database(url)
        service = QuestionService(PostgresDesk(database), _UNLIMITED)
        numbers = iter(range(-(-count // _PER_SESSION)))

        async def client() -> None:
            for number in numbers:
                session = await service.open_session("Maria")
                for place in range(min(_PER_SESSION, count - number * _PER_SESSION)):
                    await service.ask(session.id, f"Pergunta {place} de {session.id}?")

        async with asyncio.TaskGroup() as group:
            for _ in range(8):
                group.create_task(client())
        await database.dispose()

    asyncio.run(run())


@dataclass(slots=True)
class _Worker:
    process: ForkProcess
    lease: Any

    @classmethod
    def start(cls, url: str, answer_s: float) -> "_Worker":
        lease = _FORK.Array("c", 36, lock=False)
        process = _FORK.Process(target=_work, args=(url, lease, answer_s), daemon=True)
        process.start()
        return cls(process, lease)

    def kill(self) -> UUID | None:
        """Kill it without a word; return the lease of what it had in hand."""
        if self.process.pid is not None:
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.join()
        return UUID(self.lease.value.decode()) if self.lease.value else None


class _Supervisor:
    def __init__(self, url: str, chaos: Chaos) -> None:
        self._url = url
        self._chaos = chaos
        self._chance = random.Random(chaos.seed)  # noqa: S311  # no secret
        self.outcome = Outcome()
        self._heard: Counter[str] = Counter()
        self._workers: list[_Worker] = []
        self._next_kill = 0.0

    def run(self) -> Outcome:
        """Run it to the end and count."""
        with psycopg.connect(self._url, autocommit=True) as database:
            database.execute(_WATCH)
            database.execute(f"LISTEN {NOTICES_CHANNEL}")
            try:
                self._run(database)
                self._count(database)
            finally:
                for worker in self._workers:
                    worker.kill()
                database.execute(_FORGET)
        return self.outcome

    def _run(self, database: "psycopg.Connection[Any]") -> None:
        began = time.monotonic()
        asking = _FORK.Process(target=_ask, args=(self._url, self._chaos.questions), daemon=True)
        asking.start()
        self._workers = [self._worker() for _ in range(self._chaos.workers)]
        while time.monotonic() - began < self._chaos.patience_s:
            self._heard.update(
                line
                for notice in database.notifies(timeout=0.02)
                for line in notice.payload.splitlines()
            )
            done = len(self._heard)
            self._double(database, done)
            self._kill_sometimes(database)
            if not asking.is_alive() and done >= self._chaos.questions and self._is_over(database):
                break
        asking.join(timeout=1)
        self.outcome.seconds = time.monotonic() - began

    def _is_over(self, database: "psycopg.Connection[Any]") -> bool:
        if min(self.outcome.doubled[topic] for topic in _TOPICS) < self._wanted(
            self._chaos.doubled
        ):
            return False
        row = database.execute("SELECT count(*) FROM helpdesk.messages WHERE dead_at IS NULL")
        return row.fetchone() == (0,)

    def _wanted(self, share: float) -> int:
        return int(share * self._chaos.questions)

    def _double(self, database: "psycopg.Connection[Any]", done: int) -> None:
        """Deliver again as many as are due, half of them from the questions settled long ago."""
        due = min(self._wanted(self._chaos.doubled), 1 + int(done * self._chaos.doubled * 1.2))
        for topic in _TOPICS:
            some = min(due - self.outcome.doubled[topic], 20)
            if some > 0:
                statement = self._chance.choice((_COPY_WAITING, _COPY_SETTLED))
                params = {"topic": topic, "some": some, "latest_s": _LATEST_S}
                copied = database.execute(statement.encode(), params).rowcount
                self.outcome.doubled[topic] += copied

    def _kill_sometimes(self, database: "psycopg.Connection[Any]") -> None:
        now = time.monotonic()
        # As many as are due by the share that is settled, so that they come all along.
        due = self._chaos.killed * min(self._chaos.questions, len(self._heard) * 1.2 + 50)
        if self.outcome.lost_deliveries >= due or now < self._next_kill:
            return
        self._next_kill = now + self._chance.uniform(0.0, 0.25)
        place = self._chance.randrange(len(self._workers))
        lease = self._workers[place].kill()
        if lease is not None:
            row = database.execute(
                "SELECT count(*) FROM helpdesk.messages WHERE lease = %s AND dead_at IS NULL",
                [lease],
            ).fetchone()
            self.outcome.lost_deliveries += row[0] if row else 0
            self.outcome.kills += 1
        self._workers[place] = self._worker()

    def _worker(self) -> _Worker:
        return _Worker.start(self._url, self._chaos.answer_s)

    def _count(self, database: "psycopg.Connection[Any]") -> None:
        def number(query: str) -> int:
            row = database.execute(query.encode()).fetchone()
            return int(row[0]) if row else 0

        time.sleep(0.2)
        self._heard.update(
            line
            for notice in database.notifies(timeout=0.2)
            for line in notice.payload.splitlines()
        )
        outcome = self.outcome
        questions = "SELECT count(*) FROM helpdesk.questions"
        outcome.asked = number(questions)
        outcome.answered = number(f"{questions} WHERE status = 'respondida'")
        outcome.failed = number(f"{questions} WHERE status = 'erro'")
        outcome.wrong = number(f"{questions} WHERE answer <> 'Eco: ' || question")
        twice = "SELECT count(*) FROM (SELECT question_id FROM {} GROUP BY 1 HAVING count(*) > 1) x"
        outcome.settled_twice = number(twice.format("chaos.settled"))
        outcome.told_twice = number(twice.format("chaos.told"))
        outcome.heard = len(self._heard)
        outcome.heard_twice = sum(1 for times in self._heard.values() if times > 1)
        outcome.out_of_order = number(
            "SELECT count(*) FROM (SELECT updated_at < lag(updated_at) OVER (PARTITION BY"
            " session_id ORDER BY created_at) AS is_late FROM helpdesk.questions) x WHERE is_late"
        )
        outcome.dead = number("SELECT count(*) FROM helpdesk.messages WHERE dead_at IS NOT NULL")
        outcome.left = number("SELECT count(*) FROM helpdesk.messages WHERE dead_at IS NULL")


def run(url: str, chaos: Chaos) -> Outcome:
    """Let it happen on an empty, migrated database."""
    return _Supervisor(url, chaos).run()
