"""Follows a session: its questions as they are settled, none missed."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import psycopg
import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from praca.helpdesk.questions.adapters.postgres import QUESTION_COLUMNS, question_of
from praca.helpdesk.questions.notices import Ears, NoticeHub
from praca.helpdesk.questions.ports import Question
from praca.platform.database import Database

__all__ = ["Following"]

_log = structlog.get_logger("praca.questions")
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
_AT_ONCE: Final = 100
_REMEMBERED: Final = 200
_QUIET_S: Final = 15.0
_CHECKED_EVERY_S: Final = 60.0
_RETRY_S: Final = 1.0
_DATABASE_LOST = (OperationalError, PoolTimeoutError, psycopg.OperationalError)

_MOMENT = """
SELECT updated_at FROM helpdesk.questions WHERE session_id = %(session)s AND id = %(id)s
"""
# Without a place to go on from: what the list shows.
_RECENT = f"""
SELECT {QUESTION_COLUMNS} FROM (
    SELECT {QUESTION_COLUMNS} FROM helpdesk.questions AS q WHERE q.session_id = %(session)s
    ORDER BY q.created_at DESC, q.id LIMIT 10
) AS q WHERE q.status <> 'pendente' ORDER BY q.updated_at, q.id
"""
_SINCE = f"""
SELECT {QUESTION_COLUMNS} FROM helpdesk.questions AS q
WHERE q.session_id = %(session)s AND q.status <> 'pendente'
    AND (q.updated_at, q.id) > (%(at)s, %(id)s)
ORDER BY q.updated_at, q.id LIMIT %(limit)s
"""
_THESE = f"""
SELECT {QUESTION_COLUMNS} FROM helpdesk.questions AS q
WHERE q.session_id = %(session)s AND q.id = ANY(%(ids)s) AND q.status <> 'pendente'
ORDER BY q.updated_at, q.id
"""


class Following:
    """Settled questions of sessions, as clients follow them; holds no connection in between."""

    def __init__(self, database: Database, hub: NoticeHub) -> None:
        self._database = database
        self._hub = hub

    async def follow(
        self,
        session_id: UUID,
        after: UUID | None = None,
        may_go_on: Callable[[], Awaitable[bool]] | None = None,
    ) -> AsyncGenerator[Question | None]:
        """Yield questions as they are settled, and None now and then, so that silence is heard.

        Args:
            session_id: whose.
            after: the last question that the client knows of; what was settled after it comes
                first. Without it, or if it is none of the session, what the list shows comes first.
            may_go_on: asked once a minute; the last is yielded when it says no.

        Raises:
            TooManyListenersError: there are enough.
        """
        with self._hub.listen(session_id) as ears:  # before the first look: nothing falls between
            checked = time.monotonic()
            async for question in self._follow(session_id, after, ears):
                if may_go_on is not None and time.monotonic() - checked >= _CHECKED_EVERY_S:
                    if not await _is_yes(may_go_on):
                        return
                    checked = time.monotonic()
                yield question

    async def _follow(
        self, session_id: UUID, after: UUID | None, ears: Ears
    ) -> AsyncGenerator[Question | None]:
        place = await self._place(session_id, after)
        seen: OrderedDict[tuple[UUID, datetime], None] = OrderedDict()
        found = await self._missed(session_id, place)
        yield None  # the client sees that it is connected
        while True:
            for question in _unseen(found, seen):
                place = max(place or (_LONG_AGO, question.id), (question.updated_at, question.id))
                yield question
            heard = None if ears.is_ended else await ears.hear(_QUIET_S)
            if ears.is_ended:
                return
            if heard is None:
                found = []
                yield None
            else:
                found = await self._told(session_id, place, heard, ears)

    async def _told(
        self,
        session_id: UUID,
        place: tuple[datetime, UUID] | None,
        heard: tuple[set[UUID], bool],
        ears: Ears,
    ) -> list[Question]:
        """Return what was heard of; nothing yet, if the database is lost."""
        ids, is_behind = heard
        try:
            if is_behind:
                return await self._missed(session_id, place)
            return await self._fetch(_THESE, {"session": session_id, "ids": list(ids)})
        except _DATABASE_LOST as error:
            _log.warning("question.not_followed", error=type(error).__name__)
            await asyncio.sleep(_RETRY_S)
            ears.look_again()
            return []

    async def _place(self, session_id: UUID, after: UUID | None) -> tuple[datetime, UUID] | None:
        if after is None:
            return None
        row = await self._database.fetch_one(_MOMENT, {"session": session_id, "id": after})
        return None if row is None else (row[0], after)

    async def _missed(
        self, session_id: UUID, place: tuple[datetime, UUID] | None
    ) -> list[Question]:
        if place is None:
            return await self._fetch(_RECENT, {"session": session_id})
        missed: list[Question] = []
        while True:
            at, key = place
            params = {"session": session_id, "at": at, "id": key, "limit": _AT_ONCE}
            some = await self._fetch(_SINCE, params)
            missed += some
            if len(some) < _AT_ONCE:
                return missed
            place = (some[-1].updated_at, some[-1].id)

    async def _fetch(self, statement: str, params: dict[str, Any]) -> list[Question]:
        async with self._database.transaction() as connection:
            cursor = await connection.execute(statement.encode(), params)
            return [question_of(row) for row in await cursor.fetchall()]


async def _is_yes(may_go_on: Callable[[], Awaitable[bool]]) -> bool:
    try:
        return await may_go_on()
    except _DATABASE_LOST:
        return False  # he may come back, and is asked then


def _unseen(
    found: Iterable[Question], seen: OrderedDict[tuple[UUID, datetime], None]
) -> list[Question]:
    """Return what the client has not been told, and remember it."""
    fresh = [question for question in found if (question.id, question.updated_at) not in seen]
    for question in fresh:
        seen[question.id, question.updated_at] = None
        if len(seen) > _REMEMBERED:
            seen.popitem(last=False)
    return fresh
