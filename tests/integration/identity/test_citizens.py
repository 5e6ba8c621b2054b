"""Citizens register, and see and change what is theirs; the old wallet's calls and answers."""

import asyncio
import dataclasses
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio

from praca.entrypoints.kinds import TASK_KINDS
from praca.identity import Contact, IdentityService, contact_of
from praca.platform.mail import ConsoleMail
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings
from praca.platform.tasks import Worker

API = "/api/v1"
PASSWORD = "Ipe-Amarelo-27"
MARIA = {
    "full_name": "Maria da Silva",
    "email": "maria@example.com",
    "birth_date": "1990-05-17",
    "cpf": "52998224725",
    "phone": "21987654321",
}
JOAO = {
    "full_name": "João Souza",
    "email": "joao@example.com",
    "birth_date": "1985-12-01",
    "cpf": "11144477735",
    "phone": "2133334444",
}
MakeAccount = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def outbox() -> io.StringIO:
    return io.StringIO()


@pytest_asyncio.fixture
async def resources(
    settings: Settings, city_dsn: str, outbox: io.StringIO
) -> AsyncIterator[Resources]:
    opened = open_resources(settings, city_dsn, TASK_KINDS)
    yield dataclasses.replace(opened, mail=ConsoleMail(stream=outbox))
    await opened.close()


def service_of(client: httpx.AsyncClient) -> IdentityService:
    service = client.app.state.identity  # type: ignore[attr-defined]
    assert isinstance(service, IdentityService)
    return service


async def register(
    client: httpx.AsyncClient, person: dict[str, str], **change: Any
) -> httpx.Response:
    body = {**person, "password": PASSWORD, **change}
    return await client.post(f"{API}/users/register", json=body)


async def sign_in(client: httpx.AsyncClient, name: str) -> httpx.Response:
    return await client.post("/auth/login", data={"username": name, "password": PASSWORD})


async def registered(client: httpx.AsyncClient, person: dict[str, str]) -> dict[str, Any]:
    made = await register(client, person)
    assert made.status_code == 201, made.text
    token = (await sign_in(client, person["cpf"])).json()["access_token"]
    return {**made.json(), "headers": {"Authorization": f"Bearer {token}"}}


def audited(dsn: str, since: int = 0) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(
            "SELECT action, resource_id, actor_id FROM identity.audit_log WHERE id > %s"
            " ORDER BY id",
            [since],
        ).fetchall()


def last_record(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT coalesce(max(id), 0) FROM identity.audit_log").fetchone()
    return int(row[0]) if row else 0


@pytest.mark.parametrize("path", [f"{API}/users/register", "/users/register", "/users/register/"])
async def test_a_citizen_registers_as_with_the_old_wallet(
    client: httpx.AsyncClient, path: str
) -> None:
    body = {**MARIA, "cpf": "529.982.247-25", "email": "Maria@Example.com", "password": PASSWORD}
    made = await client.post(path, json=body)
    assert made.status_code == 201
    answer = made.json()
    assert list(answer) == [*MARIA, "id", "created_at", "updated_at"]
    assert {name: answer[name] for name in MARIA} == MARIA
    for moment in ("created_at", "updated_at"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}\+00:00", answer[moment]), (
            answer[moment]
        )
    for name in ("529.982.247-25", "52998224725", "maria@example.com"):
        signed_in = await sign_in(client, name)
        assert signed_in.status_code == 200
        assert (signed_in.json()["user_id"], signed_in.json()["cpf"]) == (
            answer["id"],
            MARIA["cpf"],
        )
    headers = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
    account = (await client.get(f"{API}/usuarios/logado", headers=headers)).json()
    assert account["perfil"] == "usuario"
    assert re.fullmatch(r"cidadao-[a-z2-7]{10}", account["username"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", "Maria"),
        ("email", "maria"),
        ("birth_date", "2990-01-01"),
        ("cpf", "52998224724"),
        ("phone", "123"),
        ("password", "semmaiuscula1"),
        ("password", "SemNumero-"),
        ("password", "Curta-1"),
        ("password", "Ipe-\x00Amarelo-27"),
        *((name, None) for name in (*MARIA, "password")),
    ],
)
async def test_what_breaks_a_rule_is_named(
    client: httpx.AsyncClient, city_dsn: str, field: str, value: str | None
) -> None:
    refused = await register(client, MARIA, **{field: value})
    assert refused.status_code == 422
    assert [error["loc"] for error in refused.json()["errors"]] == [["body", field]]
    body = {name: text for name, text in MARIA.items() if name != field}
    missing = await client.post(f"{API}/users/register", json=body)
    assert missing.status_code == 422
    with psycopg.connect(city_dsn) as connection:
        assert connection.execute("SELECT id FROM identity.accounts").fetchall() == []


@pytest.mark.parametrize("same", ["cpf", "email"])
async def test_a_cpf_or_e_mail_is_one_persons(client: httpx.AsyncClient, same: str) -> None:
    assert (await register(client, MARIA)).status_code == 201
    value = {"cpf": "529.982.247-25", "email": "MARIA@example.com"}[same]
    refused = await register(client, JOAO, **{same: value})
    assert (refused.status_code, refused.json()["code"]) == (400, "person_exists")
    assert refused.json()["detail"] == "CPF ou e-mail já cadastrado."


async def test_of_many_who_register_at_once_one_gets_the_cpf(client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(
        *(register(client, MARIA, email=f"maria{n}@example.com") for n in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [400] * 5


async def test_nobody_tries_out_many_cpfs(
    client: httpx.AsyncClient, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited = resources.settings.sign_in.model_copy(update={"sign_ups_per_address": 4})
    monkeypatch.setattr(service_of(client), "_settings", limited)
    assert (await register(client, MARIA)).status_code == 201
    answers = await asyncio.gather(*(register(client, MARIA) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [400] * 3 + [429] * 3
    refused = await register(client, JOAO)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_sign_ups")
    assert int(refused.headers["Retry-After"]) > 0


async def test_nobody_tries_out_many_e_mails_by_changing_his_own(
    client: httpx.AsyncClient,
    resources: Resources,
    make_account: MakeAccount,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    maria, joao = await registered(client, MARIA), await registered(client, JOAO)
    admin = await make_account("administradora", role="admin")
    limited = resources.settings.sign_in.model_copy(update={"sign_ups_per_address": 4})
    monkeypatch.setattr(service_of(client), "_settings", limited)
    path, taken = f"/users/{maria['id']}", {**MARIA, "email": joao["email"]}
    answers = [await client.put(path, json=taken, headers=maria["headers"]) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [409, 409, 429]
    own = await client.put(path, json=MARIA, headers=maria["headers"])
    assert (own.status_code, own.json()["code"]) == (429, "too_many_sign_ups")
    assert (await client.put(path, json=taken, headers=admin["headers"])).status_code == 409


async def test_other_rooms_hear_of_a_registration_once_it_stands(
    client: httpx.AsyncClient, city_dsn: str
) -> None:
    heard: list[tuple[int, int]] = []

    async def break_down(_account_id: int) -> None:
        raise RuntimeError

    async def listen(account_id: int) -> None:
        with psycopg.connect(city_dsn) as connection:  # another one sees it: it was committed
            found = connection.execute(
                "SELECT FROM identity.accounts WHERE id = %s", [account_id]
            ).fetchall()
        heard.append((account_id, len(found)))

    service_of(client).listeners[:] = [break_down, listen]
    made = await register(client, MARIA)
    assert made.status_code == 201
    assert heard == [(made.json()["id"], 1)]
    assert (await register(client, MARIA)).status_code == 400
    assert len(heard) == 1


async def test_people_see_themselves_and_nobody_else(
    client: httpx.AsyncClient, city_dsn: str
) -> None:
    maria, joao = await registered(client, MARIA), await registered(client, JOAO)
    start = last_record(city_dsn)
    for path in ("/users/me", f"/users/{maria['id']}", f"{API}/users/{maria['id']}/"):
        own = await client.get(path, headers=maria["headers"])
        assert own.status_code == 200
        assert {**own.json(), "headers": maria["headers"]} == maria
    assert audited(city_dsn, start) == []
    refusals = []
    for account_id in (maria["id"], joao["id"] + 1000):
        for method in ("GET", "PUT"):
            refused = await client.request(
                method, f"/users/{account_id}", headers=joao["headers"], json=JOAO
            )
            assert refused.status_code == 403
            refusals.append({**refused.json(), "instance": ""})
    assert all(refusal == refusals[0] for refusal in refusals)
    assert (await client.get("/users/", headers=joao["headers"])).status_code == 403
    assert (await client.get("/users/me")).status_code == 401


async def test_staff_see_everybody_which_is_noted(
    client: httpx.AsyncClient, make_account: MakeAccount, city_dsn: str
) -> None:
    operator = await make_account("operadora", role="operador")
    maria, joao = await registered(client, MARIA), await registered(client, JOAO)
    start = last_record(city_dsn)
    page = await client.get("/users/", headers=operator["headers"])
    assert page.headers["X-Total-Count"] == "3"
    assert [person["id"] for person in page.json()] == [operator["id"], maria["id"], joao["id"]]
    assert page.json()[0]["full_name"] is None
    second = await client.get("/users?skip=1&limit=1", headers=operator["headers"])
    assert [person["full_name"] for person in second.json()] == ["Maria da Silva"]
    shown = await client.get(f"/users/{maria['id']}", headers=operator["headers"])
    assert shown.json()["cpf"] == MARIA["cpf"]
    own = await client.get(f"/users/{operator['id']}", headers=operator["headers"])
    assert own.json()["cpf"] is None
    missing = await client.get("/users/999999", headers=operator["headers"])
    assert (missing.status_code, missing.json()["detail"]) == (404, "Usuário não encontrado.")
    assert audited(city_dsn, start) == [
        ("identity.accounts_listed", None, operator["id"]),
        ("identity.accounts_listed", None, operator["id"]),
        ("identity.account_read", str(maria["id"]), operator["id"]),
    ]
    for query in ("skip=-1", "limit=0", "limit=1001", f"skip={2**63}"):
        wrong = await client.get(f"/users/?{query}", headers=operator["headers"])
        assert wrong.status_code == 422


async def test_staff_without_that_role_see_nobody(
    client: httpx.AsyncClient, make_account: MakeAccount
) -> None:
    recruiter = await make_account("recrutadora", role="recrutador")
    operator = await make_account("operadora", role="operador")
    maria = await registered(client, MARIA)
    for path in ("/users/", f"/users/{maria['id']}"):
        assert (await client.get(path, headers=recruiter["headers"])).status_code == 403
    changed = await client.put(f"/users/{maria['id']}", json=JOAO, headers=operator["headers"])
    assert changed.status_code == 403


async def test_one_changes_ones_own_data(
    client: httpx.AsyncClient, resources: Resources, city_dsn: str, outbox: io.StringIO
) -> None:
    maria = await registered(client, MARIA)
    start = last_record(city_dsn)
    new = {**MARIA, "full_name": "Maria Souza", "phone": "2122223333", "email": "ms@example.com"}
    changed = await client.put(f"/users/{maria['id']}", json=new, headers=maria["headers"])
    assert changed.status_code == 200, changed.text
    answer = changed.json()
    assert {name: answer[name] for name in new} == new
    assert answer["created_at"] == maria["created_at"]
    assert answer["updated_at"] > maria["updated_at"]
    assert audited(city_dsn, start) == [
        ("identity.account_updated", str(maria["id"]), maria["id"]),
    ]
    assert (await sign_in(client, "ms@example.com")).status_code == 200
    assert (await sign_in(client, "maria@example.com")).status_code == 401
    await Worker(resources).run(until_empty=True)
    assert outbox.getvalue().count("To: ") == 1  # the old address, so that its owner notices
    assert "To: maria@example.com\nSubject: O e-mail da sua conta foi alterado" in outbox.getvalue()
    with psycopg.connect(city_dsn) as connection:
        assert connection.execute("SELECT FROM identity.notices").fetchall() == []


async def test_an_e_mail_that_stays_is_no_news(
    client: httpx.AsyncClient, resources: Resources, outbox: io.StringIO
) -> None:
    maria = await registered(client, MARIA)
    same = await client.put(
        f"/users/{maria['id']}",
        json={**MARIA, "email": "MARIA@example.com"},
        headers=maria["headers"],
    )
    assert same.status_code == 200
    await Worker(resources).run(until_empty=True)
    assert outbox.getvalue() == ""


async def test_changes_that_cannot_be(client: httpx.AsyncClient) -> None:
    maria = await registered(client, MARIA)
    await registered(client, JOAO)
    for change, status, code in (
        ({"email": "Joao@example.com"}, 409, "contact_taken"),
        ({"cpf": JOAO["cpf"]}, 403, "cpf_change_forbidden"),
        ({"cpf": "39053344705"}, 403, "cpf_change_forbidden"),
        ({"full_name": "Maria"}, 422, "validation_error"),
        ({"phone": None}, 422, "validation_error"),
    ):
        refused = await client.put(
            f"/users/{maria['id']}", json={**MARIA, **change}, headers=maria["headers"]
        )
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    own = (await client.get("/users/me", headers=maria["headers"])).json()
    assert {**own, "headers": maria["headers"]} == maria
    partial = await client.put(
        f"/users/{maria['id']}", json={"phone": "2133334444"}, headers=maria["headers"]
    )
    assert len(partial.json()["errors"]) == 4


async def test_a_missing_cpf_is_completed_once_and_an_admin_corrects_it(
    client: httpx.AsyncClient, make_account: MakeAccount
) -> None:
    plain = await make_account("maria")
    admin = await make_account("administradora", role="admin")
    path = f"/users/{plain['id']}"
    assert (await client.put(path, json=MARIA, headers=plain["headers"])).status_code == 200
    other = {**MARIA, "cpf": JOAO["cpf"]}
    assert (await client.put(path, json=other, headers=plain["headers"])).status_code == 403
    assert (await client.put(path, json=other, headers=admin["headers"])).status_code == 200
    missing = await client.put("/users/999999", json=JOAO, headers=admin["headers"])
    assert (missing.status_code, missing.json()["code"]) == (404, "person_not_found")


async def test_of_two_who_want_an_e_mail_at_once_one_gets_it(client: httpx.AsyncClient) -> None:
    maria, joao = await registered(client, MARIA), await registered(client, JOAO)
    answers = await asyncio.gather(
        *(
            client.put(
                f"/users/{who['id']}",
                json={**data, "email": "nova@example.com"},
                headers=who["headers"],
            )
            for who, data in ((maria, MARIA), (joao, JOAO))
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


@pytest.mark.parametrize(
    ("name", "status", "detail"),
    [
        ("529.982.247-25", 401, "CPF ou senha inválidos."),
        ("11144477735", 401, "CPF ou senha inválidos."),
        ("52998224724", 400, "CPF inválido."),
        ("00000000000", 400, "CPF inválido."),
        ("maria", 401, "Nome de usuário ou senha incorretos"),
        ("maria@example.com", 401, "Nome de usuário ou senha incorretos"),
    ],
)
async def test_a_failed_sign_in_speaks_of_what_was_typed(
    client: httpx.AsyncClient, name: str, status: int, detail: str
) -> None:
    await register(client, MARIA)
    refused = await client.post("/auth/login", data={"username": name, "password": "errada-1"})
    assert (refused.status_code, refused.json()["detail"]) == (status, detail)


async def test_a_user_name_written_like_a_cpf_still_signs_in(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    body = {"username": "52998224724", "password": PASSWORD}
    assert (await client.post(f"{API}/usuarios", json=body)).status_code == 201
    assert (await sign_in(client, "52998224724")).status_code == 200
    del resources


async def test_other_rooms_find_whom_to_write_to(
    client: httpx.AsyncClient, resources: Resources, make_account: MakeAccount, city_dsn: str
) -> None:
    maria = await registered(client, MARIA)
    staff = await make_account("operadora", role="operador")
    async with resources.databases.identity.read() as session:
        assert await contact_of(session, maria["id"]) == Contact("Maria da Silva", MARIA["email"])
        assert await contact_of(session, staff["id"]) == Contact("operadora", None)
        assert await contact_of(session, 999_999) is None
    with psycopg.connect(city_dsn, autocommit=True) as connection:
        connection.execute("UPDATE identity.accounts SET is_active = false")
    async with resources.databases.identity.read() as session:
        assert await contact_of(session, maria["id"]) is None
