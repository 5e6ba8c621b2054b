"""System 4's admin routes: nothing goes unconfirmed, and nothing goes but what was confirmed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from praca.entrypoints.kinds import TASK_KINDS
from praca.entrypoints.personal_data import ERASE_ALL_ACCOUNTS, FINISH_ERASURES
from praca.identity import Role
from praca.platform.errors import TaskAlreadyRunningError
from praca.platform.resources import Resources
from praca.platform.tasks import TaskContext, Worker

API = "/api/v1/admin"
BOOKS = f"{API}/limpa-tabela-livros"
TASKS = f"{API}/limpa-tabela-tarefas"
USERS = f"{API}/limpa-tabela-usuarios"
MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
Account = dict[str, Any]

_BOOK = """
INSERT INTO library.books (upc, url, titulo, preco_centavos, moeda, rating, disponibilidade,
    estoque, categoria, imagem, titulo_busca, categoria_busca, absent_since)
SELECT 'upc-' || n, 'http://loja.test/' || n, 'Livro ' || n, 1000, 'BRL', 3, true, 1, 'Poesia',
    'http://loja.test/capa', 'livro ' || n, 'poesia', CASE WHEN n = 1 THEN now() END
FROM generate_series(1, %s) n
"""
_TASK = """
INSERT INTO platform.task_runs (id, kind, status, exclusive_key)
VALUES (%s, %s, %s, %s)
"""


@pytest.fixture
async def chief(make_account: MakeAccount, city_dsn: str) -> Account:
    last = rows(city_dsn, "SELECT coalesce(max(id), 0) FROM platform.audit_log")[0][0]
    return {**await make_account("chefe", role="admin"), "audit": last}


def rows(dsn: str, query: str, *values: Any) -> list[Any]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query.encode(), values).fetchall()


def count(dsn: str, table: str) -> int:
    return int(rows(dsn, f"SELECT count(*) FROM {table}")[0][0])


def add_books(dsn: str, number: int) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(_BOOK, [number])
        connection.execute(
            "INSERT INTO library.book_prices (book_id, preco_centavos, moeda, disponibilidade,"
            " estoque) SELECT id, 1000, 'BRL', true, 1 FROM library.books"
        )


def add_task(dsn: str, status: str, kind: str = "jobs.clean_erased") -> UUID:
    run_id = uuid4()
    with psycopg.connect(dsn) as connection:
        connection.execute(_TASK, [run_id, kind, status, kind if "library" in kind else None])
    return run_id


def audited(dsn: str, action: str, who: Account) -> int:
    """How often it was noted that this admin did it; entries of earlier tests do not count."""
    query = (
        "SELECT count(*) FROM platform.audit_log WHERE action = %s AND actor_id = %s AND id > %s"
    )
    return int(rows(dsn, query, action, who["id"], who["audit"])[0][0])


async def delete(
    client: httpx.AsyncClient, who: Account, path: str, **params: Any
) -> httpx.Response:
    return await client.delete(path, params=params, headers=who["headers"])


def refused(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


# --- who may, and what must be said ---------------------------------------------------------------


async def test_only_admins_empty_tables(
    client: httpx.AsyncClient, make_account: MakeAccount, city_dsn: str
) -> None:
    add_books(city_dsn, 2)
    add_task(city_dsn, "succeeded")
    others = [await make_account(role.value, role=role.value) for role in Role if role != "admin"]
    paths = {BOOKS: 2, TASKS: 1, USERS: 4, f"{API}/limpa-usuario/{others[0]['id']}": 0}
    for path, confirmed in paths.items():
        anonymous = await client.delete(path, params={"confirmar": confirmed})
        assert refused(anonymous) == (401, "not_authenticated")
        for who in others:
            answer = await delete(client, who, path, confirmar=confirmed or others[0]["id"])
            assert refused(answer) == (403, "forbidden")
    assert [count(city_dsn, f"library.{table}") for table in ("books", "book_prices")] == [2, 2]
    assert count(city_dsn, "platform.task_runs") == 1
    assert count(city_dsn, "identity.accounts") == 4


async def test_without_the_right_confirmation_nothing_goes(
    client: httpx.AsyncClient, chief: Account, make_account: MakeAccount, city_dsn: str
) -> None:
    ana = await make_account("ana")
    add_books(city_dsn, 3)
    add_task(city_dsn, "failed")
    one = f"{API}/limpa-usuario/{ana['id']}"
    for path, rows_going, expected in (
        (BOOKS, 3, 3),
        (TASKS, 1, 1),
        (USERS, 1, 1),
        (one, 1, ana["id"]),
    ):
        for params in ({}, {"confirmar": expected + 1}, {"confirmar": 0}):
            answer = await delete(client, chief, path, **params)
            assert refused(answer) == (409, "confirmation_required")
            body = answer.json()
            assert (body["linhas"], body["confirmar"]) == (rows_going, expected)
            assert f"confirmar={expected}" in body["detail"]
        for wrong in ("livros", "-1", "2.5", str(2**63)):
            assert refused(await delete(client, chief, path, confirmar=wrong)) == (
                422,
                "validation_error",
            )
    assert count(city_dsn, "library.books") == 3
    assert count(city_dsn, "platform.task_runs") == 1
    assert count(city_dsn, "identity.accounts") == 2
    for action in ("library.books_cleared", "tasks.cleared", "identity.erase_all_requested"):
        assert audited(city_dsn, action, chief) == 0


# --- books ----------------------------------------------------------------------------------------


async def test_books_go_with_their_history_and_ids_begin_again(
    client: httpx.AsyncClient, chief: Account, city_dsn: str
) -> None:
    add_books(city_dsn, 5)
    task = add_task(city_dsn, "succeeded")
    with psycopg.connect(city_dsn) as connection:
        connection.execute(
            "INSERT INTO library.catalogue (revision) VALUES (41)"
            " ON CONFLICT (id) DO UPDATE SET revision = 41"
        )
    answer = await delete(client, chief, BOOKS, confirmar=5)
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Tabela de livros limpa: 5 livro(s) deletado(s); os ids recomeçam em 1.",
        "total": 5,
    }
    assert [count(city_dsn, f"library.{table}") for table in ("books", "book_prices")] == [0, 0]
    assert rows(city_dsn, "SELECT revision FROM library.catalogue") == [(42,)]
    assert rows(city_dsn, "SELECT id FROM platform.task_runs") == [(task,)]
    assert audited(city_dsn, "library.books_cleared", chief) == 1
    add_books(city_dsn, 2)
    assert rows(city_dsn, "SELECT id FROM library.books ORDER BY id") == [(1,), (2,)]
    # Said once more by mistake: the number is another now.
    assert refused(await delete(client, chief, BOOKS, confirmar=5)) == (
        409,
        "confirmation_required",
    )
    assert count(city_dsn, "library.books") == 2


async def test_the_revision_begins_where_there_was_none(
    client: httpx.AsyncClient, chief: Account, city_dsn: str
) -> None:
    with psycopg.connect(city_dsn) as connection:
        connection.execute("DELETE FROM library.catalogue")
    assert (await delete(client, chief, BOOKS, confirmar=0)).status_code == 200
    assert rows(city_dsn, "SELECT revision FROM library.catalogue") == [(1,)]


@pytest.mark.parametrize("status", ["queued", "running"])
async def test_books_stay_while_a_crawl_is_under_way(
    client: httpx.AsyncClient, chief: Account, status: str, city_dsn: str
) -> None:
    add_books(city_dsn, 2)
    crawl = add_task(city_dsn, status, "library.scrape")
    answer = await delete(client, chief, BOOKS, confirmar=2)
    assert refused(answer) == (409, "task_already_running")
    assert answer.json()["task_id"] == str(crawl)
    assert count(city_dsn, "library.books") == 2
    with psycopg.connect(city_dsn) as connection:
        connection.execute("UPDATE platform.task_runs SET status = 'succeeded'")
    assert (await delete(client, chief, BOOKS, confirmar=2)).status_code == 200


async def test_of_many_who_clear_at_once_one_does(
    client: httpx.AsyncClient, chief: Account, city_dsn: str
) -> None:
    add_books(city_dsn, 4)
    answers = await asyncio.gather(*(delete(client, chief, BOOKS, confirmar=4) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert audited(city_dsn, "library.books_cleared", chief) == 1
    assert count(city_dsn, "platform.task_runs") == 0


async def test_what_would_begin_meanwhile_waits(resources: Resources) -> None:
    """A crawl enqueued while its place is held is enqueued when the place is free."""
    kind = FINISH_ERASURES.name
    database, tasks = resources.databases.city, resources.tasks

    async def enqueue() -> UUID:
        async with database.write() as session:
            return await tasks.enqueue(session, kind, {})

    async with database.write() as session, tasks.instead_of(session, kind):
        enqueued = asyncio.create_task(enqueue())
        done, _ = await asyncio.wait([enqueued], timeout=0.2)
        assert not done
    run_id = await enqueued
    async with database.write() as session:
        assert (await tasks.require(session, run_id)).status == "queued"
        with pytest.raises(TaskAlreadyRunningError):
            async with tasks.instead_of(session, kind):
                pytest.fail("its place was taken")


# --- tasks ----------------------------------------------------------------------------------------


async def test_only_tasks_that_have_ended_go(
    client: httpx.AsyncClient, chief: Account, city_dsn: str
) -> None:
    for ended in ("succeeded", "failed", "cancelled"):
        add_task(city_dsn, ended)
    staying = {add_task(city_dsn, "queued"), add_task(city_dsn, "running")}
    answers = await asyncio.gather(*(delete(client, chief, TASKS, confirmar=3) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (done,) = [answer.json() for answer in answers if answer.status_code == 200]
    assert done == {
        "message": "Tabela de tarefas limpa: 3 tarefa(s) encerrada(s) deletada(s).",
        "total": 3,
    }
    assert {row[0] for row in rows(city_dsn, "SELECT id FROM platform.task_runs")} == staying
    assert audited(city_dsn, "tasks.cleared", chief) == 1
    assert (await delete(client, chief, TASKS, confirmar=0)).json()["total"] == 0


# --- accounts -------------------------------------------------------------------------------------


async def test_one_account_goes_by_the_erasure(
    client: httpx.AsyncClient, chief: Account, make_account: MakeAccount, city_dsn: str
) -> None:
    ana, rui = await make_account("ana"), await make_account("rui")
    path = f"{API}/limpa-usuario/{ana['id']}"
    answer = await delete(client, chief, path, confirmar=ana["id"])
    assert (answer.status_code, answer.json()) == (
        200,
        {"message": "Usuário 'ana' foi deletado com sucesso."},
    )
    assert rows(city_dsn, "SELECT username FROM identity.accounts ORDER BY id") == [
        ("chefe",),
        ("rui",),
    ]
    me = await client.get("/api/v1/usuarios/me", headers=ana["headers"])
    assert me.status_code == 401
    assert (await client.get("/api/v1/usuarios/me", headers=rui["headers"])).status_code == 200
    noted = rows(
        city_dsn,
        "SELECT actor_id FROM identity.audit_log WHERE action = 'identity.erasure_requested'"
        " AND resource_id = %s ORDER BY id",
        str(ana["id"]),
    )
    assert noted[-1] == (chief["id"],)
    again = await delete(client, chief, path, confirmar=ana["id"])
    assert refused(again) == (404, "user_not_found")
    assert again.json()["detail"] == f"Usuário com ID {ana['id']} não encontrado."


async def test_an_account_whose_erasure_has_begun_is_none(
    client: httpx.AsyncClient, chief: Account, make_account: MakeAccount, city_dsn: str
) -> None:
    ana = await make_account("ana")
    with psycopg.connect(city_dsn) as connection:
        connection.execute(
            "UPDATE identity.accounts SET erasing_at = now(), is_active = false WHERE id = %s",
            [ana["id"]],
        )
    answer = await delete(client, chief, f"{API}/limpa-usuario/{ana['id']}", confirmar=ana["id"])
    assert refused(answer) == (404, "user_not_found")
    assert (await delete(client, chief, USERS)).json()["linhas"] == 0


async def test_an_admin_deletes_neither_himself_nor_the_last(
    client: httpx.AsyncClient, chief: Account, make_account: MakeAccount, city_dsn: str
) -> None:
    own = f"{API}/limpa-usuario/{chief['id']}"
    assert refused(await delete(client, chief, own, confirmar=chief["id"])) == (409, "own_account")
    other = await make_account("outra", role="admin")
    answers = await asyncio.gather(
        delete(client, chief, f"{API}/limpa-usuario/{other['id']}", confirmar=other["id"]),
        delete(client, other, f"{API}/limpa-usuario/{chief['id']}", confirmar=chief["id"]),
    )
    assert 200 in {answer.status_code for answer in answers}
    assert {answer.status_code for answer in answers} <= {200, 401, 409}
    assert rows(city_dsn, "SELECT count(*) FROM identity.accounts WHERE role = 'admin'") == [(1,)]


async def test_who_has_money_keeps_his_account_unless_it_is_given_up(
    client: httpx.AsyncClient, chief: Account, make_account: MakeAccount
) -> None:
    ana = await make_account("ana")
    await recharge(client, ana)
    path = f"{API}/limpa-usuario/{ana['id']}"
    assert refused(await delete(client, chief, path, confirmar=ana["id"])) == (409, "balance_left")
    answer = await delete(client, chief, path, confirmar=ana["id"], renunciar_saldo=True)
    assert answer.status_code == 200


async def recharge(client: httpx.AsyncClient, who: Account) -> None:
    card = await client.post("/api/v1/transport-card", headers=who["headers"])
    number = card.json()["card_number"]
    done = await client.post(
        f"/api/v1/transport-card/{number}/recharge",
        json={"amount": 500},
        headers=who["headers"],
    )
    assert done.status_code == 200, done.text


# --- all accounts ---------------------------------------------------------------------------------


async def test_all_accounts_go_but_those_of_admins(
    client: httpx.AsyncClient,
    resources: Resources,
    chief: Account,
    make_account: MakeAccount,
    city_dsn: str,
) -> None:
    await make_account("outra", role="admin")
    for role in ("usuario", "recrutador", "bibliotecario", "operador"):
        await make_account(f"um-{role}", role=role)
    rich = await make_account("rica")
    await recharge(client, rich)
    answers = await asyncio.gather(*(delete(client, chief, USERS, confirmar=5) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert "task_already_running" in {answer.json().get("code") for answer in answers}
    (started,) = [answer.json() for answer in answers if answer.status_code == 200]
    assert started["total"] == 5
    assert started["id_tarefa"] in started["message"]
    later = await make_account("depois")
    await Worker(resources).run(until_empty=True)
    task = await client.get(f"/api/v1/tasks/{started['id_tarefa']}", headers=chief["headers"])
    assert task.json()["result"] == {"erased": 4, "with_balance": 1}
    left = {name for (name,) in rows(city_dsn, "SELECT username FROM identity.accounts")}
    assert left == {"chefe", "outra", "rica", "depois"}
    assert later["id"] > rich["id"]
    assert audited(city_dsn, "identity.erase_all_requested", chief) == 1


async def run_all(resources: Resources, chief: Account, until: int) -> dict[str, Any]:
    assert ERASE_ALL_ACCOUNTS in TASK_KINDS
    args = {"actor_id": chief["id"], "until": until, "forfeit_balance": False}
    return await ERASE_ALL_ACCOUNTS.run(TaskContext(uuid4(), resources), args) or {}


async def test_the_clearing_is_safe_to_run_twice(
    resources: Resources, chief: Account, make_account: MakeAccount, city_dsn: str
) -> None:
    last = [await make_account(name) for name in ("ana", "rui", "bia")][-1]
    assert await run_all(resources, chief, last["id"]) == {"erased": 3, "with_balance": 0}
    assert await run_all(resources, chief, last["id"]) == {"erased": 0, "with_balance": 0}
    assert rows(city_dsn, "SELECT username FROM identity.accounts") == [("chefe",)]


async def test_the_clearing_ends_with_the_role_of_who_asked(
    client: httpx.AsyncClient,
    resources: Resources,
    chief: Account,
    make_account: MakeAccount,
    city_dsn: str,
) -> None:
    ana = await make_account("ana")
    await make_account("outra", role="admin")
    answer = await delete(client, chief, USERS, confirmar=1)
    with psycopg.connect(city_dsn) as connection:
        connection.execute(
            "UPDATE identity.accounts SET role = 'operador' WHERE id = %s", [chief["id"]]
        )
    await Worker(resources).run(until_empty=True)
    ended = rows(
        city_dsn,
        "SELECT status, error FROM platform.task_runs WHERE id = %s",
        answer.json()["id_tarefa"],
    )
    assert ended == [("failed", "Você não tem permissão para isto.")]
    assert (await client.get("/api/v1/usuarios/me", headers=ana["headers"])).status_code == 200
