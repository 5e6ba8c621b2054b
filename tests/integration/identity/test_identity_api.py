import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from praca.identity.models import RefreshToken
from praca.kit.clock import utc_now

PASSWORD = "Segredo-forte-9"
API = "/api/v1"
MakeAccount = Callable[..., Awaitable[dict[str, Any]]]


def fresh_name() -> str:
    return f"pessoa-{uuid.uuid4().hex[:12]}"


async def sign_in(client: httpx.AsyncClient, name: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post(f"{API}/auth/login", data={"username": name, "password": password})


async def refresh(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post(f"{API}/auth/refresh", json={"refresh_token": token})


async def test_sign_up_and_see_oneself(client: httpx.AsyncClient) -> None:
    name = fresh_name()
    body = {"id": 0, "username": name, "password": PASSWORD, "perfil": "usuario"}
    made = await client.post(f"{API}/usuarios/signup", json=body)
    assert made.status_code == 201
    account = made.json()
    assert account == {"id": account["id"], "username": name, "perfil": "usuario"}
    again = await client.post(f"{API}/usuarios/signup", json={**body, "username": name.upper()})
    assert (again.status_code, again.json()["detail"]) == (400, "Usuário já existe")
    login = await client.post(
        f"{API}/usuarios/login", data={"username": name, "password": PASSWORD}
    )
    assert login.status_code == 200
    headers = {"Authorization": f"Bearer {login.json()}"}
    assert (await client.get(f"{API}/usuarios/logado", headers=headers)).json() == account
    me = await client.get(f"{API}/usuarios/me", headers=headers)
    assert me.json() == {"id": account["id"], "username": name}


async def test_nobody_makes_himself_an_admin(
    client: httpx.AsyncClient, make_account: MakeAccount
) -> None:
    citizen = await make_account(fresh_name())
    admin = await make_account(fresh_name(), role="admin")
    for headers, status in ((None, 403), (citizen["headers"], 403), (admin["headers"], 201)):
        body = {"username": fresh_name(), "password": PASSWORD, "perfil": "admin"}
        made = await client.post(f"{API}/usuarios/signup", json=body, headers=headers)
        assert made.status_code == status


@pytest.mark.parametrize(
    "change",
    [
        {"perfil": "prefeito"},
        {"perfil": None},
        {"username": ""},
        {"username": "a\x00b"},
        {"username": "529.982.247-25"},
        {"username": "x" * 151},
        {"password": "curta"},
        {"password": "password"},
    ],
)
async def test_impossible_sign_ups(client: httpx.AsyncClient, change: dict[str, Any]) -> None:
    body = {"username": fresh_name(), "password": PASSWORD, "perfil": "usuario"} | change
    assert (await client.post(f"{API}/usuarios/signup", json=body)).status_code == 422


async def test_system_four_sign_up(client: httpx.AsyncClient) -> None:
    body = {"username": fresh_name(), "password": PASSWORD}
    made = await client.post(f"{API}/usuarios/", json=body)
    assert made.status_code == 201
    assert set(made.json()) == {"id", "username"}
    again = await client.post(f"{API}/usuarios", json=body)
    assert again.status_code == 409
    assert again.json()["detail"] == "Nome de usuário já cadastrado."


async def test_wrong_sign_ins(client: httpx.AsyncClient) -> None:
    wrong = {"username": fresh_name(), "password": "x"}
    old = await client.post(f"{API}/usuarios/login", data=wrong)
    assert (old.status_code, old.json()["detail"]) == (401, "Usuário ou senha inválidos")
    assert old.headers["WWW-Authenticate"] == "Bearer"
    pair = await client.post(f"{API}/auth/login", data=wrong)
    assert (pair.status_code, pair.json()["detail"]) == (401, "Nome de usuário ou senha incorretos")
    assert (await client.post(f"{API}/usuarios/login", json=wrong)).status_code == 422
    assert (await client.post(f"{API}/auth/login")).status_code == 422


async def test_tokens_that_do_not_count(client: httpx.AsyncClient) -> None:
    none = await client.get(f"{API}/usuarios/logado")
    assert (none.status_code, none.json()["title"]) == (401, "Not authenticated")
    bad = await client.get(f"{API}/usuarios/logado", headers={"Authorization": "Bearer x.y.z"})
    assert (bad.status_code, bad.json()["title"]) == (401, "Could not validate credentials")
    assert none.headers["WWW-Authenticate"] == bad.headers["WWW-Authenticate"] == "Bearer"


async def test_the_list_is_for_operators_and_admins(
    client: httpx.AsyncClient, make_account: MakeAccount
) -> None:
    assert (await client.get(f"{API}/usuarios/list")).status_code == 401
    expected = {"usuario": 403, "recrutador": 403, "bibliotecario": 403, "operador": 200}
    for role, status in (expected | {"admin": 200}).items():
        account = await make_account(fresh_name(), role=role)
        answer = await client.get(f"{API}/usuarios/list?limit=2", headers=account["headers"])
        assert answer.status_code == status
    assert len(answer.json()) == 2
    assert int(answer.headers["X-Total-Count"]) >= 5
    second = await client.get(f"{API}/usuarios/list?skip=1&limit=1", headers=account["headers"])
    assert second.json() == answer.json()[1:]
    many = await client.get(f"{API}/usuarios/list?limit=1001", headers=account["headers"])
    assert many.status_code == 422


async def test_updates(client: httpx.AsyncClient, make_account: MakeAccount) -> None:
    name = fresh_name()
    mine, other = await make_account(name), await make_account(fresh_name())
    admin = await make_account(fresh_name(), role="admin")

    async def put(account_id: int, body: dict[str, Any], who: dict[str, Any]) -> httpx.Response:
        return await client.put(f"{API}/usuarios/{account_id}", json=body, headers=who["headers"])

    renamed = await put(mine["id"], {"username": name + "x"}, mine)
    assert renamed.status_code == 202
    assert renamed.json() == {"id": mine["id"], "username": name + "x", "perfil": "usuario"}
    assert (await put(mine["id"], {"perfil": "usuario"}, mine)).status_code == 202
    assert (await put(mine["id"], {"perfil": "admin"}, mine)).status_code == 403
    assert (await put(other["id"], {"username": fresh_name()}, mine)).status_code == 403
    assert (await put(2**40, {}, mine)).status_code == 403
    assert (await put(mine["id"], {"password": None}, mine)).status_code == 422
    taken = await put(other["id"], {"username": name + "X"}, other)
    assert (taken.status_code, taken.json()["detail"]) == (400, "Usuário já existe")
    unknown = await put(2**40, {}, admin)
    assert (unknown.status_code, unknown.json()["detail"]) == (404, "Usuário não encontrado")
    promoted = await put(other["id"], {"perfil": "recrutador"}, admin)
    assert promoted.json()["perfil"] == "recrutador"


async def test_a_new_password_ends_every_session(client: httpx.AsyncClient) -> None:
    name = fresh_name()
    made = await client.post(f"{API}/usuarios/", json={"username": name, "password": PASSWORD})
    pair = (await sign_in(client, name)).json()
    headers = {"Authorization": f"Bearer {pair['access_token']}"}
    changed = await client.put(
        f"{API}/usuarios/{made.json()['id']}", json={"password": "Outra-senha-8"}, headers=headers
    )
    assert changed.status_code == 202
    await asyncio.sleep(1.1)
    assert (await client.get(f"{API}/usuarios/me", headers=headers)).status_code == 401
    assert (await refresh(client, pair["refresh_token"])).status_code == 401
    assert (await sign_in(client, name)).status_code == 401
    assert (await sign_in(client, name, "Outra-senha-8")).status_code == 200


async def test_refresh_rotates_and_a_lost_reply_is_forgiven(
    client: httpx.AsyncClient, make_account: MakeAccount
) -> None:
    name = fresh_name()
    account = await make_account(name)
    pair = (await sign_in(client, name)).json()
    assert set(pair) == {"access_token", "refresh_token", "token_type", "user_id", "cpf"}
    assert (pair["user_id"], pair["token_type"]) == (account["id"], "bearer")
    answers = await asyncio.gather(*(refresh(client, pair["refresh_token"]) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 4


async def test_reuse_revokes_the_whole_family(
    client: httpx.AsyncClient, make_account: MakeAccount, resources: Any
) -> None:
    name = fresh_name()
    account = await make_account(name)
    first = (await sign_in(client, name)).json()["refresh_token"]
    apart = (await sign_in(client, name)).json()["refresh_token"]
    second = (await refresh(client, first)).json()["refresh_token"]
    async with resources.databases.identity.write() as session:
        await session.execute(
            update(RefreshToken)
            .where(RefreshToken.account_id == account["id"], RefreshToken.used_at.is_not(None))
            .values(used_at=utc_now() - timedelta(hours=1))
        )
    reused = await refresh(client, first)
    assert reused.status_code == 401
    assert reused.json()["detail"] == "Refresh token inválido ou expirado"
    assert (await refresh(client, second)).status_code == 401
    assert (await refresh(client, apart)).status_code == 200


async def test_sign_out(client: httpx.AsyncClient, make_account: MakeAccount) -> None:
    name = fresh_name()
    await make_account(name)
    body = {"refresh_token": (await sign_in(client, name)).json()["refresh_token"]}
    for _ in range(2):
        assert (await client.post(f"{API}/auth/logout", json=body)).status_code == 204
    assert (await client.post(f"{API}/auth/refresh", json=body)).status_code == 401


async def test_too_many_failures(
    client: httpx.AsyncClient, make_account: MakeAccount, resources: Any
) -> None:
    name = fresh_name()
    await make_account(name)
    allowed = resources.settings.sign_in.sign_in_failures_per_account
    for _ in range(allowed):
        assert (await sign_in(client, name, "errada-errada")).status_code == 401
    refused = await sign_in(client, name)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    legacy = await client.post("/login", json={"username": name, "password": PASSWORD})
    assert (legacy.status_code, legacy.json()["error"]) == (429, legacy.json()["detail"])
    async with resources.databases.identity.write() as session:
        await session.execute(text("DELETE FROM identity.sign_in_failures"))


async def test_question_session(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"{API}/auth/login", json={"name": "Ana"})
    assert answer.status_code == 200
    assert answer.json()["name"] == "Ana"
    assert uuid.UUID(answer.json()["token"]).version == 4
    for content in (b"", b"{", b"[]", b"{}", b'{"name":null}', b'{"name":"\\u0000"}'):
        refused = await client.post(
            f"{API}/auth/login", content=content, headers={"Content-Type": "application/json"}
        )
        assert refused.status_code == 422


async def test_system_two(client: httpx.AsyncClient, make_account: MakeAccount) -> None:
    name = fresh_name()
    await make_account(name)
    right = await client.post("/login", json={"username": name, "password": PASSWORD})
    assert right.status_code == 200
    assert set(right.json()) == {"access_token"}
    wrong_pair = (401, "Invalid credentials", "Usuário ou senha inválidos")
    for content, (status, message, portuguese) in (
        (b"", (400, "No JSON data provided", "Nenhum objeto JSON foi enviado.")),
        (
            b'{"username":"a"}',
            (400, "Both username and password are required", "Informe usuário e senha."),
        ),
        (b'{"username":"nobody-here","password":"x"}', wrong_pair),
        (b'{"username":"a\\u0000","password":"x"}', wrong_pair),
    ):
        wrong = await client.post(
            "/login", content=content, headers={"Content-Type": "application/json"}
        )
        assert (wrong.status_code, wrong.json()["error"]) == (status, message)
        assert wrong.json()["detail"] == portuguese
        assert wrong.headers["Content-Type"].startswith("application/problem+json")


async def test_the_audit_is_append_only(make_account: MakeAccount, resources: Any) -> None:
    await make_account(fresh_name())
    for statement in ("DELETE FROM", "TRUNCATE"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with resources.databases.identity.write() as session:
                await session.execute(text(f"{statement} identity.audit_log"))
