"""Many clients at the same moment: rows stay whole and totals stay true."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import psycopg
import pytest

API = "/api/v1"
CLIENTS = 20
TABLES = {
    "candidates": "codigo_profissional",
    "vacancies": "codigo_vaga",
    "prospects": "id",
    "prospect_groups": "codigo_vaga",
}

UPSERT = (
    "INSERT INTO jobs.candidates (codigo_profissional, infos_basicas) VALUES (%s, '{}')"
    ' ON CONFLICT (codigo_profissional) DO UPDATE SET infos_basicas = \'{"nome": "x"}\''
)
RANGE = (
    "INSERT INTO jobs.candidates (codigo_profissional, infos_basicas)"
    " SELECT n, '{}' FROM generate_series(%s::int, %s::int) n ON CONFLICT DO NOTHING"
)
DELETE = "DELETE FROM jobs.candidates WHERE codigo_profissional = %s"
SAME_PAIR = (
    "INSERT INTO jobs.prospects (codigo_vaga, titulo_vaga, nome, codigo_candidato,"
    " situacao_candidato, data_candidatura, ultima_atualizacao, recrutador)"
    " VALUES (1, 'Outro', 'Ana', 2, '', '', '', '')"
)
WRITES = ((UPSERT, 1), (RANGE, 2), (DELETE, 1))

Staff = dict[str, str]
PutFile = Callable[[str, Any], None]
Work = Callable[[], Awaitable[None]]


def totals(dsn: str) -> dict[str, tuple[int, int]]:
    """Return per table what is counted and what is there."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        return {
            table: connection.execute(
                f"SELECT jobs.row_count('{table}'), (SELECT count(*) FROM jobs.{table})".encode()
            ).fetchone()
            or (-1, -2)
            for table in TABLES
        }


def assert_true_totals(dsn: str) -> dict[str, int]:
    found = totals(dsn)
    assert all(counted == there for counted, there in found.values()), found
    return {table: there for table, (_, there) in found.items()}


async def post(client: httpx.AsyncClient, staff: Staff, path: str, body: Any) -> httpx.Response:
    return await client.post(f"{API}/{path}", json=body, headers=staff)


async def test_the_same_candidate_from_many_clients_is_one_whole_record(
    client: httpx.AsyncClient, staff: Staff, city_dsn: str
) -> None:
    def body(number: int) -> dict[str, Any]:
        basic = {"codigo_profissional": 7, "nome": f"N{number}", "email": f"E{number}"}
        return {"infos_basicas": basic, "cv_pt": f"C{number}"}

    answers = await asyncio.gather(
        *(post(client, staff, "candidatos/create", body(number)) for number in range(CLIENTS))
    )
    assert {(answer.status_code, answer.json()["codigo_candidato"]) for answer in answers} == {
        (200, 7)
    }
    details = (await client.get(f"{API}/candidatos/details/7", headers=staff)).json()
    number = details["infos_basicas"]["nome"][1:]
    # All of one writer, nothing of another.
    assert details["infos_basicas"]["email"] == f"E{number}"
    assert details["curriculos"]["cv_pt"] == f"C{number}"
    assert assert_true_totals(city_dsn)["candidates"] == 1


async def test_new_candidates_from_many_clients_have_a_code_each(
    client: httpx.AsyncClient, staff: Staff, city_dsn: str
) -> None:
    async def create(number: int) -> int:
        basic: dict[str, Any] = {"nome": "Ana"}
        if number % 4 == 0:  # some bring a code that the others are about to be given
            basic["codigo_profissional"] = number + 1
        answer = await post(client, staff, "candidatos/create", {"infos_basicas": basic})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["codigo_candidato"])

    codes = await asyncio.gather(*map(create, range(CLIENTS)))
    chosen = [code for number, code in enumerate(codes) if number % 4]
    assert len(set(chosen)) == len(chosen)
    assert assert_true_totals(city_dsn)["candidates"] == len(set(codes))


async def test_the_same_application_from_many_clients_is_made_once(
    client: httpx.AsyncClient, staff: Staff, city_dsn: str
) -> None:
    body = {
        "codigo_vaga": 1, "titulo_vaga": "T", "nome": "Ana", "codigo_candidato": 2,
        "situacao_candidato": "Prospect", "data_candidatura": "", "recrutador": "Bia",
    }  # fmt: skip
    answers = await asyncio.gather(
        *(post(client, staff, "prospects/add-candidate", body) for _ in range(CLIENTS))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * (CLIENTS - 1)
    refused = [answer.json() for answer in answers if answer.status_code == 400]
    assert {(one["code"], one["detail"]) for one in refused} == {
        ("prospect_exists", "O candidato já está associado a esta vaga.")
    }
    there = assert_true_totals(city_dsn)
    assert (there["prospects"], there["prospect_groups"]) == (1, 1)


async def test_totals_are_true_after_many_writers_some_of_whom_give_up(city_dsn: str) -> None:
    async def writer(seed: int) -> None:
        choice = random.Random(seed)  # noqa: S311  # a test's own dice
        connection = await psycopg.AsyncConnection.connect(city_dsn)
        async with connection:
            for _ in range(25):
                statement, width = choice.choice(WRITES)
                code = choice.randrange(1, 40)
                try:
                    await connection.execute(statement.encode(), [code, code + 3][:width])
                    await asyncio.sleep(0)
                    await (connection.rollback if choice.random() < 0.4 else connection.commit)()
                except psycopg.errors.DeadlockDetected:
                    await connection.rollback()  # ranges and single rows lock in any order

    async with asyncio.timeout(120):
        await asyncio.gather(*map(writer, range(12)))
    there = assert_true_totals(city_dsn)["candidates"]
    with psycopg.connect(city_dsn) as connection:
        slots = connection.execute(
            "SELECT count(*) FROM jobs.row_counts WHERE entity = 'candidates'"
        ).fetchone()
        assert slots is not None
        assert 1 <= slots[0] <= 12
        connection.execute("DELETE FROM jobs.candidates")
        assert connection.execute("SELECT jobs.row_count('candidates')").fetchone() == (0,)
        connection.rollback()
        assert connection.execute("SELECT jobs.row_count('candidates')").fetchone() == (there,)


@pytest.mark.parametrize("mode", ["upsert", "replace"])
async def test_imports_and_clients_at_the_same_time(
    client: httpx.AsyncClient,
    staff: Staff,
    put_file: PutFile,
    work: Work,
    city_dsn: str,
    mode: str,
) -> None:
    application = {
        "nome": "Ana", "situacao_candidado": "Prospect", "data_candidatura": "",
        "ultima_atualizacao": "", "comentario": "", "recrutador": "Bia",
    }  # fmt: skip
    put_file("raw/candidatos.json", {
        str(code): {"infos_basicas": {"nome": "Arquivo"}} for code in range(1, 400)
    })  # fmt: skip
    put_file("raw/prospects.json", {
        str(code): {"titulo": "T", "modalidade": "", "prospects": [application | {"codigo": "1"}]}
        for code in range(1, 200)
    })  # fmt: skip
    statuses: list[int] = []

    async def visitor(number: int) -> None:
        for step in range(8):
            code = number * 20 + step
            basic = {"codigo_profissional": code + 1, "nome": "Visita"}
            made = await post(client, staff, "candidatos/create", {"infos_basicas": basic})
            added = await post(client, staff, "prospects/add-candidate", {
                "codigo_vaga": code + 1, "titulo_vaga": "T", "nome": "Ana",
                "codigo_candidato": step % 2 + 1, "situacao_candidato": "Prospect",
                "data_candidatura": "", "recrutador": "Bia",
            })  # fmt: skip
            statuses.extend((made.status_code, added.status_code))

    ids = []
    for kind in ("candidatos", "prospects"):
        answer = await client.post(
            f"{API}/{kind}/update-tables", json={"file_key": kind}, params={"mode": mode},
            headers=staff,
        )  # fmt: skip
        ids.append(answer.json()["task_id"])
    await asyncio.gather(work(), *map(visitor, range(8)))
    assert set(statuses) <= {200, 400}
    for task_id in ids:
        task = (await client.get(f"{API}/tasks/{task_id}", headers=staff)).json()
        assert (task["status"], task["attempt"]) == ("succeeded", 1)
    assert_true_totals(city_dsn)
    listed = (await client.get(f"{API}/candidatos/list?limit=1", headers=staff)).json()
    assert listed["total"] == totals(city_dsn)["candidates"][1] >= 399


HOLD_GROUP = "SELECT FROM jobs.prospect_groups WHERE titulo_vaga = 'T' FOR UPDATE"


@pytest.mark.parametrize(
    "hold",
    [SAME_PAIR, HOLD_GROUP],
    ids=["before the application is in", "before its group is held"],
)
async def test_an_application_is_added_to_a_group_that_an_import_takes_away(
    client: httpx.AsyncClient,
    staff: Staff,
    put_file: PutFile,
    work: Work,
    city_dsn: str,
    hold: str,
) -> None:
    """Whoever adds is stopped half-way; meanwhile an import finds the group empty."""
    body = {
        "codigo_vaga": 1, "titulo_vaga": "T", "nome": "Ana", "codigo_candidato": 2,
        "situacao_candidato": "Prospect", "data_candidatura": "", "recrutador": "Bia",
    }  # fmt: skip
    other = {"titulo": "Outro", "modalidade": ""}
    renamed = {"titulo": "Novo", "modalidade": "", "prospects": [], "outros_titulos": [other]}
    put_file("raw/prospects.json", {"1": renamed})
    connection = await psycopg.AsyncConnection.connect(city_dsn)
    async with connection:
        await connection.execute(
            "INSERT INTO jobs.prospect_groups (codigo_vaga, titulo_vaga)"
            " VALUES (1, 'T'), (1, 'Outro')"
        )
        await connection.commit()
        await connection.execute(hold)
        adding = asyncio.create_task(post(client, staff, "prospects/add-candidate", body))
        await until_waiting(city_dsn, 1)
        answer = await client.post(
            f"{API}/prospects/update-tables", json={"file_key": "prospects"}, headers=staff
        )
        working = asyncio.ensure_future(work())
        await until_waiting(city_dsn, 2)
        await connection.rollback()
    assert (await adding).status_code == 200
    await working
    task = (await client.get(f"{API}/tasks/{answer.json()['task_id']}", headers=staff)).json()
    assert (task["status"], task["attempt"]) == ("succeeded", 1)
    there = assert_true_totals(city_dsn)
    assert (there["prospects"], there["prospect_groups"]) == (1, 3)


async def until_waiting(dsn: str, wanted: int) -> None:
    """Return when so many others wait for a lock."""
    connection = await psycopg.AsyncConnection.connect(dsn, autocommit=True)
    async with asyncio.timeout(120), connection:
        while True:
            cursor = await connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock'"
            )
            row = await cursor.fetchone()
            if row and row[0] >= wanted:
                return
            await asyncio.sleep(0.02)
