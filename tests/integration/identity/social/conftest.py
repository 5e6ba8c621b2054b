"""Google and Meta on loopback, and a person with a browser."""

from collections.abc import Iterator

import httpx
import pytest
from tests.integration.identity.social.world import (
    CLIENT_ID,
    CLIENT_SECRET,
    MARIA,
    SUBJECT,
    Home,
    Loopback,
    loopback,
)

from praca.platform.settings import Settings


@pytest.fixture
def world() -> Iterator[Loopback]:
    with loopback({SUBJECT: dict(MARIA)}) as opened:
        yield opened


@pytest.fixture
def settings(settings: Settings, world: Loopback, monkeypatch: pytest.MonkeyPatch) -> Settings:
    del settings  # has set the data folder
    for name in ("google", "meta"):
        monkeypatch.setenv(f"PRACA_{name.upper()}_CLIENT_ID", CLIENT_ID)
        monkeypatch.setenv(f"PRACA_{name.upper()}_CLIENT_SECRET", CLIENT_SECRET)
    monkeypatch.setenv("PRACA_GOOGLE_ISSUER", world.address)
    monkeypatch.setenv("PRACA_META_DIALOG_URL", f"{world.address}/dialog")
    monkeypatch.setenv("PRACA_META_GRAPH_URL", world.address)
    monkeypatch.setenv("PRACA_PUBLIC_URL", "https://praca.example.org/")
    return Settings.load()


@pytest.fixture
def client(client: httpx.AsyncClient) -> httpx.AsyncClient:
    client.base_url = httpx.URL("https://praca.example.org")  # cookies want it
    return client


@pytest.fixture
def home(client: httpx.AsyncClient) -> Home:
    return Home(client)
