"""A model that takes its time: questions are answered by quotation before their leases end."""

import asyncio
from dataclasses import replace

import pytest
from tests.integration.helpdesk.attacks import Shelf
from tests.integration.helpdesk_questions.conftest import Pipeline

from praca.helpdesk.questions import room
from praca.helpdesk.questions.ports import Status
from praca.platform.resources import Resources
from praca.platform.settings import LlmSettings


async def test_a_model_that_may_take_longer_than_a_lease_is_quoted_instead(
    pipeline: Pipeline, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    async def listen_and_say_nothing(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while line := await reader.read(65536):
            asked.append(line)
        writer.close()

    monkeypatch.setattr(room, "CityKnowledge", lambda _: Shelf())
    server = await asyncio.start_server(listen_and_say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = replace(
        resources.settings,
        llm=LlmSettings(llm_base_url=f"http://127.0.0.1:{port}/v1", llm_timeout_s=60, llm_tries=1),
        helpdesk=resources.settings.helpdesk.model_copy(update={"question_lease_s": 3.0}),
    )
    async with server, room.consuming(replace(resources, settings=settings)):
        question_id = await pipeline.ask("Como tiro a segunda via do cartão de transporte?")
        (settled,) = await pipeline.settled(question_id)
    assert asked
    assert settled.status is Status.ANSWERED
    assert settled.details is not None
    assert settled.details["engine"] == "extrativo"
    assert settled.details["is_answered"] is True
