"""``praca up`` with the sample city: one data folder, killed and started many times."""

import signal
from collections.abc import Callable, Iterator
from functools import partial

import httpx
import pytest
from tests.e2e.running import City, all_gone, is_gone, praca, short_folder, until

from praca.helpdesk.knowledge import sample_articles
from praca.jobs.sample import SampleCity
from praca.library.bookshop import make_books

_SAMPLE = SampleCity()
_TOTALS = {
    "candidates": _SAMPLE.candidates,
    "vacancies": _SAMPLE.vacancies,
    "prospect_groups": _SAMPLE.groups(),
    "prospects": sum(len(group["prospects"]) for _, group in _SAMPLE.prospects()),
}
_BOOKS = len(make_books())
_ARTICLES = len(sample_articles())
_BOOK_MODELS = ("random_forest", "regressao_logistica", "svm")
# A killed worker is missed after three seconds, not ten.
_QUICK = {"PRACA_WORKER_HEARTBEAT_S": "0.5", "PRACA_WORKER_STALLED_S": "3"}


def _task_runs(city: City, kind: str) -> bool:
    query = f"SELECT FROM platform.task_runs WHERE kind = '{kind}' AND status = 'running'"
    return len(city.query(query)) > 0


_MOMENTS: dict[str, Callable[[City], bool]] = {
    "the folder of the database is being made": lambda city: any(city.folder.glob("postgres.new*")),
    "tables are being made": lambda city: (
        len(city.query("SELECT FROM pg_namespace WHERE nspname = 'platform'")) > 0
    ),
    "the model is being trained": lambda city: _task_runs(city, "jobs.train_match"),
    "the library's models are being trained": lambda city: _task_runs(city, "library.train"),
}


def _at(city: City, reached: Callable[[City], bool]) -> bool:
    assert city.is_running(), city.output
    return reached(city)


@pytest.fixture(scope="module")
def killed_often() -> Iterator[City]:
    """A city whose first start was killed at each of the moments."""
    with short_folder() as folder:
        city = City(folder, settings=_QUICK)
        try:
            for what, reached in _MOMENTS.items():
                city.begin()
                until(partial(_at, city, reached), what)
                assert city.end(signal.SIGKILL) == -signal.SIGKILL
            city.start()
            yield city
        finally:
            city.clean_up()


@pytest.fixture
def city(killed_often: City) -> City:
    """That city, started again if the test before has stopped it."""
    killed_often.start()
    return killed_often


def test_a_first_start_killed_again_and_again_loses_and_doubles_nothing(city: City) -> None:
    for table, total in _TOTALS.items():
        assert city.query(f"SELECT count(*), jobs.row_count('{table}') FROM jobs.{table}") == [
            (total, total)
        ]
    unfinished = "SELECT kind, status FROM platform.task_runs WHERE status <> 'succeeded'"
    assert city.query(unfinished) == []
    assert city.query("SELECT count(*) FROM identity.accounts") == [(5,)]
    assert city.query("SELECT name, count(*) FROM platform.models GROUP BY name ORDER BY name") == [
        *(
            (f"books_{alvo}_{model}", 1)
            for alvo in ("categoria", "rating")
            for model in _BOOK_MODELS
        ),
        ("match", 1),
    ]
    told = "SELECT count(*), count(DISTINCT upc), count(absent_since) FROM library.books"
    assert city.query(told) == [(_BOOKS, _BOOKS, 0)]
    assert city.query("SELECT count(*) FROM library.book_prices") == [(_BOOKS,)]
    told = "SELECT count(*), count(DISTINCT key), max(version) FROM helpdesk.articles"
    assert city.query(told) == [(_ARTICLES, _ARTICLES, 1)]


@pytest.mark.parametrize("name", ["admin", "recrutador", "bibliotecaria", "operador", "cidadao"])
def test_the_printed_accounts_sign_in(city: City, name: str) -> None:
    with city.signed_in(name) as client:
        answer = client.get("/usuarios/me")
    assert answer.status_code == 200
    assert answer.json()["username"] == name


def test_the_lists_tell_the_true_totals(city: City) -> None:
    with city.signed_in() as client:
        for path, table in (("candidatos", "candidates"), ("vagas", "vacancies")):
            listed = client.get(f"/{path}/list", params={"limit": 3}).json()
            assert listed["total"] == _TOTALS[table]
            assert len(listed["data"]) == 3


def test_the_models_answer(city: City) -> None:
    with city.signed_in() as client:
        person = {"titulo_profissional": "Enfermeira", "cv_candidato": "Triagem e vacinação."}
        found = client.post("/inferencias/recommendationModel/predict", json=person)
        assert len(found.json()["data"]) == 5
        match = client.post("/inferencias/matchModel/predict", json=person)
        assert 0 <= match.json()["match_probability"] <= 100
        assert match.headers["X-Praca-Model"] == "match/1"


def test_the_library_has_the_shops_books_and_gathers_from_it_again(city: City) -> None:
    shop = f"http://127.0.0.1:{city.shop_port}"
    with city.signed_in("bibliotecaria") as client:
        assert client.get("/stats/overview").json()["total_livros"] == _BOOKS
        assert client.get("/books", params={"limit": 1}).json()[0]["imagem"].startswith(f"{shop}/")
        models = client.get("/ml/cache-status", params={"alvo": "todos"}).json()
        assert len(models["detalhes_modelos"]) == 2 * len(_BOOK_MODELS)
        until(lambda: city.part("bookshop"), "the bookshop runs")
        until(lambda: _answers(f"{shop}/robots.txt"), "an answer of the shop")
        started = client.post("/raspagem/trigger")
        assert started.status_code == 202, started.text
        task = f"/raspagem/status/{started.json()['id_tarefa']}"
        until(lambda: client.get(task).json()["estado"] == "CONCLUIDA", "the crawl")
        found = client.get(task).json()["resultado"]
    assert (found["total_encontrado"], found["inalterados"]) == (_BOOKS, _BOOKS)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("name", ["api", "worker", "bookshop"])
def test_a_killed_part_is_started_again(city: City, name: str) -> None:
    killed = until(lambda: city.part(name), f"{name} runs")
    killed.kill()

    def replaced() -> bool:
        part = city.part(name)
        return part is not None and part.pid != killed.pid

    until(replaced, f"another {name}")
    until(city.answers, "an answer")
    _export(city)


def test_a_killed_database_is_started_again(city: City) -> None:
    killed = until(city.server, "PostgreSQL runs")
    killed.kill()
    until(lambda: (server := city.server()) and server.pid != killed.pid, "another PostgreSQL")
    until(city.answers, "an answer")
    _export(city)


def _export(city: City) -> None:
    """Let API and worker do something together."""
    with city.signed_in() as client:
        started = client.post("/vagas/export-vagas")
        assert started.status_code == 200, started.text
        task = f"/tasks/{started.json()['task_id']}"
        until(lambda: client.get(task).json()["status"] == "succeeded", "the export")


def test_a_second_one_in_the_same_folder_is_refused(city: City) -> None:
    refused = praca("up", "--data-dir", str(city.folder), "--port", "0")
    assert refused.returncode == 1
    assert f"já há um `praca up` com a pasta {city.folder}" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert city.answers()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_everything(city: City, number: int) -> None:
    processes = city.everything()
    assert len(processes) > 4  # supervisor, API, worker, PostgreSQL and its helpers
    assert city.end(number) == 0
    until(lambda: all_gone(processes), "the end of every process")
    with pytest.raises(httpx.ConnectError):
        httpx.get(city.url)


def test_a_killed_supervisor_leaves_nothing_behind(city: City) -> None:
    processes = city.everything()
    city.end(signal.SIGKILL)
    until(lambda: all_gone(processes), "the end of every process")
    assert is_gone(processes[0])
    city.start()
    assert city.answers()
