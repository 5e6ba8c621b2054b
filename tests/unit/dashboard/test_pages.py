"""Every page, with figures, without any, and with an API that fails."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from tests.unit.dashboard.recorded import Recorded, answers, empty_answers, recorded

import praca.entrypoints.dashboard
from praca.entrypoints.dashboard.client import ApiClient, open_http
from praca.entrypoints.dashboard.pages import tasks
from praca.entrypoints.dashboard.period import Period
from praca.entrypoints.kinds import TASK_KINDS
from praca.kit.clock import today_in_brasilia
from praca.platform.settings import Settings

_PERIOD = Period.last(timedelta(hours=1), datetime(2026, 11, 22, 12, 5, tzinfo=UTC))
_MAIN = Path(praca.entrypoints.dashboard.__file__).with_name("__main__.py")
_PAGES = {
    "overview": ("Visão geral", "Nenhuma requisição foi registrada"),
    "model_board": ("Modelos", "Nenhum modelo da biblioteca está em memória"),
    "requests": ("Requisições", "Nenhuma requisição foi registrada"),
    "predictions": ("Predições", "Nenhuma predição foi registrada"),
    "drift": ("Deriva", "Ainda não há relatório"),
    "tasks": ("Tarefas", "Nenhuma tarefa aqui"),
    "scraping": ("Raspagem", "A loja ainda não foi raspada"),
}


def _show(page: str, api: "Any", period: "Any") -> None:  # its text alone is run
    from importlib import import_module

    import_module(f"praca.entrypoints.dashboard.pages.{page}").show(api, period)


@pytest.fixture
def server() -> Iterator[Recorded]:
    with recorded(answers()) as served:
        yield served


@pytest.fixture
def api(server: Recorded) -> Iterator[ApiClient]:
    with open_http(server.url) as http:
        opened = ApiClient(http)
        opened.sign_in("olga", "Segredo-forte-9")
        yield opened


def _page(name: str, api: ApiClient) -> AppTest:
    shown = AppTest.from_function(_show, args=(name, api, _PERIOD), default_timeout=60).run()
    assert not shown.exception
    return shown


def _words(shown: AppTest) -> str:
    kinds = (shown.markdown, shown.caption, shown.info, shown.warning, shown.success, shown.error)
    return "\n".join(element.value for kind in kinds for element in kind)


@pytest.mark.parametrize(("name", "title"), [(name, says[0]) for name, says in _PAGES.items()])
def test_a_page_with_figures(name: str, title: str, api: ApiClient) -> None:
    shown = _page(name, api)
    assert shown.title[0].value == title
    assert not shown.warning or name == "model_board"
    assert shown.dataframe or shown.metric


@pytest.mark.parametrize(("name", "sentence"), [(name, says[1]) for name, says in _PAGES.items()])
def test_a_page_without_figures_says_so(
    name: str, sentence: str, api: ApiClient, server: Recorded
) -> None:
    server.answers |= empty_answers()
    shown = _page(name, api)
    assert sentence in _words(shown)
    assert not shown.warning
    assert not shown.error
    assert not shown.dataframe


@pytest.mark.parametrize("name", _PAGES)
def test_a_page_whose_api_fails_says_so_kindly(name: str, api: ApiClient, server: Recorded) -> None:
    server.answers = dict.fromkeys(server.answers, (500, {"detail": "x"}))
    shown = _page(name, api)
    assert "A API falhou ao responder" in shown.warning[0].value


def test_one_section_that_fails_leaves_the_others(api: ApiClient, server: Recorded) -> None:
    server.answers["/raspagem"] = (500, {"detail": "x"})
    shown = _page("overview", api)
    assert len(shown.warning) == 1
    values = {metric.label: metric.value for metric in shown.metric}
    assert values["Requisições"] == "123.456"
    assert values["p99"] == "1,05 s"
    assert values["Modelos em uso"] == "1"
    assert "Livros" not in values


def test_a_model_that_knows_nothing_is_said_to_in_words(api: ApiClient) -> None:
    shown = _page("model_board", api)
    assert "**Sem sinal:** nenhum modelo acerta mais do que um palpite." in shown.warning[0].value
    assert "**Há sinal:**" in shown.success[0].value
    boards = [list(frame.value["Modelo"]) for frame in shown.dataframe[:2]]
    assert boards == [["Floresta aleatória"], ["Floresta aleatória", "SVM"]]


def test_the_list_of_errors_follows_the_filters(api: ApiClient, server: Recorded) -> None:
    shown = _page("requests", api)
    server.answers["/monitoring/requests"] = {"total": 0, "data": []}
    shown.selectbox(key="situacao").select("Só erros do servidor (5xx)").run()
    assert shown.success[0].value.startswith("Nada a mostrar")


def test_what_runs_every_minute_is_hidden_until_asked_for(api: ApiClient) -> None:
    shown = _page("tasks", api)
    assert list(shown.dataframe[0].value["Tipo"]) == ["library.scrape", "jobs.train_match"]
    shown.toggle(key="rotina").set_value(False).run()
    assert "wallet.pix_reconcile" in list(shown.dataframe[0].value["Tipo"])


@pytest.mark.parametrize(
    ("status", "is_shown"),
    [("queued", False), ("running", False), ("cancelled", False), ("failed", True)],
)
def test_routine_shows_when_it_fails_and_not_while_it_runs(
    api: ApiClient, server: Recorded, status: str, *, is_shown: bool
) -> None:
    """It would come and go with every minute."""
    for task in server.answers["/tasks"]["data"]:
        if task["kind"] in tasks.ROUTINE:
            task["status"] = status
    found = list(_page("tasks", api).dataframe[0].value["Tipo"])
    assert ("wallet.pix_reconcile" in found) == is_shown


def test_a_task_is_cancelled_after_a_second_click(api: ApiClient, server: Recorded) -> None:
    shown = _page("tasks", api)
    task = server.answers["/tasks"]["data"][0]
    path = f"/tasks/{task['id']}/cancel"
    server.answers[path] = {**task, "status": "cancelled"}
    assert path not in server.paths()
    shown.button(key=f"sim-{task['id']}").click().run()
    assert path in server.paths()
    assert not shown.exception


_HOSTILE = (
    "<b>x</b> [clique](https://mau.example)\n\n![](https://mau.example/x) R$ 1 ou R$ 2 `x` *y*"
)


def _poisoned(value: Any) -> Any:
    """Return an answer of the API whose free texts all say something that looks like markup."""
    if isinstance(value, dict):
        texts = {"error", "erro", "loja", "mensagem", "motivo", "message", "kind", "description"}
        return {
            key: _HOSTILE if key in texts and isinstance(item, str) else _poisoned(item)
            for key, item in value.items()
        }
    return [_poisoned(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", _PAGES)
def test_what_looks_like_markup_is_shown_as_it_is(
    name: str, api: ApiClient, server: Recorded
) -> None:
    for path, answer in server.answers.items():
        server.answers[path] = _poisoned(answer)
    server.answers["/raspagem"]["ultima"] |= {"resultado": {"erro": _HOSTILE}}
    shown = _page(name, api)
    words = [_words(shown), *(item.label + str(item.value) for item in shown.metric)]
    assert not re.search(r"(?<!\\)\[clique|(?<!\\)<b>|(?<!\\)\$ 1", "\n".join(words))


@pytest.mark.parametrize("name", ["overview", "scraping"])
def test_a_crawl_of_long_ago_is_not_taken_for_none(
    name: str, api: ApiClient, server: Recorded
) -> None:
    server.answers["/raspagem"] |= {"ultima": None, "livros": 1000}
    words = _words(_page(name, api))
    assert "ainda não foi raspada" not in words
    assert "já não está registrada" in words


def test_a_refused_crawl_is_told_in_the_words_of_the_api(api: ApiClient, server: Recorded) -> None:
    server.answers["/raspagem/trigger"] = (409, {"detail": "Já existe uma raspagem."})
    shown = _page("scraping", api)
    assert "/raspagem/trigger" not in server.paths()
    shown.button(key="raspar").click().run()
    assert shown.warning[0].value == "Já existe uma raspagem."


@pytest.fixture
def app(server: Recorded, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("PRACA_DASHBOARD_API_URL", server.url)
    return AppTest.from_file(str(_MAIN), default_timeout=60).run()


def _sign_in(app: AppTest) -> None:
    app.text_input[0].input("olga")
    app.text_input[1].input("Segredo-forte-9")
    app.button[0].click().run()
    assert not app.exception


def test_the_form_comes_first_and_leads_to_the_overview(app: AppTest, server: Recorded) -> None:
    assert app.title[0].value == "Praça · Painel"
    assert not server.asked, "nothing is asked for nobody"
    app.button[0].click().run()
    assert app.warning[0].value == "Preencha usuário e senha."
    _sign_in(app)
    assert app.title[0].value == "Visão geral"
    assert "Todos os horários são de Brasília." in app.caption[-1].value


def test_signing_out_ends_the_session_at_the_api_too(app: AppTest, server: Recorded) -> None:
    _sign_in(app)
    app.sidebar.button[0].click().run()
    assert app.info[0].value == "Você saiu do painel."
    assert server.paths()[-1] == "/auth/logout"


def test_a_session_that_ends_leads_back_to_the_form(app: AppTest, server: Recorded) -> None:
    _sign_in(app)
    server.answers = dict.fromkeys(server.answers, (401, {"detail": "x"}))
    app.run()
    assert app.info[0].value == "Sua sessão terminou. Entre de novo para continuar."
    assert app.title[0].value == "Praça · Painel"


def test_a_wrong_password_and_an_api_that_fails_are_told(app: AppTest, server: Recorded) -> None:
    server.answers["/auth/login"] = (401, {"detail": "Nome de usuário ou senha incorretos"})
    _sign_in(app)
    assert app.error[0].value == "Nome de usuário ou senha incorretos"
    server.answers["/auth/login"] = (500, {"detail": "x"})
    _sign_in(app)
    assert "A API falhou" in app.error[0].value


def test_the_period_can_be_days_of_ones_own(app: AppTest) -> None:
    _sign_in(app)
    app.sidebar.selectbox(key="periodo").select("Intervalo próprio").run()
    assert app.title[0].value == "Visão geral"
    today = today_in_brasilia()
    app.sidebar.date_input(key="dias").set_value((today - timedelta(days=40), today)).run()
    assert app.sidebar.warning[0].value == "Escolha no máximo 31 dias."
    assert not app.exception


def _fail() -> None:
    from praca.entrypoints.cli.dashboard import _tell

    assert _tell(ValueError("segredo"))


def test_a_page_that_breaks_says_so_without_its_inside() -> None:
    shown = AppTest.from_function(_fail, default_timeout=60).run()
    assert not shown.exception
    assert shown.error[0].value.startswith("Esta página falhou de um modo inesperado.")
    assert "segredo" not in _words(shown)


def test_the_kinds_that_the_list_of_tasks_knows_exist() -> None:
    known = {kind.name for kind in TASK_KINDS}
    assert known >= tasks.ROUTINE | tasks.NOTABLE
    assert not tasks.ROUTINE & tasks.NOTABLE


def test_the_list_of_tasks_hides_what_only_the_clock_asks_for() -> None:
    settings = Settings.load()
    due = {kind.name for kind in TASK_KINDS if kind.cron(settings) is not None}
    assert due <= tasks.ROUTINE | tasks.NOTABLE
