"""Questions on AWS end to end: real handlers, moto's server, real events."""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from moto.apigatewaymanagementapi.models import apigatewaymanagementapi_backends
from moto.core.models import DEFAULT_ACCOUNT_ID
from tests.integration.helpdesk.cloud import (
    REGION,
    TRIES,
    Cloud,
    Gateway,
    Killed,
    Lambda,
    Pump,
    moto_server,
    run_async,
    running,
    sqs_event,
)

from praca.entrypoints.aws import notify, process, schemas, sweep
from praca.entrypoints.aws.redrive import redrive_all
from praca.entrypoints.aws.runtime import functions
from praca.helpdesk.answering import Answering
from praca.helpdesk.questions.adapters.aws_clients import AwsClients, AwsUnavailableError
from praca.helpdesk.questions.adapters.dynamodb import DynamoStore
from praca.helpdesk.questions.service import GIVEN_UP
from praca.helpdesk.records import Answer
from praca.identity import schemas as platform
from praca.kit.clock import utc_now
from praca.platform.settings import AwsSettings

QUESTION = "Como tiro a segunda via do cartão de transporte?"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with moto_server() as address:
        yield address


@pytest.fixture
def cloud(endpoint: str) -> Iterator[Cloud]:
    opened = Cloud(endpoint)
    yield opened
    opened.close()


@pytest.fixture
def lambdas(cloud: Cloud, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lambda]:
    monkeypatch.setenv("PRACA_DATA_DIR", str(tmp_path))
    # A test that changes one of them would otherwise put it back after its end.
    for name, value in cloud.environment().items():
        monkeypatch.setenv(name, value)
    with running(cloud) as opened:
        yield opened


@pytest.fixture
def gateway(lambdas: Lambda) -> Gateway:
    return Gateway(lambdas)


@pytest.fixture
def pump(cloud: Cloud, lambdas: Lambda) -> Pump:
    return Pump(cloud, lambdas)


def told(connection_id: str) -> list[Any]:
    """What a WebSocket connection was sent, since it began to listen."""
    backend = apigatewaymanagementapi_backends[DEFAULT_ACCOUNT_ID][REGION]
    text = backend.connections[connection_id].data.decode()
    decoder, found = json.JSONDecoder(), []
    while text:
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:]
    return found


def listen(gateway: Gateway, token: str) -> str:
    connection_id = uuid4().hex
    gateway.socket("$connect", connection_id)
    gateway.socket("$default", connection_id, {"token": token})
    assert told(connection_id) == [{"listening": True}]
    return connection_id


def ask(gateway: Gateway, token: str, question: str = QUESTION) -> dict[str, Any]:
    status, record = gateway.ask("POST", "/api/v1/questions", {"question": question}, token)
    assert status == 200, record
    return dict(record)


def listed(gateway: Gateway, token: str) -> list[dict[str, Any]]:
    status, records = gateway.ask("GET", f"/api/v1/questions/{token}")
    assert status == 200
    return list(records)


def publish(cloud: Cloud, topic: str, body: str, group: str) -> None:
    cloud.sns.publish(
        TopicArn=topic, Message=body, MessageGroupId=group, MessageDeduplicationId=uuid4().hex
    )


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


def test_notices_of_a_session_come_in_the_order_of_its_questions(
    gateway: Gateway, pump: Pump
) -> None:
    token = gateway.open_session()
    listener = listen(gateway, token)
    texts = [f"{QUESTION} {number}" for number in range(12)]
    for text in texts:
        ask(gateway, token, text)
    pump.drain()
    assert [record["question"] for record in told(listener)[1:]] == texts


def test_behind_a_failed_message_the_later_ones_of_its_group_fail_too(
    gateway: Gateway, cloud: Cloud, pump: Pump, lambdas: Lambda
) -> None:
    ours, others = gateway.open_session(), gateway.open_session()
    ask(gateway, ours)
    publish(cloud, cloud.process_topic, "not JSON", ours)
    ask(gateway, ours)
    ask(gateway, others)
    messages = pump.receive(cloud.process)
    while more := pump.receive(cloud.process):
        messages += more
    groups = [message["Attributes"]["MessageGroupId"] for message in messages]
    answer = lambdas.call(process.handler, sqs_event(cloud.process, messages))
    failed = {one["itemIdentifier"] for one in answer["batchItemFailures"]}
    of_ours = [m["MessageId"] for m, group in zip(messages, groups, strict=True) if group == ours]
    assert len(of_ours) == 3
    assert failed == set(of_ours[1:])
    statuses = [record["status"] for record in reversed(listed(gateway, ours))]
    assert statuses == ["respondida", "pendente"]
    assert listed(gateway, others)[0]["status"] == "respondida"


def test_a_notice_that_cannot_be_noted_costs_no_other(
    gateway: Gateway, cloud: Cloud, pump: Pump, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that AWS refuses: what was noted beside it is told, and it is told later."""
    tokens = [gateway.open_session() for _ in range(3)]
    listeners = [listen(gateway, token) for token in tokens]
    records = [ask(gateway, token) for token in tokens]
    pump.run(cloud.process, process.handler)
    mark = DynamoStore._mark
    refused = [UUID(records[1]["id"])]

    async def refusing(store: DynamoStore, question_id: UUID, at: datetime) -> bool:
        if question_id in refused:
            refused.remove(question_id)
            raise AwsUnavailableError
        return await mark(store, question_id, at)

    monkeypatch.setattr(DynamoStore, "_mark", refusing)
    assert pump.once(cloud.notify, notify.handler)
    assert [len(told(listener)) for listener in listeners] == [2, 1, 2]
    pump.drain()
    assert [len(told(listener)) for listener in listeners] == [2, 2, 2]


def test_one_at_its_last_try_is_tried_behind_one_that_failed(
    gateway: Gateway, cloud: Cloud, pump: Pump, lambdas: Lambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = gateway.open_session()
    texts = [f"{QUESTION} {number}" for number in range(3)]
    for text in texts:
        ask(gateway, token, text)
    event = sqs_event(cloud.process, pump.receive(cloud.process))
    event["Records"][2]["attributes"]["ApproximateReceiveCount"] = str(TRIES)
    ids = [record["messageId"] for record in event["Records"]]
    answer = Answering.answer

    async def broken_at_first(self: Answering, question: str) -> Answer:
        if question == texts[0]:
            raise RuntimeError("broken")
        return await answer(self, question)

    monkeypatch.setattr(Answering, "answer", broken_at_first)
    failed = lambdas.call(process.handler, event)["batchItemFailures"]
    # It comes again, since a later one of a group always does, and finds its question answered.
    assert [one["itemIdentifier"] for one in failed] == ids
    statuses = [record["status"] for record in reversed(listed(gateway, token))]
    assert statuses == ["pendente", "pendente", "respondida"]


def test_a_model_has_no_more_time_than_a_call(
    gateway: Gateway, lambdas: Lambda, pump: Pump, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRACA_LLM_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("PRACA_LLM_TIMEOUT_S", "300")
    lambdas.restart()
    token = gateway.open_session()
    ask(gateway, token)
    pump.drain()
    assert listed(gateway, token)[0]["status"] == "respondida"


@pytest.mark.parametrize(
    "body",
    [
        "not JSON",
        "[]",
        "null",
        "{}",
        '{"question_id": 7, "session_id": 8}',
        '{"question_id": "x", "session_id": "y"}',
        '{"Type": "Notification", "Message": 5}',
        '{"Type": "Notification"}',
        "[" * 100_000,
    ],
)
def test_what_nobody_can_read_fails_and_nothing_else(
    lambdas: Lambda, cloud: Cloud, body: str
) -> None:
    record = {"messageId": "1", "receiptHandle": "r", "body": body, "attributes": {}}
    for handler in (process.handler, notify.handler):
        answer = lambdas.call(handler, {"Records": [record]})
        assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert cloud.items() == []


def test_a_message_may_come_without_the_envelope(
    gateway: Gateway, cloud: Cloud, lambdas: Lambda
) -> None:
    token = gateway.open_session()
    record = ask(gateway, token)
    body = json.dumps({"question_id": record["id"], "session_id": token})
    event = {"Records": [{"messageId": "1", "receiptHandle": "r", "body": body, "attributes": {}}]}
    assert lambdas.call(process.handler, event) == {"batchItemFailures": []}
    assert cloud.items()[0]["status"]["S"] == "respondida"


def test_poison_ends_in_the_dead_letter_queue_and_is_answered_after_a_redrive(
    gateway: Gateway, cloud: Cloud, lambdas: Lambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = gateway.open_session()
    listener = listen(gateway, token)
    # The articles cannot be read: whoever made the bucket gave it another name.
    monkeypatch.setenv("PRACA_AWS_KNOWLEDGE_BUCKET", "no-such-bucket")
    lambdas.restart()
    ask(gateway, token)
    publish(cloud, cloud.process_topic, "not JSON", "somebody")
    pump = Pump(cloud, lambdas)
    pump.drain()
    (failed,) = listed(gateway, token)
    assert (failed["status"], failed["error"]) == ("erro", GIVEN_UP)
    assert told(listener)[1:] == [failed]
    assert cloud.length(cloud.process.dead_url) == 2
    assert cloud.length(cloud.process.url) == 0

    monkeypatch.delenv("PRACA_AWS_KNOWLEDGE_BUCKET")
    lambdas.restart()
    clients = AwsClients(AwsSettings())
    done = run_async(redrive_all(AwsSettings(), clients, most=100, wait_s=0))
    assert (done["process-question"].moved, done["process-question"].unreadable) == (1, 1)
    pump.drain()
    (answered,) = listed(gateway, token)
    assert answered["status"] == "respondida"
    assert answered["error"] is None
    assert told(listener)[1:] == [failed, answered]
    assert cloud.length(cloud.process.dead_url) == 1

    done = run_async(redrive_all(AwsSettings(), clients, most=100, drop_unreadable=True, wait_s=0))
    assert done["process-question"].unreadable == 1
    assert cloud.length(cloud.process.dead_url) == 0
    clients.close()


def redrive_by_command(*options: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: a command sets up the log of its process."""
    program = str(Path(sys.executable).with_name("praca"))
    return subprocess.run(  # noqa: S603  # our own program
        [program, "questions", "redrive", "--aws", *options],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_command_redrives(lambdas: Lambda, cloud: Cloud) -> None:
    ids = json.dumps({"question_id": str(uuid4()), "session_id": str(uuid4())})
    for url in (cloud.process.dead_url, cloud.notify.dead_url):
        cloud.sqs.send_message(
            QueueUrl=url, MessageBody=ids, MessageGroupId="g", MessageDeduplicationId="d"
        )
    assert lambdas is not None  # whose environment names the queues
    answer = redrive_by_command()
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.count("1 enviadas de novo, 0 ilegíveis") == 2
    assert cloud.length(cloud.process.url) == cloud.length(cloud.notify.url) == 1
    both = redrive_by_command("--id", "1")
    assert both.returncode != 0


def test_the_command_says_which_setting_is_missing(
    lambdas: Lambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lambdas is not None
    monkeypatch.delenv("PRACA_AWS_NOTIFY_DLQ_URL")
    answer = redrive_by_command()
    assert answer.returncode != 0
    assert "PRACA_AWS" in answer.stdout + answer.stderr


def test_the_sweep_sends_what_was_stored_and_never_published(
    gateway: Gateway, cloud: Cloud, lambdas: Lambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRACA_AWS_SWEEP_AFTER_S", "0")
    token = gateway.open_session()
    with monkeypatch.context() as patch:
        patch.setenv("PRACA_AWS_PROCESS_TOPIC_ARN", cloud.process_topic + "-gone.fifo")
        lambdas.restart()
        first, second = ask(gateway, token, "Primeira?"), ask(gateway, token, "Segunda?")
        assert first["status"] == second["status"] == "pendente"  # kept, although nothing was sent
    assert cloud.length(cloud.process.url) == 0
    lambdas.restart()
    assert gateway.sweep() == {"process-question": 2, "notify-response": 0}

    # The answers are written, and then the second topic is away.
    pump = Pump(cloud, lambdas)
    with monkeypatch.context() as patch:
        patch.setenv("PRACA_AWS_NOTIFY_TOPIC_ARN", cloud.notify_topic + "-gone.fifo")
        lambdas.restart()
        pump.run(cloud.process, process.handler)
    lambdas.restart()
    listener = listen(gateway, token)
    assert gateway.sweep() == {"process-question": 0, "notify-response": 2}
    pump.drain()
    assert [record["question"] for record in told(listener)[1:]] == ["Primeira?", "Segunda?"]
    assert gateway.sweep() == {"process-question": 0, "notify-response": 0}


def test_the_sweep_leaves_alone_what_is_young(gateway: Gateway) -> None:
    ask(gateway, gateway.open_session())
    assert gateway.sweep() == {"process-question": 0, "notify-response": 0}


def test_the_sweep_sends_more_and_more_seldom(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long queue: copies of what waits there would only make it longer."""
    token = gateway.open_session()
    ask(gateway, token)
    asked = utc_now()
    sent = []
    for minutes in range(0, 54, 6):
        monkeypatch.setattr(sweep, "utc_now", lambda m=minutes: asked + timedelta(minutes=m))
        if gateway.sweep()["process-question"]:
            sent.append(minutes)
    assert sent == [6, 12, 24]  # 5, 5 and 10 minutes after the one before
    assert listed(gateway, token)[0]["status"] == "erro"  # and 20 minutes later it is given up


def test_a_question_that_kills_its_function_each_time_fails_in_the_end(
    gateway: Gateway, cloud: Cloud, lambdas: Lambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRACA_AWS_SWEEP_AFTER_S", "0")
    lambdas.restart()
    token = gateway.open_session()
    ask(gateway, token)

    def die(_event: Any, _context: Any) -> Any:
        raise Killed

    pump = Pump(cloud, lambdas)
    pump.run(cloud.process, die)
    assert cloud.length(cloud.process.dead_url) == 1
    for _ in range(TRIES):
        assert gateway.sweep()["process-question"] == 1
    assert gateway.sweep() == {"process-question": 0, "notify-response": 0}
    pump.drain(die)
    assert [record["status"] for record in listed(gateway, token)] == ["erro"]
    assert gateway.sweep() == {"process-question": 0, "notify-response": 0}


def test_what_there_is_no_time_for_comes_again(
    gateway: Gateway, cloud: Cloud, pump: Pump, lambdas: Lambda
) -> None:
    ask(gateway, gateway.open_session())
    event = sqs_event(cloud.process, pump.receive(cloud.process))
    answer = lambdas.call(process.handler, event, left_s=5)
    assert len(answer["batchItemFailures"]) == 1
    assert cloud.items()[0]["status"]["S"] == "pendente"
    assert lambdas.call(process.handler, event) == {"batchItemFailures": []}


def test_with_its_model_down_it_quotes(
    gateway: Gateway, lambdas: Lambda, pump: Pump, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRACA_LLM_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("PRACA_LLM_TIMEOUT_S", "1")
    lambdas.restart()
    token = gateway.open_session()
    ask(gateway, token)
    pump.drain()
    (record,) = listed(gateway, token)
    assert record["status"] == "respondida"
    assert record["details"]["engine"] == "extrativo"


def test_articles_come_from_s3_and_change_with_it(
    gateway: Gateway, cloud: Cloud, lambdas: Lambda, pump: Pump, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3 = cloud.client("s3")
    bucket = f"knowledge-{uuid4().hex}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    monkeypatch.setenv("PRACA_AWS_KNOWLEDGE_BUCKET", bucket)
    monkeypatch.setenv("PRACA_HELPDESK_FRESH_S", "0")
    monkeypatch.setenv("PRACA_HELPDESK_MIN_CONFIDENCE", "0")
    lambdas.restart()
    token = gateway.open_session()
    for hours in ("das 8h às 12h", "das 9h às 17h"):
        article = {
            "key": "horta",
            "title": "Horta comunitária",
            "body": f"A horta comunitária abre {hours}.",
        }
        s3.put_object(
            Bucket=bucket, Key="knowledge/articles.jsonl", Body=json.dumps(article).encode()
        )
        ask(gateway, token, "Quando abre a horta comunitária?")
        pump.drain()
        assert hours in listed(gateway, token)[0]["answer"]


def test_the_models_key_is_read_from_its_secret(
    cloud: Cloud, lambdas: Lambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"llm-{uuid4().hex}"
    cloud.client("secretsmanager").create_secret(Name=name, SecretString="sk-do-cofre")
    monkeypatch.setenv("PRACA_AWS_LLM_KEY_SECRET", name)
    lambdas.restart()

    def key(_event: Any, _context: Any) -> Any:
        found = functions().settings.llm.llm_api_key
        assert found is not None
        return found.get_secret_value()

    assert lambdas.call(key, {}) == "sk-do-cofre"


# --- who listens ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "question_token_missing"),
        ("[]", "question_token_missing"),
        ("[" * 100_000, "question_token_missing"),
        ('{"token": 7}', "question_token_invalid"),
        ('{"token": "x"}', "question_token_invalid"),
        (json.dumps({"token": str(UUID(int=7))}), "question_token_invalid"),
    ],
)
def test_who_names_no_session_hears_why(gateway: Gateway, body: str, code: str) -> None:
    connection_id = uuid4().hex
    assert gateway.socket("$default", connection_id, body) == {"statusCode": 200}
    assert [problem["code"] for problem in told(connection_id)] == [code]


def test_who_left_is_forgotten(gateway: Gateway, cloud: Cloud, pump: Pump) -> None:
    token = gateway.open_session()
    left, stays = listen(gateway, token), listen(gateway, token)
    gateway.socket("$disconnect", left)
    gateway.socket("$disconnect", uuid4().hex)  # of one that never said a word
    ask(gateway, token)
    pump.drain()
    assert len(told(left)) == 1
    assert len(told(stays)) == 2
    names = {item["name"]["S"] for item in connections(cloud)}
    assert names == {stays, "session"}


def test_somebody_elses_answers_are_not_heard(gateway: Gateway, pump: Pump) -> None:
    ours, theirs = gateway.open_session(), gateway.open_session()
    listener = listen(gateway, theirs)
    ask(gateway, ours)
    pump.drain()
    assert len(told(listener)) == 1


def test_a_session_has_so_many_listeners(gateway: Gateway) -> None:
    token = gateway.open_session()
    for _ in range(20):
        listen(gateway, token)
    one_more = uuid4().hex
    gateway.socket("$default", one_more, {"token": token})
    assert [problem["code"] for problem in told(one_more)] == ["too_many_listeners"]


def test_a_connection_that_is_gone_is_forgotten_and_the_others_are_told(
    gateway: Gateway,
    cloud: Cloud,
    lambdas: Lambda,
    pump: Pump,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # moto knows no closed connections: this gateway does.
    token = gateway.open_session()
    gone, stays = listen(gateway, token), listen(gateway, token)
    heard: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            connection_id = self.path.rsplit("/", 1)[1]
            heard.append(connection_id)
            self.send_response(410 if connection_id == gone else 200)
            self.send_header("x-amzn-ErrorType", "GoneException")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_address[1]}/prod"
        monkeypatch.setenv("PRACA_AWS_CONNECTIONS_URL", address)
        lambdas.restart()
        for _ in range(2):
            ask(gateway, token)
            pump.drain()
    finally:
        lambdas.restart()
        server.shutdown()
        thread.join()
        server.server_close()
    assert sorted(heard) == sorted([gone, stays, stays])
    assert gone not in {item["name"]["S"] for item in connections(cloud)}


def connections(cloud: Cloud) -> list[dict[str, Any]]:
    return list(cloud.dynamodb.scan(TableName=cloud.connections_table)["Items"])


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
