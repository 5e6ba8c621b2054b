"""Sentences, commands and oddities at the menu; people who take over."""

import asyncio
import time
from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from tests.integration.helpdesk_chatbot.conftest import Person

from praca.helpdesk.chatbot import repository
from praca.platform.database import WriteSession

NO_CARDS = "Você não tem cartões cadastrados"
NO_DOCUMENTS = "Você não possui documentos cadastrados."
CHAT = "/api/v1/chatbot/chat"


async def test_sentences_do_what_numbers_do(ana: Person) -> None:
    for sentence, answer in {
        "quanto tenho no cartão?": NO_CARDS,
        "Qual é o meu saldo": NO_CARDS,
        "qto tenho no cartao": NO_CARDS,
        "quero cancelar meu cartão": NO_CARDS,
        "me mostra meus documentos": NO_DOCUMENTS,
        "tenho uma dúvida": "Qual é a sua dúvida?",
    }.items():
        assert await ana.say(sentence) == answer, sentence
        await ana.say("menu")
    assert (await ana.say("quero guardar um documento")).startswith("Qual é o tipo")
    await ana.say("menu")
    assert "abrir um chamado" in await ana.say("quero falar com uma pessoa de verdade")


async def test_any_other_sentence_is_a_question(ana: Person) -> None:
    assert "castração" in (await ana.say("como castrar meu gato de graça?")).lower()
    assert "poda" in (await ana.say("Como peço a poda de árvore em 2026?")).lower()


async def test_what_is_declined_is_not_begun(ana: Person) -> None:
    await ana.card()
    said = await ana.say("não quero cancelar meu cartão")
    assert said.startswith("Não há nada esperando")


async def test_small_talk(ana: Person) -> None:
    assert "um programa, não uma pessoa" in await ana.say("você é um robô?")
    assert "um programa, não uma pessoa" in await ana.say("Oi, bom dia!")
    assert (await ana.say("muito obrigada")).startswith("De nada!")
    assert (await ana.say("ajuda")).startswith("Digite o número de uma opção")
    assert (await ana.say("sim")).startswith("Não há nada esperando")
    assert (await ana.say("não")).startswith("Não há nada esperando")
    assert "Para cancelar um cartão, digite 2." in await ana.say("cancelar")
    assert "1 - Consultar" in await ana.say("voltar")


async def test_goodbye(ana: Person) -> None:
    for word in ("sair", "Tchau!", "até logo", "valeu, era só isso"):
        await ana.say("3")
        assert (await ana.say(word)).startswith("Até logo!"), word
        assert ana.is_over
        assert ana.rows("SELECT FROM helpdesk.chatbot_states") == []
        await ana.say("1")
        assert not ana.is_over


ODD = [
    "",
    "   \n\t ",
    "\x00",
    "\u200b\u200b",
    "\x00talvez\x00",
    "?" * 2000,
    "😀" * 2000,
    "😀" * 10_000,
    "a" * 20_000,
    "a\u0301" * 1000,
    "\u0338" * 2000,
    "ﷺ" * 2000,
    "9" * 30,
    "²",
    "Ⅳ",
    "½",
    "１２３",
    "'; DROP TABLE helpdesk.chatbot_states; --",
    "<script>alert(1)</script>",
    "{{7*7}} ${7*7} %s %n",
    '{"message": "1"}',
    "\u202eoãn",
    "x\ny\r\nz",
]


async def test_odd_messages_are_answered_at_each_step(ana: Person) -> None:
    first, second = await ana.card(), await ana.card()
    steps = [
        [],
        ["2"],
        ["2", "1"],
        ["3"],
        ["3", "RG"],
        ["3", "RG", "1234567"],
        ["5"],
        ["atendente"],
    ]
    for odd in ODD:
        for number, before in enumerate(steps):
            # Each of them at some step, and at the menu.
            if before and (len(odd) + number) % 3:
                continue
            await ana.say("menu")
            await ana.say(*before, odd)
    assert await ana.statuses() == {first: "active", second: "active"}
    assert await ana.documents() == []
    assert ana.rows("SELECT FROM helpdesk.tickets") == []


async def test_empty_and_too_long(ana: Person) -> None:
    assert (await ana.say("\x00 \u200b")).startswith("Não recebi nenhum texto")
    assert "até 2000 caracteres" in await ana.say("a" * 2001)
    answer = await ana.chat("a" * 20_001)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"] == ["body", "message"]
    broken = await ana.client.post(
        CHAT,
        content=b'{"message": "\\ud800"}',
        headers=ana.account["headers"] | {"Content-Type": "application/json"},
    )
    assert broken.status_code == 422


async def test_not_understood_twice(ana: Person) -> None:
    assert (await ana.say("!!!")).startswith("Desculpe, não entendi")
    assert (await ana.say("???")).startswith("Não estou conseguindo ajudar.")
    assert (await ana.say("não")).startswith("Tudo bem, não abri")
    await ana.say("!!!", "!!!")
    assert await ana.say("1") == NO_CARDS  # nobody has to answer the offer
    await ana.say("!!!")
    assert await ana.say("1") == NO_CARDS
    assert (await ana.say("???")).startswith("Desculpe, não entendi")  # not twice in a row


async def test_not_understood_twice_at_one_step(ana: Person) -> None:
    await ana.say("3", "RG", "1234567", "amanhã")
    assert (await ana.say("depois de amanhã")).startswith("Não estou conseguindo ajudar.")
    assert "Vamos continuar" in await ana.say("não")
    assert "sem validade" in await ana.say("não tem")


async def test_unanswered_twice(ana: Person) -> None:
    await ana.say("qual a cotação do dólar hoje?")
    said = await ana.say("5", "quem ganhou a copa de noventa e quatro?")
    assert said.endswith("Quer que eu abra um chamado para um atendente?")
    asked = ana.rows("SELECT question, source, user_id FROM helpdesk.unanswered ORDER BY id")
    assert asked == [
        ("qual a cotação do dólar hoje?", "chatbot", ana.account["id"]),
        ("quem ganhou a copa de noventa e quatro?", "chatbot", ana.account["id"]),
    ]


async def test_a_person_takes_over(ana: Person) -> None:
    await ana.keep("RG", "88.777.666-5")
    await ana.say("4")
    await ana.say("3", "RG", "12.345.678-9", "não tem", "talvez", "sim")
    await ana.say("meu cpf é 529.982.247-25 e o cartão 4073629518460275")
    await ana.say("o motorista passou direto no meu ponto")
    assert "Confirma?" in await ana.say("quero falar com um atendente")
    assert ana.rows("SELECT FROM helpdesk.tickets") == []
    assert "abri o chamado nº 1" in await ana.say("sim")
    assert "abri o chamado nº 1" in await ana.say("sim")
    ((user_id, subject),) = ana.rows("SELECT user_id, subject FROM helpdesk.tickets")
    assert (user_id, subject) == (ana.account["id"], "o motorista passou direto no meu ponto")
    said = "\n".join(row[0] for row in ana.rows("SELECT text FROM helpdesk.ticket_messages"))
    assert "motorista passou direto" in said
    assert "Documento guardado" in said
    for secret in ("345.678", "529", "4073", "0275", "777"):
        assert secret not in said, secret


async def test_a_ticket_is_not_named_after_a_number(ana: Person) -> None:
    await ana.say("3", "RG", "meu número é 12.345.678-9", "pode ser que sim", "quero um atendente")
    await ana.say("sim")
    ((subject,),) = ana.rows("SELECT subject FROM helpdesk.tickets")
    assert subject == "pode ser que sim"


async def test_another_wish_within_a_flow(ana: Person) -> None:
    number = await ana.card(1105)
    empty = await ana.card()
    other = "na verdade quero ver meu saldo"
    flows = (["2"], ["2", "2"], ["3"], ["3", "RG"], ["3", "RG", "1234567"])
    for steps in (*flows, ["3", "RG", "1234567", "não tem"], ["3", "RG", "atendente"]):
        await ana.say("menu", *steps)
        said = await ana.say(other)
        assert said.startswith("Certo, deixei de lado o que estávamos fazendo"), steps
        assert f"Cartão final {number[-4:]}: R$ 11,05" in said
        assert (await ana.say("sim")).startswith("Não há nada esperando")
    await ana.say("3", "na verdade quero cancelar um cartão")
    asked = await ana.say("2", "quero guardar um documento")
    assert "Qual é o tipo do documento?" in asked
    assert "(Cartão de vacina do cachorro)" in await ana.say("Cartão de vacina do cachorro")
    assert "abrir um chamado" in await ana.say("quero conversar com gente de verdade")
    assert "Vamos continuar" in await ana.say("não")
    assert await ana.statuses() == {number: "active", empty: "active"}
    assert await ana.documents() == []


async def test_a_person_is_offered_at_once_and_twice(ana: Person) -> None:
    await ana.say("atendente")
    answers = await asyncio.gather(*(ana.chat("sim") for _ in range(4)))
    assert len({answer.json()["message"] for answer in answers}) == 1
    assert len(ana.rows("SELECT FROM helpdesk.tickets")) == 1


async def test_too_many_questions(ana: Person, bia: Person) -> None:
    chatbot = ana.client.app.state.chatbot  # type: ignore[attr-defined]
    chatbot._most_questions = 2
    await ana.say("como castrar meu gato?", "e a poda de árvore?", "5")
    answer = await ana.chat("como castrar meu cachorro?")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_chat_questions")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert "Qual é a sua dúvida?" in await ana.say("ajuda")  # where it was
    assert await ana.say("menu", "1") == NO_CARDS
    assert "castração" in (await bia.say("como castrar meu gato?")).lower()


async def test_first_messages_at_once(ana: Person) -> None:
    answers = await asyncio.gather(*(ana.chat("1") for _ in range(8)))
    assert {answer.json()["message"] for answer in answers} == {NO_CARDS}


async def test_who_is_never_quick_enough_is_told(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await ana.card()
    await ana.say("2")
    claim = repository.claim

    async def late(session: WriteSession, user_id: int, version: int) -> bool:
        await claim(session, user_id, version)
        return False

    monkeypatch.setattr(repository, "claim", late)
    answer = await ana.chat("sim")
    assert (answer.status_code, answer.json()["code"]) == (409, "conversation_busy")
    assert answer.headers["Retry-After"] == "1"
    monkeypatch.undo()
    assert await ana.statuses() == {number: "active"}
    await ana.say("sim")
    assert await ana.statuses() == {number: "cancelled"}


async def test_two_people_are_not_mixed_up(ana: Person, bia: Person) -> None:
    hers, his = await bia.card(), await ana.card()
    await asyncio.gather(bia.say("2"), ana.say("3"))
    await asyncio.gather(bia.say("sim"), ana.say("RG"))
    assert await bia.statuses() == {hers: "cancelled"}
    assert await ana.statuses() == {his: "active"}
    assert "(RG)" in await ana.say("ajuda")


async def test_nothing_that_is_said_is_logged(ana: Person) -> None:
    with capture_logs() as lines:
        await ana.say("3", "RG", "12.345.678-9", "validade esquisita", "não tem", "sim")
        await ana.say("meu segredo mais secreto")
    told = str(lines)
    for secret in ("12.345", "esquisita", "segredo"):
        assert secret not in told


async def test_old_conversations_are_removed(ana: Person, bia: Person) -> None:
    await ana.say("3")
    await bia.say("3")
    ana.fall_silent(31)
    city = ana.client.app.state.resources.databases.city  # type: ignore[attr-defined]
    assert await repository.delete_old(city, older_than=timedelta(minutes=30)) == 1
    assert ana.rows("SELECT user_id FROM helpdesk.chatbot_states") == [(bia.account["id"],)]


async def test_the_longest_message_takes_no_time(ana: Person) -> None:
    await ana.say("oi")  # has learnt by then
    for message in ("a1" * 1000, "1 " * 1000, "ﷺ" * 2000, "não " * 500):
        began = time.process_time()
        await ana.say(message)
        assert time.process_time() - began < 1.0, message[:10]
