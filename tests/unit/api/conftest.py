"""The application without a database behind it: enough for what it says of itself."""

import pytest
from fastapi import FastAPI

from praca.entrypoints.api import create_app
from praca.platform.settings import Settings


@pytest.fixture
def app(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    monkeypatch.setenv("PRACA_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    del settings  # sets the data folder
    return create_app(Settings.load())
