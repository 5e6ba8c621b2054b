"""Erasures while questions are under way: nothing is left, and nobody is held up."""

import asyncio
import contextlib
from uuid import UUID, uuid4

import pytest
from tests.integration.helpdesk_desk.conftest import OpenTicket, Rows
from tests.integration.helpdesk_questions.conftest import Pipeline

from praca.helpdesk.desk import note_unanswered
from praca.helpdesk.personal_data import HELPDESK_TABLES, HelpdeskHolder
from praca.helpdesk.questions.asking import AskingSessions
from praca.helpdesk.questions.errors import QuestionNotFoundError
from praca.helpdesk.questions.replacing import replace_answer
from praca.platform.resources import Resources

ERASED, OTHER = 7, 8


@pytest.fixture
def holder(resources: Resources) -> HelpdeskHolder:
    return HelpdeskHolder(resources)


@pytest.fixture
def pipeline(resources: Resources) -> Pipeline:
    made = Pipeline(resources)

    async def note(session: object, unanswered: object) -> None:
        await note_unanswered(
            session,  # type: ignore[arg-type]
            question=unanswered.question,  # type: ignore[attr-defined]
            source="pergunta",
            question_id=unanswered.question_id,  # type: ignore[attr-defined]
            user_id=unanswered.user_id,  # type: ignore[attr-defined]
        )

    made.desk._note_unanswered = note
    return made


async def session_of(resources: Resources, user_id: int) -> UUID:
    return await AskingSessions(resources.databases.city).of_account(user_id, f"p{user_id}")


async def left(rows: Rows) -> dict[str, int]:
    found = {}
    for table in HELPDESK_TABLES:
        ((count,),) = await rows(f"SELECT count(*) FROM {table}")
        if count:
            found[table] = count
    return found


async def test_a_question_that_is_being_answered_is_not_written(
    resources: Resources, rows: Rows, pipeline: Pipeline, holder: HelpdeskHolder
) -> None:
    own, other = await session_of(resources, ERASED), await session_of(resources, OTHER)
    pipeline.responder.gate = asyncio.Event()
    async with pipeline.consuming():
        await pipeline.ask("Sem resposta", own)  # no question mark: the echo does not know
        kept = await pipeline.ask("E a minha?", other)
        await pipeline.until(lambda: pipeline.was_asked("Sem resposta"))
        await holder.erase(ERASED)
        pipeline.responder.gate.set()
        (settled,) = await pipeline.settled(kept)
        await pipeline.until(pipeline.is_idle)
    assert settled.answer == "Eco: E a minha?"
    assert await left(rows) == {"helpdesk.sessions": 1, "helpdesk.questions": 1}
    assert await rows("SELECT user_id FROM helpdesk.sessions") == [(OTHER,)]


async def test_erasures_and_answers_at_the_same_moment(
    resources: Resources, rows: Rows, pipeline: Pipeline, holder: HelpdeskHolder
) -> None:
    async with pipeline.consuming():
        for _ in range(10):
            own = await session_of(resources, ERASED)
            asked = [pipeline.ask(f"Pergunta {turn}", own) for turn in range(5)]
            await asyncio.gather(*asked[:2])
            results = await asyncio.gather(
                holder.erase(ERASED), *asked[2:], holder.erase(ERASED), return_exceptions=True
            )
            assert results[0] is None, results[0]
            assert results[-1] is None, results[-1]
        await holder.erase(ERASED)  # as the sweeps of the hour after it do
        await pipeline.until(pipeline.is_idle)
    assert await left(rows) == {}


async def test_erasures_and_operators_at_the_same_moment(
    resources: Resources, rows: Rows, pipeline: Pipeline, holder: HelpdeskHolder
) -> None:
    async def replace(question_id: UUID) -> None:
        with contextlib.suppress(QuestionNotFoundError):
            async with resources.databases.city.write() as session:
                await replace_answer(session, question_id, "No céu.", 1)

    async with pipeline.consuming():
        for _ in range(8):
            own = await session_of(resources, ERASED)
            asked = [await pipeline.ask(f"Pergunta {turn}?", own) for turn in range(4)]
            await pipeline.settled(*asked)
            await asyncio.gather(*map(replace, asked), holder.erase(ERASED))
    await holder.erase(ERASED)  # now that no worker has a notice in hand
    assert await left(rows) == {}


async def test_what_others_asked_and_were_told_stays(
    resources: Resources, rows: Rows, holder: HelpdeskHolder, new_ticket: OpenTicket
) -> None:
    for user_id in (ERASED, OTHER, None):
        await new_ticket(user_id)
        async with resources.databases.city.write() as session:
            await note_unanswered(
                session, question="E?", source="chatbot", question_id=None, user_id=user_id
            )
    for _ in range(2):  # it is repeated
        await holder.erase(ERASED)
        assert await rows("SELECT user_id FROM helpdesk.tickets ORDER BY id") == [(OTHER,), (None,)]
        assert await rows("SELECT user_id FROM helpdesk.unanswered ORDER BY id") == [
            (OTHER,),
            (None,),
        ]
    assert await rows("SELECT count(*) FROM helpdesk.ticket_messages") == [(2,)]


async def test_a_copy_of_nothing(holder: HelpdeskHolder) -> None:
    copy = await holder.export(uuid4().int % 1000 + 10_000)
    assert copy == {
        "perguntas": [],
        "sessoes": [],
        "avaliacoes": [],
        "sem_resposta": [],
        "atendimentos": [],
        "conversa": None,
    }
