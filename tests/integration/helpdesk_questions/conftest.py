"""Questions on the city's database, with a consumer that runs beside the test."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest
from tests.integration.helpdesk_questions.responders import Echo

from praca.helpdesk.questions.adapters.postgres import PostgresDesk, Unanswered
from praca.helpdesk.questions.adapters.postgres_queue import MessageQueue
from praca.helpdesk.questions.consumer import Consumer
from praca.helpdesk.questions.ports import Question, Status
from praca.helpdesk.questions.service import QuestionLimits, QuestionService
from praca.platform.database import WriteSession
from praca.platform.resources import Resources


class Pipeline:
    """Service, desk and queue as a worker has them.

    Attributes:
        unanswered: what was noted for operators.
    """

    def __init__(self, resources: Resources, *, tries: int = 3, lease_s: float = 30.0) -> None:
        self.resources = resources
        self.responder = Echo()
        self.unanswered: list[Unanswered] = []
        self._tries = tries
        self._lease_s = lease_s
        city = resources.databases.city
        self.desk = PostgresDesk(city, note_unanswered=self._note)
        self.service = QuestionService(
            self.desk, QuestionLimits(), self.responder, tries=tries, answer_timeout_s=5.0
        )

    async def _note(self, _session: WriteSession, unanswered: Unanswered) -> None:
        self.unanswered.append(unanswered)

    def queue(self, lease_s: float | None = None) -> MessageQueue:
        """Return the messages as a further worker takes them."""
        city = self.resources.databases.city
        return MessageQueue(city, lease_s=lease_s or self._lease_s, tries=self._tries, pause_s=0.01)

    async def session(self) -> UUID:
        return (await self.service.open_session("Maria")).id

    async def ask(self, text: str, session_id: UUID | None = None) -> UUID:
        asked = await self.service.ask(session_id or await self.session(), text)
        return asked.question.id

    async def question(self, question_id: UUID) -> Question:
        async with self.desk.open() as (store, _, _):
            return (await store.find_many([question_id]))[question_id]

    async def messages(self) -> int:
        city = self.resources.databases.city
        row = await city.fetch_one("SELECT count(*) FROM helpdesk.messages", {})
        assert row is not None
        return int(row[0])

    async def has_status(self, question_id: UUID, status: Status) -> bool:
        return (await self.question(question_id)).status is status

    async def was_asked(self, text: str) -> bool:
        return self.responder.asked[text] > 0

    async def is_idle(self) -> bool:
        return await self.messages() == 0

    async def until(self, condition: Callable[[], Awaitable[object]]) -> None:
        """Wait until the condition holds."""
        async with asyncio.timeout(20):
            while not await condition():  # noqa: ASYNC110  # other processes' doings are no events
                await asyncio.sleep(0.02)

    @asynccontextmanager
    async def consuming(self, lease_s: float | None = None) -> AsyncIterator[Consumer]:
        """Run a worker's consumer until the block ends."""
        consumer = Consumer(
            self.service,
            self.desk,
            self.queue(lease_s),
            self.resources.databases.city.dsn,
            poll_s=0.05,
        )
        running = asyncio.create_task(consumer.run())
        try:
            yield consumer
        finally:
            consumer.stop()
            await asyncio.wait_for(running, 10)

    async def settled(self, *question_ids: UUID) -> list[Question]:
        """Wait until the questions are settled and told, and return them."""

        async def are_told() -> bool:
            found = [await self.question(key) for key in question_ids]
            return all(q.status is not Status.PENDING and q.notified_at for q in found)

        await self.until(are_told)
        return [await self.question(key) for key in question_ids]


@pytest.fixture
def pipeline(resources: Resources) -> Pipeline:
    return Pipeline(resources)


@pytest.fixture
def nobody() -> UUID:
    """Return the id of no session."""
    return uuid4()
