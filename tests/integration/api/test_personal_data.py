"""One's own data over HTTP: the copy, the erasure, and what happens when a room fails half-way."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import psycopg
import pytest
from pydantic import JsonValue

from praca.entrypoints.api import create_app
from praca.entrypoints.kinds import TASK_KINDS
from praca.entrypoints.personal_data import FINISH_ERASURES
from praca.identity import Role
from praca.identity.errors import BalanceLeftError
from praca.identity.personal_data import PersonalData, RefusingHolder
from praca.platform.audit import AuditEntry, forget_actor, record
from praca.platform.context import RequestContext, enter_context
from praca.platform.resources import Resources
from praca.platform.tasks import TaskContext

API = "/api/v1"
PASSWORD = "Segredo-forte-9"
MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
Account = dict[str, Any]


class Room:
    """A room that keeps a word about each account, and may fail or refuse."""

    name = "sala"

    def __init__(self) -> None:
        self.kept = {7: "de outra pessoa"}
        self.is_broken = False
        self.balance = 0

    async def check(self, account_id: int, *, forfeit_balance: bool) -> None:
        if self.balance and account_id in self.kept and not forfeit_balance:
            raise BalanceLeftError

    async def export(self, account_id: int) -> JsonValue:
        return self.kept.get(account_id)

    async def erase(self, account_id: int) -> None:
        if self.is_broken:
            raise RuntimeError
        self.kept.pop(account_id, None)


@pytest.fixture
def room(client: httpx.AsyncClient) -> Room:
    """A room more in the application."""
    state = client.app.state  # type: ignore[attr-defined]
    before: PersonalData = state.personal_data
    made = Room()
    resources = state.resources
    state.personal_data = PersonalData(
        resources.settings, resources.databases, (made, *before.holders)
    )
    return made


@pytest.fixture
async def ana(make_account: MakeAccount) -> Account:
    return await make_account("ana")


@pytest.fixture
async def chief(make_account: MakeAccount) -> Account:
    return await make_account("chefe", role="admin")


def personal_data(client: httpx.AsyncClient) -> PersonalData:
    found: PersonalData = client.app.state.personal_data  # type: ignore[attr-defined]
    return found


def rows(dsn: str, query: str, *values: Any) -> list[Any]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query.encode(), values).fetchall()


def accounts(dsn: str) -> set[str]:
    return {row[0] for row in rows(dsn, "SELECT username FROM identity.accounts")}


async def erase(
    client: httpx.AsyncClient, who: Account, path: str = "/users/me", **more: Any
) -> httpx.Response:
    return await client.request("DELETE", f"{API}{path}", headers=who["headers"], **more)


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def sign_in(client: httpx.AsyncClient, name: str) -> httpx.Response:
    form = {"username": name, "password": PASSWORD}
    return await client.post(f"{API}/auth/login", data=form)


# --- the copy ------------------------------------------------------------------------------------


async def test_a_copy_has_a_part_of_every_room_and_no_secret(
    client: httpx.AsyncClient, ana: Account, room: Room, city_dsn: str
) -> None:
    room.kept[ana["id"]] = "minha"
    answer = await client.get(f"{API}/users/me/export", headers=ana["headers"])
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="meus-dados.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    rooms = {
        "atendimento",
        "cartoes",
        "documentos",
        "empregos",
        "pix",
        "plataforma",
        "sala",
        "social",
    }
    assert set(body) == {"gerado_em", "conta", "acessos"} | rooms
    assert (body["conta"]["id"], body["conta"]["username"]) == (ana["id"], "ana")
    assert len(body["conta"]["sessoes"]) == 1
    assert [e["acao"] for e in body["conta"]["auditoria"]][-2:] == [
        "identity.signed_in",
        "identity.data_exported",
    ]
    assert body["sala"] == "minha"
    ((password_hash, token_hash),) = rows(
        city_dsn,
        "SELECT a.password_hash, t.token_hash FROM identity.accounts a"
        " JOIN identity.refresh_tokens t ON t.account_id = a.id",
    )
    assert password_hash not in answer.text
    assert token_hash not in answer.text


async def test_a_copy_tells_nothing_of_others(
    client: httpx.AsyncClient, ana: Account, chief: Account
) -> None:
    change = {"username": "ana-maria"}
    await client.put(f"{API}/usuarios/{ana['id']}", json=change, headers=chief["headers"])
    body = (await client.get(f"{API}/users/me/export", headers=ana["headers"])).json()
    (changed,) = [
        entry
        for entry in body["conta"]["auditoria"]
        if entry["acao"] == "identity.account_updated" and not entry["pela_propria_pessoa"]
    ]
    assert changed["endereco"] is None, "where an admin was is not Ana's affair"
    assert "chefe" not in str(body)


async def test_a_copy_tells_which_tasks_one_started(
    client: httpx.AsyncClient, resources: Resources, chief: Account, ana: Account
) -> None:
    for who in (chief, ana):
        async with resources.databases.city.write() as session:
            await resources.tasks.enqueue(session, "jobs.clean_erased", {}, owner_id=who["id"])
    body = (await client.get(f"{API}/users/me/export", headers=chief["headers"])).json()
    assert [task["tipo"] for task in body["plataforma"]["tarefas"]] == ["jobs.clean_erased"]


# --- the erasure ---------------------------------------------------------------------------------


async def test_an_erased_account_is_gone_and_its_name_is_free(
    client: httpx.AsyncClient, ana: Account, make_account: MakeAccount, city_dsn: str
) -> None:
    await make_account("rui")
    assert (await erase(client, ana)).status_code == 204
    assert accounts(city_dsn) == {"rui"}
    assert (
        rows(city_dsn, "SELECT 1 FROM identity.refresh_tokens WHERE account_id = %s", ana["id"])
        == []
    )
    assert refused(await sign_in(client, "ana")) == (401, "invalid_credentials")
    body = {"username": "ana", "password": PASSWORD, "perfil": "usuario"}
    assert (await client.post(f"{API}/usuarios/signup", json=body)).status_code == 201


async def test_tokens_end_with_the_account(
    client: httpx.AsyncClient, make_account: MakeAccount, settings: Any, resources: Resources
) -> None:
    ana = await make_account("ana")
    pair = (await sign_in(client, "ana")).json()
    assert (await erase(client, ana)).status_code == 204
    # Another process, which remembers nothing.
    transport = httpx.ASGITransport(app=create_app(settings, resources))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as other:
        seen = await other.get(f"{API}/usuarios/me", headers=ana["headers"])
        assert refused(seen) == (401, "invalid_token")
        renewed = await other.post(
            f"{API}/auth/refresh", json={"refresh_token": pair["refresh_token"]}
        )
        assert refused(renewed) == (401, "invalid_refresh_token")


async def test_a_password_that_is_sent_must_be_right_and_cannot_be_guessed(
    client: httpx.AsyncClient, ana: Account, city_dsn: str
) -> None:
    wrong = {"password": "Outra-senha-8"}
    assert refused(await erase(client, ana, json=wrong)) == (401, "invalid_credentials")
    limit = client.app.state.resources.settings.sign_in.sign_in_failures_per_account  # type: ignore[attr-defined]
    for _ in range(limit):
        answer = await erase(client, ana, json=wrong)
    assert refused(answer) == (429, "too_many_sign_ins")
    assert "ana" in accounts(city_dsn)
    assert (await erase(client, ana)).status_code == 204


@pytest.mark.parametrize("path", ["/users/{id}", "/users/me"])
async def test_the_only_admin_cannot_go(
    client: httpx.AsyncClient, chief: Account, city_dsn: str, path: str
) -> None:
    answer = await erase(client, chief, path.format(**chief))
    assert refused(answer) == (409, "last_admin")
    assert accounts(city_dsn) == {"chefe"}


async def test_who_may_erase_whom(
    client: httpx.AsyncClient,
    ana: Account,
    chief: Account,
    make_account: MakeAccount,
    city_dsn: str,
) -> None:
    operator = await make_account("bia", role="operador")
    assert refused(await erase(client, operator, f"/users/{ana['id']}")) == (403, "forbidden")
    assert refused(await erase(client, ana, "/users/999999")) == (403, "forbidden")
    assert refused(await erase(client, chief, "/users/999999")) == (404, "account_not_found")
    assert (await erase(client, operator, f"/users/{operator['id']}")).status_code == 204
    assert (await erase(client, chief, f"/users/{ana['id']}")).status_code == 204
    assert refused(await erase(client, chief, f"/users/{ana['id']}")) == (404, "account_not_found")
    assert accounts(city_dsn) == {"chefe"}


async def test_money_that_is_left_must_be_given_up(
    client: httpx.AsyncClient, ana: Account, room: Room, city_dsn: str
) -> None:
    assert isinstance(room, RefusingHolder)
    room.kept[ana["id"]], room.balance = "cartão", 500
    assert refused(await erase(client, ana)) == (409, "balance_left")
    assert (await sign_in(client, "ana")).status_code == 200, "nothing has happened"
    answer = await erase(client, ana, params={"renunciar_saldo": "true"})
    assert answer.status_code == 204
    assert room.kept == {7: "de outra pessoa"}
    assert accounts(city_dsn) == set()


async def test_tasks_that_ended_go_and_others_lose_their_owner(
    client: httpx.AsyncClient,
    resources: Resources,
    chief: Account,
    make_account: MakeAccount,
    city_dsn: str,
) -> None:
    await make_account("outra-chefe", role="admin")
    async with resources.databases.city.write() as session:
        for kind in ("jobs.export_vagas", "jobs.import_vagas"):
            args = {"key": "raw/da-chefe.json"}
            await resources.tasks.enqueue(session, kind, args, owner_id=chief["id"])
    with psycopg.connect(city_dsn) as connection:
        connection.execute(
            "UPDATE platform.task_runs SET status = 'failed' WHERE kind = 'jobs.import_vagas'"
        )
    assert (await erase(client, chief)).status_code == 204
    found = rows(city_dsn, "SELECT kind, owner_id FROM platform.task_runs")
    assert found == [("jobs.export_vagas", None)]


# --- when something fails ------------------------------------------------------------------------


async def finish(client: httpx.AsyncClient) -> tuple[int, int]:
    """Return how many were erased, and how many could not be."""
    found = await personal_data(client).finish()
    return found["erased"], found["left"]


async def test_a_room_that_fails_leaves_a_closed_account_that_is_finished_later(
    client: httpx.AsyncClient, ana: Account, room: Room, city_dsn: str
) -> None:
    room.kept[ana["id"]], room.is_broken = "minha", True
    assert (await erase(client, ana)).status_code == 204, "it is closed, which is for good"
    ((name, cpf, is_active, marked),) = rows(
        city_dsn,
        "SELECT username, cpf, is_active, erasing_at IS NOT NULL FROM identity.accounts"
        " WHERE id = %s",
        ana["id"],
    )
    assert (cpf, is_active, marked) == (None, False, True)
    assert name.startswith("apagada-")
    assert refused(await sign_in(client, "ana")) == (401, "invalid_credentials")
    assert await finish(client) == (0, 1)
    room.is_broken = False
    assert await finish(client) == (1, 0)
    assert room.kept == {7: "de outra pessoa"}
    assert accounts(city_dsn) == set()
    assert await finish(client) == (0, 0)
    told = rows(
        city_dsn,
        "SELECT action FROM identity.audit_log WHERE resource_id = %s AND action LIKE '%%eras%%'"
        " ORDER BY id DESC LIMIT 2",
        str(ana["id"]),
    )
    assert told == [("identity.account_erased",), ("identity.erasure_requested",)]


async def test_an_admin_may_ask_again_for_what_was_left(
    client: httpx.AsyncClient, ana: Account, chief: Account, room: Room, city_dsn: str
) -> None:
    room.is_broken = True
    assert (await erase(client, ana)).status_code == 204
    room.is_broken = False
    assert (await erase(client, chief, f"/users/{ana['id']}")).status_code == 204
    assert accounts(city_dsn) == {"chefe"}


async def test_what_a_request_under_way_leaves_is_swept_up(
    client: httpx.AsyncClient, resources: Resources, ana: Account, room: Room, city_dsn: str
) -> None:
    assert (await erase(client, ana)).status_code == 204
    # Begun before the erasure, ended after it.
    room.kept[ana["id"]] = "tardia"
    enter_context(RequestContext("pedido-da-ana", "203.0.113.9"))
    async with resources.databases.city.write() as session:
        await record(session, AuditEntry("test.late", "thing", actor_id=ana["id"]))
    await finish(client)
    assert room.kept == {7: "de outra pessoa"}
    query = "SELECT 1 FROM platform.audit_log WHERE address = '203.0.113.9'"
    assert rows(city_dsn, query) == []


async def test_the_task_finishes_what_a_dead_process_left(
    resources: Resources, ana: Account, city_dsn: str
) -> None:
    with psycopg.connect(city_dsn) as connection:
        connection.execute(
            "UPDATE identity.accounts SET erasing_at = now(), is_active = false WHERE id = %s",
            [ana["id"]],
        )
    assert FINISH_ERASURES in TASK_KINDS
    async with resources.databases.city.write() as session:
        run_id = await resources.tasks.enqueue(session, FINISH_ERASURES.name, {})
    context = TaskContext(run_id, resources)
    found = await FINISH_ERASURES.run(context, {}) or {}
    assert (found["erased"], found["left"]) == (1, 0)
    assert accounts(city_dsn) == set()
    assert FINISH_ERASURES.cron(resources.settings) == "*/5 * * * *"


async def test_two_admins_who_leave_at_once_leave_one(
    client: httpx.AsyncClient, chief: Account, make_account: MakeAccount, city_dsn: str
) -> None:
    other = await make_account("outra-chefe", role=Role.ADMIN.value)
    answers = await asyncio.gather(*(erase(client, who) for who in (chief, other)))
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    assert len(accounts(city_dsn)) == 1


async def test_many_who_erase_the_same_account_do_no_harm(
    client: httpx.AsyncClient, ana: Account, chief: Account, city_dsn: str
) -> None:
    path = f"/users/{ana['id']}"
    answers = await asyncio.gather(*(erase(client, who, path) for who in (ana, chief) * 3))
    assert {answer.status_code for answer in answers} <= {204, 404}
    assert accounts(city_dsn) == {"chefe"}
    told = rows(
        city_dsn,
        "SELECT count(*) FROM identity.audit_log WHERE action = 'identity.account_erased'"
        " AND resource_id = %s AND at > now() - interval '1 minute'",
        str(ana["id"]),
    )
    assert told[0][0] >= 1


# --- the audit -----------------------------------------------------------------------------------


@pytest.mark.parametrize("schema", ["platform", "identity"])
async def test_the_audit_forgets_where_one_account_was_and_nothing_else(
    resources: Resources, schema: str, city_dsn: str
) -> None:
    ids = {"forgotten": 880_001, "kept": 880_002}
    for actor_id in ids.values():
        enter_context(RequestContext("pedido-0001", "203.0.113.1"))
        async with resources.databases.city.write() as session:
            entry = AuditEntry("test.done", "thing", "1", actor_id)
            await record(session, entry, schema=schema)
    async with resources.databases.city.write() as session:
        await forget_actor(session, ids["forgotten"], schema=schema)
    query = (
        f"SELECT DISTINCT action, resource_id, request_id, address FROM {schema}.audit_log"
        " WHERE actor_id = %s"
    )
    assert rows(city_dsn, query, ids["forgotten"]) == [("test.done", "1", None, None)]
    assert rows(city_dsn, query, ids["kept"]) == [("test.done", "1", "pedido-0001", "203.0.113.1")]


@pytest.mark.parametrize("schema", ["platform", "identity"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {}.audit_log SET action = 'other', address = NULL, request_id = NULL",
        "UPDATE {}.audit_log SET actor_id = NULL, address = NULL, request_id = NULL",
        "UPDATE {}.audit_log SET at = now(), address = NULL, request_id = NULL",
        "UPDATE {}.audit_log SET address = '203.0.113.2', request_id = NULL",
        "UPDATE {}.audit_log SET address = NULL",
        "DELETE FROM {}.audit_log",
        "TRUNCATE {}.audit_log",
    ],
)
async def test_naming_an_account_allows_no_other_change_of_the_audit(
    resources: Resources, schema: str, statement: str, city_dsn: str
) -> None:
    enter_context(RequestContext("pedido-0002", "203.0.113.1"))
    async with resources.databases.city.write() as session:
        await record(session, AuditEntry("test.done", "thing", "1", 880_003), schema=schema)
    where = "" if "TRUNCATE" in statement else " WHERE actor_id = 880003"
    assert refuses(city_dsn, "880003", statement.format(schema) + where)


def refuses(dsn: str, named: str, statement: str) -> bool:
    """Tell whether the database refuses a statement while the transaction names an account."""
    with psycopg.connect(dsn) as connection:
        connection.execute("SELECT set_config('praca.forget_actor', %s, true)", [named])
        with pytest.raises(psycopg.Error, match="append-only"):
            connection.execute(statement.encode())
    return True


@pytest.mark.parametrize("named", ["880005", "88000", ""])
async def test_another_accounts_entries_cannot_be_blanked(
    resources: Resources, named: str, city_dsn: str
) -> None:
    async with resources.databases.city.write() as session:
        await record(session, AuditEntry("test.done", "thing", "1", 880_004))
    blank = "UPDATE platform.audit_log SET address = NULL, request_id = NULL"
    assert refuses(city_dsn, named, f"{blank} WHERE actor_id = 880004")
    assert refuses(city_dsn, "880004", blank), "all at once"
