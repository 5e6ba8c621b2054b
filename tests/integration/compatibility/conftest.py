"""One city for the clients of all five older systems, with a second door that settings open."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
import uvicorn
from tests.compatibility.facts import SYSTEMS, load
from tests.compatibility.walking import Walk
from tests.integration.cities import import_city, run_task
from tests.integration.identity.social.world import (
    CLIENT_ID,
    CLIENT_SECRET,
    Loopback,
    loopback,
)

from praca.entrypoints.api import create_app
from praca.helpdesk.questions.room import consuming
from praca.identity import Role
from praca.jobs.sample import SampleCity
from praca.jobs.transfer import TransferKind
from praca.jobs.transfer.tasks import export_kind
from praca.library.bookshop.books import ShopBook
from praca.library.bookshop.server import Bookshop
from praca.platform.resources import Resources
from praca.platform.settings import Settings
from praca.platform.tasks import Worker

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
_SHELVES = {
    "Cozinha": ("Receitas de Pão", "forno massa farinha sabor"),
    "Viagem": ("Roteiros do Sertão", "estrada mapa rio serra"),
    "Poesia": ("Versos da Manhã", "rima lua saudade canto"),
}
_PER_SHELF = 15
_PASSWORD = "Segredo-forte-9"


@dataclasses.dataclass(frozen=True)
class Doors:
    """The old client at the application as it comes, and at one that the settings have opened."""

    closed: Walk
    opened: Walk


def _books() -> list[ShopBook]:
    return [
        ShopBook(
            number=number,
            upc=f"{number:016x}",
            titulo=f"{title} {number}",
            preco_centavos=1000 + 50 * number,
            moeda="BRL",
            rating=number % 5 + 1,
            estoque=number,
            categoria=shelf,
            descricao=f"{words} volume {number}",
            slug=f"livro-{number}",
            image_path=f"media/cache/{number}.svg",
        )
        for place, (shelf, (title, words)) in enumerate(_SHELVES.items())
        for number in range(place * _PER_SHELF + 1, (place + 1) * _PER_SHELF + 1)
    ]


@pytest_asyncio.fixture
async def shop() -> AsyncIterator[str]:
    """A small bookshop on loopback; yields its address."""
    options: dict[str, Any] = {"log_config": None, "access_log": False, "lifespan": "off"}
    config = uvicorn.Config(Bookshop(_books()), host="127.0.0.1", port=0, ws="none", **options)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110  # the server tells no event
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


@pytest.fixture
def provider() -> Iterator[Loopback]:
    """Google and Meta on loopback."""
    with loopback({}) as opened:
        yield opened


@pytest.fixture
def settings(
    settings: Settings, shop: str, provider: Loopback, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    del settings  # has set the data folder
    values = {
        "BOOKSHOP_URL": shop,
        "SCRAPE_DELAY_S": "0",
        "GRID_SEARCH_N_JOBS": "1",
        "ML_FOLDS": "2",
        "ML_TREES": "10",
        "GATE_MAX_ECE": "1",  # of so few rows any model is off by chance
        "PUBLIC_URL": "https://praca.example.org/",
        "GOOGLE_ISSUER": provider.address,
        "META_DIALOG_URL": f"{provider.address}/dialog",
        "META_GRAPH_URL": provider.address,
    }
    for name in ("GOOGLE", "META"):
        values |= {f"{name}_CLIENT_ID": CLIENT_ID, f"{name}_CLIENT_SECRET": CLIENT_SECRET}
    for name, value in values.items():
        monkeypatch.setenv(f"PRACA_{name}", value)
    return Settings.load()


@pytest_asyncio.fixture
async def doors(
    client: httpx.AsyncClient,
    resources: Resources,
    make_account: MakeAccount,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Doors]:
    """The old client before both doors, in a city with people, vacancies and a trained model."""
    await _fill(resources, tmp_path)
    app = client.app  # type: ignore[attr-defined]
    await app.state.matcher.refresh()
    people = {role.value: await make_account(role.value, role=role.value) for role in Role}
    known: dict[str, Any] = {
        name: person["headers"]["Authorization"].removeprefix("Bearer ")
        for name, person in people.items()
    }
    known |= {
        "garbage": "nada",
        "password": _PASSWORD,
        "books": len(_books()),
    }

    async def work() -> None:
        await Worker(resources).run(until_empty=True)

    for name, value in settings_that_open():
        monkeypatch.setenv(name, value)
    opened = create_app(Settings.load(), dataclasses.replace(resources, settings=Settings.load()))
    transport = httpx.ASGITransport(app=opened, raise_app_exceptions=False)
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://test") as second,
        consuming(resources),
    ):
        yield Doors(Walk(client, known, work), Walk(second, known, work))
    for state in (app.state, opened.state):
        await state.responder.stop()
        await state.notices.close()


def settings_that_open() -> set[tuple[str, str]]:
    """Return every setting that some fact names to be let in as before, with its value."""
    routes = (route for number in SYSTEMS for route in load(number).routes)
    return {route.setting for route in routes if route.setting is not None}


async def _fill(resources: Resources, folder: Path) -> None:
    """Import a small city, keep its files where imports look for them, train and look for drift."""
    dsn = resources.databases.city.dsn
    import_city(dsn, SampleCity(candidates=60, vacancies=36, seed=3), folder)
    with psycopg.connect(dsn) as connection:
        # So small a city has too few hires to learn from.
        connection.execute(
            "UPDATE jobs.prospects SET situacao_candidato = 'Contratado pela Decision'"
            " WHERE id % 3 = 0"
        )
    for kind in TransferKind:
        await run_task(resources, export_kind(kind), overwrite=True)
    await run_task(resources, "jobs.train_match")
    await run_task(resources, "jobs.check_drift")
