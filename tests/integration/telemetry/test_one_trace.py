"""One trace from a request over the queue to statements and a model, read back from a collector."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import psycopg
import pytest
from tests.integration.telemetry.conftest import TracedAs
from tests.model_server import Script, opened_model
from tests.otlp_collector import CollectedSpan, Collector

from praca.entrypoints.api import create_app
from praca.entrypoints.cli.work import opened
from praca.entrypoints.kinds import TASK_KINDS
from praca.helpdesk.questions import room
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import LlmSettings, Settings, TelemetrySettings
from praca.platform.tasks import TaskContext, TaskKind, TaskQueue, Worker
from praca.platform.telemetry import span

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]

MAIL = "zuleica.secreta@cidade.example"
CPF = "529.982.247-25"
QUESTION = f"Meu CPF é {CPF}: quanto custa a segunda via do cartão de transporte?"
CARD = {
    "title": "Segunda via do cartão de transporte",
    "summary": "Peça outro cartão de transporte quando o seu foi perdido.",
    "body": "O cartão perdido é bloqueado na hora.",
    "cost": "A segunda via do cartão custa R$ 12,50.",
}
ANSWER = "A segunda via do cartão custa R$ 12,50. [1]"
USAGE = {
    "id": "c",
    "object": "chat.completion.chunk",
    "created": 0,
    "model": "m",
    "choices": [],
    "usage": {"prompt_tokens": 321, "completion_tokens": 12, "total_tokens": 333},
}


async def work(resources: Resources) -> None:
    async with asyncio.timeout(60):
        await Worker(resources).run(until_empty=True)


def statements(spans: list[CollectedSpan]) -> list[str]:
    return [one.name for one in spans if "db.system.name" in one.attributes]


def assert_tells_nothing(collector: Collector) -> None:
    """Nothing of what people wrote is anywhere in what was sent."""
    sent = b"\n".join(collector.raw)
    for secret in (MAIL, "zuleica", CPF, "52998224725", "segunda via", "12,50", "quanto custa"):
        assert secret.encode() not in sent, secret


async def test_a_request_and_its_task_are_one_trace_over_two_processes(
    client: httpx.AsyncClient, resources: Resources, collector: Collector, traced_as: TracedAs
) -> None:
    # Each process traces for itself: nothing but the queue's row is common to both.
    async with traced_as("praca-api"):
        answer = await client.post(
            "/api/v1/forgot-password/forgot-password?from=site", json={"email": MAIL}
        )
    assert answer.status_code == 200, answer.text
    async with traced_as("praca-worker"):
        await work(resources)

    request = collector.only("POST /api/v1/forgot-password/forgot-password")
    assert (request.kind, request.service, request.parent_id) == ("server", "praca-api", "")
    assert request.attributes == {
        "http.request.method": "POST",
        "http.route": "/api/v1/forgot-password/forgot-password",
        "http.response.status_code": 200,
        "url.scheme": "http",
    }
    sent = collector.only("send identity.send_recovery_code")
    assert (sent.kind, sent.parent_id) == ("producer", request.span_id)
    assert "INSERT platform.task_runs" in statements(collector.below(sent))
    task = collector.only("process identity.send_recovery_code")
    assert (task.kind, task.service, task.parent_id) == ("consumer", "praca-worker", sent.span_id)
    assert task.attributes["praca.attempt"] == 1
    assert task.attributes["messaging.message.id"] == sent.attributes["messaging.message.id"]
    # Sessions of SQLAlchemy, and what goes by the driver alone, below both.
    assert "UPDATE platform.task_runs" in statements(collector.below(task))
    assert statements(collector.below(request))
    assert {one.trace_id for one in collector.spans} == {request.trace_id}
    assert answer.headers["traceresponse"] == f"00-{request.trace_id}-{request.span_id}-01"
    assert_tells_nothing(collector)
    for resource in collector.resources:
        assert resource["service.version"]
        assert resource["service.instance.id"]


async def test_a_question_is_one_trace_down_to_the_model(
    client: httpx.AsyncClient,
    resources: Resources,
    make_account: MakeAccount,
    collector: Collector,
    traced_as: TracedAs,
) -> None:
    operator = (await make_account("operadora", role="operador"))["headers"]
    made = await client.post("/api/v1/knowledge/articles", json=CARD, headers=operator)
    assert made.status_code == 201, made.text
    signed_in = await client.post("/api/v1/auth/login", json={"name": "Zuleica"})
    assert signed_in.status_code == 200, signed_in.text
    session = signed_in.json()["token"]
    headers = {"Authorization": f"Bearer {session}"}
    pieces = [_chunk(ANSWER), _chunk(None, "stop"), f"data: {json.dumps(USAGE)}\n\n"]
    async with opened_model() as model:
        model.plays(Script(events=pieces, finish=None))
        settings = replace(
            resources.settings,
            llm=LlmSettings(llm_base_url=model.url, llm_model="gemma", llm_tries=1),
            helpdesk=resources.settings.helpdesk.model_copy(
                update={"helpdesk_min_confidence": 0.05}
            ),
        )
        async with traced_as("praca-api"):
            asked = await client.post(
                "/api/v1/questions", json={"question": QUESTION}, headers=headers
            )
            assert asked.status_code == 200, asked.text
        async with (
            traced_as("praca-worker"),
            room.consuming(replace(resources, settings=settings)),
        ):
            await until_told(resources)
    assert model.requests[0]["stream_options"] == {"include_usage": True}

    request = collector.only("POST /api/v1/questions")
    answering = collector.only("process process-question")
    assert (answering.kind, answering.parent_id) == ("consumer", request.span_id)
    chat = collector.only("chat gemma")
    assert (chat.kind, chat.parent_id) == ("client", answering.span_id)
    assert chat.attributes["gen_ai.response.finish_reasons"] == ["stop"]
    assert chat.attributes["gen_ai.usage.input_tokens"] == 321
    assert chat.attributes["gen_ai.usage.output_tokens"] == 12
    settled = collector.only("settle questions")
    assert settled.parent_id == answering.span_id
    assert "UPDATE helpdesk.questions" in statements(collector.below(settled))
    notice = collector.only("process notify-response")
    assert collector.lineage(notice) == [
        "process notify-response",
        "process process-question",
        "POST /api/v1/questions",
    ]
    assert {one.trace_id for one in collector.spans} == {request.trace_id}
    assert session.encode() not in b"".join(collector.raw)
    assert_tells_nothing(collector)


def _chunk(text: str | None, finish: str | None = None) -> str:
    delta = {} if text is None else {"content": text}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return f"data: {json.dumps({**USAGE, 'usage': None, 'choices': [choice]})}\n\n"


async def until_told(resources: Resources) -> None:
    """Wait until every message is done."""
    city = resources.databases.city
    async with asyncio.timeout(20):
        # Another task's doings are no events here.
        while await city.fetch_one("SELECT 1 FROM helpdesk.messages LIMIT 1", {}):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_questions_of_several_requests_are_settled_in_one_span_linked_to_the_others(
    client: httpx.AsyncClient, resources: Resources, collector: Collector, traced_as: TracedAs
) -> None:
    for name in ("Ana", "Bia", "Caio"):
        signed_in = await client.post("/api/v1/auth/login", json={"name": name})
        headers = {"Authorization": f"Bearer {signed_in.json()['token']}"}
        async with traced_as():
            await client.post("/api/v1/questions", json={"question": "Oi"}, headers=headers)
    async with traced_as("praca-worker"), room.consuming(resources):
        await until_told(resources)
    answering = collector.named("process process-question")
    assert len({one.trace_id for one in answering}) == 3
    # However the three were batched, each is either above one such span or linked to it.
    for name in ("settle questions", "process notify-response"):
        found = collector.named(name)
        tied = [one.parent_id for one in found] + [link for one in found for link in one.links]
        assert sorted(tied) == sorted(one.span_id for one in answering), name


async def test_each_try_of_a_task_is_a_span_and_says_why_it_failed(
    resources: Resources, collector: Collector, traced_as: TracedAs
) -> None:
    began = asyncio.Event()

    async def hangs_once(_context: TaskContext, _args: dict[str, Any]) -> None:
        if not began.is_set():
            began.set()
            await asyncio.Event().wait()
        raise ConnectionResetError(MAIL)

    kind = TaskKind("tests.shaky", hangs_once, tries=2)
    city = resources.databases.city
    settings = resources.settings
    at_once = settings.http.model_copy(update={"shutdown_grace_s": 0})
    shaky = replace(
        resources,
        tasks=TaskQueue([kind], city.dsn),
        settings=replace(settings, http=at_once),
    )
    async with traced_as(), city.write() as session:
        with span("whoever asks"):
            await shaky.tasks.enqueue(session, kind.name, {"email": MAIL})
    async with traced_as("praca-worker"):
        stopped = asyncio.create_task(work(shaky))
        await began.wait()
        stopped.cancel()
        await asyncio.gather(stopped, return_exceptions=True)
        await work(shaky)
    sent = collector.only("send tests.shaky")
    first, second = collector.named("process tests.shaky")
    assert [one.parent_id for one in (first, second)] == [sent.span_id] * 2
    assert (first.is_error, second.is_error) == (False, True)
    assert second.attributes["error.type"] == "ConnectionResetError"
    assert (first.attributes["praca.attempt"], second.attributes["praca.attempt"]) == (1, 2)
    assert [one.events for one in collector.spans] == [0] * len(collector.spans)
    assert_tells_nothing(collector)


@pytest.mark.parametrize("noted", [None, "no trace at all", "00-" + "0" * 32 + "-0-01"])
async def test_a_task_of_the_release_before_runs_in_a_trace_of_its_own(
    resources: Resources, collector: Collector, traced_as: TracedAs, noted: str | None
) -> None:
    async def runs(_context: TaskContext, _args: dict[str, Any]) -> None: ...

    kind = TaskKind("tests.old", runs)
    city = resources.databases.city
    old = replace(resources, tasks=TaskQueue([kind], city.dsn))
    async with city.write() as session:
        await old.tasks.enqueue(session, kind.name, {})
    with psycopg.connect(city.dsn, autocommit=True) as connection:
        connection.execute("UPDATE platform.task_runs SET traceparent = %s", [noted])
    async with traced_as("praca-worker"):
        await work(old)
    assert collector.only("process tests.old").parent_id == ""


async def test_the_api_and_the_worker_s_command_trace_and_send_what_is_left_when_they_end(
    settings: Settings, city_dsn: str, collector: Collector
) -> None:
    telemetry = TelemetrySettings(otlp_endpoint=collector.url, traces_sample_ratio=1.0)
    own = replace(settings, telemetry=telemetry)
    app = create_app(own, open_resources(own, city_dsn, TASK_KINDS))
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        await client.get("/api/v1/health")
    assert collector.only("GET /api/v1/health").service == "praca-api"
    async with opened(own, city_dsn, service="praca-worker"):
        span("some work").end()
    assert collector.only("some work").service == "praca-worker"
