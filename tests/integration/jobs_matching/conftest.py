"""A small sample city in the tables, and a model trained on it by the real task."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from praca.entrypoints.kinds import TASK_KINDS
from praca.jobs.matching import Matcher
from praca.jobs.sample import SampleCity, write_sample_files
from praca.jobs.transfer import TransferKind, import_records
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings
from praca.platform.tasks import Worker

_TIMEOUT_S = 120


@pytest.fixture(scope="session")
def sample_files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("sample")
    return list(write_sample_files(SampleCity(candidates=60, vacancies=36, seed=3), folder))


@pytest_asyncio.fixture
async def resources(
    settings: Settings, city_dsn: str, sample_files: list[Path]
) -> AsyncIterator[Resources]:
    """The usual resources, over the sample city."""
    with psycopg.connect(city_dsn) as connection:
        for kind in TransferKind:
            path = next(path for path in sample_files if _is_of(path, kind))
            with path.open("rb") as source:
                import_records(connection, source, kind)
    quick = dataclasses.replace(
        settings,
        tasks=settings.tasks.model_copy(update={"worker_heartbeat_s": 0.2}),
    )
    opened = open_resources(quick, city_dsn, TASK_KINDS)
    yield opened
    await opened.close()


def _is_of(path: Path, kind: TransferKind) -> bool:
    names = {
        TransferKind.CANDIDATOS: "applicants",
        TransferKind.VAGAS: "vagas",
        TransferKind.PROSPECTS: "prospects",
    }
    return path.name.startswith(names[kind])


RunKind = Callable[..., Coroutine[Any, Any, dict[str, Any]]]


async def _run(resources: Resources, name: str, **args: Any) -> dict[str, Any]:
    async with resources.databases.city.write() as session:
        task_id = await resources.tasks.enqueue(session, name, args)
    await asyncio.wait_for(Worker(resources).run(until_empty=True), _TIMEOUT_S)
    async with resources.databases.city.read() as session:
        run = await resources.tasks.require(session, task_id)
    assert run.status == "succeeded", run.error
    return run.result or {}


@pytest.fixture
def run_kind() -> RunKind:
    """Runs one task to its end by a worker; returns its result."""
    return _run


@pytest_asyncio.fixture
async def trained(resources: Resources) -> Resources:
    """The resources after one training."""
    await _run(resources, "jobs.train_match")
    return resources


@pytest_asyncio.fixture
async def matcher(trained: Resources) -> Matcher:
    opened = Matcher(trained)
    await opened.refresh()
    return opened
