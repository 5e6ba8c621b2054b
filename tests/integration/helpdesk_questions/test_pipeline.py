"""Questions are answered once, in order, and told once, whatever happens to workers."""

import asyncio
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.integration.helpdesk_questions.conftest import Pipeline

from praca.helpdesk.questions.adapters.postgres import NOTICES_CHANNEL
from praca.helpdesk.questions.errors import (
    InvalidQuestionError,
    QuestionSessionNotFoundError,
    QuestionTokenInvalidError,
    TooManyQuestionsError,
    TooManyWaitingError,
)
from praca.helpdesk.questions.ports import Message, Question, QuestionSession, Status, Topic
from praca.helpdesk.questions.service import GIVEN_UP, QuestionLimits, QuestionService
from praca.helpdesk.records import Answer
from praca.kit.clock import utc_now


async def test_a_question_is_kept_answered_and_told(pipeline: Pipeline) -> None:
    session_id = await pipeline.session()
    with psycopg.connect(pipeline.resources.databases.city.dsn, autocommit=True) as ears:
        ears.execute(f"LISTEN {NOTICES_CHANNEL}")
        question_id = await pipeline.ask("Onde fica a biblioteca?", session_id)
        assert (await pipeline.question(question_id)).status is Status.PENDING
        async with pipeline.consuming():
            (settled,) = await pipeline.settled(question_id)
        heard = [notice.payload for notice in ears.notifies(timeout=0.2)]
    assert settled.status is Status.ANSWERED
    assert settled.answer == "Eco: Onde fica a biblioteca?"
    assert settled.details is not None
    assert settled.details["engine"] == "extrativo"
    assert settled.details["is_answered"] is True
    assert heard == [f"{session_id} {question_id}"]
    assert await pipeline.messages() == 0
    assert pipeline.unanswered == []


async def test_what_has_no_answer_is_noted_for_operators(pipeline: Pipeline) -> None:
    question_id = await pipeline.ask("sem interrogação")
    async with pipeline.consuming():
        await pipeline.settled(question_id)
    assert [(one.question_id, one.question) for one in pipeline.unanswered] == [
        (question_id, "sem interrogação")
    ]


async def test_a_session_is_answered_in_order_and_others_do_not_wait(pipeline: Pipeline) -> None:
    session_id = await pipeline.session()
    texts = [f"{number}?" for number in range(8)]
    asked = [await pipeline.ask(text, session_id) for text in texts]
    other = await pipeline.ask("outra?")
    async with pipeline.consuming(), pipeline.consuming():
        settled = await pipeline.settled(*asked, other)
    assert [text for text in pipeline.responder.order if text != "outra?"] == texts
    moments = [question.updated_at for question in settled[:-1]]
    assert moments == sorted(moments)
    assert [q.id for q in await pipeline.service.list_questions(session_id)] == asked[::-1]


async def test_a_poison_question_fails_alone_and_can_be_sent_again(pipeline: Pipeline) -> None:
    session_id = await pipeline.session()
    pipeline.responder.broken.add("veneno?")
    poison = await pipeline.ask("veneno?", session_id)
    behind = await pipeline.ask("atrás?", session_id)
    async with pipeline.consuming():
        failed, answered = await pipeline.settled(poison, behind)
        assert failed.status is Status.FAILED
        assert failed.error == GIVEN_UP
        assert failed.answer is None
        assert answered.status is Status.ANSWERED
        assert pipeline.responder.asked["veneno?"] == 3

        queue = pipeline.queue()
        (dead,) = await queue.list_dead(10)
        assert (dead.question_id, dead.deliveries, dead.topic) == (poison, 3, Topic.PROCESS)
        pipeline.responder.broken.clear()
        async with pipeline.desk.open() as unit:
            assert await queue.redrive(unit[0].connection, dead.id) == [dead.id]
        await pipeline.until(lambda: pipeline.has_status(poison, Status.ANSWERED))
        (redriven,) = await pipeline.settled(poison)
    assert redriven.status is Status.ANSWERED
    assert redriven.error is None
    assert await pipeline.messages() == 0


async def test_a_question_that_kills_its_workers_is_given_up(pipeline: Pipeline) -> None:
    question_id = await pipeline.ask("mata?")
    for deliveries in (1, 2, 3):  # taken, and never finished: its worker died
        (taken,) = await pipeline.queue(lease_s=0.001).take(Topic.PROCESS, 10)
        assert taken.message.deliveries == deliveries
        await asyncio.sleep(0.005)
    async with pipeline.consuming():
        (settled,) = await pipeline.settled(question_id)
    assert settled.status is Status.FAILED
    assert pipeline.responder.asked["mata?"] == 0
    assert [dead.question_id for dead in await pipeline.queue().list_dead(10)] == [question_id]


async def test_a_worker_whose_lease_ran_out_writes_nothing(pipeline: Pipeline) -> None:
    question_id = await pipeline.ask("quem?")
    slow, quick = pipeline.queue(lease_s=0.001), pipeline.queue()
    (first,) = await slow.take(Topic.PROCESS, 10)
    await asyncio.sleep(0.005)
    (second,) = await quick.take(Topic.PROCESS, 10)
    assert first.message.id == second.message.id
    async with pipeline.desk.settling() as unit:
        assert await slow.finish(unit.connection, [first.message], {}) == set()
        failed = {first.message.id: "tarde"}
        assert await slow.finish(unit.connection, [first.message], failed) == set()
    await slow.give_back([first.message])
    async with pipeline.desk.settling() as unit:
        assert await quick.finish(unit.connection, [second.message], {}) == {second.message.id}
    assert (await pipeline.question(question_id)).status is Status.PENDING


async def test_a_message_that_comes_again_changes_nothing(pipeline: Pipeline) -> None:
    """As AWS delivers: by ``process`` and ``give_notices``, twice and late."""
    session_id = await pipeline.session()
    question_id = await pipeline.ask("de novo?", session_id)
    process = Message("1", Topic.PROCESS, question_id, session_id)
    notify = Message("2", Topic.NOTIFY, question_id, session_id)
    assert await pipeline.service.give_notices([notify]) == ["2"]  # too early
    assert await pipeline.service.process([process, process]) == []
    first = await pipeline.question(question_id)
    assert await pipeline.service.process([process]) == []
    with psycopg.connect(pipeline.resources.databases.city.dsn, autocommit=True) as ears:
        ears.execute(f"LISTEN {NOTICES_CHANNEL}")
        assert await pipeline.service.give_notices([notify, notify]) == []
        assert await pipeline.service.give_notices([notify]) == []
        assert len(list(ears.notifies(timeout=0.2))) == 1
    assert await pipeline.service.process([process]) == []
    last = await pipeline.question(question_id)
    assert (first.answer, first.updated_at) == (last.answer, last.updated_at)
    assert last.notified_at is not None
    assert pipeline.responder.asked["de novo?"] == 1


async def test_a_settled_question_without_its_notice_is_healed_by_redelivery(
    pipeline: Pipeline,
) -> None:
    session_id = await pipeline.session()
    question_id = await pipeline.ask("curada?", session_id)
    message = Message("1", Topic.PROCESS, question_id, session_id)
    work = await pipeline.service.answer(
        [message], {question_id: await pipeline.question(question_id)}
    )
    async with pipeline.desk.open() as (store, _, _):  # and here its worker died
        assert await store.settle(work.outcomes, utc_now()) == {question_id}
    before = await pipeline.messages()
    assert await pipeline.service.process([message]) == []
    assert await pipeline.messages() == before + 1
    assert pipeline.responder.asked["curada?"] == 1


async def test_unknown_questions_fail_and_disturb_nobody(pipeline: Pipeline) -> None:
    session_id = await pipeline.session()
    question_id = await pipeline.ask("conhecida?", session_id)
    unknown = uuid4()
    messages = [
        Message("1", Topic.PROCESS, unknown, session_id),
        Message("2", Topic.PROCESS, question_id, session_id),
    ]
    assert await pipeline.service.process(messages) == ["1"]
    now = utc_now()
    ghost = Question(unknown, session_id, "?", Status.PENDING, now, now)
    async with pipeline.desk.open() as (_, publisher, _):
        await publisher.publish(Topic.PROCESS, [ghost])
    async with pipeline.consuming():
        await pipeline.settled(question_id)
        await pipeline.until(lambda: pipeline.queue().list_dead(10))
    dead = await pipeline.queue().list_dead(10)
    assert [(one.question_id, one.error) for one in dead] == [(unknown, "pergunta desconhecida")]


async def test_behind_a_failure_a_session_waits_but_not_at_the_last_try(
    pipeline: Pipeline,
) -> None:
    session_id = await pipeline.session()
    pipeline.responder.broken.add("a?")
    a, b, c = [await pipeline.ask(text, session_id) for text in ("a?", "b?", "c?")]
    batch = [
        Message("a", Topic.PROCESS, a, session_id),
        Message("b", Topic.PROCESS, b, session_id),
        Message("c", Topic.PROCESS, c, session_id, deliveries=3),
    ]
    assert await pipeline.service.process(batch) == ["a", "b"]
    assert (await pipeline.question(b)).status is Status.PENDING
    assert (await pipeline.question(c)).status is Status.ANSWERED


async def test_answers_that_cannot_be_written_stop_nobody(pipeline: Pipeline) -> None:
    """PostgreSQL keeps no NUL: the question fails, and the one beside it is answered."""
    real = pipeline.responder.answer

    async def with_nul(question: str) -> Answer:
        answer = await real(question)
        if question != "nul?":
            return answer
        return Answer("\x00", is_answered=True, confidence=1.0, engine=answer.engine)

    pipeline.responder.answer = with_nul  # type: ignore[method-assign]
    bad, good = await pipeline.ask("nul?"), await pipeline.ask("bom?")
    async with pipeline.consuming():
        failed, answered = await pipeline.settled(bad, good)
    assert failed.status is Status.FAILED
    assert answered.status is Status.ANSWERED


async def test_a_stopped_worker_gives_back_what_it_has_not_answered(pipeline: Pipeline) -> None:
    pipeline.responder.gate = asyncio.Event()
    question_id = await pipeline.ask("espera?")
    async with pipeline.consuming():
        await pipeline.until(lambda: pipeline.was_asked("espera?"))
    (taken,) = await pipeline.queue().take(Topic.PROCESS, 10)  # at once, whatever its lease was
    assert taken.message.deliveries == 1
    assert taken.message.question_id == question_id


async def test_who_asks_too_much_waits(pipeline: Pipeline) -> None:
    session_id = await pipeline.session()
    limits = QuestionLimits(max_chars=10, max_waiting=2, max_per_hour=3)
    service = QuestionService(pipeline.desk, limits, pipeline.responder)
    key = uuid4()
    first = await service.ask(session_id, "a?", question_id=key)
    results = await asyncio.gather(
        *(service.ask(session_id, "b?") for _ in range(6)), return_exceptions=True
    )
    assert [type(one) for one in results].count(TooManyWaitingError) == 5
    again = await service.ask(session_id, "a?", question_id=key)  # no new question, so no limit
    assert (first.is_new, again.is_new) == (True, False)
    assert first.question.id == again.question.id
    async with pipeline.consuming():
        await pipeline.settled(key)
        await pipeline.until(pipeline.is_idle)
    await service.ask(session_id, "c?")
    with pytest.raises(TooManyQuestionsError):
        await service.ask(session_id, "d?")


@pytest.mark.parametrize("text", ["", "  \n", "x" * 2001, "a\x00b", "a\ud800b"])
async def test_texts_that_are_no_questions(pipeline: Pipeline, text: str) -> None:
    with pytest.raises(InvalidQuestionError):
        await pipeline.ask(text)


async def test_only_its_account_reads_an_account_s_session(
    pipeline: Pipeline, nobody: UUID
) -> None:
    session = QuestionSession(uuid4(), "ana", 7, utc_now())
    async with pipeline.desk.open() as (store, _, _):
        await store.add_session(session)
    assert await pipeline.service.list_questions(session.id, user_id=7) == []
    for other in (None, 8):
        with pytest.raises(QuestionSessionNotFoundError):
            await pipeline.service.list_questions(session.id, user_id=other)
    assert await pipeline.service.list_questions(nobody) == []
    with pytest.raises(QuestionTokenInvalidError):
        await pipeline.service.ask(nobody, "quem?")


async def test_who_asks_while_his_session_is_erased_is_refused(pipeline: Pipeline) -> None:
    session_id = await pipeline.session()
    async with pipeline.resources.databases.city.transaction() as erasing:
        await erasing.execute("DELETE FROM helpdesk.sessions WHERE id = %s", [session_id])
        asking = asyncio.create_task(pipeline.ask("ainda?", session_id))

        async def waits() -> bool:
            query = "SELECT 1 FROM pg_locks WHERE NOT granted"
            return await pipeline.resources.databases.city.fetch_one(query, {}) is not None

        await pipeline.until(waits)
    with pytest.raises(QuestionTokenInvalidError):
        await asking
