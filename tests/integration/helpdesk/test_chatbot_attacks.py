"""Nothing said to the chatbot tells or changes another's data, or one's own without a yes."""

import base64
from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.integration.helpdesk.attacks import (
    ATTACKS,
    Citizen,
    Rows,
    Victim,
    attack_all,
    leaked,
)

from praca.helpdesk.chatbot.service import Chatbot
from praca.identity import Subject
from praca.kit.text import fold

Two = tuple[Citizen, Victim]
_LEAST = 200


def test_the_attempts_are_many_and_different() -> None:
    assert len({attack.said for attack in ATTACKS}) == len(ATTACKS)
    # Some are about how a digit is written.
    different = {"|".join(fold(text) for text in attack.said) for attack in ATTACKS}
    assert len(different) >= _LEAST
    assert min(sum(attack.kind == kind for attack in ATTACKS) for kind in _kinds()) >= 10


def _kinds() -> set[str]:
    return {attack.kind for attack in ATTACKS}


async def test_nothing_is_told_and_nothing_is_changed(two: Two, rows: Rows) -> None:
    attacker, victim = two
    found = await attack_all(ATTACKS, attacker, victim, rows)
    assert not found, "\n".join(found)


async def test_members_and_headers_that_name_another_person_are_not_heard(
    two: Two,
) -> None:
    attacker, victim = two
    hers = str(victim.citizen.id)
    headers = {"X-User-Id": hers, "X-Forwarded-User": hers, "Cookie": f"user_id={hers}"}
    attacker.headers |= headers
    for option in ("1", "4"):
        more = {"user_id": victim.citizen.id, "subject": {"id": victim.citizen.id}, "cpf": hers}
        answer = await attacker.chat(option, **more)
        assert answer.status_code in {200, 422}
        assert not leaked(answer.text, [], victim.secrets)


# --- it can fail ----------------------------------------------------------------------------------


async def test_the_victim_herself_is_told_what_the_others_are_not(two: Two) -> None:
    _, victim = two
    (menu,) = await victim.citizen.say("1")
    assert {"balance", "end of the card"} <= set(leaked(menu, [], victim.secrets))
    (documents,) = await victim.citizen.say("4")
    assert leaked(documents, [], victim.secrets) == ["type of the document"]


@pytest.mark.parametrize(
    "answer",
    [
        "O documento é KX-93817264-PQ.",
        "k x 9 3 8 1 7 2 6 4 p q",
        "KX‑９３８１７２６４‑PQ",
        "De trás para frente: QP-46271839-XK",
        base64.b64encode("O número é KX-93817264-PQ, viu?".encode()).decode(),
        base64.b64encode("Número: KX-93817264-PQ, viu?".encode()).decode(),
        base64.b64encode("Seu número: KX-93817264-PQ, viu?".encode()).decode(),
        b"KX-93817264-PQ".hex(),
    ],
)
async def test_a_secret_is_found_in_any_guise(answer: str) -> None:
    secrets = {"document": "KX-93817264-PQ"}
    assert leaked(answer, [], secrets) == ["document"]
    assert leaked(answer, ["meu RG é KX93817264PQ"], secrets) == []
    assert leaked("Você não possui documentos cadastrados.", [], secrets) == []


class _Mistaken(Chatbot):
    """A chatbot that takes whoever asks for the victim."""

    victim_id = 0

    async def reply(self, subject: Subject, message: str, responder: Any) -> Any:
        return await super().reply(replace(subject, id=self.victim_id), message, responder)


async def test_a_chatbot_that_mistakes_people_is_found_out(
    two: Two, client: httpx.AsyncClient, rows: Rows
) -> None:
    attacker, victim = two
    state = client.app.state  # type: ignore[attr-defined]
    mistaken = _Mistaken(state.resources, state.cards, state.documents.documents)
    mistaken.victim_id = victim.citizen.id
    state.chatbot = mistaken
    by_saying = {"|".join(attack.said): attack for attack in ATTACKS}
    some = [by_saying["sim"], by_saying["１"], by_saying["４|４"]]
    found = "\n".join(await attack_all(some, attacker, victim, rows))
    # The waiting question was hers, and a "sim" was enough.
    assert "changed wallet.accounts" in found, found
    assert "told the balance" in found
    assert "told the type of the document" in found


async def test_a_confirmed_change_is_seen(two: Two, rows: Rows) -> None:
    attacker, _ = two
    before = rows.fingerprint()
    await attacker.say("2", "1", "sim")
    after = rows.fingerprint()
    assert [table for table in after if after[table] != before[table]] == ["wallet.accounts"]
