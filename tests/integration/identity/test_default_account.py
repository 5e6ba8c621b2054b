"""The account that the old model server's parameters name: made once, never changed."""

import httpx
import psycopg
import pytest

from praca.entrypoints.cli.default_account import ensure_default_account
from praca.identity.errors import WeakPasswordError
from praca.platform.settings import Settings

PASSWORD = "Segredo-forte-9"


def settings_with(monkeypatch: pytest.MonkeyPatch, password: str) -> Settings:
    monkeypatch.setenv("DEFAULT_USERNAME", "servidor")
    monkeypatch.setenv("DEFAULT_PASSWORD", password)
    return Settings.load()


async def test_it_is_a_recruiter_who_can_sign_in(
    client: httpx.AsyncClient, city_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ensure_default_account(settings_with(monkeypatch, PASSWORD), city_dsn)
    body = {"username": "servidor", "password": PASSWORD}
    token = (await client.post("/login", json=body)).json()["access_token"]
    caller = await client.get(
        "/api/v1/usuarios/logado", headers={"Authorization": f"Bearer {token}"}
    )
    assert (caller.json()["username"], caller.json()["perfil"]) == ("servidor", "recrutador")


async def test_one_that_exists_is_never_changed(
    client: httpx.AsyncClient, city_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ensure_default_account(settings_with(monkeypatch, PASSWORD), city_dsn)
    with psycopg.connect(city_dsn) as connection:
        before = connection.execute("SELECT * FROM identity.accounts").fetchall()
    await ensure_default_account(settings_with(monkeypatch, "Outro-segredo-8"), city_dsn)
    with psycopg.connect(city_dsn) as connection:
        after = connection.execute("SELECT * FROM identity.accounts").fetchall()
    assert before == after
    body = {"username": "servidor", "password": "Outro-segredo-8"}
    assert (await client.post("/login", json=body)).status_code == 401


async def test_the_old_default_password_is_refused(
    city_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WeakPasswordError):
        await ensure_default_account(settings_with(monkeypatch, "password"), city_dsn)
    with psycopg.connect(city_dsn) as connection:
        assert connection.execute("SELECT count(*) FROM identity.accounts").fetchone() == (0,)


async def test_without_settings_there_is_none(settings: Settings, city_dsn: str) -> None:
    await ensure_default_account(settings, city_dsn)
    with psycopg.connect(city_dsn) as connection:
        assert connection.execute("SELECT count(*) FROM identity.accounts").fetchone() == (0,)
