"""A small catalogue with models trained by the real task, copied for each test."""

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from tests.integration.cities import create_database, drop_database, run_task
from tests.library_books import insert_books, make_rows
from tests.workers import own

from praca.entrypoints.kinds import TASK_KINDS
from praca.platform.database import migrate
from praca.platform.resources import open_resources
from praca.platform.settings import Settings


@dataclass(frozen=True)
class TrainedLibrary:
    """Names the database to copy, and the folder of its files."""

    database: str
    objects: Path
    result: dict[str, Any]


def small_trainings(patch: pytest.MonkeyPatch) -> None:
    patch.setenv("PRACA_ML_TREES", "20")
    patch.setenv("PRACA_ML_FOLDS", "2")


@pytest_asyncio.fixture(scope="session")
async def library(
    migrated_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[TrainedLibrary]:
    folder = tmp_path_factory.mktemp("library")
    name = own("praca_tests_library_ml")
    url = create_database(migrated_url, name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRACA_DATA_DIR", str(folder))
        small_trainings(patch)
        resources = open_resources(Settings.load(), url, TASK_KINDS)
    await migrate(resources.databases)
    insert_books(resources.databases.city.dsn, make_rows(90, catch_all=4))
    result = await run_task(resources, "library.train")
    await resources.close()
    yield TrainedLibrary(name, folder / "objects", result)
    drop_database(migrated_url, name)


@pytest.fixture
def city_dsn(migrated_url: str, library: TrainedLibrary) -> Iterator[str]:
    """Address of this test's own copy of the library."""
    name = own("praca_tests_library_ml_copy")
    yield create_database(migrated_url, name, template=library.database)
    drop_database(migrated_url, name)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: TrainedLibrary) -> Settings:
    shutil.copytree(library.objects, tmp_path / "objects")
    monkeypatch.setenv("PRACA_DATA_DIR", str(tmp_path))
    small_trainings(monkeypatch)
    return Settings.load()


@pytest.fixture
def untrained(city_dsn: str) -> None:
    """Nothing was ever trained."""
    with psycopg.connect(city_dsn) as connection:
        connection.execute("TRUNCATE platform.models CASCADE")


@pytest.fixture
def empty(city_dsn: str) -> None:
    """There are no books."""
    with psycopg.connect(city_dsn) as connection:
        connection.execute("TRUNCATE library.books CASCADE")
