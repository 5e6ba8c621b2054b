"""Store, publisher and notifier on AWS, opened together."""

import contextlib
from collections.abc import AsyncIterator

from praca.helpdesk.questions.adapters.aws_clients import AwsClients
from praca.helpdesk.questions.adapters.connections import ConnectionNotifier, Connections
from praca.helpdesk.questions.adapters.dynamodb import DynamoStore
from praca.helpdesk.questions.adapters.sns import SnsPublisher
from praca.helpdesk.questions.ports import Notifier, Publisher, QuestionStore, Topic
from praca.platform.settings import Settings, SettingsError

__all__ = ["AwsDesk"]


class AwsDesk:
    """A question desk on DynamoDB, SNS and the API gateway's WebSockets.

    They share no transaction. A message that is lost between store and publisher, or behind it,
    is sent again by the sweep, which finds its question in the index ``by_waiting``.

    Args:
        settings: names of tables and topics.
        clients: of AWS; by default of its own.

    Raises:
        SettingsError: a topic is not named.
    """

    def __init__(self, settings: Settings, clients: AwsClients | None = None) -> None:
        names = settings.aws
        if names.aws_process_topic_arn is None or names.aws_notify_topic_arn is None:
            raise SettingsError("PRACA_AWS_PROCESS_TOPIC_ARN, PRACA_AWS_NOTIFY_TOPIC_ARN: required")
        self.clients = clients or AwsClients(names)
        self.connections = Connections(self.clients, names.aws_connections_table)
        self.publisher = SnsPublisher(
            self.clients,
            {
                Topic.PROCESS: names.aws_process_topic_arn,
                Topic.NOTIFY: names.aws_notify_topic_arn,
            },
        )
        self._table = names.aws_questions_table
        self._keep_days = settings.helpdesk.question_keep_days

    def store(self) -> DynamoStore:
        """Return a store for one piece of work."""
        return DynamoStore(self.clients, self._table, self._keep_days)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[tuple[QuestionStore, Publisher, Notifier]]:
        """Return a block of work; each write in it counts at once."""
        store = self.store()
        yield store, self.publisher, ConnectionNotifier(store, self.connections)

    def close(self) -> None:
        """Close the connections."""
        self.clients.close()
