import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
import pytest_asyncio
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from tests.tables import load_all_tables
from tests.workers import own

from praca.platform.audit import AuditEntry, record
from praca.platform.database import (
    HISTORIES,
    Databases,
    MigrationError,
    is_at_head,
    migrate,
    sqlalchemy_url,
)
from praca.platform.database.migrations import History, alembic_config
from praca.platform.revisions import is_newest, revisions


@pytest_asyncio.fixture
async def databases(city_dsn: str) -> AsyncIterator[Databases]:
    opened = Databases(city_dsn, None)
    yield opened
    await opened.dispose()


@pytest_asyncio.fixture
async def two_fresh(migrated_url: str) -> AsyncIterator[Databases]:
    """A new database for the city and a new one for the accounts."""
    base = sqlalchemy_url(migrated_url).set(drivername="postgresql")
    names = (own("praca_tests_fresh_city"), own("praca_tests_fresh_identity"))
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        for name in names:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
            connection.execute(f"CREATE DATABASE {name}".encode())
        urls = [base.set(database=name).render_as_string(hide_password=False) for name in names]
        opened = Databases(*urls)
        yield opened
        await opened.dispose()
        for name in names:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.name)
async def test_the_models_are_what_the_migrations_make(
    databases: Databases, history: History
) -> None:
    load_all_tables()

    def check(connection: Connection) -> None:
        command.check(alembic_config(history, connection))

    async with history.database(databases).engine.connect() as connection:
        await connection.run_sync(check)


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.name)
def test_the_revisions_are_those_that_alembic_finds(history: History) -> None:
    script = ScriptDirectory.from_config(alembic_config(history))
    known = {one.revision for one in script.walk_revisions()}
    assert known
    assert revisions(history.name).known == known
    assert revisions(history.name).newest == set(script.get_heads())


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.name)
async def test_a_start_sees_without_alembic_whether_to_migrate(
    history: History, city_dsn: str, two_fresh: Databases
) -> None:
    assert is_newest(city_dsn, history.name, history.schema)
    assert not is_newest(history.database(two_fresh).dsn, history.name, history.schema)


async def test_a_migrated_database_is_at_head_and_migrating_again_changes_nothing(
    databases: Databases,
) -> None:
    assert await is_at_head(databases)
    await migrate(databases)
    assert await is_at_head(databases)


async def test_several_processes_may_migrate_at_once(two_fresh: Databases) -> None:
    assert not await is_at_head(two_fresh)
    urls = [
        database.url.render_as_string(hide_password=False)
        for database in (two_fresh.city, two_fresh.identity)
    ]
    others = [Databases(*urls) for _ in range(3)]
    async with asyncio.timeout(60):
        await asyncio.gather(*map(migrate, [two_fresh, *others]))
    for other in others:
        await other.dispose()
    assert await is_at_head(two_fresh)


async def test_a_database_from_the_future_is_refused(two_fresh: Databases) -> None:
    await migrate(two_fresh)
    async with two_fresh.city.engine.begin() as connection:
        await connection.execute(
            text("UPDATE platform.alembic_version SET version_num = 'from_the_future'")
        )
    assert not await is_at_head(two_fresh)
    with pytest.raises(MigrationError, match="from_the_future"):
        await migrate(two_fresh)


@pytest.mark.parametrize("schema", ["platform", "identity"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {}.audit_log SET action = 'other'",
        "DELETE FROM {}.audit_log",
        "TRUNCATE {}.audit_log",
    ],
)
async def test_the_audit_can_be_neither_changed_nor_removed(
    databases: Databases, schema: str, statement: str
) -> None:
    entry = AuditEntry("test.thing_done", "thing", "1", actor_id=1)
    database = databases.city
    async with database.write() as session:
        await record(session, entry, schema=schema)
    count = text(f"SELECT count(*) FROM {schema}.audit_log WHERE action = 'test.thing_done'")
    async with database.read() as session:
        before = await session.scalar(count)
    assert before
    with pytest.raises(DBAPIError, match="audit"):
        async with database.write() as session:
            await session.execute(text(statement.format(schema)))
    async with database.read() as session:
        assert await session.scalar(count) == before


async def test_an_audit_record_is_gone_with_its_transaction(databases: Databases) -> None:
    async with databases.city.read() as session:
        before = await session.scalar(text("SELECT count(*) FROM platform.audit_log"))

    async def record_and_fail() -> None:
        async with databases.city.write() as session:
            await record(session, AuditEntry("test.undone", "thing"))
            raise LookupError

    with pytest.raises(LookupError):
        await record_and_fail()
    async with databases.city.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM platform.audit_log")) == before
