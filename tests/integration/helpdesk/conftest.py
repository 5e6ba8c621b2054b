"""Citizens who talk to the help desk."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from tests.integration.helpdesk.attacks import Citizen, Rows, Shelf, Victim, moved_in

from praca.helpdesk.answering import open_responder
from praca.platform.settings import Settings


@pytest.fixture(autouse=True)
def as_many_questions_as_they_like(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRACA_CHATBOT_QUESTIONS_PER_MINUTE", "100000")


@pytest_asyncio.fixture
async def two(
    client: httpx.AsyncClient, settings: Settings
) -> AsyncIterator[tuple[Citizen, Victim]]:
    """Two citizens, and a help desk that answers from the shipped articles."""
    app: Any = client.app  # type: ignore[attr-defined]
    app.state.responder = responder = open_responder(settings, Shelf())
    yield await moved_in(client)
    await responder.stop()


@pytest.fixture
def rows(two: tuple[Citizen, Victim], city_dsn: str) -> Iterator[Rows]:
    """What must not change by what the first of the two says."""
    looked_at = Rows(city_dsn, two[0].id)
    yield looked_at
    looked_at.close()
