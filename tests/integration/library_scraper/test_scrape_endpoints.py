"""Gathering the catalogue over HTTP, as clients of system 4 do."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
import pytest_asyncio
from tests.integration.library_scraper.world import BOOKS, quick, served

from praca.library.bookshop import Bookshop, make_books
from praca.platform.resources import Resources
from praca.platform.settings import Settings
from praca.platform.tasks import Worker

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
Headers = dict[str, str]
TRIGGER = "/api/v1/raspagem/trigger"


@pytest.fixture
def access() -> str:
    return "staff"


@pytest.fixture
def settings(settings: Settings, access: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    del settings  # has set the data folder
    monkeypatch.setenv("PRACA_SCRAPE_ACCESS", access)
    monkeypatch.setenv("PRACA_SCRAPE_CRON", "0 4 * * *")
    monkeypatch.setenv("PRACA_BOOKSHOP_URL", "http://127.0.0.1:9")
    return quick(Settings.load())


@pytest_asyncio.fixture
async def staff(make_account: MakeAccount) -> Headers:
    return dict((await make_account("bia", role="bibliotecario"))["headers"])


async def follow(client: httpx.AsyncClient, staff: Headers, task_id: str) -> dict[str, Any]:
    answer = await client.get(f"/api/v1/raspagem/status/{task_id}", headers=staff)
    assert answer.status_code == 200
    return dict(answer.json())


async def test_a_crawl_that_fails_says_why(
    client: httpx.AsyncClient, resources: Resources, staff: Headers
) -> None:
    empty = (await client.get("/api/v1/raspagem", headers=staff)).json()
    assert empty == {
        "loja": "http://127.0.0.1:9",
        "agendamento": "0 4 * * *",
        "livros": 0,
        "paginas": dict.fromkeys(
            ("descobertas", "em_andamento", "concluidas", "falhas", "quarentena"), 0
        ),
        "ultima": None,
    }
    started = await client.post(TRIGGER, headers=staff)
    assert started.status_code == 202
    task_id = started.json()["id_tarefa"]
    assert started.json()["message"] == "Processo de raspagem iniciado em segundo plano."
    waiting = await follow(client, staff, task_id)
    assert (waiting["estado"], waiting["resultado"]) == ("PENDENTE", None)
    second = await client.post(TRIGGER, headers=staff)
    assert (second.status_code, second.json()["code"]) == (409, "scrape_running")
    assert second.json()["detail"] == (
        f"Já existe uma tarefa de raspagem em andamento (ID: {task_id}, Estado: PENDENTE)."
    )
    assert second.json()["task_id"] == task_id
    await Worker(resources).run(until_empty=True)
    ended = await follow(client, staff, task_id)
    assert ended["estado"] == "ERRO"
    assert ended["resultado"]["erro"].startswith("A loja http://127.0.0.1:9 não pôde ser lida: ")
    assert (await client.post(TRIGGER, headers=staff)).status_code == 202


async def test_a_crawl_is_followed_to_its_figures(
    client: httpx.AsyncClient, resources: Resources, staff: Headers
) -> None:
    shop = Bookshop(make_books(BOOKS))
    broken = shop.books[0]
    shop.break_layout(broken.path, "price_color", "price_colour")
    async with served(shop) as url:
        async with resources.databases.city.write() as session:
            run_id = await resources.tasks.enqueue(session, "library.scrape", {"shop": url})
        await Worker(resources).run(until_empty=True)
    status = await follow(client, staff, str(run_id))
    assert status["estado"] == "CONCLUIDA"
    assert status["resultado"]["total_encontrado"] == BOOKS - 1
    assert status["resultado"]["quarentena"] == 1
    assert status["progresso"] == {
        "concluidas": BOOKS + 3,
        "total": BOOKS + 3,
        "mensagem": f"{BOOKS + 3} de {BOOKS + 3} páginas lidas",
    }
    overview = (await client.get("/api/v1/raspagem", headers=staff)).json()
    assert overview["livros"] == BOOKS - 1
    last = overview["ultima"]
    assert (last["id_tarefa"], last["estado"]) == (str(run_id), "CONCLUIDA")
    assert last["iniciada_em"] <= last["terminada_em"]
    [page] = (await client.get("/api/v1/raspagem/quarentena", headers=staff)).json()
    assert (page["url"], page["campo"]) == (f"{url}/{broken.path}", "preco")
    assert page["motivo"]
    assert page["em"] <= last["terminada_em"]


async def test_every_state_has_its_name(
    client: httpx.AsyncClient, resources: Resources, staff: Headers
) -> None:
    task_id = (await client.post(TRIGGER, headers=staff)).json()["id_tarefa"]
    expected = {
        "running": ("EXECUTANDO", {"mensagem": "Raspagem iniciada"}),
        "cancelled": ("CANCELADA", None),
    }
    for status, seen in expected.items():
        with psycopg.connect(resources.databases.city.dsn) as connection:
            connection.execute("UPDATE platform.task_runs SET status = %s", [status])
        found = await follow(client, staff, task_id)
        assert (found["estado"], found["resultado"]) == seen


async def test_other_tasks_are_no_crawls(
    client: httpx.AsyncClient, resources: Resources, staff: Headers
) -> None:
    async with resources.databases.city.write() as session:
        other = await resources.tasks.enqueue(session, "jobs.train_match", {})
    for task_id in (other, uuid4()):
        answer = await client.get(f"/api/v1/raspagem/status/{task_id}", headers=staff)
        assert (answer.status_code, answer.json()["detail"]) == (404, "Tarefa não encontrada.")


async def test_starting_a_crawl_is_audited(
    client: httpx.AsyncClient, resources: Resources, make_account: MakeAccount
) -> None:
    account = await make_account("operadora", role="operador")
    answer = await client.post(TRIGGER, headers=account["headers"])
    with psycopg.connect(resources.databases.city.dsn) as connection:
        noted = connection.execute(
            "SELECT actor_id, resource_id FROM platform.audit_log"
            " WHERE action = 'library.scrape_started' ORDER BY id DESC LIMIT 1"
        ).fetchall()
    assert noted == [(account["id"], answer.json()["id_tarefa"])]


@pytest.mark.parametrize(("access", "status"), [("staff", 403), ("signed_in", 202)])
async def test_a_setting_opens_it_to_every_account(
    client: httpx.AsyncClient, make_account: MakeAccount, status: int
) -> None:
    account = await make_account("qualquer")
    answer = await client.post(TRIGGER, headers=account["headers"])
    assert answer.status_code == status
    assert (await client.post(TRIGGER)).status_code == 401
