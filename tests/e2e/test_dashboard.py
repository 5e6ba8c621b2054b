"""``praca dashboard`` in a real browser, over a real API, before and after there is traffic."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.async_api import ConsoleMessage, Page, Route, async_playwright, expect
from tests.e2e.running import environment, free_port, praca, until

from praca.identity import Role
from praca.identity.service import IdentityService
from praca.platform.resources import Resources

_PASSWORD = "Segredo-forte-9"
_PATIENCE_MS = 60_000
_EMPTY = {
    "Visão geral": "A loja ainda não foi raspada",
    "Modelos": "Nenhum modelo da biblioteca está em memória",
    "Requisições": "As rotas mais usadas",  # of its own questions, at least
    "Predições": "Nenhuma predição foi registrada",
    "Deriva": "Ainda não há relatório",
    "Tarefas": "Nenhuma tarefa aqui",
    "Raspagem": "A loja ainda não foi raspada",
}
_BUSY = {
    "Visão geral": "Última raspagem: concluída",
    "Modelos": "Classificação dos modelos (alvo Avaliação (rating))",
    "Requisições": "Percentis da duração das requisições",
    "Predições": "As respostas mais comuns do modelo books_rating_",
    "Deriva": "Ainda não há relatório",
    "Tarefas": "Tarefas encontradas:",
    "Raspagem": "Última coleta: concluída",
}


def _chromium() -> str:
    """Return the browser's path, or skip."""
    named = os.environ.get("PRACA_CHROMIUM")
    known = ("chromium", "chromium-browser", "google-chrome")
    found = named or next(filter(None, map(shutil.which, known)), None)
    if found is None:
        pytest.skip("no Chromium: install Debian's `chromium`, or name one in PRACA_CHROMIUM")
    return found


@dataclass
class Begun:
    """A command that runs."""

    process: "subprocess.Popen[bytes]"
    out: Path

    def has_said(self, sentence: str) -> bool:
        assert self.process.poll() is None, self.out.read_text()
        return sentence in self.out.read_text()


@contextlib.contextmanager
def _running(*arguments: str, **settings: str) -> Iterator[Begun]:
    """Run a command until the block ends; others may be started before it is ready."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.txt"
        with out.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603  # our own program
                [sys.executable, "-m", "praca", *arguments],
                env=environment(**settings),
                cwd=folder,
                stdout=output,
                stderr=output,
            )
        try:
            yield Begun(process, out)
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(60)


def _answers(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(url, timeout=10).status_code == 200
    return False


@dataclass
class Seen:
    """What a page must not do, as far as it has done it."""

    problems: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(message.text)

    async def only_loopback(self, route: Route) -> None:
        url = route.request.url
        if url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            await route.continue_()
            return
        self.problems.append(f"asked a foreign host: {url}")
        await route.abort()


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
async def page(seen: Seen) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=_chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        context = await browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(_PATIENCE_MS)
        await context.route("**/*", seen.only_loopback)
        opened = await context.new_page()
        seen.watch(opened)
        yield opened
        await browser.close()


@pytest.fixture
async def accounts(resources: Resources) -> None:
    service = IdentityService(resources.settings, resources.databases)
    async with resources.databases.identity.write() as session:
        for name, role in (("olga", Role.OPERADOR), ("ana", Role.USUARIO)):
            await service.create_account(session, username=name, password=_PASSWORD, role=role)


async def _sign_in(page: Page, name: str, password: str = _PASSWORD) -> None:
    await page.get_by_label("Usuário").fill(name)
    await page.get_by_label("Senha", exact=True).fill(password)
    await page.get_by_role("button", name="Entrar").click()


async def _says(page: Page, sentence: str) -> None:
    found = page.get_by_text(sentence).first
    await expect(found).to_be_visible(timeout=_PATIENCE_MS)


async def _walk(page: Page, sentences: dict[str, str]) -> None:
    for title, sentence in sentences.items():
        await page.get_by_test_id("stSidebarNav").get_by_role("link", name=title).click()
        heading = page.get_by_role("heading", name=title, exact=True, level=1)
        await expect(heading).to_be_visible(timeout=_PATIENCE_MS)
        await _says(page, sentence)
        # The last line of a page: all of it has been made.
        await expect(page.get_by_text("Dados lidos em")).to_be_visible(timeout=_PATIENCE_MS)
        for box in ("stException", "stAlertContentError", "stAlertContentWarning"):
            if (title, box) != ("Modelos", "stAlertContentWarning"):  # "sem sinal" is one
                await expect(page.get_by_test_id(box)).to_have_count(0)


def _wait_for(api: httpx.Client, kind: str) -> None:
    def has_ended() -> bool:
        asked = api.get("/tasks", params={"kind": kind})
        states = [task["status"] for task in asked.json()["data"]]
        assert not {"failed", "cancelled"} & set(states)
        return bool(states) and set(states) == {"succeeded"}

    until(has_ended, kind)


def _make_traffic(api: httpx.Client) -> None:
    """Train on what was gathered, predict, and wait until the journal has it."""
    form = {"username": "olga", "password": _PASSWORD}
    token = api.post("/auth/login", data=form).json()["access_token"]
    api.headers["Authorization"] = f"Bearer {token}"
    _wait_for(api, "library.scrape")
    api.post("/ml/train", params={"alvo": "rating"}).raise_for_status()
    _wait_for(api, "library.train")
    book = {
        "titulo": "Mar e terra",
        "preco": 20,
        "rating": 1,
        "disponibilidade": True,
        "categoria": "Poesia",
        "imagem": "x",
    }

    def is_noted() -> bool:
        api.post("/ml/predictions", json=book)
        return bool(api.get("/monitoring/predictions/outputs").json())

    until(is_noted, "a prediction in the journal")


async def _crawl(page: Page) -> None:
    """Start a crawl as an operator does: a click, and another to confirm."""
    await page.get_by_role("button", name="Iniciar raspagem").click()
    await page.get_by_role("button", name="Sim, iniciar").click()
    await _says(page, "Processo de raspagem iniciado")


@dataclass
class Site:
    """A city without data, its shop and its dashboard."""

    url: str
    api: httpx.Client


@pytest.fixture
def site(city_dsn: str, tmp_path: Path) -> Iterator[Site]:
    api, shop, pages = (f"http://127.0.0.1:{free_port()}" for _ in range(3))
    city = {
        "PRACA_DATABASE_URL": city_dsn,
        "PRACA_DATA_DIR": str(tmp_path),
        "PRACA_BOOKSHOP_URL": shop,
        "PRACA_SCRAPE_DELAY_S": "0",
        "PRACA_JOURNAL_FLUSH_S": "0.1",
        "PRACA_ML_FOLDS": "2",
        "PRACA_ML_TREES": "5",
    }
    with contextlib.ExitStack() as running:
        # All at once: each of them takes seconds to load.
        dashboard = running.enter_context(
            _running("dashboard", "--port", _port(pages), PRACA_PORT=_port(api))
        )
        running.enter_context(_running("api", "--port", _port(api), **city))
        running.enter_context(_running("worker", **city))
        running.enter_context(_running("bookshop", "--port", _port(shop), "--books", "60"))
        until(lambda: dashboard.has_said(f"dashboard: {pages}\n"), "the dashboard")
        until(lambda: _answers(f"{api}/api/v1/ready"), "the API")
        until(lambda: _answers(shop), "the bookshop")
        with httpx.Client(base_url=f"{api}/api/v1", timeout=30) as client:
            yield Site(pages, client)


def _port(url: str) -> str:
    return url.rpartition(":")[2]


async def test_an_operator_walks_all_pages_and_a_citizen_none(
    page: Page, seen: Seen, site: Site, accounts: None
) -> None:
    del accounts
    await page.goto(site.url)
    await expect(page.locator("html")).to_have_attribute("lang", "pt")
    await _sign_in(page, "ana")
    await _says(page, "Esta conta não tem acesso ao painel")
    await _sign_in(page, "olga", "errada")
    await _says(page, "Nome de usuário ou senha incorretos")
    await expect(page.get_by_test_id("stSidebarNav")).to_have_count(0)
    await _sign_in(page, "olga")
    await _walk(page, _EMPTY)
    await _crawl(page)
    _make_traffic(site.api)
    await _walk(page, _BUSY)
    await page.get_by_role("button", name="Sair").click()
    await _says(page, "Você saiu do painel.")
    assert seen.problems == []


def test_it_ends_with_its_supervisor() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    reading, writing = os.pipe()
    with subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-m", "praca", "dashboard", "--port", _port(url)],
        env=environment(PRACA_LIFELINE=str(reading)),
        # What a supervisor does: it holds the other end for as long as it lives.
        pass_fds=(reading,),
    ) as process:
        try:
            until(lambda: _answers(url), "an answer")
            headers = httpx.get(url).headers
            assert "default-src 'self'" in headers["content-security-policy"]
            assert headers["x-frame-options"] == "DENY"
            os.close(writing)
            assert process.wait(60) == 0
        finally:
            process.kill()
            os.close(reading)
    assert not _answers(url)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_in_order(number: int) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with _running("dashboard", PRACA_DASHBOARD_PORT=_port(url)) as begun:
        until(lambda: begun.has_said(f"dashboard: {url}\n"), "the address")
        assert _answers(url)
        begun.process.send_signal(number)
        assert begun.process.wait(60) == 0


def test_a_port_in_use_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        answer = praca("dashboard", "--port", port)
    assert answer.returncode == 1
    assert f"a porta {port} já está em uso" in answer.stderr
