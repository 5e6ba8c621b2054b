"""Messages on AWS that come twice, late, broken or never, and what sends them again."""

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.helpdesk_aws.calls import QUESTION, ask, listed, listen, publish, told
from tests.integration.helpdesk_aws.cloud import (
    REGION,
    TRIES,
    Cloud,
    Gateway,
    Killed,
    Lambda,
    Pump,
    run_async,
    sqs_event,
)

from praca.entrypoints.aws import notify, process, sweep
from praca.entrypoints.aws.redrive import redrive_all
from praca.entrypoints.aws.runtime import functions
from praca.helpdesk.answering import Answering
from praca.helpdesk.questions.adapters.aws_clients import AwsClients, AwsUnavailableError
from praca.helpdesk.questions.adapters.dynamodb import DynamoStore
from praca.helpdesk.questions.service import GIVEN_UP
from praca.helpdesk.records import Answer
from praca.kit.clock import utc_now
from praca.platform.settings import AwsSettings


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
