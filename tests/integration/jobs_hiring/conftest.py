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
from psycopg import sql

from praca.entrypoints.kinds import TASK_KINDS
from praca.jobs.sample import SampleCity, write_sample_files
from praca.jobs.transfer import TransferKind, import_records
from praca.platform.database import migrate, sqlalchemy_url
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings
from praca.platform.tasks import Worker

RunKind = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
Working = Callable[[], AbstractAsyncContextManager[None]]
_TIMEOUT_S = 120
_FILES = {"applicants": "candidatos", "vagas": "vagas", "prospects": "prospects"}


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
    name = "praca_tests_hiring"
    url = _create(migrated_url, name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRACA_DATA_DIR", str(folder))
        patch.setenv("PRACA_GATE_MAX_ECE", "1")  # of so few rows any model is off by chance
        resources = open_resources(Settings.load(), url, TASK_KINDS)
    await migrate(resources.databases)
    with psycopg.connect(resources.databases.city.dsn) as connection:
        for path in write_sample_files(SampleCity(candidates=60, vacancies=36, seed=3), folder):
            with path.open("rb") as source:
                import_records(connection, source, TransferKind(_FILES[path.stem]))
        # So small a city has too few hires to learn from.
        connection.execute(
            "UPDATE jobs.prospects SET situacao_candidato = 'Contratado pela Decision'"
            " WHERE id % 3 = 0"
        )
    result = await _run(resources, "jobs.train_hiring")
    await resources.close()
    yield TrainedCity(name, folder / "objects", result)
    _drop(migrated_url, name)


@pytest.fixture
def city_dsn(migrated_url: str, hiring_city: TrainedCity) -> Iterator[str]:
    """Address of this test's own copy of the trained city."""
    name = "praca_tests_hiring_copy"
    yield _create(migrated_url, name, template=hiring_city.database)
    _drop(migrated_url, name)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hiring_city: TrainedCity) -> Settings:
    shutil.copytree(hiring_city.objects, tmp_path / "objects")
    monkeypatch.setenv("PRACA_DATA_DIR", str(tmp_path))
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
    return _run


async def _run(resources: Resources, name: str, **args: Any) -> dict[str, Any]:
    async with resources.databases.city.write() as session:
        task_id = await resources.tasks.enqueue(session, name, args)
    await asyncio.wait_for(Worker(resources).run(until_empty=True), _TIMEOUT_S)
    async with resources.databases.city.read() as session:
        run = await resources.tasks.require(session, task_id)
    assert run.status == "succeeded", run.error
    return run.result or {}


def _create(server: str, name: str, template: str = "template0") -> str:
    _drop(server, name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    url = sqlalchemy_url(server).set(drivername="postgresql", database=name)
    return url.render_as_string(hide_password=False)


def _drop(server: str, name: str) -> None:
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)
