"""When failed messages come again: soon at first, and not only after the queue's own long time."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from praca.helpdesk.questions.adapters.aws_clients import AwsClients, AwsUnavailableError

__all__ = ["failures", "pause_s"]

_FIRST_S: Final = 2
_LONGEST_S: Final = 300
_MOST: Final = 10  # of one call


def pause_s(deliveries: int) -> int:
    """Return how long a message waits after its so-manieth delivery has failed, in seconds."""
    return min(_LONGEST_S, int(_FIRST_S * 4 ** (min(deliveries, 10) - 1)))


async def failures(
    clients: AwsClients, event: Mapping[str, Any], failed: Collection[str], queue_url: str | None
) -> dict[str, Any]:
    """Return what Lambda is to know of ``failed`` records, and say when they come again.

    Args:
        clients: of AWS.
        event: of SQS, with the records.
        failed: their ids.
        queue_url: where that can be said, if anywhere.
    """
    if failed and queue_url is not None:
        await _put_off(clients, queue_url, event, failed)
    return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}


async def _put_off(
    clients: AwsClients, queue_url: str, event: Mapping[str, Any], failed: Collection[str]
) -> None:
    """Say when failed records come again; if that cannot be said, it is when the queue says."""
    records = [record for record in event["Records"] if record["messageId"] in failed]
    entries = [
        {
            "Id": str(number),
            "ReceiptHandle": record["receiptHandle"],
            "VisibilityTimeout": pause_s(
                int(record["attributes"].get("ApproximateReceiveCount", 1))
            ),
        }
        for number, record in enumerate(records)
    ]
    try:
        for start in range(0, len(entries), _MOST):
            await clients.ask(
                "sqs",
                "change_message_visibility_batch",
                QueueUrl=queue_url,
                Entries=entries[start : start + _MOST],
            )
    except AwsUnavailableError:
        return  # logged there
