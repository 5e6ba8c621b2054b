"""AWS on this machine: moto's server, what `deploy/aws` builds there, and what Lambda does."""

import asyncio
import contextlib
import json
import os
import random
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3  # type: ignore[import-untyped]
from moto.server import ThreadedMotoServer

from praca.entrypoints.aws import api, connect, notify, process, sweep
from praca.entrypoints.aws.runtime import functions
from praca.helpdesk.questions.adapters.dynamodb_layout import (
    CONNECTIONS_KEY,
    QUESTION_INDEXES,
    QUESTIONS_KEY,
)

REGION = "sa-east-1"
TRIES = 3
Handler = Callable[[Any, Any], Any]


@contextlib.contextmanager
def moto_server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


class Context:
    """What Lambda tells a function about its call."""

    def __init__(self, left_s: float) -> None:
        self._left_s = left_s

    def get_remaining_time_in_millis(self) -> int:
        return int(self._left_s * 1000)


class Lambda:
    """A process of functions: one thread, which lives from call to call."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)

    def call(self, handler: Handler, event: Any, left_s: float = 60) -> Any:
        return self._thread.submit(handler, event, Context(left_s)).result(timeout=60)

    def restart(self) -> None:
        """End the process: nothing but what was written is left of it."""
        self._thread.submit(_forget).result(timeout=60)

    def close(self) -> None:
        self.restart()
        self._thread.shutdown()


def _forget() -> None:
    if functions.cache_info().currsize:
        functions().close()
    functions.cache_clear()
    api._mangum.cache_clear()


@dataclass(frozen=True)
class Queue:
    url: str
    arn: str
    dead_url: str


class Cloud:
    """One deployment, with names of its own."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._suffix = uuid4().hex[:12]
        self._opened: list[Any] = []
        self.dynamodb = self._client("dynamodb")
        self.sqs = self._client("sqs")
        self.sns = self._client("sns")
        self.questions_table = self._table("questions", QUESTIONS_KEY, QUESTION_INDEXES)
        self.connections_table = self._table("connections", CONNECTIONS_KEY, {})
        self.process_topic, self.process = self._topic_and_queue("process")
        self.notify_topic, self.notify = self._topic_and_queue("notify")

    def environment(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": REGION,
            "PRACA_AWS_ENDPOINT_URL": self.endpoint,
            "PRACA_AWS_QUESTIONS_TABLE": self.questions_table,
            "PRACA_AWS_CONNECTIONS_TABLE": self.connections_table,
            "PRACA_AWS_PROCESS_TOPIC_ARN": self.process_topic,
            "PRACA_AWS_NOTIFY_TOPIC_ARN": self.notify_topic,
            "PRACA_AWS_PROCESS_QUEUE_URL": self.process.url,
            "PRACA_AWS_NOTIFY_QUEUE_URL": self.notify.url,
            "PRACA_AWS_PROCESS_DLQ_URL": self.process.dead_url,
            "PRACA_AWS_NOTIFY_DLQ_URL": self.notify.dead_url,
            "PRACA_AWS_CONNECTIONS_URL": self.endpoint,
            "PRACA_QUESTION_TRIES": str(TRIES),
            "PRACA_QUESTION_MAX_PENDING": "1000",
            "PRACA_QUESTION_MAX_PER_HOUR": "1000",
        }

    def _client(self, service: str) -> Any:
        client = boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="key",
            aws_secret_access_key="secret",
        )
        self._opened.append(client)
        return client

    def client(self, service: str) -> Any:
        return self._client(service)

    def _table(
        self, name: str, key: tuple[str, ...], indexes: Mapping[str, tuple[str, str]]
    ) -> str:
        table = f"{name}-{self._suffix}"
        attributes = sorted({*key, *(part for keys in indexes.values() for part in keys)})
        more = {
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": index,
                    "KeySchema": _schema(keys),
                    "Projection": {"ProjectionType": "ALL"},
                }
                for index, keys in indexes.items()
            ]
        }
        self.dynamodb.create_table(
            TableName=table,
            KeySchema=_schema(key),
            AttributeDefinitions=[
                {"AttributeName": part, "AttributeType": "S"} for part in attributes
            ],
            BillingMode="PAY_PER_REQUEST",
            **(more if indexes else {}),
        )
        return table

    def _topic_and_queue(self, name: str) -> tuple[str, Queue]:
        topic = self.sns.create_topic(
            Name=f"{name}-{self._suffix}.fifo", Attributes={"FifoTopic": "true"}
        )["TopicArn"]
        dead_url = self.sqs.create_queue(
            QueueName=f"{name}-dead-{self._suffix}.fifo", Attributes={"FifoQueue": "true"}
        )["QueueUrl"]
        policy = {"deadLetterTargetArn": self._arn(dead_url), "maxReceiveCount": TRIES}
        url = self.sqs.create_queue(
            QueueName=f"{name}-{self._suffix}.fifo",
            Attributes={"FifoQueue": "true", "RedrivePolicy": json.dumps(policy)},
        )["QueueUrl"]
        arn = self._arn(url)
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return topic, Queue(url, arn, dead_url)

    def _arn(self, url: str) -> str:
        answer = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(answer["Attributes"]["QueueArn"])

    def length(self, url: str) -> int:
        """How many messages a queue holds, those in flight included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def items(self) -> list[dict[str, Any]]:
        """Every question as it lies in the table."""
        found = self.dynamodb.scan(TableName=self.questions_table)["Items"]
        return [item for item in found if item["pk"]["S"].startswith("question#")]

    def close(self) -> None:
        for client in self._opened:
            client.close()


def _schema(keys: tuple[str, ...]) -> list[dict[str, str]]:
    kinds = ("HASH", "RANGE")
    return [
        {"AttributeName": part, "KeyType": kind} for part, kind in zip(keys, kinds, strict=False)
    ]


class Pump:
    """What Lambda does with a queue: receive, call, delete what is not said to have failed.

    What failed is visible again at once. With a share, it delivers again what was done.
    """

    def __init__(self, cloud: Cloud, process: Lambda, *, twice: float = 0, seed: int = 0) -> None:
        self._cloud = cloud
        self._process = process
        self._twice = twice
        self._random = random.Random(seed)  # noqa: S311  # no secret
        self.calls = 0
        self.repeated = 0

    def run(self, queue: Queue, handler: Handler, *, calls: int = 1000) -> int:
        """Work until the queue has nothing; return how many calls it took."""
        for done in range(calls):
            if not self.once(queue, handler):
                return done
        return calls

    def once(self, queue: Queue, handler: Handler) -> bool:
        """Make one call; false if there was nothing to do."""
        messages = self.receive(queue)
        if not messages:
            return False
        event = sqs_event(queue, messages)
        failed = self._call(handler, event)
        if failed is not None and self._random.random() < self._twice:
            self._random.shuffle(event["Records"])  # late, and out of order
            self._call(handler, event)
            self.repeated += len(event["Records"])
        self._settle(queue, messages, failed)
        return True

    def receive(self, queue: Queue) -> list[dict[str, Any]]:
        answer = self._cloud.sqs.receive_message(
            QueueUrl=queue.url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
        )
        return list(answer.get("Messages", ()))

    def drain(
        self, process_by: Handler = process.handler, notify_by: Handler = notify.handler
    ) -> None:
        """Work through both queues."""
        self.run(self._cloud.process, process_by)
        self.run(self._cloud.notify, notify_by)

    def _call(self, handler: Handler, event: Any) -> set[str] | None:
        """Return the ids of failed messages; None if the call ended without an answer."""
        self.calls += 1
        try:
            answer = self._process.call(handler, event)
        except Killed:
            return None
        return {one["itemIdentifier"] for one in answer["batchItemFailures"]}

    def _settle(
        self, queue: Queue, messages: list[dict[str, Any]], failed: set[str] | None
    ) -> None:
        for message in messages:
            handle = {"QueueUrl": queue.url, "ReceiptHandle": message["ReceiptHandle"]}
            if failed is None or message["MessageId"] in failed:
                self._cloud.sqs.change_message_visibility(**handle, VisibilityTimeout=0)
            else:
                self._cloud.sqs.delete_message(**handle)


class Killed(BaseException):
    """The process of a function was ended from outside."""


def sqs_event(queue: Queue, messages: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": dict(message["Attributes"]),
                "messageAttributes": {},
                "md5OfBody": message["MD5OfBody"],
                "eventSource": "aws:sqs",
                "eventSourceARN": queue.arn,
                "awsRegion": REGION,
            }
            for message in messages
        ]
    }


class Gateway:
    """The API gateway in front of the functions."""

    def __init__(self, process: Lambda) -> None:
        self._process = process

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Return status and JSON of an HTTP request, by the gateway's events of version 2.0."""
        answer = self.raw(method, path, body, token, headers)
        return answer["statusCode"], json.loads(answer["body"])

    def raw(
        self,
        method: str,
        path: str,
        body: Any = None,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        given = {"content-type": "application/json", **(headers or {})}
        if token is not None:
            given["authorization"] = f"Bearer {token}"
        event = {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": "",
            "headers": given,
            "requestContext": {
                "http": {
                    "method": method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1",
                    "userAgent": "test",
                },
                "requestId": "request",
                "routeKey": "$default",
                "stage": "$default",
                "domainName": "test.execute-api.sa-east-1.amazonaws.com",
            },
            "isBase64Encoded": False,
        }
        if body is not None:
            event["body"] = body if isinstance(body, str) else json.dumps(body)
        return self._process.call(api.handler, event)

    def open_session(self, name: str = "Maria") -> str:
        status, answer = self.ask("POST", "/api/v1/auth/login", {"name": name})
        assert status == 200, answer
        return str(answer["token"])

    def socket(self, route: str, connection_id: str, body: Any = None) -> Any:
        """Return what the function of WebSockets answers."""
        event: dict[str, Any] = {
            "requestContext": {
                "routeKey": route,
                "eventType": {"$connect": "CONNECT", "$disconnect": "DISCONNECT"}.get(
                    route, "MESSAGE"
                ),
                "connectionId": connection_id,
            },
            "isBase64Encoded": False,
        }
        if body is not None:
            event["body"] = body if isinstance(body, str) else json.dumps(body)
        return self._process.call(connect.handler, event)

    def sweep(self) -> Any:
        return self._process.call(sweep.handler, {"source": "aws.scheduler"})


@contextlib.contextmanager
def running(cloud: Cloud) -> Iterator[Lambda]:
    """Functions with the cloud's names in their environment."""
    before = dict(os.environ)
    os.environ.update(cloud.environment())
    lambdas = Lambda()
    try:
        yield lambdas
    finally:
        lambdas.close()
        os.environ.clear()
        os.environ.update(before)


def run_async(work: Any) -> Any:
    """Do asynchronous work from a test that is none."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result(timeout=60)
