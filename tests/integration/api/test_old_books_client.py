"""A client of system 4, as it was written for the old server, works unchanged.

It knows the contract and nothing else: a form to sign in, lists without an envelope, a task that
is polled, models that are there or are not. What came later it does not look at.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn

from praca.library.bookshop.books import ShopBook
from praca.library.bookshop.server import Bookshop
from praca.platform.resources import Resources
from praca.platform.settings import Settings
from praca.platform.tasks import Worker

API = "/api/v1"
PASSWORD = "Segredo-forte-9"
MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
_PATIENCE_S = 60.0
_POLL_S = 0.05
_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_BOOK: Mapping[str, type] = {
    "titulo": str,
    "preco": float,
    "rating": int,
    "disponibilidade": bool,
    "categoria": str,
    "imagem": str,
}
_SHELVES = {
    "Cozinha": ("Receitas de Pão", "forno massa farinha sabor"),
    "Viagem": ("Roteiros do Sertão", "estrada mapa rio serra"),
    "Poesia": ("Versos da Manhã", "rima lua saudade canto"),
}
_PER_SHELF = 15
_TOTAL = _PER_SHELF * len(_SHELVES)


def shop_books() -> list[ShopBook]:
    return [
        ShopBook(
            number=number,
            upc=f"{number:016x}",
            titulo=f"{title} {number}",
            preco_centavos=1000 + 50 * number,
            moeda="BRL",
            rating=number % 5 + 1,
            estoque=0 if number % 9 == 0 else number,
            categoria=shelf,
            descricao=f"{words} volume {number}",
            slug=f"livro-{number}",
            image_path=f"media/cache/{number}.svg",
        )
        for place, (shelf, (title, words)) in enumerate(_SHELVES.items())
        for number in range(place * _PER_SHELF + 1, (place + 1) * _PER_SHELF + 1)
    ]


@pytest_asyncio.fixture
async def shop() -> AsyncIterator[str]:
    """A small bookshop on loopback; yields its address."""
    server = uvicorn.Server(
        uvicorn.Config(
            Bookshop(shop_books()),
            host="127.0.0.1",
            port=0,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
        )
    )
    serving = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110  # the server tells no event
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


@pytest.fixture
def settings(shop: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    del settings  # has set the data folder
    monkeypatch.setenv("PRACA_BOOKSHOP_URL", shop)
    monkeypatch.setenv("PRACA_SCRAPE_DELAY_S", "0")
    monkeypatch.setenv("PRACA_CATALOGUE_FRESH_S", "0")  # what was written just now is read
    monkeypatch.setenv("PRACA_ML_FOLDS", "3")
    monkeypatch.setenv("PRACA_ML_TREES", "10")
    return Settings.load()


@pytest_asyncio.fixture
async def worker(resources: Resources) -> AsyncIterator[None]:
    """Somebody who works on the tasks, as behind the old server."""
    working = asyncio.create_task(Worker(resources).run())
    yield
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


class OldClient:
    """The old client: prefix, bearer token, and the members that it reads."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._headers: dict[str, str] = {}

    async def sign_in(self, username: str) -> dict[str, Any]:
        form = {"username": username, "password": PASSWORD}
        answer = await self._http.post(f"{API}/auth/login", data=form)
        assert answer.status_code == 200
        pair: dict[str, Any] = answer.json()
        assert pair["token_type"] == "bearer"
        assert isinstance(pair["refresh_token"], str)
        self._headers = {"Authorization": f"Bearer {pair['access_token']}"}
        return pair

    async def ask(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        answer = await self._http.request(method, f"{API}{path}", headers=self._headers, **more)
        assert answer.status_code == status, (path, answer.text)
        return answer.json()

    async def get(self, path: str, **params: Any) -> Any:
        return await self.ask("GET", path, params=params)

    async def refused(self, method: str, path: str, status: int, **more: Any) -> str:
        """Return the sentence that the client shows."""
        detail = (await self.ask(method, path, status, **more))["detail"]
        assert isinstance(detail, str)
        return detail

    async def books(self, path: str = "/books", **params: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.get(path, **params)
        assert isinstance(found, list)
        for book in found:
            assert_book(book)
        return found

    async def crawl(self) -> dict[str, Any]:
        """Start a crawl and poll until it has ended."""
        started = await self.ask("POST", "/raspagem/trigger", 202)
        assert re.fullmatch(_UUID, started["id_tarefa"])
        assert started["message"] == "Processo de raspagem iniciado em segundo plano."
        task: dict[str, Any] = await self.polled(
            f"/raspagem/status/{started['id_tarefa']}",
            lambda task: task["estado"] not in {"PENDENTE", "EXECUTANDO"},
        )
        return task

    async def polled(self, path: str, is_done: Callable[[Any], bool]) -> Any:
        deadline = time.monotonic() + _PATIENCE_S
        while not is_done(seen := await self.get(path)):
            assert time.monotonic() < deadline, seen
            await asyncio.sleep(_POLL_S)
        return seen


def assert_book(book: Mapping[str, Any]) -> None:
    assert {name: type(book[name]) for name in _BOOK} == dict(_BOOK)
    assert book["imagem"].startswith("http://")


@pytest.fixture
def old(client: httpx.AsyncClient) -> OldClient:
    return OldClient(client)


@pytest_asyncio.fixture
async def librarian(old: OldClient, make_account: MakeAccount) -> OldClient:
    await make_account("bibliotecaria", role="bibliotecario", password=PASSWORD)
    await old.sign_in("bibliotecaria")
    return old


async def test_an_account_is_made_and_signed_in(old: OldClient) -> None:
    body = {"username": "leitor", "password": PASSWORD}
    made = await old.ask("POST", "/usuarios/", 201, json=body)
    assert set(made) == {"id", "username"}
    assert isinstance(made["id"], int)
    taken = await old.refused("POST", "/usuarios/", 409, json=body)
    assert taken == "Nome de usuário já cadastrado."
    wrong = {"username": "leitor", "password": "outra-coisa"}
    refused = await old.refused("POST", "/auth/login", 401, data=wrong)
    assert refused == "Nome de usuário ou senha incorretos"
    await old.refused("GET", "/usuarios/me", 401)
    pair = await old.sign_in("leitor")
    assert await old.get("/usuarios/me") == made
    renewed = await old.ask("POST", "/auth/refresh", json={"refresh_token": pair["refresh_token"]})
    assert {"access_token", "refresh_token", "token_type"} <= set(renewed)
    unknown = await old.refused("POST", "/auth/refresh", 401, json={"refresh_token": "x"})
    assert unknown == "Refresh token inválido ou expirado"


async def test_an_empty_catalogue_answers(old: OldClient) -> None:
    assert await old.get("/health") == {
        "status": "ok",
        "message": "API e banco de dados estão funcionando corretamente.",
    }
    assert await old.books() == []
    assert await old.books("/books/top-rated") == []
    assert await old.get("/categories") == []
    overview = await old.get("/stats/overview")
    assert overview["total_livros"] == 0
    assert await old.get("/stats/categories") == {}
    assert await old.get("/ml/features") == []
    assert await old.refused("GET", "/books/1", 404) == "Livro não encontrado"
    status = await old.get("/ml/cache-status")
    assert status["modelos_carregados"] == []
    assert isinstance(status["artefatos_carregados"], bool)
    assert isinstance(status["detalhes_modelos"], list)


@pytest.mark.usefixtures("worker")
async def test_the_catalogue_is_gathered_and_read(librarian: OldClient) -> None:
    done = await librarian.crawl()
    assert done["estado"] == "CONCLUIDA"
    assert done["resultado"]["total_encontrado"] == _TOTAL
    again = await librarian.crawl()
    assert (again["estado"], again["resultado"]["total_encontrado"]) == ("CONCLUIDA", _TOTAL)
    await the_lists_are_those_of_the_contract(librarian)
    await what_is_refused_is_refused_as_before(librarian)
    await the_figures_are_those_of_the_contract(librarian)


async def the_lists_are_those_of_the_contract(client: OldClient) -> None:
    everything = await client.books()
    assert len(everything) == _TOTAL, "a second crawl doubles nothing"
    assert await client.books(skip=10, limit=5) == everything[10:15]
    assert await client.books(skip=_TOTAL) == []
    one = await client.get(f"/books/{everything[0]['id']}")
    assert_book(one)
    assert one["titulo"] == everything[0]["titulo"]
    shown = {book["titulo"]: book for book in everything}["Receitas de Pão 3"]
    assert {name: shown[name] for name in _BOOK if name != "imagem"} == {
        "titulo": "Receitas de Pão 3",
        "preco": 11.5,
        "rating": 4,
        "disponibilidade": True,
        "categoria": "Cozinha",
    }
    found = await client.books("/books/search", titulo="receitas")
    assert len(found) == _PER_SHELF
    both = await client.books("/books/search", titulo="versos", categoria="poes")
    assert {book["categoria"] for book in both} == {"Poesia"}
    assert await client.books("/books/search", titulo="versos", categoria="viagem") == []
    top = await client.books("/books/top-rated")
    assert [book["rating"] for book in top] == sorted((b["rating"] for b in top), reverse=True)
    assert len(top) == 10
    cheap = await client.books("/books/price-range", min_preco=10.5, max_preco=12.5)
    assert sorted(book["preco"] for book in cheap) == [10.5, 11.0, 11.5, 12.0, 12.5]


async def what_is_refused_is_refused_as_before(client: OldClient) -> None:
    empty = await client.refused("GET", "/books/search", 400)
    assert empty == "Forneça um título ou uma categoria para a busca."
    for bounds in ({"min_preco": -1, "max_preco": 5}, {"min_preco": 6, "max_preco": 5}):
        wrong = await client.refused("GET", "/books/price-range", 400, params=bounds)
        assert wrong == "Intervalo de preços inválido"
    await client.refused("GET", "/books/price-range", 422)
    await client.refused("GET", "/books/um", 422)
    assert await client.refused("GET", "/books/999999", 404) == "Livro não encontrado"
    unknown = "/raspagem/status/01936b1e-0c7a-7c3e-8d4f-5a6b7c8d9e0f"
    assert await client.refused("GET", unknown, 404) == "Tarefa não encontrada."


async def the_figures_are_those_of_the_contract(client: OldClient) -> None:
    assert sorted(await client.get("/categories")) == sorted(_SHELVES)
    overview = await client.get("/stats/overview")
    assert overview["total_livros"] == _TOTAL
    assert overview["preco_medio"] == pytest.approx(21.5)
    assert overview["distribuicao_ratings"] == dict.fromkeys("12345", _TOTAL // 5)
    by_category = await client.get("/stats/categories")
    assert set(by_category) == set(_SHELVES)
    for figures in by_category.values():
        assert figures["total_livros"] == _PER_SHELF
        assert isinstance(figures["preco_medio"], float)
        assert sum(figures["distribuicao_ratings"].values()) == _PER_SHELF


async def test_a_second_crawl_at_once_is_refused(librarian: OldClient) -> None:
    started = await librarian.ask("POST", "/raspagem/trigger", 202)
    task_id = started["id_tarefa"]
    refused = await librarian.refused("POST", "/raspagem/trigger", 409)
    assert refused == (
        f"Já existe uma tarefa de raspagem em andamento (ID: {task_id}, Estado: PENDENTE)."
    )
    status = await librarian.get(f"/raspagem/status/{task_id}")
    assert (status["id_tarefa"], status["estado"]) == (task_id, "PENDENTE")
    assert "resultado" in status


@pytest.mark.usefixtures("worker")
async def test_a_cleared_catalogue_is_gathered_again(
    old: OldClient, make_account: MakeAccount
) -> None:
    """The shop is asked for everything again, though it has not changed since."""
    await make_account("chefe", role="admin", password=PASSWORD)
    await old.sign_in("chefe")
    await old.crawl()
    path = "/admin/limpa-tabela-livros"
    cleared = await old.ask("DELETE", path, params={"confirmar": _TOTAL})
    assert isinstance(cleared["message"], str)
    assert await old.books() == []
    assert (await old.crawl())["resultado"]["total_encontrado"] == _TOTAL
    assert sorted(book["id"] for book in await old.books()) == [*range(1, _TOTAL + 1)]


@pytest.mark.usefixtures("worker")
async def test_models_are_trained_and_asked(librarian: OldClient) -> None:
    book = {
        "titulo": "Receitas de Bolo",
        "preco": 19.9,
        "rating": 3,
        "disponibilidade": True,
        "categoria": "Cozinha",
        "imagem": "http://exemplo.test/capa.jpg",
    }
    untrained = await librarian.refused("POST", "/ml/predictions", 503, json=book)
    assert untrained == (
        "Modelo 'random_forest' não está treinado ou disponível no cache. Execute o treinamento"
        " primeiro."
    )
    await librarian.crawl()
    features = await librarian.get("/ml/features")
    rows = await librarian.get("/ml/training-data")
    assert len(features) == len(rows) == _TOTAL
    assert all("rating" in row for row in rows)
    assert all("rating" not in row for row in features)
    started = await librarian.ask("POST", "/ml/train", 202)
    assert started["message"] == "Processo do treino do Modelo iniciado em segundo plano."
    status = await librarian.polled(
        "/ml/cache-status", lambda seen: len(seen["modelos_carregados"]) >= 3
    )
    await the_models_answer(librarian, book, status)


async def the_models_answer(
    client: OldClient, book: dict[str, Any], status: dict[str, Any]
) -> None:
    names = {"random_forest", "regressao_logistica", "svm"}
    assert status["artefatos_carregados"] is True
    assert names <= set(status["modelos_carregados"])
    details = {model["nome"]: model["metricas"] for model in status["detalhes_modelos"]}
    for name in sorted(names):
        assert isinstance(details[name]["acuracia"], float)
        assert isinstance(details[name]["f1_score_macro"], float)
        answer = await client.ask(
            "POST", "/ml/predictions", params={"nome_modelo": name}, json=book
        )
        assert answer["modelo_usado"] == name
        assert answer["rating_predito"] in {0, 1}
        assert type(answer["rating_predito"]) is int
        assert answer["livro"] == book["titulo"]
    assert (await client.ask("POST", "/ml/predictions", json=book))["modelo_usado"] == (
        "random_forest"
    )
    unknown = await client.refused(
        "POST", "/ml/predictions", 503, params={"nome_modelo": "rede_neural"}, json=book
    )
    assert unknown == (
        "Modelo 'rede_neural' não está treinado ou disponível no cache. Execute o treinamento"
        " primeiro."
    )
    del book["titulo"]
    await client.refused("POST", "/ml/predictions", 422, json=book)
