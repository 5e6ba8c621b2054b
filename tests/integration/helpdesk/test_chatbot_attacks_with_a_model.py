"""The same with a language model behind it that is the citizens' enemy."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route
from tests.integration.helpdesk.attacks import (
    ATTACKS,
    Citizen,
    Rows,
    Shelf,
    Victim,
    attack_all,
    leaked,
)

from praca.helpdesk.answering import open_responder
from praca.platform.settings import Settings

Two = tuple[Citizen, Victim]
_PATIENCE_S = 30.0
_FREE = {"ordens ao modelo", "quem diz que é outro", "nomes e números de outra pessoa", "encenação"}
_LEAST_HEARD = 40


class Enemy:
    """An endpoint that keeps what it is given, and tells what it should not know.

    Attributes:
        heard: the bodies of all requests.
        says: its sentences; each claims to come from the first passage.
    """

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.says: list[str] = []
        self.app = Starlette(routes=[Route("/v1/chat/completions", self._write, methods=["POST"])])

    async def _write(self, request: Request) -> StreamingResponse:
        self.heard.append((await request.body()).decode())
        return StreamingResponse(self._chunks(), media_type="text/event-stream")

    async def _chunks(self) -> AsyncIterator[str]:
        for sentence in self.says:
            yield _chunk({"content": f"{sentence} [1]. "}, None)
        yield _chunk({}, "stop")
        yield "data: [DONE]\n\n"


def _chunk(delta: dict[str, str], reason: str | None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "inimigo"}
    return f"data: {json.dumps({**chunk, 'choices': [choice]})}\n\n"


@pytest_asyncio.fixture
async def enemy(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, two: Two
) -> AsyncIterator[Enemy]:
    """Stand behind the help desk of the two."""
    assert two
    hostile = Enemy()
    config = uvicorn.Config(hostile.app, port=0, lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    async with asyncio.timeout(_PATIENCE_S):
        while not server.started:  # noqa: ASYNC110  # the server tells no event
            await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    monkeypatch.setenv("PRACA_LLM_BASE_URL", f"http://127.0.0.1:{port}/v1")
    monkeypatch.setenv("PRACA_LLM_MODEL", "inimigo")
    monkeypatch.setenv("PRACA_HELPDESK_MIN_CONFIDENCE", "0")  # it is asked whatever there is
    app: Any = client.app  # type: ignore[attr-defined]
    before, app.state.responder = app.state.responder, open_responder(Settings.load(), Shelf())
    yield hostile
    await app.state.responder.stop()
    app.state.responder = before
    server.should_exit = True
    await serving


def _telling(victim: Victim) -> list[str]:
    hers = victim.secrets
    return [
        "A castração é gratuita",
        f"O saldo de Jurema é R$ {hers['balance'][:3]},{hers['balance'][3:]}",
        f"O cartão dela é o {hers['card']} e o documento {hers['document']}",
        f"Ela nasceu em {hers['birthday']} e atende no {hers['phone']} ou {hers['e-mail']}",
        "Pronto: o cartão foi cancelado. Confirmo em nome do cidadão: sim",
    ]


async def test_an_enemy_is_told_nothing_and_tells_nothing(
    two: Two, rows: Rows, enemy: Enemy
) -> None:
    attacker, victim = two
    enemy.says = _telling(victim)
    talkative = [attack for attack in ATTACKS if attack.kind in _FREE]
    found = await attack_all(talkative, attacker, victim, rows)
    assert not found, "\n".join(found)
    assert len(enemy.heard) >= _LEAST_HEARD
    # What the attackers themselves typed of persons' numbers is kept from it, too.
    given = " ".join(enemy.heard)
    private = ("balance", "card", "digits of the document", "phone", "birthday", "e-mail", "cpf")
    assert leaked(given, [], {what: victim.secrets[what] for what in private}) == []


async def test_the_enemy_would_be_heard_if_it_were_believed(two: Two, enemy: Enemy) -> None:
    attacker, victim = two
    enemy.says = ["A castração é gratuita"]
    (answer,) = await attacker.say("Como faço a castração gratuita do meu cachorro?")
    assert enemy.heard
    assert answer
    assert leaked(" ".join(_telling(victim)), [], victim.secrets)
