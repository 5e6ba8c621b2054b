"""A city and its accounts in two databases, and clients from two addresses."""

import io
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import structlog
from fastapi import FastAPI
from tests.integration.cities import create_database, drop_database
from tests.integration.personal_data.places import ADDRESS

from praca.entrypoints.api import create_app
from praca.entrypoints.kinds import TASK_KINDS
from praca.platform.database import migrate
from praca.platform.logging import configure_logging
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings

_NAMES = ("praca_tests_person_city", "praca_tests_person_accounts")


@pytest.fixture
def log() -> Iterator[io.BytesIO]:
    """Every line that is logged."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    written = io.BytesIO()
    configure_logging("INFO", io.TextIOWrapper(written, write_through=True))
    yield written
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest_asyncio.fixture(scope="module")
async def two_urls(migrated_url: str) -> AsyncIterator[list[str]]:
    yield [create_database(migrated_url, name) for name in _NAMES]
    for name in _NAMES:
        drop_database(migrated_url, name)


@pytest_asyncio.fixture
async def parted(
    two_urls: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Resources]:
    monkeypatch.setenv("PRACA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PRACA_IDENTITY_DATABASE_URL", two_urls[1])
    monkeypatch.setenv("PRACA_JOURNAL", "on")
    monkeypatch.setenv("PRACA_GATE_MAX_ECE", "1")  # of so few rows any model is off by chance
    opened = open_resources(Settings.load(), two_urls[0], TASK_KINDS)
    await migrate(opened.databases)
    yield opened
    await opened.close()


@pytest.fixture
def app(parted: Resources) -> FastAPI:
    return create_app(parted.settings, parted)


@pytest_asyncio.fixture
async def citizen(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client from the citizen's address."""
    async with _client(app, ADDRESS) as opened:
        yield opened


@pytest_asyncio.fixture
async def office(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client from the job centre's."""
    async with _client(app, "198.51.100.5") as opened:
        yield opened


def _client(app: FastAPI, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=(address, 50_000))
    return httpx.AsyncClient(transport=transport, base_url="http://test/api/v1")
