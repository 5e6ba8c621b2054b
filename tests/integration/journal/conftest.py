from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from praca.platform.journal import Journal
from praca.platform.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("PRACA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PRACA_JOURNAL", "on")
    return Settings.load()


@pytest.fixture
def journal(client: httpx.AsyncClient) -> Journal:
    found: Journal = client.app.state.journal  # type: ignore[attr-defined]
    return found


def rows(dsn: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query.encode()).fetchall()
