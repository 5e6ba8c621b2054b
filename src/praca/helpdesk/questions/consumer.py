"""Takes messages from PostgreSQL and does what they say, beside the worker's tasks.

Questions are answered outside of any transaction, several at a time. What came of them is written
by one hand, in one transaction for everything that is finished by then: the answers, the messages
about their notices, and the end of the messages that asked for them.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import psycopg
import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from praca.helpdesk.metrics import note_settled
from praca.helpdesk.questions.adapters.postgres import MESSAGES_CHANNEL, PostgresDesk
from praca.helpdesk.questions.adapters.postgres_queue import MessageQueue, Taken
from praca.helpdesk.questions.ports import Message, Topic
from praca.helpdesk.questions.service import QuestionService, Work
from praca.platform.telemetry import Kind, Span, span

__all__ = ["Consumer"]

_log = structlog.get_logger("praca.questions")
_DATABASE_LOST = (OperationalError, PoolTimeoutError, psycopg.OperationalError)
_DATABASE_PAUSE_S: Final = 1.0
_NOTICES_AT_ONCE: Final = 200
_NOT_WRITTEN: Final = "a resposta não pôde ser guardada"
_NOTHING_TO_TELL: Final = "a pergunta não existe, ou não tem resposta"


@dataclass(frozen=True, slots=True)
class _Done:
    """A message and what came of it, and the span in which it did."""

    taken: Taken
    work: Work
    traceparent: str | None = None


def _span_of(messages: Sequence[Message]) -> Span:
    """Return the span of work on messages of one topic, within the traces that they came from."""
    topic = messages[0].topic.value
    attributes: dict[str, str | int] = {
        "messaging.operation.type": "process",
        "messaging.destination.name": topic,
        "messaging.batch.message_count": len(messages),
        "praca.attempt": max(message.deliveries for message in messages),
    }
    parents = [message.traceparent for message in messages]
    return span(f"process {topic}", Kind.CONSUMER, attributes, parents=parents)


class Consumer:
    """Works on the messages of one database until stopped; several may.

    Args:
        service: what answers and tells; ``concurrency`` should not be below ``slots``.
        desk: where the work is written.
        queue: where messages are taken from.
        dsn: the database's address, for the connection that hears of new messages.
        slots: questions in hand at a time.
        poll_s: after which it looks for messages also if it has heard of none.
    """

    def __init__(
        self,
        service: QuestionService,
        desk: PostgresDesk,
        queue: MessageQueue,
        dsn: str,
        *,
        slots: int = 32,
        poll_s: float = 1.0,
    ) -> None:
        self._service = service
        self._desk = desk
        self._queue = queue
        self._dsn = dsn
        self._slots = slots
        self._poll_s = poll_s
        self._stopping = asyncio.Event()
        self._answering: dict[asyncio.Task[None], Taken] = {}
        self._finished: list[_Done] = []
        self._writing = 0
        self._may_take = asyncio.Event()
        self._may_write = asyncio.Event()
        self._may_tell = asyncio.Event()

    async def run(self) -> None:
        """Work until :meth:`stop`; the database may be lost and come back meanwhile."""
        listening = asyncio.create_task(self._listen())
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._rounds(self._take))
                group.create_task(self._rounds(self._tell))
                group.create_task(self._rounds(self._write))
            await self._leave()
        finally:
            for task in (listening, *self._answering):
                task.cancel()
            await asyncio.gather(listening, *self._answering, return_exceptions=True)

    def stop(self) -> None:
        """Make :meth:`run` end: what is being written is, what is being answered is given back."""
        self._stopping.set()
        for event in (self._may_take, self._may_write, self._may_tell):
            event.set()

    async def _rounds(self, work: Callable[[], Awaitable[None]]) -> None:
        while not self._stopping.is_set():
            try:
                await work()
            except _DATABASE_LOST as error:
                _log.warning("question.database_lost", error=type(error).__name__)
                await self._pause()
            except Exception:  # noqa: BLE001  # a round that failed must not end all later ones
                _log.exception("question.round_failed")
                await self._pause()

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), _DATABASE_PAUSE_S)

    async def _wait(self, event: asyncio.Event) -> None:
        # Not wait_for, which may forget a cancellation: see Ears.hear.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._poll_s):
                await event.wait()

    # --- taking and answering ---------------------------------------------------------------

    async def _take(self) -> None:
        self._may_take.clear()
        in_hand = len(self._answering) + len(self._finished) + self._writing
        free = self._slots - in_hand
        taken = await self._queue.take(Topic.PROCESS, free) if free > 0 else []
        for one in taken:
            task = asyncio.create_task(self._answer(one))
            self._answering[task] = one
            task.add_done_callback(self._answering.pop)
        if len(taken) < max(free, 1):
            await self._wait(self._may_take)

    async def _answer(self, taken: Taken) -> None:
        message, question = taken.message, taken.question
        found = {} if question is None else {question.id: question}
        with _span_of([message]) as answering:
            try:
                work = await self._service.answer([message], found)
            except Exception:  # noqa: BLE001  # the message comes again
                _log.exception("question.not_answered")  # its own doing, and no model's
                work = Work(failed={message.id: _NOT_WRITTEN})
            if work.failed:
                answering.fail("not_answered")
        self._finished.append(_Done(taken, work, answering.traceparent))
        self._may_write.set()

    # --- writing ----------------------------------------------------------------------------

    async def _write(self) -> None:
        await self._wait(self._may_write)
        self._may_write.clear()
        batch, self._finished = self._finished, []
        self._writing = len(batch)
        try:
            while batch and not await self._is_written(batch) and not self._stopping.is_set():
                await self._pause()
        finally:
            self._writing = 0
            self._may_take.set()  # there is room, and sessions have a next question
            self._may_tell.set()

    async def _is_written(self, batch: Sequence[_Done]) -> bool:
        """Write what came of messages; false if the database is lost."""
        try:
            await self._settle(batch)
        except _DATABASE_LOST as error:
            _log.warning("question.database_lost", error=type(error).__name__)
            return False
        except Exception as error:  # noqa: BLE001  # one that cannot be written must not stop the others
            if len(batch) > 1:
                return all([await self._is_written([done]) for done in batch])
            # The error's text might quote the answer.
            _log.error("question.not_written", error=type(error).__name__)
            failed = self._failed(batch[0])
            return failed is None or await self._is_written([failed])
        return True

    async def _settle(self, batch: Sequence[_Done]) -> None:
        failed = {key: why for done in batch for key, why in done.work.failed.items()}
        messages = [done.taken.message for done in batch]
        parents = [done.traceparent for done in batch]
        with span("settle questions", parents=parents):
            await self._settle_within(batch, messages, failed)

    async def _settle_within(
        self, batch: Sequence[_Done], messages: Sequence[Message], failed: dict[str, str]
    ) -> None:
        async with self._desk.settling() as unit:
            ours = await self._queue.finish(unit.connection, messages, failed)
            work = Work()
            for done in batch:
                if done.taken.message.id in ours:
                    work.add(done.work)
            await self._service.settle((unit, unit, unit), work)
        for question in work.questions:
            if question.id in work.settled:
                note_settled(question.status, question.created_at)

    def _failed(self, done: _Done) -> _Done | None:
        """Return what to write instead of an answer; None: not even that, its lease runs out."""
        message, question = done.taken.message, done.taken.question
        if question is None or done.work.failed:
            return None
        work = self._service.fail(message, question, _NOT_WRITTEN)
        return _Done(done.taken, work, done.traceparent)

    async def _leave(self) -> None:
        """Write what is finished, and give back what is not."""
        unfinished = list(self._answering.values())
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)
        if self._finished:
            await self._is_written(self._finished)
        written = {done.taken.message.id for done in self._finished}
        left = [taken.message for taken in unfinished if taken.message.id not in written]
        try:
            await self._queue.give_back(left)
        except _DATABASE_LOST:
            _log.warning("question.not_given_back", messages=len(left))  # their leases run out

    # --- telling ----------------------------------------------------------------------------

    async def _tell(self) -> None:
        self._may_tell.clear()
        async with self._desk.open() as unit:
            connection = unit[0].connection
            messages = await self._queue.hold(connection, Topic.NOTIFY, _NOTICES_AT_ONCE)
            if messages:
                with _span_of(messages):
                    left = await self._service.tell(unit, messages)
                    failed = dict.fromkeys(left, _NOTHING_TO_TELL)
                    await self._queue.finish(connection, messages, failed, is_held=True)
        if not messages:
            await self._wait(self._may_tell)

    # --- hearing ----------------------------------------------------------------------------

    async def _listen(self) -> None:
        """Hear of new messages; whoever does not, looks by himself after a while."""
        while True:
            try:
                async with self._ears() as connection:
                    async for _ in connection.notifies():
                        self._may_take.set()
                        self._may_tell.set()
            except psycopg.Error as error:
                _log.warning("question.deaf", error=type(error).__name__)
            await asyncio.sleep(_DATABASE_PAUSE_S)

    @contextlib.asynccontextmanager
    async def _ears(self) -> AsyncIterator["psycopg.AsyncConnection[tuple[object, ...]]"]:
        connection = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True)
        async with connection:
            await connection.execute(f"LISTEN {MESSAGES_CHANNEL}")
            self._may_take.set()  # what came before is found at once
            self._may_tell.set()
            yield connection
