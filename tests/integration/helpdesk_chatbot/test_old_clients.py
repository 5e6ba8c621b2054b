"""What a client of system 3 sends, and what it is used to get."""

import httpx
import pytest
from tests.integration.helpdesk_chatbot.conftest import Person

UNKNOWN = "Desculpe, não consegui identificar a ação. Digite o número com uma ação da lista."


async def test_the_menu(ana: Person) -> None:
    for path in ("/chatbot/start", "/api/v1/chatbot/start"):
        answer = await ana.client.post(path, headers=ana.account["headers"])
        assert answer.status_code == 200
        body = answer.json()
        assert (body["options"], body["end_conversation"]) == (None, False)
        assert "IPlani, o assistente virtual da Prefeitura" in body["message"]
        assert "um programa, não uma pessoa" in body["message"]
        assert [line[0] for line in body["message"].splitlines()[1:6]] == list("12345")


async def test_the_balance_of_one_card(ana: Person) -> None:
    await ana.card(1105)
    assert await ana.say("1") == "Seu saldo atual é: R$ 11,05"


async def test_the_balance_of_several_cards(ana: Person) -> None:
    first, second = await ana.card(99_956), await ana.card()
    await ana.client.post(f"/transport-card/{second}/block", headers=ana.account["headers"])
    assert (await ana.say("1")).splitlines() == [
        f"Cartão final {first[-4:]}: R$ 999,56",
        f"Cartão final {second[-4:]}: R$ 0,00 (bloqueado)",
    ]


async def test_nothing_to_show(ana: Person) -> None:
    assert await ana.say("1") == "Você não tem cartões cadastrados"
    assert await ana.say("4") == "Você não possui documentos cadastrados."
    assert await ana.say("2") == "Você não tem cartões cadastrados"


async def test_the_documents(ana: Person, bia: Person) -> None:
    await bia.keep("RG", "99.999.999-9")
    await ana.keep("RG", "12.345.678-9")
    await ana.keep("Passe", "12")
    assert await ana.say("4") == "- RG: 12.…\n- Passe: 1…"


async def test_a_question(ana: Person) -> None:
    assert await ana.say("5") == "Qual é a sua dúvida?"
    assert "poda" in (await ana.say("Como peço a poda de uma árvore?")).lower()
    # And then it is the menu again.
    assert await ana.say("1") == "Você não tem cartões cadastrados"


async def test_all_digits_are_one_number(ana: Person) -> None:
    for message in ("quero 1 saldo", "001", "1️⃣", "opção 1, por favor", "１", "١"):
        assert await ana.say(message) == "Você não tem cartões cadastrados", message


async def test_numbers_that_choose_nothing(ana: Person) -> None:
    numbers = ("0", "6", "9", "12", "1 e 2", "quero a 7", "1" * 30, "9" * 1999, "-15", "3.14")
    for message in numbers:
        assert await ana.say(message) == UNKNOWN, message


async def test_digits_of_a_second_copy_choose_nothing(ana: Person) -> None:
    await ana.card()
    assert "cancelado" not in await ana.say("como peço a 2ª via da certidão?")


async def test_start_forgets(ana: Person) -> None:
    await ana.say("3", "RG")
    await ana.client.post("/chatbot/start", headers=ana.account["headers"])
    assert ana.rows("SELECT * FROM helpdesk.chatbot_states") == []
    assert await ana.say("12.345.678-9") == UNKNOWN


@pytest.mark.usefixtures("helpdesk")
async def test_without_a_token(client: httpx.AsyncClient) -> None:
    for path in ("/chatbot/start", "/chatbot/chat", "/api/v1/chatbot/chat"):
        answer = await client.post(path, json={"message": "1"})
        assert answer.status_code == 401
        assert answer.json()["code"] == "not_authenticated"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_bodies_that_cannot_be(ana: Person) -> None:
    bodies: list[object] = [{}, {"message": None}, {"message": 1}, {"message": ["1"]}, []]
    for body in bodies:
        answer = await ana.client.post("/chatbot/chat", json=body, headers=ana.account["headers"])
        assert answer.status_code == 422
        assert answer.json()["code"] == "validation_error"
