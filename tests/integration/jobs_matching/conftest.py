"""A small sample city with a model trained by the real task, made once and copied for each test."""

import shutil
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tests.integration.cities import create_database, drop_database, import_city, run_task
from tests.workers import own

from praca.entrypoints.kinds import TASK_KINDS
from praca.jobs.matching import Matcher
from praca.jobs.sample import SampleCity
from praca.platform.database import migrate
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings

RunKind = Callable[..., Coroutine[Any, Any, dict[str, Any]]]


@dataclass(frozen=True)
class TrainedCity:
    """Names the database to copy, and the folder of its files."""

    database: str
    objects: Path


@pytest_asyncio.fixture(scope="session")
async def trained_city(
    migrated_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[TrainedCity]:
    folder = tmp_path_factory.mktemp("trained")
    name = own("praca_tests_trained")
    url = create_database(migrated_url, name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRACA_DATA_DIR", str(folder))
        resources = open_resources(Settings.load(), url, TASK_KINDS)
    await migrate(resources.databases)
    city = SampleCity(candidates=60, vacancies=36, seed=3)
    import_city(resources.databases.city.dsn, city, folder)
    await run_task(resources, "jobs.train_match")
    await resources.close()
    yield TrainedCity(name, folder / "objects")
    drop_database(migrated_url, name)


@pytest.fixture
def city_dsn(migrated_url: str, trained_city: TrainedCity) -> Iterator[str]:
    """Address of this test's own copy of the trained city."""
    name = own("praca_tests_copy")
    yield create_database(migrated_url, name, template=trained_city.database)
    drop_database(migrated_url, name)


@pytest.fixture
def settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trained_city: TrainedCity
) -> Settings:
    shutil.copytree(trained_city.objects, tmp_path / "objects")
    monkeypatch.setenv("PRACA_DATA_DIR", str(tmp_path))
    return Settings.load()


@pytest.fixture
def run_kind() -> RunKind:
    """Runs one task to its end by a worker; returns its result."""
    return run_task


@pytest_asyncio.fixture
async def matcher(resources: Resources) -> Matcher:
    opened = Matcher(resources)
    await opened.refresh()
    return opened
