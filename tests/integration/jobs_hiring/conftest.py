"""A small sample city with a hiring model trained by the real task, copied for each test."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
from tests.integration.cities import create_database, drop_database, import_city, run_task
from tests.workers import own

from praca.entrypoints.kinds import TASK_KINDS
from praca.jobs.sample import SampleCity
from praca.platform.database import migrate
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings
from praca.platform.tasks import Worker

RunKind = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
Working = Callable[[], AbstractAsyncContextManager[None]]
_SECRET = "segredo-de-uma-cidade-de-teste-42"


@dataclass(frozen=True)
class TrainedCity:
    """Names the database to copy, and the folder of its files."""

    database: str
    objects: Path
    result: dict[str, Any]


@pytest_asyncio.fixture(scope="session")
async def hiring_city(
    migrated_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[TrainedCity]:
    folder = tmp_path_factory.mktemp("hiring")
    name = own("praca_tests_hiring")
    url = create_database(migrated_url, name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRACA_DATA_DIR", str(folder))
        patch.setenv("PRACA_SECRET_KEY", _SECRET)
        patch.setenv("PRACA_GATE_MAX_ECE", "1")  # of so few rows any model is off by chance
        resources = open_resources(Settings.load(), url, TASK_KINDS)
    await migrate(resources.databases)
    dsn = resources.databases.city.dsn
    import_city(dsn, SampleCity(candidates=60, vacancies=36, seed=3), folder)
    with psycopg.connect(dsn) as connection:
        # So small a city has too few hires to learn from.
        connection.execute(
            "UPDATE jobs.prospects SET situacao_candidato = 'Contratado pela Decision'"
            " WHERE id % 3 = 0"
        )
    result = await run_task(resources, "jobs.train_hiring")
    await resources.close()
    yield TrainedCity(name, folder / "objects", result)
    drop_database(migrated_url, name)


@pytest.fixture
def city_dsn(migrated_url: str, hiring_city: TrainedCity) -> Iterator[str]:
    """Address of this test's own copy of the trained city."""
    name = own("praca_tests_hiring_copy")
    yield create_database(migrated_url, name, template=hiring_city.database)
    drop_database(migrated_url, name)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hiring_city: TrainedCity) -> Settings:
    shutil.copytree(hiring_city.objects, tmp_path / "objects")
    monkeypatch.setenv("PRACA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PRACA_SECRET_KEY", _SECRET)
    monkeypatch.setenv("PRACA_GATE_MAX_ECE", "1")
    return Settings.load()


@pytest.fixture
def untrained(client: httpx.AsyncClient, city_dsn: str) -> httpx.AsyncClient:
    """The client of a city with data in which nothing was ever trained."""
    with psycopg.connect(city_dsn) as connection:
        connection.execute("TRUNCATE platform.models CASCADE")
    return client


@pytest.fixture
def working(resources: Resources) -> Working:
    """A worker beside what the test does."""

    @asynccontextmanager
    async def work() -> AsyncIterator[None]:
        worker = asyncio.create_task(Worker(resources).run())
        try:
            yield
        finally:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)

    return work


@pytest.fixture
def run_kind() -> RunKind:
    """Runs one task to its end by a worker; returns its result."""
    return run_task
