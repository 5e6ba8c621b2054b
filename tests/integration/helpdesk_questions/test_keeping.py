"""What was asked is forgotten after a while; what was laid aside can be sent again."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.helpdesk_questions.conftest import Pipeline

from praca.helpdesk.questions.asking import AskingSessions
from praca.helpdesk.questions.errors import QuestionNotFoundError
from praca.helpdesk.questions.ports import Message, Status, Topic
from praca.helpdesk.questions.replacing import replace_answer
from praca.helpdesk.questions.room import redrive
from praca.helpdesk.questions.tasks import FORGET_QUESTIONS
from praca.kit.clock import utc_now
from praca.platform.context import RequestContext, enter_context
from praca.platform.resources import Resources
from praca.platform.tasks import TaskContext


async def rows(resources: Resources, query: str, **params: Any) -> int:
    row = await resources.databases.city.fetch_one(query, params)
    assert row is not None
    return int(row[0])


async def age(resources: Resources, session_id: UUID, days: int) -> None:
    """Make everything of a session look older."""
    async with resources.databases.city.transaction() as connection:
        for table, key in (
            ("questions", "session_id"),
            ("messages", "session_id"),
            ("sessions", "id"),
        ):
            change = f"UPDATE helpdesk.{table} SET created_at = created_at - %s WHERE {key} = %s"
            await connection.execute(change.encode(), [timedelta(days=days), session_id])


async def test_old_questions_are_forgotten_and_others_stay(
    pipeline: Pipeline, resources: Resources
) -> None:
    old, mixed, new = [await pipeline.session() for _ in range(3)]
    for session_id in (old, old, mixed):
        await pipeline.ask("velha?", session_id)
    for session_id in (old, mixed):
        await age(resources, session_id, 91)
    kept = [await pipeline.ask("nova?", session_id) for session_id in (mixed, new)]
    result = await FORGET_QUESTIONS.run(TaskContext(uuid4(), resources), {})
    assert result == {"messages": 3, "questions": 3, "sessions": 1, "anonymous_sessions": 0}
    again = await FORGET_QUESTIONS.run(TaskContext(uuid4(), resources), {})
    assert again == dict.fromkeys(result, 0)
    assert [(await pipeline.question(key)).question for key in kept] == ["nova?", "nova?"]
    assert await pipeline.service.list_questions(old) == []


async def test_a_message_sent_again_is_in_the_audit(
    pipeline: Pipeline, resources: Resources
) -> None:
    pipeline.responder.broken.add("parada?")
    question_id = await pipeline.ask("parada?")
    async with pipeline.consuming():
        await pipeline.settled(question_id)
    (dead,) = await pipeline.queue().list_dead(10)
    assert await redrive(resources, dead.id + 1) == []
    assert await redrive(resources, None) == [dead.id]
    assert await pipeline.queue().list_dead(10) == []
    query = (
        "SELECT count(*) FROM platform.audit_log"
        " WHERE action = 'helpdesk.message_redriven' AND resource_id = %(id)s"
    )
    assert await rows(resources, query, id=str(dead.id)) >= 1


async def test_an_operator_answers_before_the_machine(
    pipeline: Pipeline, resources: Resources
) -> None:
    question_id = await pipeline.ask("quem responde?")
    found = await pipeline.question(question_id)
    message = Message("1", Topic.PROCESS, question_id, found.session_id)
    work = await pipeline.service.answer([message], {question_id: found})  # still answering
    async with resources.databases.city.write() as session:
        await replace_answer(session, question_id, "Uma pessoa.", 7)
    async with pipeline.desk.open() as unit:
        await pipeline.service.settle(unit, work)
    async with pipeline.consuming():
        (settled,) = await pipeline.settled(question_id)
    assert (settled.answer, settled.status) == ("Uma pessoa.", Status.ANSWERED)
    async with resources.databases.city.write() as session:
        with pytest.raises(QuestionNotFoundError):
            await replace_answer(session, uuid4(), "Uma pessoa.", 7)


async def test_what_accounts_ask_is_in_the_audit_and_nobody_else_s(
    pipeline: Pipeline, resources: Resources
) -> None:
    enter_context(RequestContext("request-1", "192.0.2.1"))
    sessions = AskingSessions(resources.databases.city)
    account = uuid4().int % 2**31
    own = await sessions.of_account(account, "ana")
    assert await sessions.of_account(account, "ana") == own
    await pipeline.ask("minha?", own)
    await pipeline.ask("anônima?")
    query = (
        "SELECT count(*) FROM platform.audit_log WHERE actor_id = %(actor)s AND action = %(what)s"
    )
    for what in ("helpdesk.question_session_opened", "helpdesk.question_asked"):
        assert await rows(resources, query, actor=account, what=what) == 1


async def test_a_session_that_was_copied_is_found_again(
    pipeline: Pipeline, resources: Resources
) -> None:
    sessions = AskingSessions(resources.databases.city)
    session_id = uuid4()
    assert await sessions.find(session_id) is None
    for _ in range(2):
        await sessions.copy(session_id, "Maria", utc_now())
    found = await sessions.find(session_id)
    assert found is not None
    assert (found.name, found.user_id) == ("Maria", None)
    await pipeline.ask("copiada?", session_id)
