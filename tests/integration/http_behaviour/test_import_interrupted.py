"""An import whose database session is killed half-way, as by a fail-over or an administrator."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import psycopg
import pytest

from praca.platform.tasks import Worker

API = "/api/v1"
TIMEOUT_S = 120

Staff = dict[str, str]
PutFile = Callable[[str, Any], None]
Work = Callable[[], Awaitable[None]]

_IMPORTING = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
  AND query LIKE '%%jobs"."vacancies%%' AND pid <> ALL(%s)
"""


def _kill_the_import(dsn: str, killed: list[int]) -> None:
    """Wait until the import, held back by a lock, is about to write; end its session.

    A session that was ended is shown for a moment longer, so those are told apart.
    """
    deadline = time.monotonic() + TIMEOUT_S
    with psycopg.connect(dsn, autocommit=True) as connection:
        while time.monotonic() < deadline:
            row = connection.execute(_IMPORTING.encode(), [killed]).fetchone()
            if row is not None:
                connection.execute("SELECT pg_terminate_backend(%s)", row)
                killed.append(row[0])
                return
            time.sleep(0.02)
    raise TimeoutError


def _codes(dsn: str) -> list[int]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        rows = connection.execute("SELECT codigo_vaga FROM jobs.vacancies ORDER BY 1").fetchall()
        counted = connection.execute("SELECT jobs.row_count('vacancies')").fetchone()
    assert counted == (len(rows),)
    return [row[0] for row in rows]


@pytest.mark.parametrize(("deaths", "status"), [(1, "succeeded"), (3, "failed")])
async def test_an_import_whose_session_is_killed_is_tried_again_or_given_up(
    client: httpx.AsyncClient,
    staff: Staff,
    put_file: PutFile,
    work: Work,
    city_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
    deaths: int,
    status: str,
) -> None:
    async def at_once(*_arguments: object, delay_s: int) -> None:
        await requeue(*_arguments, delay_s=0 * delay_s)  # type: ignore[arg-type]

    requeue = Worker._requeue
    monkeypatch.setattr(Worker, "_requeue", at_once)
    old = {str(code): {"informacoes_basicas": {"titulo_vaga": "velha"}} for code in (1, 2)}
    put_file("raw/vagas.json", old)
    await client.post(f"{API}/vagas/update-tables", json={"file_key": "vagas"}, headers=staff)
    await work()
    new = {str(code): {"informacoes_basicas": {"titulo_vaga": "nova"}} for code in range(2, 500)}
    put_file("raw/vagas.json", new)
    answer = await client.post(
        f"{API}/vagas/update-tables", json={"file_key": "vagas"}, params={"mode": "replace"},
        headers=staff,
    )  # fmt: skip
    holder = await psycopg.AsyncConnection.connect(city_dsn)
    async with holder:
        await holder.execute("LOCK TABLE jobs.vacancies IN SHARE MODE")
        working = asyncio.ensure_future(work())
        killed: list[int] = []
        for _ in range(deaths):
            await asyncio.to_thread(_kill_the_import, city_dsn, killed)
        assert _codes(city_dsn) == [1, 2]
        await holder.rollback()
    await working
    task = (await client.get(f"{API}/tasks/{answer.json()['task_id']}", headers=staff)).json()
    assert (task["status"], task["attempt"]) == (status, min(deaths + 1, 3))
    if status == "succeeded":
        assert task["result"]["removed"] == 1
        assert _codes(city_dsn) == list(range(2, 500))
    else:
        assert task["error"] == "Erro interno ao executar a tarefa."
        assert _codes(city_dsn) == [1, 2]
    again = await client.post(
        f"{API}/vagas/update-tables", json={"file_key": "vagas"}, headers=staff
    )
    assert again.status_code == 200  # nothing is left that holds the kind
