"""Whose trace it is, how many are kept, what the log says, and who is not waited for."""

import asyncio
import io
import json
import logging
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
import structlog
from tests.integration.telemetry.conftest import TracedAs
from tests.otlp_collector import Collector

from praca.entrypoints.api import create_app
from praca.platform.database import Database
from praca.platform.logging import configure_logging
from praca.platform.resources import Resources
from praca.platform.settings import Settings, TelemetrySettings
from praca.platform.telemetry import apart, open_tracing, span, traceparent

PLAIN = "/api/v1/health"
READY = "/api/v1/ready"
TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def caller(flags: str = "01") -> dict[str, str]:
    return {"traceparent": f"00-{TRACE}-{CALLER}-{flags}", "tracestate": "who=zuleica"}


@pytest.fixture
def log() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Return what reads the log's lines, as a process writes them, so far."""
    raw = io.BytesIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    before = structlog.get_config()
    configure_logging("INFO", io.TextIOWrapper(raw, write_through=True))

    def lines() -> list[dict[str, Any]]:
        return [json.loads(line) for line in raw.getvalue().splitlines()]

    yield lines
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)


async def test_a_sampled_caller_s_trace_goes_on_whatever_our_own_share_is(
    client: httpx.AsyncClient, collector: Collector, traced_as: TracedAs
) -> None:
    async with traced_as(ratio=0.0):
        await client.get(READY, headers=caller())
        await client.get(PLAIN)
    request = collector.only(f"GET {READY}")
    assert (request.trace_id, request.parent_id) == (TRACE, CALLER)
    assert collector.below(request)
    assert collector.named(f"GET {PLAIN}") == []
    assert b"zuleica" not in b"".join(collector.raw)


async def test_a_caller_who_keeps_no_trace_gets_none_kept(
    client: httpx.AsyncClient, collector: Collector, traced_as: TracedAs
) -> None:
    async with traced_as(ratio=1.0):
        answer = await client.get(READY, headers=caller("00"))
    assert answer.headers["traceresponse"].startswith(f"00-{TRACE}-")
    assert answer.headers["traceresponse"].endswith("-00")
    assert collector.spans == []


@pytest.mark.parametrize("ratio", [0.0, 1.0])
async def test_our_own_share_decides_where_nobody_else_has(
    client: httpx.AsyncClient, collector: Collector, traced_as: TracedAs, ratio: float
) -> None:
    async with traced_as(ratio=ratio):
        for _ in range(5):
            await client.get(PLAIN)
    assert len(collector.named(f"GET {PLAIN}")) == 5 * ratio


@pytest.mark.parametrize(
    "given",
    [
        [""],
        ["zuleica@cidade.example"],
        [f"00-{'0' * 32}-{CALLER}-01"],
        [f"00-{TRACE}-{'0' * 16}-01"],
        [f"ff-{TRACE}-{CALLER}-01"],
        [f"00-{TRACE}-{CALLER}-01-more"],
        [f"00-{TRACE.upper()}-{CALLER}-01"],
        [f"00-{TRACE}-{CALLER}-01" + "0" * 5000],
        [f"00-{TRACE}-{CALLER}-01", f"00-{TRACE}-{CALLER}-01"],
        ["\xe9\xff"],
    ],
)
async def test_what_names_no_trace_begins_a_new_one(
    client: httpx.AsyncClient, collector: Collector, traced_as: TracedAs, given: list[str]
) -> None:
    headers = [(b"traceparent", value.encode("latin-1")) for value in given]
    async with traced_as():
        answer = await client.get(PLAIN, headers=headers)
    assert answer.status_code == 200
    request = collector.only(f"GET {PLAIN}")
    assert request.parent_id == ""
    assert request.trace_id != TRACE


async def test_a_later_version_s_trace_is_read(
    client: httpx.AsyncClient, collector: Collector, traced_as: TracedAs
) -> None:
    async with traced_as():
        await client.get(PLAIN, headers={"traceparent": f"01-{TRACE}-{CALLER}-01-more"})
    assert collector.only(f"GET {PLAIN}").trace_id == TRACE


async def test_no_path_and_no_unknown_method_gets_into_a_span(
    client: httpx.AsyncClient, collector: Collector, traced_as: TracedAs
) -> None:
    async with traced_as():
        await client.get("/api/v1/52998224725?cpf=52998224725", headers={"User-Agent": "zuleica"})
        await client.request("ZULEICA", PLAIN)
        await client.get("/api/v1/tasks/0b0f4f0e-54c3-4f0b-9d1e-3c1b8f6f2a57")
    assert {one.name for one in collector.spans if one.kind == "server"} >= {
        "GET",
        "GET /api/v1/tasks/{task_id}",
    }
    sent = b"".join(collector.raw).lower()
    for secret in (b"52998224725", b"zuleica", b"0b0f4f0e"):
        assert secret not in sent


async def test_lines_of_the_log_carry_the_ids_of_their_span(
    client: httpx.AsyncClient,
    collector: Collector,
    traced_as: TracedAs,
    log: Callable[[], list[dict[str, Any]]],
) -> None:
    async with traced_as():
        await client.get(PLAIN)
        logging.getLogger("a.library").warning("outside of any span")
        with span("some work"):
            logging.getLogger("a.library").warning("within it")
            with apart(), span("a watch"):
                logging.getLogger("a.library").warning("beside it")
                assert str(traceparent()).endswith("-00")
            assert str(traceparent()).endswith("-01")
    assert "a watch" not in [one.name for one in collector.spans]
    request, work = collector.only(f"GET {PLAIN}"), collector.only("some work")
    lines = {line["event"]: line for line in log()}
    ids = [
        (lines[event].get("trace_id"), lines[event].get("span_id"))
        for event in ("http.request", "within it", "outside of any span")
    ]
    assert ids == [
        (request.trace_id, request.span_id),
        (work.trace_id, work.span_id),
        (None, None),
    ]
    assert lines["beside it"]["trace_id"] == work.trace_id


async def test_a_failed_statement_says_its_code_and_nothing_of_its_values(
    resources: Resources, collector: Collector, traced_as: TracedAs
) -> None:
    city: Database = resources.databases.city
    async with traced_as():
        with span("some work"), pytest.raises(Exception, match="zuleica"):
            await city.fetch_one("SELECT %(name)s::int FROM platform.models", {"name": "zuleica"})
    failed = collector.only("SELECT platform.models")
    assert failed.is_error
    assert failed.attributes["db.response.status_code"] == "22P02"
    assert failed.attributes["db.collection.name"] == "platform.models"
    assert b"zuleica" not in b"".join(collector.raw)


async def test_headers_for_the_collector_and_an_address_with_a_path(
    settings: Settings, collector: Collector
) -> None:
    telemetry = TelemetrySettings(
        otlp_endpoint=f"{collector.url}/v1/traces",
        otlp_headers="X-Key = k1 ,x-city=praca",
        traces_sample_ratio=1.0,
    )
    tracing = open_tracing(replace(settings, telemetry=telemetry), "praca-api")
    with span("some work"):
        assert traceparent() is not None
    await tracing.flush()
    assert collector.only("some work").service == "praca-api"
    await tracing.close()
    assert (collector.headers[-1]["x-key"], collector.headers[-1]["x-city"]) == ("k1", "praca")
    with span("afterwards"):
        assert traceparent() is None


async def test_a_collector_that_is_away_or_silent_costs_no_request_anything(
    client: httpx.AsyncClient,
    traced_as: TracedAs,
    log: Callable[[], list[dict[str, Any]]],
) -> None:
    # It takes connections, and never says a word.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        async with traced_as(url=url) as tracing:
            flushing = asyncio.create_task(tracing.flush())
            for _ in range(10):
                assert (await client.get(PLAIN)).status_code == 200
            is_waited_for = flushing.done()
            began = time.monotonic()
        assert time.monotonic() - began < 10
    await flushing
    assert not is_waited_for
    of_telemetry = [line for line in log() if not line["event"].startswith("http.")]
    assert [line["event"] for line in of_telemetry] == ["telemetry.export_failed"]


async def test_the_framework_sends_nothing_of_its_own_whatever_the_environment_says(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    app = create_app(resources.settings, resources)
    chosen = app._telemetry
    found = [chosen["tracing"], chosen["metrics"], chosen["logs"], chosen["auto_configure"]]
    assert found == [False] * 4
