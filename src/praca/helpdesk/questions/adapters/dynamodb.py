"""Questions and sessions in DynamoDB; how they lie there is told in ``dynamodb_layout``."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from praca.helpdesk.questions.adapters.aws_clients import (
    AwsClients,
    AwsUnavailableError,
    ConditionFailedError,
)
from praca.helpdesk.questions.adapters.dynamodb_layout import (
    BY_SESSION,
    BY_WAITING,
    SHARDS,
    Item,
    is_expired,
    moment,
    number,
    question_item,
    question_key,
    question_of,
    session_item,
    session_key,
    session_of,
    text,
    waiting_text,
)
from praca.helpdesk.questions.details import details_of
from praca.helpdesk.questions.ports import Outcome, Question, QuestionSession, Status, Topic
from praca.kit.clock import utc_now

__all__ = ["DynamoStore", "Waiting"]

_DAY: Final = timedelta(days=1)
_MOST_KEYS: Final = 100  # of one BatchGetItem
_ROUNDS: Final = 8
_ROUND_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question whose message may be lost; it was sent again ``sweeps`` times."""

    question: Question
    sweeps: int


class DynamoStore:
    """A question store on DynamoDB.

    Writes are conditional, each of one item: there is no transaction. Lists and counts come from
    an index that follows the table within moments, so a limit may be passed by as many questions
    as are asked at the same time.

    Args:
        clients: of AWS.
        table: its name.
        keep_days: after which questions and sessions are forgotten.
    """

    def __init__(self, clients: AwsClients, table: str, keep_days: int) -> None:
        self._clients = clients
        self._table = table
        self._keep = timedelta(days=keep_days)
        self._ends: dict[UUID, int] = {}

    # --- the port ---------------------------------------------------------------------------

    async def add_session(self, session: QuestionSession) -> None:
        """Keep a session."""
        item = session_item(session, self._ttl(session.created_at))
        await self._ask("put_item", Item=item)

    async def find_session(self, session_id: UUID) -> QuestionSession | None:
        """Return the session, if there is one."""
        answer = await self._ask("get_item", Key=session_key(session_id), ConsistentRead=True)
        item: Item | None = answer.get("Item")
        if item is None or is_expired(item, utc_now()):
            return None
        self._ends[session_id] = int(item["ttl"]["N"])
        return session_of(item)

    async def add(self, question: Question) -> bool:
        """Keep a question; false if one of this id is kept already."""
        item = question_item(question, self._ttl(question.created_at))
        try:
            await self._ask(
                "put_item",
                Item=item,
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ConditionFailedError as error:
            # Where the answer to a write gets lost, the write is sent again, and finds itself.
            parts = ("session_id", "created_at", "question")
            return all(error.item.get(name) == item[name] for name in parts)
        await self._keep_session(question)
        return True

    async def count(self, session_id: UUID, since: datetime) -> tuple[int, int]:
        """Return how many questions of the session wait, and how many were asked ``since``.

        Only those of the last day are looked at: what waits longer has failed.
        """
        begin = min(since, utc_now() - _DAY)
        waiting = asked = 0
        async for item in self._pages(
            IndexName=BY_SESSION,
            KeyConditionExpression="session_id = :session AND created_at >= :begin",
            ProjectionExpression="#status, created_at",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":session": text(session_id), ":begin": moment(begin)},
        ):
            waiting += item["status"]["S"] == Status.PENDING
            asked += datetime.fromisoformat(item["created_at"]["S"]) >= since
        return waiting, asked

    async def find_many(self, question_ids: Sequence[UUID]) -> dict[UUID, Question]:
        """Return those of the questions that there are."""
        return {one.id: one for one in map(question_of, await self._items(question_ids))}

    async def list_session(self, session_id: UUID, limit: int) -> list[Question]:
        """Return the session's questions, the newest first."""
        answer = await self._ask(
            "query",
            IndexName=BY_SESSION,
            KeyConditionExpression="session_id = :session",
            ExpressionAttributeValues={":session": text(session_id)},
            ScanIndexForward=False,
            Limit=limit,
        )
        now = utc_now()
        return [question_of(item) for item in answer["Items"] if not is_expired(item, now)]

    async def settle(self, outcomes: Sequence[Outcome], at: datetime) -> set[UUID]:
        """Write outcomes of questions that are not answered yet; return which were written."""
        of_question: dict[UUID, list[Outcome]] = {}
        for outcome in outcomes:
            of_question.setdefault(outcome.question_id, []).append(outcome)

        async def settle_one(question_id: UUID) -> bool:
            # One after the other: an answer replaces a failure, and not the other way round.
            written = [await self._settle(outcome, at) for outcome in of_question[question_id]]
            return any(written)

        return await _those(of_question, settle_one)

    async def mark_notified(self, question_ids: Sequence[UUID], at: datetime) -> set[UUID]:
        """Note that notices are given; return for which it had not been noted before.

        Where AWS refuses one, the others are noted all the same, and theirs must be given.
        """

        async def mark(question_id: UUID) -> bool:
            try:
                return await self._mark(question_id, at)
            except AwsUnavailableError:  # logged there
                return False

        return await _those(set(question_ids), mark)

    # --- what was lost ----------------------------------------------------------------------

    async def list_waiting(self, topic: Topic, before: datetime, limit: int) -> list[Waiting]:
        """Return questions whose message of ``topic`` was sent ``before`` and has done nothing.

        Those of a session come in the order in which they were asked.
        """
        found = await asyncio.gather(
            *(self._waiting_since(topic, shard, before, limit) for shard in range(SHARDS))
        )
        oldest = sorted(pair for pairs in found for pair in pairs)[:limit]
        items = await self._items([question_id for _, question_id in oldest])
        waiting = [
            Waiting(question_of(item), int(item.get("sweeps", {"N": "0"})["N"])) for item in items
        ]
        return sorted(waiting, key=lambda one: one.question.created_at)

    async def note_sent(self, topic: Topic, question: Question, at: datetime) -> None:
        """Note that a message was sent again, unless it is no longer waited for.

        Args:
            topic: of the message.
            question: which it is about.
            at: from when on it waits anew; later than now, and it is left alone longer.
        """
        await self._update_waiting(
            topic, question, "SET waiting_since = :at ADD sweeps :one", at=moment(at), one=number(1)
        )

    async def stop_waiting(self, topic: Topic, question: Question) -> None:
        """Never look at a question again: its message was sent often enough."""
        await self._update_waiting(topic, question, "REMOVE waiting, waiting_since")

    # --- within -----------------------------------------------------------------------------

    async def _ask(self, operation: str, **arguments: Any) -> Any:
        return await self._clients.ask("dynamodb", operation, TableName=self._table, **arguments)

    def _ttl(self, since: datetime) -> int:
        return int((since + self._keep).timestamp())

    async def _keep_session(self, question: Question) -> None:
        """Let a session live as long as its newest question; written once a day at most."""
        ttl = self._ttl(question.created_at)
        if self._ends.get(question.session_id, ttl) > ttl - _DAY.total_seconds():
            return
        try:
            await self._ask(
                "update_item",
                Key=session_key(question.session_id),
                UpdateExpression="SET #ttl = :ttl",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeNames={"#ttl": "ttl"},
                ExpressionAttributeValues={":ttl": number(ttl)},
            )
        except ConditionFailedError:
            return  # forgotten this very moment; the question stays until its own time

    async def _items(self, question_ids: Iterable[UUID]) -> list[Item]:
        """Return the items of questions, as they are after all writes so far."""
        items: list[Item] = []
        distinct = list(dict.fromkeys(question_ids))
        for start in range(0, len(distinct), _MOST_KEYS):
            keys = [question_key(key) for key in distinct[start : start + _MOST_KEYS]]
            wanted: Any = {"Keys": keys, "ConsistentRead": True}
            for attempt in range(_ROUNDS):
                answer = await self._clients.ask(
                    "dynamodb", "batch_get_item", RequestItems={self._table: wanted}
                )
                items += answer["Responses"].get(self._table, [])
                wanted = answer.get("UnprocessedKeys", {}).get(self._table)
                if not wanted:
                    break
                await asyncio.sleep(_ROUND_S * 2**attempt)
            else:
                raise AwsUnavailableError
        now = utc_now()
        return [item for item in items if not is_expired(item, now)]

    async def _pages(self, **query: Any) -> AsyncIterator[Item]:
        while True:
            answer = await self._ask("query", **query)
            for item in answer["Items"]:
                yield item
            if "LastEvaluatedKey" not in answer:
                return
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    async def _settle(self, outcome: Outcome, at: datetime) -> bool:
        values = {
            ":at": moment(at),
            ":pending": text(Status.PENDING),
            ":waiting": waiting_text(Topic.NOTIFY, outcome.question_id),
        }
        common = "SET #status = :status, updated_at = :at, waiting = :waiting, waiting_since = :at"
        if outcome.answer is None:
            values |= {":status": text(Status.FAILED), ":error": text(outcome.error or "")}
            change = f"{common}, #error = :error REMOVE sweeps"
            condition = "#status = :pending"
        else:
            details = json.dumps(details_of(outcome.answer), ensure_ascii=False)
            values |= {
                ":status": text(Status.ANSWERED),
                ":failed": text(Status.FAILED),
                ":answer": text(outcome.answer.text),
                ":details": text(details),
            }
            change = (
                f"{common}, answer = :answer, details = :details"
                " REMOVE #error, notified_at, notified_by, sweeps"
            )
            condition = "#status IN (:pending, :failed)"
        return await self._changed(
            outcome.question_id,
            change,
            condition,
            values,
            names={"#status": "status", "#error": "error"},
        )

    async def _mark(self, question_id: UUID, at: datetime) -> bool:
        token = text(uuid4())
        return await self._changed(
            question_id,
            "SET notified_at = :at, notified_by = :token REMOVE waiting, waiting_since, sweeps",
            "attribute_exists(pk) AND #status <> :pending AND attribute_not_exists(notified_at)",
            {":at": moment(at), ":token": token, ":pending": text(Status.PENDING)},
            names={"#status": "status"},
            is_mine=lambda item: item.get("notified_by") == token,
        )

    async def _update_waiting(
        self, topic: Topic, question: Question, change: str, **values: dict[str, str]
    ) -> None:
        waiting = waiting_text(topic, question.id)
        given = {f":{name}": value for name, value in values.items()}
        await self._changed(
            question.id, change, "waiting = :waiting", {**given, ":waiting": waiting}
        )

    async def _changed(
        self,
        question_id: UUID,
        change: str,
        condition: str,
        values: Item,
        *,
        names: dict[str, str] | None = None,
        is_mine: Callable[[Item], bool] = lambda _: False,
    ) -> bool:
        """Change a question if a condition holds; true also if this very change was made before.

        The answer to a write may get lost, and the write be sent again.
        """
        try:
            await self._ask(
                "update_item",
                Key=question_key(question_id),
                UpdateExpression=change,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **({"ExpressionAttributeNames": names} if names else {}),
            )
        except ConditionFailedError as error:
            return is_mine(error.item)
        return True

    async def _waiting_since(
        self, topic: Topic, shard: int, before: datetime, limit: int
    ) -> list[tuple[str, UUID]]:
        answer = await self._ask(
            "query",
            IndexName=BY_WAITING,
            KeyConditionExpression="waiting = :waiting AND waiting_since < :before",
            ExpressionAttributeValues={
                ":waiting": waiting_text(topic, shard),
                ":before": moment(before),
            },
            Limit=limit,
        )
        return [
            (item["waiting_since"]["S"], UUID(item["pk"]["S"].partition("#")[2]))
            for item in answer["Items"]
        ]


async def _those(keys: Iterable[UUID], write: Callable[[UUID], Awaitable[bool]]) -> set[UUID]:
    """Write side by side; return the keys whose write took place."""
    order = list(keys)
    written = await asyncio.gather(*(write(key) for key in order))
    return {key for key, is_written in zip(order, written, strict=True) if is_written}
