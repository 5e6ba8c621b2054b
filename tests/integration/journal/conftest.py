from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio

from praca.entrypoints.api import create_app
from praca.entrypoints.kinds import TASK_KINDS
from praca.platform.journal import Journal
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("PRACA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PRACA_JOURNAL", "on")
    return Settings.load()


@pytest_asyncio.fixture
async def resources(settings: Settings, city_dsn: str) -> AsyncIterator[Resources]:
    opened = open_resources(settings, city_dsn, TASK_KINDS)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def client(settings: Settings, resources: Resources) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings, resources)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        opened.app = app  # type: ignore[attr-defined]
        yield opened


@pytest.fixture
def journal(client: httpx.AsyncClient) -> Journal:
    found: Journal = client.app.state.journal  # type: ignore[attr-defined]
    return found


def rows(dsn: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query.encode()).fetchall()
