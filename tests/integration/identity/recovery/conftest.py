"""Somebody who forgets her password, and the e-mails that she gets."""

import dataclasses
import io
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
import structlog
from tests.integration.identity.recovery.steps import (
    MARIA,
    Outbox,
)

from praca.entrypoints.kinds import TASK_KINDS
from praca.platform.logging import configure_logging
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings


@pytest.fixture
def settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    del settings  # has set the data folder
    monkeypatch.setenv("PRACA_SIGN_IN_FAILURES_PER_ACCOUNT", "3")
    monkeypatch.setenv("PRACA_RECOVERIES_PER_ADDRESS", "9")
    return Settings.load()


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest_asyncio.fixture
async def resources(settings: Settings, city_dsn: str, outbox: Outbox) -> AsyncIterator[Resources]:
    opened = open_resources(settings, city_dsn, TASK_KINDS)
    yield dataclasses.replace(opened, mail=outbox)
    await opened.close()


@pytest_asyncio.fixture
async def maria(client: httpx.AsyncClient) -> dict[str, Any]:
    made = await client.post("/users/register", json=MARIA)
    assert made.status_code == 201
    person: dict[str, Any] = made.json()
    return person


@pytest.fixture
def logs() -> Iterator[io.BytesIO]:
    """Everything that is logged, down to what only developers look at."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    written = io.BytesIO()
    configure_logging("DEBUG", io.TextIOWrapper(written, write_through=True))
    yield written
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()
