"""What `/metrics` says after a little of everything was done, to whom, and what it never says."""

import asyncio
import json
import re
import socket
import urllib.request
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from praca.entrypoints.api import create_app
from praca.entrypoints.kinds import TASK_KINDS
from praca.entrypoints.metrics import CITY_READINGS, serving_figures
from praca.helpdesk.metrics import note_answer, note_settled, note_told
from praca.helpdesk.records import Answer, Engine
from praca.kit.clock import utc_now
from praca.learning import store
from praca.learning.artifacts import ArtifactError
from praca.learning.metrics import note_loaded
from praca.learning.serving import Serving
from praca.platform.audit import AuditEntry, record
from praca.platform.database import driver_connection
from praca.platform.metrics import declared
from praca.platform.metrics.figures import CITY_OWN, CityFigures
from praca.platform.metrics.processes import PROCESS_FIGURES
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings, SettingsError
from praca.platform.tasks import Worker
from praca.platform.tasks.metrics import note_requeued
from praca.wallet.ledger.metrics import verified
from praca.wallet.ledger.postings import AccountKind, Posting, TransferKind
from praca.wallet.ledger.repository import add_card_account
from praca.wallet.ledger.rules import Limits
from praca.wallet.ledger.service import Ledger

_ROOT = Path(__file__).parents[3]
_CPF = "529.982.247-25"
_LOCAL = "http://127.0.0.1"


@asynccontextmanager
async def _served(resources: Resources) -> AsyncIterator[httpx.AsyncClient]:
    """The application with its lifespan, as a server runs it."""
    app = create_app(resources.settings, resources)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        if app.state.metrics is not None:
            app.state.city_figures._fresh_s = 0.0  # what was just done is seen
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        yield await stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url=_LOCAL)
        )


def _samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _named(text: str) -> set[str]:
    return {name for name, _ in _samples(text)} | set(
        re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)
    )


async def test_everything_that_rules_and_dashboard_ask_for_is_there(
    resources: Resources,
) -> None:
    async with _served(resources) as client:
        for path in (
            "/api/v1/health",
            "/api/v1/health",
            f"/api/v1/nada/{_CPF}",
            f"/{uuid4()}",
            f"/api/v1/tasks/{uuid4()}",
        ):
            await client.get(path)
        await client.request(_CPF.replace(".", ""), "/api/v1/health")
        async with resources.databases.city.write() as session:
            await resources.tasks.enqueue(session, "helpdesk.forget_questions", {})
        first = (await client.get("/metrics")).text
        await Worker(resources).run(until_empty=True)
        await _do_a_little(resources)
        for path in (f"/{uuid4()}", f"/api/v1/tasks/{uuid4()}", f"/x/{_CPF}"):
            await client.get(path)
        answer = await client.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain")
    found = _samples(answer.text)
    health = (("method", "GET"), ("route", "/api/v1/health"), ("status", "200"))
    assert found["praca_http_requests_total", health] == 2
    assert found["praca_http_request_duration_seconds_count", health[:2]] == 2
    assert found["praca_http_requests_in_flight", ()] == 1  # this one
    assert found["praca_http_streams_open", ()] == 0
    ended = (("kind", "helpdesk.forget_questions"), ("status", "succeeded"))
    assert found["praca_tasks_ended_total", ended] == 1
    queued = (("kind", "helpdesk.forget_questions"), ("status", "queued"))
    assert _samples(first)["praca_tasks_unfinished", queued] == 1
    assert found["praca_database_up", ()] == 1
    assert found["praca_processes", ()] == 1
    recharge = (("kind", "recharge"),)
    assert found["praca_ledger_transfers_total", recharge] == 1
    assert found["praca_ledger_moved_centavos_total", recharge] == 1250
    assert found["praca_ledger_account_centavos", (("account", "recharges"),)] == -1250
    assert found["praca_ledger_last_verification_ok", ()] == 0
    assert found["praca_model_load_failures_total", (("model", "match"),)] == 1
    read = {labels: value for (name, labels), value in found.items() if name == "praca_figures_up"}
    assert set(read.values()) == {1.0}
    assert len(read) == len(CITY_READINGS)

    # No path, id or CPF has made a series, and none stands anywhere.
    routes = {labels for name, labels in found if name == "praca_http_requests_total"}
    before = {labels for name, labels in _samples(first) if name == "praca_http_requests_total"}
    assert routes - before == {(("method", "GET"), ("route", "/metrics"), ("status", "200"))}
    assert not re.search(r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}\b(?![\d.e])", "\n".join(map(str, routes)))
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", answer.text)
    assert _CPF not in answer.text

    there = _named(answer.text)
    for name in _asked_for():
        assert name in there, name


async def _do_a_little(resources: Resources) -> None:
    """Do what makes the series that are there only once something has happened."""
    city = resources.databases.city
    ledger = Ledger(Limits(100_000))
    async with city.write() as session:
        connection = await driver_connection(session)
        card = await add_card_account(connection)
        recharges = await ledger.account_of_city(connection, AccountKind.RECHARGES)
    posting = Posting(recharges, card, 1250, TransferKind.RECHARGE, "teste")
    async with city.write() as session:
        await ledger.post(session, [posting])
        await record(session, verified(is_good=False))
        await record(session, AuditEntry("platform.backup_made", "backup"))
    async with city.write() as session:
        await ledger.post(session, [posting])
        await session.rollback()  # taken back: not counted
    async with city.write() as session:
        await store.publish(session, "match", 7, "models/7", "{}")
        await store.promote(session, "match", 7)
        await resources.tasks.enqueue(session, "helpdesk.forget_questions", {})
    with pytest.raises(ArtifactError):
        await Serving(resources, "match", lambda _: None).refresh()
    note_loaded("match", 8, 7)
    note_answer(Answer("Não sei.", False, 0.1, Engine.EXTRACTIVE))
    note_settled("erro", utc_now())
    note_told("timeout", 3.0)
    note_requeued("helpdesk.forget_questions")


def _asked_for() -> set[str]:
    """Names in the expressions of the rules and of the dashboard."""
    rules = yaml.safe_load((_ROOT / "deploy/observability/alerts.yml").read_text("utf-8"))
    board = json.loads(
        (_ROOT / "deploy/observability/grafana/dashboards/praca.json").read_text("utf-8")
    )
    expressions = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    expressions += [target["expr"] for panel in panels for target in panel["targets"]]
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        assert rule["labels"]["severity"] in {"pagina", "aviso"}
        assert rule["annotations"]["summary"]
    return set(re.findall(r"\bpraca_[a-z_]+\b", " ".join(expressions)))


@pytest.mark.parametrize("token", [None, "segredo-de-leitura"])
async def test_who_may_read(settings: Settings, resources: Resources, token: str | None) -> None:
    secret = None if token is None else SecretStr(token)
    object.__setattr__(
        settings, "metrics", settings.metrics.model_copy(update={"metrics_token": secret})
    )
    strangers: list[dict[str, str]] = [
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Proto": "https"},
        {"Forwarded": "for=127.0.0.1"},
        {"Origin": "http://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "praca.example"},
        {"Host": "[::1"},
    ]
    bearers = ["Bearer outro", "Bearer", f"Basic {token}", f"Bearer {token}x", "Bearer ção"]
    async with _served(resources) as client:
        if token is None:
            assert (await client.get("/metrics")).status_code == 200
            refused = [httpx.Headers(headers) for headers in strangers]
        else:
            good = {"Authorization": f"Bearer {token}", "X-Forwarded-For": "203.0.113.9"}
            assert (await client.get("/metrics", headers=good)).status_code == 200
            pairs = [(b"authorization", bearer.encode()) for bearer in bearers]
            refused = [httpx.Headers(), *(httpx.Headers([pair]) for pair in pairs)]
        for headers in refused:
            answer = await client.get("/metrics", headers=headers)
            assert answer.status_code == 404, headers
        nowhere = (await client.get("/metrix")).json()
        assert (answer.json()["title"], answer.json()["detail"]) == (
            nowhere["title"],
            nowhere["detail"],
        )
        app: Any = client._transport
        far = httpx.ASGITransport(app=app.app, client=("203.0.113.9", 1))
        async with httpx.AsyncClient(transport=far, base_url=_LOCAL) as other:
            assert (await other.get("/metrics")).status_code == 404


async def test_off_means_that_there_is_nothing(settings: Settings, resources: Resources) -> None:
    object.__setattr__(settings, "metrics", settings.metrics.model_copy(update={"metrics": False}))
    async with _served(resources) as client:
        assert (await client.get("/metrics")).status_code == 404
        assert (await client.get("/api/v1/health")).status_code == 200
    assert not (settings.data_dir / "metrics").exists()


async def test_the_worker_serves_its_own(settings: Settings, city_dsn: str) -> None:
    object.__setattr__(
        settings,
        "metrics",
        settings.metrics.model_copy(
            update={"worker_metrics_port": 0, "metrics_token": SecretStr("lido")}
        ),
    )
    resources = open_resources(settings, city_dsn, TASK_KINDS)
    try:
        async with serving_figures(resources) as port:
            async with resources.databases.city.write() as session:
                await resources.tasks.enqueue(session, "helpdesk.forget_questions", {})
            await Worker(resources).run(until_empty=True)
            address = f"http://127.0.0.1:{port}/metrics"
            status, text = await asyncio.to_thread(_asked, address, "lido")
            assert status == 200
            ended = (("kind", "helpdesk.forget_questions"), ("status", "succeeded"))
            assert _samples(text)["praca_tasks_ended_total", ended] == 1
            assert "praca_build_info" in _named(text)
            assert await asyncio.to_thread(_asked, address, "") == (404, "Not Found\n")
            assert (await asyncio.to_thread(_asked, f"{address}x", "lido"))[0] == 404
        with socket.create_server(("127.0.0.1", 0)) as taken:
            wanted = {"worker_metrics_port": taken.getsockname()[1]}
            object.__setattr__(settings, "metrics", settings.metrics.model_copy(update=wanted))
            with pytest.raises(SettingsError, match="PRACA_WORKER_METRICS_PORT"):
                async with serving_figures(resources):
                    pass
    finally:
        await resources.close()


def _asked(address: str, token: str) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(address, headers=headers)  # noqa: S310  # our own address
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


async def test_a_database_that_is_away_is_said_and_breaks_nothing(settings: Settings) -> None:
    away = CityFigures("postgresql://praca@127.0.0.1:1/praca", settings, CITY_READINGS)
    await away.refresh()
    found = {metric.name: metric.samples for metric in away.collect()}
    assert [sample.value for sample in found["praca_database_up"]] == [0]
    assert {sample.value for sample in found["praca_figures_up"]} == {0}
    assert not found["praca_tasks_oldest_queued_seconds"]


def test_the_table_in_the_docs_names_each_figure_and_no_other() -> None:
    page = (_ROOT / "docs/howto/metrics.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(praca_\w+)` \| (\w+ \| .*) \|$", page, re.MULTILINE))
    known = {
        family.name: (family.kind, family.labels, family.text)
        for family in declared()
        if family.name.startswith("praca_")
    }
    read = [*PROCESS_FIGURES.values(), *CITY_OWN]
    read += [figure for reading in CITY_READINGS for figure in reading.figures]
    for figure in read:
        kind = "counter" if figure.name.endswith("_total") else "gauge"
        known[figure.name] = (kind, figure.labels, figure.text)
    wanted = {
        name: f"{kind} | {', '.join(f'`{label}`' for label in labels) or '–'} | {text}"
        for name, (kind, labels, text) in known.items()
    }
    assert rows == wanted
