"""What the other parts of the help desk call: a question for the queue, a handover to a person."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from praca.helpdesk.desk import note_unanswered, open_ticket
from praca.platform.resources import Resources


async def rows(resources: Resources, query: str) -> list[Any]:
    async with resources.databases.city.read() as session:
        return [tuple(row) for row in await session.execute(text(query))]


async def test_a_question_is_noted_once_however_often_it_is_delivered(resources: Resources) -> None:
    question_id = uuid4()
    for question in ("Onde fica\0 a lua?", "Onde fica a lua?"):
        async with resources.databases.city.write() as session:
            await note_unanswered(
                session,
                question=question,
                source="pergunta",
                question_id=question_id,
                user_id=None,
            )
    noted = await rows(resources, "SELECT question, source, question_id FROM helpdesk.unanswered")
    assert noted == [("Onde fica a lua?", "pergunta", question_id)]


async def test_what_tells_who_asks_is_not_kept(resources: Resources) -> None:
    async with resources.databases.city.write() as session:
        await note_unanswered(
            session,
            question="Meu CPF é 529.982.247-25, fone (21) 98765-0077, ana@example.com. E agora?",
            source="chatbot",
            question_id=None,
            user_id=7,
        )
        await note_unanswered(
            session, question=" \0 ", source="resposta", question_id=None, user_id=None
        )
    noted = await rows(resources, "SELECT question FROM helpdesk.unanswered")
    assert noted == [("Meu CPF é *, fone *, * E agora?",)]


async def test_an_unknown_source_is_a_mistake_of_the_caller(resources: Resources) -> None:
    with pytest.raises(ValueError, match="carta"):
        async with resources.databases.city.write() as session:
            await note_unanswered(
                session, question="Oi?", source="carta", question_id=None, user_id=None
            )


async def test_a_conversation_becomes_a_ticket(resources: Resources) -> None:
    said = [("chatbot", "Olá!"), ("cidadao", "Meu cartão 4111 1111 1111 1111 sumiu"), ("x", " ")]
    async with resources.databases.city.write() as session:
        ticket = await open_ticket(session, user_id=7, subject=" Meu\ncartão ", transcript=said)
    found = await rows(resources, "SELECT id, user_id, subject, status FROM helpdesk.tickets")
    assert found == [(ticket, 7, "Meu cartão", "aberto")]
    kept = await rows(resources, "SELECT author, text FROM helpdesk.ticket_messages ORDER BY id")
    assert kept == [("assistente", "Olá!"), ("cidadao", "Meu cartão * sumiu")]


async def test_who_has_many_open_tickets_goes_on_in_the_last(resources: Resources) -> None:
    numbers = []
    for turn in range(7):
        async with resources.databases.city.write() as session:
            numbers.append(
                await open_ticket(
                    session, user_id=7, subject="", transcript=[("cidadao", f"fala {turn}")]
                )
            )
    assert numbers[4:] == [numbers[4]] * 3
    assert len(set(numbers)) == 5
    query = f"SELECT text FROM helpdesk.ticket_messages WHERE ticket_id = {numbers[4]} ORDER BY id"
    assert await rows(resources, query) == [("fala 4",), ("fala 5",), ("fala 6",)]
