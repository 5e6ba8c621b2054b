"""Databases with a sample city in them, made once and copied for each test."""

import asyncio
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from praca.jobs.sample import SampleCity, write_sample_files
from praca.jobs.transfer import TransferKind, import_records
from praca.platform.database import sqlalchemy_url
from praca.platform.resources import Resources
from praca.platform.tasks import Worker

_TIMEOUT_S = 120
_FILES = {"applicants": "candidatos", "vagas": "vagas", "prospects": "prospects"}


def create_database(server: str, name: str, template: str = "template0") -> str:
    """Make a database anew, empty or as a copy; return its address."""
    drop_database(server, name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    url = sqlalchemy_url(server).set(drivername="postgresql", database=name)
    return url.render_as_string(hide_password=False)


def drop_database(server: str, name: str) -> None:
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def import_city(dsn: str, city: SampleCity, folder: Path, *, only: str = "") -> None:
    """Import a sample city's files (those whose name is among ``only``, if given)."""
    with psycopg.connect(dsn) as connection:
        for path in write_sample_files(city, folder):
            if path.stem in (only.split() or _FILES):
                with path.open("rb") as source:
                    import_records(connection, source, TransferKind(_FILES[path.stem]))


async def run_task(resources: Resources, name: str, **args: Any) -> dict[str, Any]:
    """Run one task to its end by a worker; return its result."""
    async with resources.databases.city.write() as session:
        task_id = await resources.tasks.enqueue(session, name, args)
    await asyncio.wait_for(Worker(resources).run(until_empty=True), _TIMEOUT_S)
    async with resources.databases.city.read() as session:
        run = await resources.tasks.require(session, task_id)
    assert run.status == "succeeded", run.error
    return run.result or {}
