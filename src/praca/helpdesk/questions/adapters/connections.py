"""WebSocket connections of the API gateway: who listens, and how they are told."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from praca.helpdesk.questions.adapters.aws_clients import (
    AwsClients,
    AwsUnavailableError,
    ConnectionGoneError,
)
from praca.helpdesk.questions.adapters.dynamodb import DynamoStore
from praca.helpdesk.questions.adapters.dynamodb_layout import Item, is_expired, number, text
from praca.helpdesk.questions.errors import TooManyListenersError
from praca.helpdesk.questions.ports import Notice, Question
from praca.helpdesk.questions.schemas import QuestionRead
from praca.kit.clock import utc_now

__all__ = ["ConnectionNotifier", "Connections"]

_log = structlog.get_logger("praca.questions")
_LIFE: Final = timedelta(hours=3)  # the gateway closes a connection after two
_MOST: Final = 20  # connections of one session


class Connections:
    """Which WebSocket connections listen for which session, in DynamoDB.

    Args:
        clients: of AWS.
        table: its name.
    """

    def __init__(self, clients: AwsClients, table: str) -> None:
        self._clients = clients
        self._table = table

    async def add(self, session_id: UUID, connection_id: str, now: datetime) -> None:
        """Note that a connection listens for a session; one connection listens for one.

        Raises:
            TooManyListenersError: too many do.
        """
        listening = await self.list(session_id)
        if connection_id in listening:
            return
        if len(listening) >= _MOST:
            raise TooManyListenersError
        await self.remove(connection_id)
        ttl = number(int((now + _LIFE).timestamp()))
        owned = text(f"connection#{connection_id}")
        # The way back first: what has none could not be removed when the connection is closed.
        for item in (
            {"owner": owned, "name": text("session"), "session_id": text(session_id), "ttl": ttl},
            {**_listener(session_id, connection_id), "ttl": ttl},
        ):
            await self._clients.ask("dynamodb", "put_item", TableName=self._table, Item=item)

    async def list(self, session_id: UUID) -> list[str]:
        """Return the ids of the connections that listen for a session."""
        answer = await self._clients.ask(
            "dynamodb",
            "query",
            TableName=self._table,
            KeyConditionExpression="#owner = :owner",
            ExpressionAttributeNames={"#owner": "owner"},
            ExpressionAttributeValues={":owner": text(f"session#{session_id}")},
            ConsistentRead=True,
        )
        now = utc_now()
        return [item["name"]["S"] for item in answer["Items"] if not is_expired(item, now)]

    async def remove(self, connection_id: str) -> None:
        """Forget a connection, if it is known."""
        key = {"owner": text(f"connection#{connection_id}"), "name": text("session")}
        answer = await self._clients.ask(
            "dynamodb", "get_item", TableName=self._table, Key=key, ConsistentRead=True
        )
        if "Item" not in answer:
            return
        session_id = UUID(answer["Item"]["session_id"]["S"])
        for one in (_listener(session_id, connection_id), key):
            await self._clients.ask("dynamodb", "delete_item", TableName=self._table, Key=one)

    async def send(self, connection_id: str, content: bytes) -> bool:
        """Send a message through a connection; false, and it is forgotten, if nobody is there."""
        try:
            await self._clients.ask(
                "apigatewaymanagementapi",
                "post_to_connection",
                ConnectionId=connection_id,
                Data=content,
            )
        except ConnectionGoneError:
            await self.remove(connection_id)
            return False
        return True


def _listener(session_id: UUID, connection_id: str) -> Item:
    return {"owner": text(f"session#{session_id}"), "name": text(connection_id)}


class ConnectionNotifier:
    """Tells whoever listens: the question's record, as the list of questions shows it.

    A connection that does not work is no reason to tell the others twice: the notice counts as
    given, and the list has the answer.

    Args:
        store: of the questions.
        connections: who listens.
    """

    def __init__(self, store: DynamoStore, connections: Connections) -> None:
        self._store = store
        self._connections = connections

    async def notify(self, notices: Sequence[Notice]) -> None:
        """Tell whoever listens for these sessions; of one session in the order of ``notices``."""
        try:
            questions = await self._store.find_many([notice.question_id for notice in notices])
        except AwsUnavailableError:
            _log.error("question.notice_lost", notices=len(notices))  # logged there
            return
        of_session: dict[UUID, list[Question]] = {}
        for notice in notices:
            if notice.question_id in questions:
                found = of_session.setdefault(notice.session_id, [])
                found.append(questions[notice.question_id])
        await asyncio.gather(*(self._tell(key, told) for key, told in of_session.items()))

    async def _tell(self, session_id: UUID, questions: Sequence[Question]) -> None:
        try:
            for connection_id in await self._connections.list(session_id):
                for question in questions:
                    content = QuestionRead.of(question).model_dump_json().encode()
                    if not await self._connections.send(connection_id, content):
                        break
        except AwsUnavailableError:
            _log.error("question.notice_lost", notices=len(questions))  # ditto
