"""Keeping a document in a conversation."""

import asyncio
from itertools import product
from typing import Any

import httpx
import pytest
from tests.integration.helpdesk_chatbot.conftest import Person

from praca.entrypoints.api import create_app
from praca.platform.resources import Resources
from praca.platform.settings import Settings

RG = "12.345.678-9"


async def test_a_document(ana: Person) -> None:
    assert (await ana.say("3")).startswith("Qual é o tipo do documento?")
    assert await ana.say("rg") == "Qual é o número do documento (RG)?"
    assert (await ana.say(RG)).startswith("Qual é a data de validade?")
    asked = await ana.say("31/12/2040")
    assert asked.startswith(f"Vou guardar: RG, número {RG}, validade 31/12/2040.")
    assert await ana.documents() == []
    said = await ana.say("sim")
    assert said == "Pronto! Documento guardado: RG 12.… com validade até 31/12/2040.".replace(
        "… com", "…, com"
    )
    (kept,) = await ana.documents()
    found = [kept[name] for name in ("document_type", "document_number", "expires_on")]
    assert found == ["RG", RG, "2040-12-31"]
    done = ana.rows("SELECT action, actor_id FROM platform.audit_log ORDER BY id DESC LIMIT 1")
    assert done == [("wallet.document_created", ana.account["id"])]


async def test_a_document_that_does_not_expire(ana: Person) -> None:
    for none in ("não tem", "não", "sem validade", "pular"):
        said = await ana.say("menu", "3", "Passaporte", "FX123456", none)
        assert "sem validade" in said, none
    await ana.say("isso")
    (kept,) = await ana.documents()
    assert (kept["document_type"], kept["expires_on"]) == ("Passaporte", None)


async def test_a_type_that_the_first_sentence_names(ana: Person) -> None:
    assert await ana.say("quero guardar minha cnh") == "Qual é o número do documento (CNH)?"


async def test_numbers(ana: Person) -> None:
    for kind, wrong, right in (
        ("cpf", "529.982.247-24", "529.982.247-25"),
        ("CNH", "12345678901", "62472927637"),
        ("identidade", "123", "MG-12.345.678"),
        ("Crachá", "nenhum", "A-1"),
    ):
        await ana.say("menu", "3", kind)
        assert "Qual é o número" in await ana.say(wrong), kind
        assert (await ana.say(right)).startswith("Qual é a data de validade?"), kind


async def test_words_around_a_number_are_not_kept(ana: Person) -> None:
    for kind, said, kept in (
        ("RG", f"meu RG é {RG}", RG),
        ("RG", "o número é: MG-12.345.678", "MG-12.345.678"),
        ("Passaporte", "é FX123456", "FX123456"),
        ("Crachá", "O-12", "O-12"),
    ):
        await ana.say("menu", "3", kind, said)
        assert f"número {kept}," in await ana.say("não tem"), said


async def test_another_deed_is_no_confirmation(ana: Person) -> None:
    assert (await ana.say("3", "RG", RG, "não tem", "pode cancelar")).startswith("Tudo bem")
    assert await ana.documents() == []


async def test_dates(ana: Person) -> None:
    for said, expires in {
        "31/12/2040": "31/12/2040",
        "1.2.2040": "01/02/2040",
        "2040-02-29": "29/02/2040",
        "31 de março de 2040": "31/03/2040",
        "02/2040": "29/02/2040",
        "31/12/40": "31/12/2040",
        "vence em 01/02/2040": "01/02/2040",
    }.items():
        assert f"validade {expires}." in await ana.say("menu", "3", "RG", RG, said)
    for said in ("29/02/2041", "31/13/2040", "01/01/0000", "0/1/2040", "31/02/30", "99/99/9999"):
        answer = await ana.say("menu", "3", "RG", RG, said)
        assert answer.startswith("Essa data não existe no calendário."), said
    for said in ("amanhã", "½/1/2040", "vence em 2040", "9" * 2000, "1/" * 1000):
        answer = await ana.say("menu", "3", "RG", RG, said)
        assert answer.startswith("Não entendi a data."), said


async def test_what_is_already_there_and_what_is_over_are_pointed_out(ana: Person) -> None:
    await ana.keep("RG", RG)
    asked = await ana.say("3", "RG", RG, "01/01/2001")
    assert "(já vencido)" in asked
    assert "já guardou um documento igual" in asked


async def test_going_back(ana: Person) -> None:
    assert "(RG)" in await ana.say("3", "RG")
    assert (await ana.say("voltar")).startswith("Qual é o tipo")
    assert "(CPF)" in await ana.say("cpf")
    await ana.say("529.982.247-25")
    assert "(CPF)" in await ana.say("voltar")
    await ana.say("390.533.447-05", "não tem")
    assert (await ana.say("voltar")).startswith("Qual é a data")
    assert "390.533.447-05, sem validade" in await ana.say("não tem")
    await ana.say("sim")
    assert [one["document_number"] for one in await ana.documents()] == ["390.533.447-05"]


STEPS = [["3"], ["3", "RG"], ["3", "RG", RG], ["3", "RG", RG, "não tem"]]


async def test_interrupted_at_each_step(ana: Person) -> None:
    for steps, word in product(STEPS, ("menu", "Cancelar!", "sair", "deixa pra lá")):
        await ana.say(*steps)
        said = await ana.say(word)
        assert ana.is_over == (word == "sair")
        assert ("1 - Consultar" in said) == (word != "sair")
        assert await ana.say("1") == "Você não tem cartões cadastrados"
        await ana.say("sim")
    assert await ana.documents() == []


@pytest.mark.parametrize("steps", STEPS)
async def test_help_and_a_person_at_each_step(ana: Person, steps: list[str]) -> None:
    asked = await ana.say(*steps)
    helped = await ana.say("ajuda")
    assert helped.endswith(asked)
    assert await ana.say("ajuda") == helped
    assert "abrir um chamado" in await ana.say("atendente")
    assert "continuar" in await ana.say("não")
    rest = ["RG", RG, "não tem", "sim"][len(steps) - 1 :]
    assert "Documento guardado" in await ana.say(*rest)


@pytest.mark.parametrize("steps", STEPS)
async def test_forgotten_at_each_step(ana: Person, steps: list[str]) -> None:
    await ana.say(*steps)
    ana.fall_silent(31)
    assert (await ana.say("sim")).startswith("Faz um tempo que não conversamos")
    assert await ana.documents() == []
    await ana.say(*steps)
    ana.fall_silent(29)
    rest = ["RG", RG, "não tem", "sim"][len(steps) - 1 :]
    assert "Documento guardado" in await ana.say(*rest)


async def test_each_message_is_sent_twice(ana: Person) -> None:
    for message in ("3", "RG", RG, "31/12/2040", "sim"):
        said = await ana.say(message)
        if message != "RG":  # is no number either, which is said
            assert await ana.say(message) == said, message
    assert len(await ana.documents()) == 1


async def test_confirmations_at_once(ana: Person) -> None:
    await ana.say("3", "RG", RG, "não tem")
    answers = await asyncio.gather(*(ana.chat("sim") for _ in range(6)))
    assert {answer.json()["message"] for answer in answers} == {
        "Pronto! Documento guardado: RG 12.…."
    }
    assert len(await ana.documents()) == 1


async def test_confirmations_that_reach_two_processes(
    ana: Person, settings: Settings, resources: Resources
) -> None:
    other = create_app(settings, resources)
    other.state.responder = ana.client.app.state.responder  # type: ignore[attr-defined]
    transport = httpx.ASGITransport(app=other, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        twin = Person(client, ana.account, ana.dsn)
        await ana.say("3", "RG", RG, "não tem")
        answers = await asyncio.gather(*(one.chat("sim") for one in (ana, twin) * 4))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await ana.documents()) == 1


async def test_no_room_left(ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    chatbot = ana.client.app.state.chatbot  # type: ignore[attr-defined]
    monkeypatch.setattr(chatbot.documents, "_most", 1)
    await ana.say("3", "RG", RG, "não tem", "sim")
    said = await ana.say("3", "CPF", "529.982.247-25", "não tem", "sim")
    assert "Você já guarda 1 documentos" in said
    assert len(await ana.documents()) == 1
    assert await ana.say("4") == "- RG: 12.…"


async def test_nothing_typed_is_kept_in_the_plain(ana: Person) -> None:
    await ana.say("3", "RG", RG, "não tem")
    ((flow, step, context),) = ana.rows("SELECT flow, step, context FROM helpdesk.chatbot_states")
    assert (flow, step) == ("save_document", "confirm")
    for part in (b"12.345", b"345678", b"RG"):
        assert part not in bytes(context)


async def test_a_conversation_of_somebody_else_cannot_be_put_in_place(
    ana: Person, bia: Person
) -> None:
    await bia.say("3", "RG", RG, "não tem")
    await ana.say("3")
    ana.rows(
        "UPDATE helpdesk.chatbot_states AS own SET context = other.context, flow = other.flow,"
        " step = other.step FROM helpdesk.chatbot_states AS other"
        f" WHERE own.user_id = {ana.account['id']} AND other.user_id = {bia.account['id']}"
        " RETURNING own.user_id"
    )
    said: Any = await ana.say("sim")
    assert RG not in said
    assert await ana.documents() == []
