"""Questions on AWS end to end: real handlers, moto's server, real events."""

import json
import time
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.helpdesk_aws.calls import QUESTION, ask, listed, listen, publish, told
from tests.integration.helpdesk_aws.cloud import (
    REGION,
    Cloud,
    Gateway,
    Killed,
    Lambda,
    Pump,
)

from praca.entrypoints.aws import process, schemas
from praca.helpdesk.questions.adapters.aws_clients import AwsClients, AwsUnavailableError
from praca.identity import schemas as platform
from praca.platform.settings import AwsSettings


def test_a_question_is_stored_answered_and_told(gateway: Gateway, cloud: Cloud, pump: Pump) -> None:
    token = gateway.open_session()
    listener = listen(gateway, token)
    asked = ask(gateway, token)
    assert asked["status"] == "pendente"
    assert asked["answer"] is None
    assert asked["session_id"] == token
    assert listed(gateway, token) == [asked]

    pump.drain()

    (answered,) = listed(gateway, token)
    assert answered["status"] == "respondida"
    assert answered["answer"]
    assert answered["details"]["engine"] == "extrativo"
    assert told(listener)[1:] == [answered]
    (item,) = cloud.items()
    assert "notified_at" in item
    assert "waiting" not in item
    assert int(item["ttl"]["N"]) - time.time() == pytest.approx(90 * 86400, abs=60)
    assert cloud.length(cloud.process.url) == cloud.length(cloud.notify.url) == 0


def test_a_message_holds_no_words_of_the_question(
    gateway: Gateway, cloud: Cloud, pump: Pump
) -> None:
    ask(gateway, gateway.open_session(), "Meu CPF 529.982.247-25 está errado?")
    (message,) = pump.receive(cloud.process)
    assert "CPF" not in message["Body"]


@pytest.mark.parametrize(
    ("token", "headers", "code", "detail"),
    [
        (None, {}, "question_token_missing", "Token não fornecido"),
        (
            None,
            {"authorization": "Basic x"},
            "question_token_malformed",
            "Formato do token inválido",
        ),
        (None, {"authorization": ""}, "question_token_malformed", "Formato do token inválido"),
        ("abc", {}, "question_token_invalid", "Token inválido ou expirado"),
        (str(UUID(int=7)), {}, "question_token_invalid", "Token inválido ou expirado"),
    ],
)
def test_who_has_no_session_may_not_ask(
    gateway: Gateway, token: str | None, headers: dict[str, str], code: str, detail: str
) -> None:
    status, problem = gateway.ask(
        "POST", "/api/v1/questions", {"question": QUESTION}, token, headers
    )
    assert (status, problem["code"], problem["detail"]) == (401, code, detail)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/questions", {"question": ""}),
        ("/api/v1/questions", {"question": "a\x00b"}),
        ("/api/v1/questions", {"question": "x" * 2001}),
        ("/api/v1/questions", {}),
        ("/api/v1/questions", "{"),
        ("/api/v1/auth/login", {"name": ""}),
        ("/api/v1/auth/login", {"name": "a\x00"}),
    ],
)
def test_a_payload_that_does_not_fit_is_refused(gateway: Gateway, path: str, body: Any) -> None:
    status, problem = gateway.ask("POST", path, body, gateway.open_session())
    assert status == 422
    assert problem["errors"]


def test_a_request_that_comes_again_asks_once(gateway: Gateway, cloud: Cloud) -> None:
    token, headers = gateway.open_session(), {"idempotency-key": "k"}
    again = ("POST", "/api/v1/questions", {"question": QUESTION}, token, headers)
    first, second = gateway.raw(*again), gateway.raw(*again)
    assert first["body"] == second["body"]
    assert second["headers"]["idempotency-replayed"] == "true"
    assert len(cloud.items()) == 1
    status, problem = gateway.ask("POST", again[1], {"question": "Outra?"}, token, headers)
    assert (status, problem["code"]) == (422, "idempotency_key_reused")


def test_other_addresses_are_problems_with_headers(gateway: Gateway) -> None:
    status, problem = gateway.ask("GET", "/api/v1/nothing")
    assert (status, problem["code"]) == (404, "http_404")
    assert gateway.ask("GET", f"/api/v1/questions/{uuid4()}") == (200, [])
    assert gateway.ask("GET", "/api/v1/questions/nobody") == (200, [])
    assert gateway.ask("GET", "/api/v1/health/")[1]["status"] == "ok"
    assert gateway.raw("GET", "/api/v1/health")["headers"]["x-content-type-options"] == "nosniff"


def test_a_session_is_limited(
    gateway: Gateway, lambdas: Lambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRACA_QUESTION_MAX_PENDING", "2")
    lambdas.restart()
    token = gateway.open_session()
    ask(gateway, token)
    ask(gateway, token)
    status, problem = gateway.ask("POST", "/api/v1/questions", {"question": QUESTION}, token)
    assert (status, problem["code"]) == (429, "too_many_waiting_questions")
    ask(gateway, gateway.open_session())


def test_a_service_that_is_away_is_a_503(
    gateway: Gateway, lambdas: Lambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = gateway.open_session()
    monkeypatch.setenv("PRACA_AWS_QUESTIONS_TABLE", "none-of-this-name")
    lambdas.restart()
    status, problem = gateway.ask("POST", "/api/v1/questions", {"question": QUESTION}, token)
    assert (status, problem["code"]) == (503, "aws_unavailable")


def test_every_question_is_answered_and_told_once_whatever_comes_twice(
    gateway: Gateway, cloud: Cloud, lambdas: Lambda
) -> None:
    tokens = [gateway.open_session() for _ in range(4)]
    listeners = [listen(gateway, token) for token in tokens]
    for number in range(32):
        token = tokens[number % 4]
        record = ask(gateway, token, f"{QUESTION} {number}")
        if number % 8 == 0:  # sent twice, with another deduplication id: both are delivered
            ids = {"question_id": record["id"], "session_id": token}
            publish(cloud, cloud.process_topic, json.dumps(ids), token)
            publish(cloud, cloud.notify_topic, json.dumps(ids), token)
    pump = Pump(cloud, lambdas, twice=0.3, seed=7)

    killed = iter([True, False, False, True, False, False, False, True])

    def process_or_die(event: Any, context: Any) -> Any:
        answer = process.handler(event, context)
        if next(killed, False):  # after the work, before Lambda knows of it
            raise Killed
        return answer

    for _ in range(3):
        pump.drain(process_or_die)

    assert pump.repeated > 0
    items = cloud.items()
    assert len(items) == 32
    assert {item["status"]["S"] for item in items} == {"respondida"}
    assert all("notified_at" in item and "waiting" not in item for item in items)
    for token, listener in zip(tokens, listeners, strict=True):
        heard = [record["question"] for record in told(listener)[1:]]
        assert len(heard) == 8
        assert max(Counter(heard).values()) == 1
        assert {record["id"] for record in listed(gateway, token)} <= {
            record["id"] for record in told(listener)[1:]
        }


async def test_an_address_where_nobody_answers_is_unavailable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    clients = AwsClients(AwsSettings(aws_endpoint_url="http://127.0.0.1:9"))
    with pytest.raises(AwsUnavailableError):
        await clients.ask("sqs", "list_queues")
    clients.close()


def test_what_opens_a_session_is_what_the_platform_takes() -> None:
    for ours, theirs in (
        (schemas.QuestionSessionCreate, platform.QuestionSessionCreate),
        (schemas.QuestionSessionRead, platform.QuestionSessionRead),
    ):
        own, other = ours.model_json_schema(), theirs.model_json_schema()
        assert own["properties"] == other["properties"]
        assert own["required"] == other["required"]
