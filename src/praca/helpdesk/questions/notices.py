"""Hears in which sessions questions were settled, and tells whoever waits for it.

One connection per process listens, whatever the number of clients. What was told while it was
lost, or before it was there, is made up for: everybody is asked to look again.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from typing import Final
from uuid import UUID

import psycopg
import structlog

from praca.helpdesk.questions.adapters.postgres import NOTICES_CHANNEL
from praca.helpdesk.questions.errors import TooManyListenersError
from praca.platform.resources import Resources

__all__ = ["Ears", "NoticeHub", "open_hub"]

_log = structlog.get_logger("praca.questions")
_MOST_HEARD: Final = 64
"""Questions that a slow client is told of one by one; above it he looks again at all."""
_RETRY_S: Final = 1.0
_ALIVE_EVERY_S: Final = 30.0


class Ears:
    """What one client has heard and not looked at yet; never more than a few ids.

    Attributes:
        is_ended: the process is stopping, nothing more is heard.
    """

    def __init__(self) -> None:
        self._heard: set[UUID] = set()
        self._is_behind = False
        self._something = asyncio.Event()
        self.is_ended = False

    def tell(self, question_id: UUID) -> None:
        """Note that a question of the session is settled."""
        self._heard.add(question_id)
        if len(self._heard) > _MOST_HEARD:
            self.look_again()
        self._something.set()

    def look_again(self) -> None:
        """Note that something may have been missed."""
        self._heard.clear()
        self._is_behind = True
        self._something.set()

    def end(self) -> None:
        """Let the client go."""
        self.is_ended = True
        self._something.set()

    async def hear(self, timeout_s: float) -> tuple[set[UUID], bool] | None:
        """Wait for something; None: nothing has happened.

        Returns:
            Which questions are settled, and whether others may be, too.
        """
        # Not wait_for, which before Python 3.12 loses a cancellation that comes with the notice.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._something.wait()
        if not self._something.is_set():
            return None
        heard, is_behind = self._heard, self._is_behind
        self._heard, self._is_behind = set(), False
        if not self.is_ended:
            self._something.clear()
        return heard, is_behind


class NoticeHub:
    """The notices of one process; it begins to listen when somebody first waits.

    Args:
        dsn: the city's database.
        most: clients at a time.
        most_per_session: of one session among them.
    """

    def __init__(self, dsn: str, *, most: int, most_per_session: int) -> None:
        self._dsn = dsn
        self._most = most
        self._most_per_session = most_per_session
        self._waiting: dict[UUID, set[Ears]] = {}
        self._count = 0
        self._listening: asyncio.Task[None] | None = None
        self._is_ended = False

    @contextmanager
    def listen(self, session_id: UUID) -> Iterator[Ears]:
        """Give ears for a session; whatever is settled from here on is heard.

        Raises:
            TooManyListenersError: there are enough.
        """
        others = self._waiting.get(session_id, set())
        if self._count >= self._most or len(others) >= self._most_per_session:
            raise TooManyListenersError
        ears = Ears()
        if self._is_ended:
            ears.end()
        self._waiting.setdefault(session_id, set()).add(ears)
        self._count += 1
        if self._listening is None or self._listening.done():
            # Not in the context of the request that happens to be the first.
            self._listening = asyncio.create_task(self._listen(), context=Context())
        try:
            yield ears
        finally:
            self._count -= 1
            self._waiting[session_id].discard(ears)
            if not self._waiting[session_id]:
                del self._waiting[session_id]

    def end(self) -> None:
        """Let all clients go: the process is stopping."""
        self._is_ended = True
        for ears in self._everybody():
            ears.end()

    async def close(self) -> None:
        """Let all clients go and listen no more."""
        self.end()
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    def _everybody(self) -> list[Ears]:
        return [ears for all_ears in self._waiting.values() for ears in all_ears]

    async def _listen(self) -> None:
        while not self._is_ended:
            try:
                await self._hear()
            except Exception as error:  # noqa: BLE001  # whatever it was: nobody may stay deaf
                _log.warning("question.notices_lost", error=type(error).__name__)
            await asyncio.sleep(_RETRY_S)

    async def _hear(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as connection:
            await connection.execute(f"LISTEN {NOTICES_CHANNEL}")
            for ears in self._everybody():
                ears.look_again()
            while True:
                async for notice in connection.notifies(timeout=_ALIVE_EVERY_S):
                    self._tell(notice.payload)
                async with asyncio.timeout(_ALIVE_EVERY_S):
                    await connection.execute("SELECT")  # a connection may be dead and silent

    def _tell(self, payload: str) -> None:
        for line in payload.splitlines():
            try:
                session_id, question_id = map(UUID, line.split(" "))
            except ValueError:  # anybody with the database's password may say anything there
                _log.warning("question.notice_unreadable")
                continue
            for ears in self._waiting.get(session_id, ()):
                ears.tell(question_id)


def open_hub(resources: Resources) -> NoticeHub:
    """Return the hub of a process of the API; it opens no connection yet."""
    helpdesk = resources.settings.helpdesk
    return NoticeHub(
        resources.databases.city.dsn,
        most=helpdesk.question_listeners,
        most_per_session=helpdesk.question_listeners_per_session,
    )
