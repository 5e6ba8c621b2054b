"""Articles from a file, where there is no database."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable
from datetime import date
from typing import Final

import structlog

from praca.helpdesk.knowledge.content import ArticleDraft, holds
from praca.helpdesk.knowledge.lines import RefusedLineError, read_lines
from praca.helpdesk.records import Article, Knowledge
from praca.kit.clock import today_in_brasilia

__all__ = ["FileKnowledge"]

_log: Final = structlog.get_logger("praca.helpdesk")


class FileKnowledge:
    """Articles of a JSON Lines file; lines that hold none are left out and counted in the log.

    Args:
        read: returns the file.
        stamp: returns a text that is another one after each change of the file, for example an
            object's ETag; without it the file is read to know.
        today: returns the day in the city.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[bytes]],
        stamp: Callable[[], Awaitable[str]] | None = None,
        *,
        today: Callable[[], date] = today_in_brasilia,
    ) -> None:
        self._read = read
        self._stamp = stamp
        self._today = today
        self._known = ""
        self._articles: tuple[Article, ...] = ()

    async def revision(self) -> str:
        """Return the revision; it also changes when an article begins or ends to hold."""
        if self._stamp is None:
            await self._refresh(await self._read())
        elif (stamp := await self._stamp()) != self._known:
            await self._refresh(await self._read(), stamp)
        return self._revision()

    async def load(self) -> Knowledge:
        """Return the articles that hold today."""
        await self.revision()
        revision, day = self._revision(), self._today()
        return Knowledge(revision, tuple(one for one in self._articles if holds(one, day)))

    async def _refresh(self, content: bytes, stamp: str | None = None) -> None:
        known = stamp or hashlib.sha256(content).hexdigest()[:32]
        if known != self._known:
            self._articles = await asyncio.to_thread(_articles, content)
            self._known = known

    def _revision(self) -> str:
        return f"{self._known}/{_last_turn(self._articles, self._today())}"


def _articles(content: bytes) -> tuple[Article, ...]:
    refused: list[RefusedLineError] = []
    drafts: Iterable[ArticleDraft] = read_lines(content.split(b"\n"), refused.append)
    articles = tuple(draft.article(number) for number, draft in enumerate(drafts, 1))
    if refused:
        _log.warning("knowledge_lines_refused", lines=len(refused), first=str(refused[0]))
    return articles


def _last_turn(articles: Iterable[Article], day: date) -> int:
    """Return the last day up to ``day`` on which one began to hold, or had ended to; 0: none."""
    begun = (one.valid_from.toordinal() for one in articles if one.valid_from)
    ended = (one.valid_until.toordinal() + 1 for one in articles if one.valid_until)
    return max((turn for turn in (*begun, *ended) if turn <= day.toordinal()), default=0)
