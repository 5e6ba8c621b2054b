"""The real PostgreSQL, migrated once per run and emptied before each test that asks for it."""

import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
from psycopg import sql
from tests.workers import Batches, own, place_of

from praca.entrypoints.api import create_app
from praca.entrypoints.kinds import TASK_KINDS
from praca.identity import Role
from praca.platform.database import Databases, EmbeddedPostgres, migrate
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
_KEPT = ("alembic_version", "audit_log")


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """Address of the server under test: PRACA_DATABASE_URL, or an embedded one of our own."""
    given = Settings.load().database.database_url
    if given is not None:
        yield given.get_secret_value()
        return
    # A short path: sockets lie in the folder.
    with (
        tempfile.TemporaryDirectory(prefix="praca-", ignore_cleanup_errors=True) as folder,
        EmbeddedPostgres(Path(folder)) as server,
    ):
        with psycopg.connect(server.url, autocommit=True) as connection:
            # Nothing of it is to outlive the machine.
            for safety in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {safety} = off".encode())
            connection.execute("SELECT pg_reload_conf()")
        yield server.url


@pytest.fixture(scope="session")
def database_url(server_url: str) -> Iterator[str]:
    """Address of a database made for this run and dropped after it."""
    name = own("praca_tests")
    with psycopg.connect(server_url, autocommit=True) as connection:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    parts = psycopg.conninfo.conninfo_to_dict(server_url)
    user = parts.get("user") or "postgres"
    password = f":{parts['password']}" if parts.get("password") else ""
    host, port = str(parts.get("host") or ""), parts.get("port")
    if host.startswith("/"):
        url = f"postgresql://{user}{password}@/{name}?host={host}"
    else:
        url = f"postgresql://{user}{password}@{host}:{port or 5432}/{name}"
    yield url
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(drop)


@pytest_asyncio.fixture(scope="session")
async def migrated_url(database_url: str) -> str:
    databases = Databases(database_url, None)
    await migrate(databases)
    await databases.dispose()
    return database_url


@pytest.fixture
def city_dsn(migrated_url: str) -> str:
    """Address of the migrated database, emptied."""
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables"
            " WHERE (schemaname IN ('platform', 'identity', 'jobs', 'wallet', 'library',"
            " 'helpdesk')"
            " OR (schemaname = 'public' AND tablename LIKE 'procrastinate%%'))"
            " AND tablename <> ALL(%s)",
            [list(_KEPT)],
        ).fetchall()
        # The ledger refuses to forget; only its owner can make it, and this is for a test.
        ledger = [sql.Identifier(*row) for row in tables if row[0] == "wallet"]
        for table in ledger:
            connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table))
        names = sql.SQL(", ").join(sql.Identifier(*row) for row in tables)
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(names))
        for table in ledger:
            connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(table))
        if any(row == ("jobs", "row_counts") for row in tables):
            connection.execute("TRUNCATE jobs.row_counts")
    return migrated_url


@pytest.fixture(scope="session", autouse=True)
def no_tracking() -> Iterator[None]:
    """Noting a run in MLflow takes seconds of each training: tests that are about it turn it on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRACA_TRACKING", "off")
        yield


@pytest.fixture(scope="session", autouse=True)
def no_journal() -> Iterator[None]:
    """Noting every request would write beside what a test counts; its own tests turn it on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRACA_JOURNAL", "off")
        yield


@pytest.fixture(scope="session", autouse=True)
def no_draining() -> Iterator[None]:
    """Each server that is stopped would go on for two seconds: its own tests turn it on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRACA_DRAIN_S", "0")
        yield


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("PRACA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PRACA_CATALOGUE_FRESH_S", "0")  # what was just written is read
    return Settings.load()


@pytest_asyncio.fixture
async def resources(settings: Settings, city_dsn: str) -> AsyncIterator[Resources]:
    opened = open_resources(settings, city_dsn, TASK_KINDS)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def client(settings: Settings, resources: Resources) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings, resources)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        opened.app = app  # type: ignore[attr-defined]
        yield opened


@pytest_asyncio.fixture
async def make_account(client: httpx.AsyncClient, resources: Resources) -> MakeAccount:
    """Create an account and sign it in; returns its id, user name and headers."""
    service = client.app.state.identity  # type: ignore[attr-defined]

    async def make(
        username: str, role: str = "usuario", password: str = "Segredo-forte-9"
    ) -> dict[str, Any]:
        async with resources.databases.identity.write() as session:
            account = await service.create_account(
                session, username=username, password=password, role=Role(role)
            )
            account_id = account.id
        answer = await client.post(
            "/api/v1/auth/login", data={"username": username, "password": password}
        )
        token = answer.json()["access_token"]
        return {
            "id": account_id,
            "username": username,
            "headers": {"Authorization": f"Bearer {token}"},
        }

    return make


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two processes for all of the tests; some of them are done before a second has started."""
    is_all = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return 2 if is_all and not config.option.keyword else 0


def pytest_configure(config: pytest.Config) -> None:
    """Processes side by side, and what they start, compute in one thread each.

    More threads than cores wait for each other in busy loops: twice the work for matrices as
    small as those of the tests.
    """
    if config.option.numprocesses:
        os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Batches:
    return Batches(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first, so that no process is left alone with one in the end."""
    items.sort(key=lambda item: place_of(item.nodeid))
