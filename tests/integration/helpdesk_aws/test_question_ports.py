"""One contract for what keeps questions and what sends messages, on PostgreSQL and on AWS."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from tests.integration.helpdesk_aws.cloud import Cloud, Queue, sqs_event

from praca.entrypoints.aws.events import read_batch
from praca.helpdesk.questions import details_of
from praca.helpdesk.questions.adapters.aws import AwsDesk
from praca.helpdesk.questions.adapters.postgres import PostgresDesk
from praca.helpdesk.questions.adapters.postgres_queue import MessageQueue
from praca.helpdesk.questions.ports import (
    Message,
    Outcome,
    Question,
    QuestionDesk,
    QuestionSession,
    Status,
    Topic,
)
from praca.helpdesk.records import Answer, Citation, Engine, Suggestion
from praca.kit.clock import utc_now
from praca.platform.resources import Resources
from praca.platform.settings import Settings

ANSWER = Answer(
    "Peça em Carteira > Cartões: não custa nada.",
    is_answered=True,
    confidence=0.9125,
    engine=Engine.EXTRACTIVE,
    citations=(Citation(12, "segunda-via", "Segunda via", "não custa nada", None),),
    suggestions=(Suggestion(13, "recarga", "Recarga"),),
    revision="41",
)
SECOND = timedelta(seconds=1)


class Deployment(Protocol):
    """A desk, and what its messages arrive at."""

    @property
    def desk(self) -> QuestionDesk: ...

    async def arrive(self, topic: Topic) -> list[Message]:
        """Take every message of a topic, in the order of their delivery."""


class OnPostgres:
    def __init__(self, resources: Resources) -> None:
        self.desk = PostgresDesk(resources.databases.city)
        self._database = resources.databases.city
        self._queue = MessageQueue(self._database, lease_s=60, tries=5)

    async def arrive(self, topic: Topic) -> list[Message]:
        found: list[Message] = []
        while taken := await self._queue.take(topic, 100):
            messages = [one.message for one in taken]
            async with self._database.transaction() as connection:
                await self._queue.finish(connection, messages, {})
            found += messages
        return found


class OnAws:
    def __init__(self, cloud: Cloud, settings: Settings) -> None:
        self.desk = AwsDesk(settings)
        self._cloud = cloud

    async def arrive(self, topic: Topic) -> list[Message]:
        queue = self._cloud.process if topic is Topic.PROCESS else self._cloud.notify
        return await asyncio.to_thread(self._taken, queue, topic)

    def _taken(self, queue: Queue, topic: Topic) -> list[Message]:
        found: list[Message] = []
        while messages := self._received(queue):
            batch = read_batch(sqs_event(queue, messages), topic, 5)
            found += [message for wave in batch.waves() for message in wave]
            for message in messages:
                handle = message["ReceiptHandle"]
                self._cloud.sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=handle)
        return found

    def _received(self, queue: Queue) -> list[dict[str, str]]:
        answer = self._cloud.sqs.receive_message(
            QueueUrl=queue.url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
        )
        return list(answer.get("Messages", ()))


@pytest_asyncio.fixture
async def on_postgres(resources: Resources) -> AsyncIterator[Deployment]:
    yield OnPostgres(resources)


@pytest.fixture
def on_aws(endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Deployment]:
    monkeypatch.setenv("PRACA_DATA_DIR", str(tmp_path))
    cloud = Cloud(endpoint)
    for name, value in cloud.environment().items():
        monkeypatch.setenv(name, value)
    deployment = OnAws(cloud, Settings.load())
    yield deployment
    deployment.desk.close()
    cloud.close()


@pytest.fixture(params=["postgres", "aws"])
def deployment(request: pytest.FixtureRequest) -> Deployment:
    found: Deployment = request.getfixturevalue(f"on_{request.param}")
    return found


async def open_session(deployment: Deployment) -> UUID:
    session = QuestionSession(uuid4(), "Maria", None, utc_now())
    async with deployment.desk.open() as (store, _, _):
        await store.add_session(session)
    return session.id


def a_question(session_id: UUID, at: datetime | None = None, text: str = "Onde?") -> Question:
    at = at or utc_now()
    return Question(uuid4(), session_id, text, Status.PENDING, at, at)


async def kept(deployment: Deployment, questions: Sequence[Question]) -> list[Question]:
    async with deployment.desk.open() as (store, _, _):
        for question in questions:
            assert await store.add(question)
    return list(questions)


async def settled(deployment: Deployment, *outcomes: Outcome) -> set[UUID]:
    async with deployment.desk.open() as (store, _, _):
        return await store.settle(outcomes, utc_now())


async def found(deployment: Deployment, question: Question) -> Question:
    async with deployment.desk.open() as (store, _, _):
        return (await store.find_many([question.id]))[question.id]


# --- the store ------------------------------------------------------------------------------


async def test_a_session_is_found_as_it_was_kept(deployment: Deployment) -> None:
    session = QuestionSession(uuid4(), "Joana d'Arc ção", None, utc_now())
    async with deployment.desk.open() as (store, _, _):
        await store.add_session(session)
        await store.add_session(session)
    async with deployment.desk.open() as (store, _, _):
        assert await store.find_session(session.id) == session
        assert await store.find_session(uuid4()) is None


async def test_a_question_is_kept_once_and_as_it_is(deployment: Deployment) -> None:
    session_id = await open_session(deployment)
    question = a_question(session_id, text="  Onde fica o 'posto'?\n\t☂ \\ \"%s\" ")
    await kept(deployment, [question])
    async with deployment.desk.open() as (store, _, _):
        other = replace(question, question="Outra?", created_at=question.created_at + SECOND)
        assert not await store.add(other)
        assert await store.find_many([question.id, uuid4()]) == {question.id: question}
        assert await store.find_many([]) == {}


async def test_of_many_that_add_the_same_question_one_does(deployment: Deployment) -> None:
    session_id = await open_session(deployment)
    question = a_question(session_id)
    same = [
        replace(question, created_at=question.created_at + number * SECOND) for number in range(6)
    ]

    async def add(one: Question) -> bool:
        async with deployment.desk.open() as (store, _, _):
            return await store.add(one)

    assert sorted(await asyncio.gather(*map(add, same))) == [False] * 5 + [True]


async def test_a_session_lists_its_newest_questions(deployment: Deployment) -> None:
    ours, theirs = await open_session(deployment), await open_session(deployment)
    now = utc_now()
    questions = await kept(
        deployment, [a_question(ours, now - number * SECOND) for number in range(5)]
    )
    await kept(deployment, [a_question(theirs)])
    async with deployment.desk.open() as (store, _, _):
        assert await store.list_session(ours, 3) == questions[:3]
        assert await store.list_session(uuid4(), 3) == []


async def test_counts_what_waits_and_what_was_asked_since(deployment: Deployment) -> None:
    session_id = await open_session(deployment)
    now = utc_now()
    since = now - timedelta(hours=1)
    async with deployment.desk.open() as (store, publisher, _):
        for hours in (0, 0.5, 2):
            question = a_question(session_id, now - timedelta(hours=hours))
            await store.add(question)
            await publisher.publish(Topic.PROCESS, [question])
    async with deployment.desk.open() as (store, _, _):
        assert await store.count(session_id, since) == (3, 2)
        assert await store.count(uuid4(), since) == (0, 0)
    messages = await deployment.arrive(Topic.PROCESS)
    await settled(deployment, *(Outcome(message.question_id, ANSWER) for message in messages))
    async with deployment.desk.open() as (store, _, _):
        assert await store.count(session_id, since) == (0, 2)


async def test_an_answer_is_kept_whole(deployment: Deployment) -> None:
    session_id = await open_session(deployment)
    (question,) = await kept(deployment, [a_question(session_id)])
    at = utc_now() + SECOND
    async with deployment.desk.open() as (store, _, _):
        assert await store.settle([Outcome(question.id, ANSWER)], at) == {question.id}
    assert await found(deployment, question) == replace(
        question,
        status=Status.ANSWERED,
        answer=ANSWER.text,
        details=details_of(ANSWER),
        updated_at=at,
    )


async def test_nothing_replaces_an_answer_and_an_answer_replaces_a_failure(
    deployment: Deployment,
) -> None:
    session_id = await open_session(deployment)
    (question,) = await kept(deployment, [a_question(session_id)])
    failed = Outcome(question.id, None, "Não deu.")
    assert await settled(deployment, failed) == {question.id}
    assert await settled(deployment, failed) == set()
    after = await found(deployment, question)
    assert (after.status, after.error, after.answer) == (Status.FAILED, "Não deu.", None)

    async with deployment.desk.open() as (store, _, _):
        assert await store.mark_notified([question.id], utc_now()) == {question.id}
    assert await settled(deployment, Outcome(question.id, ANSWER)) == {question.id}
    after = await found(deployment, question)
    assert (after.status, after.error, after.answer) == (Status.ANSWERED, None, ANSWER.text)
    assert after.notified_at is None  # a notice is due again

    other = replace(ANSWER, text="Outra.")
    assert await settled(deployment, Outcome(question.id, other)) == set()
    assert await settled(deployment, failed) == set()
    assert (await found(deployment, question)).answer == ANSWER.text


async def test_what_nobody_asked_is_not_settled(deployment: Deployment) -> None:
    assert await settled(deployment, Outcome(uuid4(), ANSWER)) == set()
    assert await settled(deployment) == set()


async def _all_of(
    deployment: Deployment, work: Sequence[Coroutine[Any, Any, set[UUID]]]
) -> list[set[UUID]]:
    """Do it all at once; on AWS one by one, since moto looks and writes without a lock."""
    if isinstance(deployment, OnAws):
        return [await one for one in work]
    return list(await asyncio.gather(*work))


async def test_of_many_that_settle_one_does(deployment: Deployment) -> None:
    session_id = await open_session(deployment)
    (question,) = await kept(deployment, [a_question(session_id)])
    answers = [replace(ANSWER, text=str(number)) for number in range(6)]
    written = await _all_of(
        deployment, [settled(deployment, Outcome(question.id, answer)) for answer in answers]
    )
    (text,) = [answer.text for answer, ids in zip(answers, written, strict=True) if ids]
    assert (await found(deployment, question)).answer == text


async def test_a_notice_is_noted_once_whoever_does(deployment: Deployment) -> None:
    session_id = await open_session(deployment)
    questions = await kept(deployment, [a_question(session_id) for _ in range(3)])
    ids = [question.id for question in questions]
    await settled(deployment, *(Outcome(key, ANSWER) for key in ids))
    now = utc_now()

    async def mark() -> set[UUID]:
        async with deployment.desk.open() as (store, _, _):
            return await store.mark_notified([*ids, uuid4()], now)

    marked = await _all_of(deployment, [mark() for _ in range(4)])
    assert sorted(key for some in marked for key in some) == sorted(ids)
    assert {(await found(deployment, question)).notified_at for question in questions} == {now}


async def test_no_notice_is_noted_of_what_still_waits(deployment: Deployment) -> None:
    session_id = await open_session(deployment)
    (question,) = await kept(deployment, [a_question(session_id)])
    async with deployment.desk.open() as (store, _, _):
        assert await store.mark_notified([question.id], utc_now()) == set()


# --- the publisher --------------------------------------------------------------------------


@pytest.mark.parametrize("topic", list(Topic))
async def test_every_message_arrives_in_its_sessions_order(
    deployment: Deployment, topic: Topic
) -> None:
    sessions = [await open_session(deployment) for _ in range(3)]
    now = utc_now()
    questions = [a_question(sessions[number % 3], now + number * SECOND) for number in range(24)]
    async with deployment.desk.open() as (store, publisher, _):
        for question in questions:
            await store.add(question)
        await publisher.publish(topic, questions)
    messages = await deployment.arrive(topic)
    assert {message.topic for message in messages} == {topic}
    assert {message.deliveries for message in messages} == {1}
    for session_id in sessions:
        of_session = [m.question_id for m in messages if m.session_id == session_id]
        expected = [question.id for question in questions if question.session_id == session_id]
        assert of_session == expected


async def test_a_topic_has_its_own_messages(deployment: Deployment) -> None:
    session_id = await open_session(deployment)
    (question,) = await kept(deployment, [a_question(session_id)])
    async with deployment.desk.open() as (_, publisher, _):
        await publisher.publish(Topic.NOTIFY, [question])
        await publisher.publish(Topic.PROCESS, [])
    # A store may send the first message itself, with the question.
    assert {one.topic for one in await deployment.arrive(Topic.PROCESS)} <= {Topic.PROCESS}
    (message,) = await deployment.arrive(Topic.NOTIFY)
    assert (message.question_id, message.session_id) == (question.id, session_id)
