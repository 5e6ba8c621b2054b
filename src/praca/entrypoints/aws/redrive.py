"""Moves messages from a dead-letter queue back into the queue that they came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from praca.entrypoints.aws.events import is_readable
from praca.helpdesk.questions.adapters.aws_clients import AwsClients
from praca.platform.settings import AwsSettings, SettingsError

__all__ = ["Redriven", "redrive", "redrive_all"]

_AT_A_TIME: Final = 10
_HIDDEN_S: Final = 60
_WAIT_S: Final = 1


@dataclass(slots=True)
class Redriven:
    """What has become of a dead-letter queue's messages.

    Attributes:
        moved: into their queue.
        unreadable: that no code can read; they stay, or are dropped.
    """

    moved: int = 0
    unreadable: int = 0


async def redrive_all(
    settings: AwsSettings,
    clients: AwsClients,
    *,
    most: int,
    drop_unreadable: bool = False,
    wait_s: int = _WAIT_S,
) -> dict[str, Redriven]:
    """Move the messages of both dead-letter queues back.

    Args:
        settings: where the queues are.
        clients: of AWS.
        most: messages of each queue that are moved.
        drop_unreadable: whether messages that no code can read are deleted.
        wait_s: how long an empty queue is waited for; one asked in passing may hide what it has.

    Raises:
        SettingsError: a queue is not named.
        AwsUnavailableError: what was moved by then is moved.
    """
    pairs = {
        "process-question": (settings.aws_process_dlq_url, settings.aws_process_queue_url),
        "notify-response": (settings.aws_notify_dlq_url, settings.aws_notify_queue_url),
    }
    done = {}
    for name, (dead, queue) in pairs.items():
        if dead is None or queue is None:
            raise SettingsError("PRACA_AWS_…_DLQ_URL, PRACA_AWS_…_QUEUE_URL: required for both")
        done[name] = await redrive(
            clients, dead, queue, most=most, drop_unreadable=drop_unreadable, wait_s=wait_s
        )
    return done


async def redrive(
    clients: AwsClients,
    dead: str,
    queue: str,
    *,
    most: int,
    drop_unreadable: bool = False,
    wait_s: int = _WAIT_S,
) -> Redriven:
    """Move messages from the queue ``dead`` to ``queue``; each is sent before it is deleted.

    A message that is moved twice, because this broke off between, does its work once.
    """
    done = Redriven()
    kept: dict[str, str] = {}
    while done.moved < most:
        messages = await _receive(clients, dead, min(_AT_A_TIME, most - done.moved), wait_s)
        fresh = [message for message in messages if message["MessageId"] not in kept]
        if not fresh:
            break
        for message in fresh:
            if is_readable(message["Body"]):
                await _send(clients, queue, message)
                done.moved += 1
            else:
                done.unreadable += 1
                if not drop_unreadable:
                    kept[message["MessageId"]] = message["ReceiptHandle"]
                    continue
            handle = message["ReceiptHandle"]
            await clients.ask("sqs", "delete_message", QueueUrl=dead, ReceiptHandle=handle)
    for handle in kept.values():
        await clients.ask(
            "sqs",
            "change_message_visibility",
            QueueUrl=dead,
            ReceiptHandle=handle,
            VisibilityTimeout=0,
        )
    return done


async def _receive(clients: AwsClients, queue: str, most: int, wait_s: int) -> list[dict[str, Any]]:
    answer = await clients.ask(
        "sqs",
        "receive_message",
        QueueUrl=queue,
        MaxNumberOfMessages=most,
        VisibilityTimeout=_HIDDEN_S,
        WaitTimeSeconds=wait_s,
        MessageSystemAttributeNames=["MessageGroupId"],
    )
    return list(answer.get("Messages", ()))


async def _send(clients: AwsClients, queue: str, message: Mapping[str, Any]) -> None:
    await clients.ask(
        "sqs",
        "send_message",
        QueueUrl=queue,
        MessageBody=message["Body"],
        MessageGroupId=message["Attributes"]["MessageGroupId"],
        # Of its own: under its old one it might be dropped as sent twice.
        MessageDeduplicationId=f"redriven-{message['MessageId']}",
    )
