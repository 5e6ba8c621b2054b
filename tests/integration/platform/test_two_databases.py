"""The accounts in a database of their own: all works, and nobody looks for them elsewhere."""

import dataclasses
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
from psycopg import sql
from tests.workers import own

from praca.entrypoints.api import create_app
from praca.entrypoints.kinds import TASK_KINDS
from praca.identity import Role
from praca.identity.service import IdentityService
from praca.platform.database import migrate, migrations, sqlalchemy_url
from praca.platform.database.migrations import MigrationError
from praca.platform.mail import ConsoleMail
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings
from praca.platform.tasks import Worker

API = "/api/v1"
PASSWORD = "Segredo-forte-9"
_NAMES = (own("praca_tests_two_city"), own("praca_tests_two_identity"))


def _rows(url: str, query: str) -> set[Any]:
    with psycopg.connect(url, autocommit=True) as connection:
        return {row[0] for row in connection.execute(query.encode())}


@pytest_asyncio.fixture(scope="module")
async def two_urls(migrated_url: str) -> AsyncIterator[tuple[str, str]]:
    """Two new databases, both of them dropped in the end."""
    base = sqlalchemy_url(migrated_url).set(drivername="postgresql")
    city, identity = (
        base.set(database=name).render_as_string(hide_password=False) for name in _NAMES
    )
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        drops = [
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            for name in _NAMES
        ]
        for drop, name in zip(drops, _NAMES, strict=True):
            connection.execute(drop)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield city, identity
        for drop in drops:
            connection.execute(drop)


@pytest_asyncio.fixture
async def parted(
    two_urls: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Resources]:
    """What a process holds that was started with ``PRACA_IDENTITY_DATABASE_URL``."""
    monkeypatch.setenv("PRACA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PRACA_IDENTITY_DATABASE_URL", two_urls[1])
    opened = open_resources(Settings.load(), two_urls[0], TASK_KINDS)
    await migrate(opened.databases)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def browser(parted: Resources) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app(parted.settings, parted))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://test{API}") as opened:
        yield opened


async def _signed_in(browser: httpx.AsyncClient, name: str) -> dict[str, str]:
    answer = await browser.post("/auth/login", data={"username": name, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def _admin(parted: Resources, browser: httpx.AsyncClient, name: str) -> dict[str, str]:
    service = IdentityService(parted.settings, parted.databases)
    async with parted.databases.identity.write() as session:
        await service.create_account(session, username=name, password=PASSWORD, role=Role.ADMIN)
    return await _signed_in(browser, name)


async def test_each_database_holds_its_own_tables_only(
    parted: Resources, two_urls: tuple[str, str]
) -> None:
    assert parted.databases.city is not parted.databases.identity
    schemas = "SELECT nspname FROM pg_namespace"
    assert _rows(two_urls[0], schemas) & {"identity", "jobs", "platform"} == {"jobs", "platform"}
    assert _rows(two_urls[1], schemas) & {"identity", "jobs", "platform"} == {"identity"}
    queue = "SELECT tablename FROM pg_tables WHERE tablename LIKE 'procrastinate%'"
    assert _rows(two_urls[0], queue)
    assert not _rows(two_urls[1], queue)


async def test_sign_up_sign_in_and_the_list_of_accounts(
    parted: Resources, browser: httpx.AsyncClient, two_urls: tuple[str, str]
) -> None:
    body = {"username": "cidada", "password": PASSWORD, "perfil": "usuario"}
    assert (await browser.post("/usuarios/signup", json=body)).status_code == 201
    citizen = await _signed_in(browser, "cidada")
    assert (await browser.get("/usuarios/logado", headers=citizen)).json()["username"] == "cidada"
    admin = await _admin(parted, browser, "chefe")
    listed = await browser.get("/usuarios/list", headers=admin)
    assert listed.status_code == 200
    assert {"cidada", "chefe"} <= _rows(two_urls[1], "SELECT username FROM identity.accounts")
    # What was done to the accounts is told beside them.
    told = _rows(two_urls[1], "SELECT action FROM identity.audit_log")
    assert told
    assert not told & _rows(two_urls[0], "SELECT action FROM platform.audit_log")


async def test_citizens_and_their_forgotten_passwords(
    parted: Resources, two_urls: tuple[str, str]
) -> None:
    paper = io.StringIO()
    printing = dataclasses.replace(parted, mail=ConsoleMail(stream=paper))
    transport = httpx.ASGITransport(app=create_app(parted.settings, printing))
    person = {"full_name": "Rosa Lima", "email": "rosa@example.com", "birth_date": "1970-01-02"}
    person |= {"cpf": "39053344705", "phone": "2133334444", "password": PASSWORD}
    async with httpx.AsyncClient(transport=transport, base_url=f"http://test{API}") as browser:
        assert (await browser.post("/users/register", json=person)).status_code == 201
        asked = {"email": person["email"]}
        steps = "/forgot-password"
        assert (await browser.post(f"{steps}/forgot-password", json=asked)).status_code == 200
        await Worker(printing).run(until_empty=True)
        [code] = re.findall(r": (\d{6})$", paper.getvalue(), re.MULTILINE)
        given = await browser.post(f"{steps}/verify-code", json={**asked, "code": code})
        headers = {"Authorization": f"Bearer {given.json()['access_token']['access_token']}"}
        new = {"new_password": f"{PASSWORD}-novo"}
        done = await browser.post(f"{steps}/reset-password", json=new, headers=headers)
        assert done.status_code == 200
        await Worker(printing).run(until_empty=True)
    assert paper.getvalue().count("To: rosa@example.com") == 2
    assert _rows(two_urls[1], "SELECT count(*) FROM identity.notices") == {0}
    kinds = _rows(two_urls[0], "SELECT kind FROM platform.task_runs")
    assert kinds >= {"identity.send_recovery_code", "identity.send_notice"}


async def test_the_job_centre_and_its_tasks_know_the_token(
    parted: Resources, browser: httpx.AsyncClient, two_urls: tuple[str, str]
) -> None:
    staff = await _admin(parted, browser, "recrutadora")
    assert (await browser.get("/candidatos/list")).status_code == 401
    made = await browser.post(
        "/candidatos/create", json={"infos_basicas": {"nome": "Ana"}}, headers=staff
    )
    assert made.status_code == 200, made.text
    assert (await browser.get("/candidatos/list", headers=staff)).json()["total"] == 1
    started = await browser.post("/candidatos/export-applicants", headers=staff)
    task_id = started.json()["task_id"]
    await Worker(parted).run(until_empty=True)
    task = (await browser.get(f"/tasks/{task_id}", headers=staff)).json()
    assert (task["status"], task["result"]["records"]) == ("succeeded", 1)
    actors = _rows(two_urls[0], "SELECT DISTINCT actor_id FROM platform.audit_log")
    assert actors - {None} <= _rows(two_urls[1], "SELECT id FROM identity.accounts")
    ready = (await browser.get("/ready")).json()
    assert (ready["database"], ready["migrations"]) == (True, True)


async def test_a_server_that_is_too_old_is_refused(
    parted: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "OLDEST_POSTGRESQL", 99)
    with pytest.raises(MigrationError, match="needs 99 or newer"):
        await migrate(parted.databases)


async def test_a_database_of_another_encoding_is_refused(
    parted: Resources, migrated_url: str, two_urls: tuple[str, str]
) -> None:
    latin = own("praca_tests_two_latin")
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {latin} WITH (FORCE)".encode())
        connection.execute(
            f"CREATE DATABASE {latin} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0".encode()
        )
        url = sqlalchemy_url(migrated_url).set(drivername="postgresql", database=latin)
        opened = open_resources(
            parted.settings, url.render_as_string(hide_password=False), TASK_KINDS
        )
        try:
            with pytest.raises(MigrationError, match="LATIN1"):
                await migrate(opened.databases)
        finally:
            await opened.close()
            connection.execute(f"DROP DATABASE {latin} WITH (FORCE)".encode())
    assert "jobs" in _rows(two_urls[0], "SELECT nspname FROM pg_namespace")
