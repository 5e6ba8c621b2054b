"""Who listens by a WebSocket on AWS, and is told."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.helpdesk_aws.calls import ask, listen, told
from tests.integration.helpdesk_aws.cloud import (
    Cloud,
    Gateway,
    Lambda,
    Pump,
)


def connections(cloud: Cloud) -> list[dict[str, Any]]:
    return list(cloud.dynamodb.scan(TableName=cloud.connections_table)["Items"])


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
