"""What a client of the questions on AWS does, and what it was told."""

import json
from typing import Any
from uuid import uuid4

from moto.apigatewaymanagementapi.models import apigatewaymanagementapi_backends
from moto.core.models import DEFAULT_ACCOUNT_ID
from tests.integration.helpdesk_aws.cloud import (
    REGION,
    Cloud,
    Gateway,
)

QUESTION = "Como tiro a segunda via do cartão de transporte?"


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
