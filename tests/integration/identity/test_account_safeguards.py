"""Somebody can always give roles, and one address cannot fill the table of accounts."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import psycopg
import pytest

from praca.platform.settings import Settings

API = "/api/v1"
ALLOWED = 3
MakeAccount = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    del settings  # has set the data folder
    monkeypatch.setenv("PRACA_SIGN_UPS_PER_ADDRESS", str(ALLOWED))
    return Settings.load()


async def put_role(
    client: httpx.AsyncClient, actor: dict[str, Any], account_id: int, role: str
) -> httpx.Response:
    return await client.put(
        f"{API}/usuarios/{account_id}", json={"perfil": role}, headers=actor["headers"]
    )


async def test_the_last_admin_stays_one(
    client: httpx.AsyncClient, make_account: MakeAccount, city_dsn: str
) -> None:
    ana = await make_account("ana", role="admin")
    bia = await make_account("bia", role="admin")
    assert (await put_role(client, ana, bia["id"], "operador")).status_code == 202
    refused = await put_role(client, ana, ana["id"], "usuario")
    assert (refused.status_code, refused.json()["code"]) == (409, "last_admin")
    assert (await put_role(client, ana, ana["id"], "admin")).status_code == 202
    assert (await put_role(client, ana, bia["id"], "usuario")).status_code == 202
    with psycopg.connect(city_dsn) as connection:
        roles = connection.execute("SELECT username, role FROM identity.accounts").fetchall()
    assert dict(roles) == {"ana": "admin", "bia": "usuario"}


async def test_an_inactive_admin_does_not_count(
    client: httpx.AsyncClient, make_account: MakeAccount, city_dsn: str
) -> None:
    ana = await make_account("ana", role="admin")
    bia = await make_account("bia", role="admin")
    with psycopg.connect(city_dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE identity.accounts SET is_active = false WHERE id = %s", [bia["id"]]
        )
    assert (await put_role(client, ana, ana["id"], "usuario")).status_code == 409
    assert (await put_role(client, ana, bia["id"], "usuario")).status_code == 202


async def test_two_admins_who_demote_each_other_at_once(
    client: httpx.AsyncClient, make_account: MakeAccount
) -> None:
    ana = await make_account("ana", role="admin")
    bia = await make_account("bia", role="admin")
    answers = await asyncio.gather(
        put_role(client, ana, bia["id"], "usuario"), put_role(client, bia, ana["id"], "usuario")
    )
    # The later one is refused as the last admin, or because it is no admin any more.
    assert sorted(answer.status_code for answer in answers) in ([202, 409], [202, 403])


@pytest.mark.parametrize("path", ["usuarios", "usuarios/signup"])
async def test_one_address_makes_only_so_many_accounts(
    client: httpx.AsyncClient, make_account: MakeAccount, path: str
) -> None:
    admin = await make_account("administradora", role="admin")

    async def sign_up(name: str, headers: dict[str, str] | None = None) -> httpx.Response:
        body = {"username": name, "password": "Segredo-forte-9", "perfil": "usuario"}
        return await client.post(f"{API}/{path}", json=body, headers=headers)

    assert (await sign_up("administradora")).status_code in {400, 409}  # taken: does not count
    answers = await asyncio.gather(*(sign_up(f"pessoa-{n}") for n in range(ALLOWED + 2)))
    assert sorted(answer.status_code for answer in answers) == [201] * ALLOWED + [429] * 2
    refused = await sign_up("mais-uma")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_sign_ups")
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    page = await client.get(f"{API}/usuarios/list", headers=admin["headers"])
    assert len(page.json()) == 1 + ALLOWED


async def test_an_admin_makes_as_many_accounts_as_he_wants(
    client: httpx.AsyncClient, make_account: MakeAccount
) -> None:
    admin = await make_account("administradora", role="admin")
    for number in range(ALLOWED + 2):
        body = {"username": f"p{number}", "password": "Segredo-forte-9", "perfil": "recrutador"}
        made = await client.post(f"{API}/usuarios/signup", json=body, headers=admin["headers"])
        assert made.status_code == 201
