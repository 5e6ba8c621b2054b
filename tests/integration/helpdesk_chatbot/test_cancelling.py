"""Cancelling a card in a conversation."""

import asyncio

import pytest
from tests.integration.helpdesk_chatbot.conftest import Person

from praca.helpdesk.chatbot import repository
from praca.platform.database import WriteSession

ASKED = "Confirma? Responda “sim” ou “não”."


async def test_the_only_card(ana: Person) -> None:
    number = await ana.card()
    asked = await ana.say("2")
    assert f"final {number[-4:]}" in asked
    assert asked.endswith(ASKED)
    assert await ana.statuses() == {number: "active"}
    assert await ana.say("sim") == f"Pronto: o cartão final {number[-4:]} foi cancelado."
    assert await ana.statuses() == {number: "cancelled"}
    done = ana.rows("SELECT action, actor_id FROM platform.audit_log WHERE action LIKE '%cancel%'")
    assert done[-1] == ("wallet.card_cancelled", ana.account["id"])
    assert await ana.say("2") == "Você não tem cartões em uso: todos foram cancelados."
    assert await ana.say("1") == "Você não tem cartões em uso: todos foram cancelados."


async def test_one_of_several(ana: Person) -> None:
    first, second = await ana.card(), await ana.card()
    for how in ("2", second[-4:], f"final {second[-4:]}", second, "o segundo", "o último"):
        listed = (await ana.say("menu", "quero cancelar um cartão")).splitlines()
        assert listed[1].startswith(f"1 - Cartão final {first[-4:]}")
        assert listed[2].startswith(f"2 - Cartão final {second[-4:]}")
        asked = await ana.say(how)
        assert f"final {second[-4:]}" in asked, how
        assert asked.endswith(ASKED), how
    await ana.say("sim, pode cancelar")
    assert await ana.statuses() == {first: "active", second: "cancelled"}


async def test_named_at_once(ana: Person) -> None:
    first, second = await ana.card(), await ana.card()
    asked = await ana.say(f"quero cancelar o cartão final {first[-4:]}")
    assert f"final {first[-4:]}" in asked
    assert asked.endswith(ASKED)
    await ana.say("s")
    assert await ana.statuses() == {first: "cancelled", second: "active"}


async def test_numbers_of_the_list_are_those_that_were_shown(ana: Person) -> None:
    first, second, third = [await ana.card() for _ in range(3)]
    await ana.say("2")
    headers = ana.account["headers"]
    await ana.client.delete(f"/transport-card/{first}", headers=headers)
    assert f"final {second[-4:]}" in await ana.say("2")
    await ana.say("sim")
    assert (await ana.statuses())[third] == "active"


async def test_not_confirmed(ana: Person) -> None:
    number = await ana.card()
    for no in ("não", "n", "deixa pra lá", "cancelar", "menu", "voltar", "sair"):
        assert (await ana.say("2")).endswith(ASKED)
        await ana.say(no, "sim")
        assert await ana.statuses() == {number: "active"}, no


async def test_what_is_neither_yes_nor_no(ana: Person) -> None:
    number = await ana.card()
    neither = ("talvez", "sim mas não agora", "será?", "sim ou não", "sim!!! espera", "👍 ou 👎")
    for answer in neither:
        said = await ana.say("menu", "2", answer)
        assert said.startswith("Não entendi se é sim ou não"), answer
        assert f"final {number[-4:]}" in said
        assert said.endswith(ASKED)
        assert await ana.statuses() == {number: "active"}


async def test_a_card_with_money(ana: Person) -> None:
    number = await ana.card(1105)
    said = await ana.say("2")
    assert "ainda tem R$ 11,05" in said
    assert "peça outro cartão" in said
    other = await ana.card()
    said = await ana.say("2", "1")
    assert f"Transfira o saldo para o seu cartão final {other[-4:]}" in said
    await ana.say("sim")
    assert await ana.statuses() == {number: "active", other: "active"}


async def test_money_that_came_before_the_confirmation(ana: Person) -> None:
    number = await ana.card()
    await ana.say("2")
    headers = ana.account["headers"]
    await ana.client.post(
        f"/transport-card/{number}/recharge", json={"amount": 500}, headers=headers
    )
    assert "ainda tem R$ 5,00" in await ana.say("sim")
    assert await ana.statuses() == {number: "active"}


async def test_a_card_that_was_cancelled_before_the_confirmation(ana: Person) -> None:
    number = await ana.card()
    await ana.say("2")
    await ana.client.delete(f"/transport-card/{number}", headers=ana.account["headers"])
    assert "não está mais em uso" in await ana.say("sim")


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("POST", "/recharge", "O cartão acabou de receber R$ 5,00"),
        ("DELETE", "", "Esse cartão não está mais em uso"),
    ],
)
async def test_what_happens_between_the_yes_and_its_effect(
    ana: Person, monkeypatch: pytest.MonkeyPatch, method: str, path: str, said: str
) -> None:
    number = await ana.card()
    await ana.say("2")
    claim = repository.claim

    async def after_something_else(session: WriteSession, user_id: int, version: int) -> bool:
        body = {"amount": 500} if path else None
        url = f"/transport-card/{number}{path}"
        other = await ana.client.request(method, url, json=body, headers=ana.account["headers"])
        assert other.is_success
        return await claim(session, user_id, version)

    monkeypatch.setattr(repository, "claim", after_something_else)
    assert (await ana.say("sim")).startswith(said)
    monkeypatch.undo()
    assert (await ana.say("sim")).startswith("Não há nada esperando")


async def test_a_blocked_card_can_be_cancelled(ana: Person) -> None:
    number = await ana.card()
    await ana.client.post(f"/transport-card/{number}/block", headers=ana.account["headers"])
    await ana.say("2", "sim")
    assert await ana.statuses() == {number: "cancelled"}


async def test_somebody_elses_card(ana: Person, bia: Person) -> None:
    hers = await bia.card()
    own = [await ana.card(), await ana.card()]
    await ana.say("2")
    said = await ana.say(hers)
    assert said.startswith("Não encontrei esse cartão entre os seus.")
    assert await ana.say(f"cancelar cartão {hers}") != said
    assert await ana.statuses() == dict.fromkeys(own, "active")
    await ana.client.post("/chatbot/start", headers=ana.account["headers"])
    await ana.say(f"quero cancelar o cartão {hers}")
    await ana.say("1", "sim")
    assert await ana.statuses() == {own[0]: "cancelled", own[1]: "active"}
    assert await bia.statuses() == {hers: "active"}


async def test_a_confirmation_that_is_sent_again(ana: Person) -> None:
    await ana.card()
    await ana.card()
    await ana.say("2", "1")
    said = await ana.say("sim")
    assert await ana.say("sim") == said
    assert await ana.say("sim") == said
    assert sorted((await ana.statuses()).values()) == ["active", "cancelled"]
    assert (
        len(
            ana.rows(
                "SELECT FROM platform.audit_log WHERE action = 'wallet.card_cancelled'"
                f" AND actor_id = {ana.account['id']}"
            )
        )
        >= 1
    )


async def test_each_message_is_sent_twice(ana: Person) -> None:
    first, second = await ana.card(), await ana.card()
    for message in ("cancelar um cartão", "1", "sim"):
        said = await ana.say(message)
        assert await ana.say(message) == said, message
    assert await ana.statuses() == {first: "cancelled", second: "active"}


async def test_confirmations_at_once(ana: Person) -> None:
    number = await ana.card()
    await ana.say("2")
    before = len(cancellations(ana))
    answers = await asyncio.gather(*(ana.chat("sim") for _ in range(5)))
    assert {answer.json()["message"] for answer in answers} == {
        f"Pronto: o cartão final {number[-4:]} foi cancelado."
    }
    assert len(cancellations(ana)) == before + 1


def cancellations(person: Person) -> list[tuple[object, ...]]:
    return person.rows("SELECT id FROM platform.audit_log WHERE action = 'wallet.card_cancelled'")
