"""The articles that answers are made of, indexed, and kept up to their source."""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from praca.helpdesk.answering.cache import Kept
from praca.helpdesk.answering.passages import Reading
from praca.helpdesk.records import Answer, Article, KnowledgeSource

__all__ = ["Build", "Found", "FoundArticle", "SearchIndex", "Shelf", "Shelves"]

_log = structlog.get_logger("praca.helpdesk")
_PATIENCE_S: Final = 2.0
"""So long a question waits for newer articles before the old ones answer it."""
_PAUSE_S: Final = 1.0
"""So long nothing is asked of a source that has just failed."""


class FoundArticle(Protocol):
    """An article that a search found."""

    @property
    def article(self) -> Article:
        """The article."""

    @property
    def score(self) -> float:
        """How well it fits, higher is better."""

    @property
    def confidence(self) -> float:
        """How sure it is that it answers the question, 0 to 1."""


class SearchIndex(Protocol):
    """What finds articles."""

    def search(self, question: str, top: int = 10) -> Sequence[FoundArticle]:
        """Return the articles that fit best, the best first."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a shelf says to a question.

    Attributes:
        quoted: the answer that quotes.
        articles: the best first.
    """

    quoted: Answer
    articles: tuple[Article, ...]


Build = Callable[[Sequence[Article]], SearchIndex]


@dataclass(frozen=True, slots=True)
class Shelf:
    """One revision of the articles, ready to answer.

    Attributes:
        found: what was found, by the folded question; it goes when the shelf goes.
    """

    revision: str
    index: SearchIndex
    reading: Reading
    found: Kept[Found]

    @classmethod
    def build(cls, revision: str, articles: Sequence[Article], build: Build, kept: int) -> "Shelf":
        """Index ``articles``; takes the time that ``build`` takes, and about as much again."""
        return cls(revision, build(articles), Reading(articles), Kept(kept))


class Shelves:
    """Gives the shelf of the source's present revision.

    The source is asked for its revision when what is known of it is older than ``fresh_s``. If
    it is another one, a shelf is built in a thread, once for all who ask; they wait for it at
    most two seconds, and then the old one answers. A source that is down keeps the old one.

    Args:
        source: of the articles.
        build: makes the index of articles.
        fresh_s: how old what is known of the revision may be, in seconds; 0: a question sees
            every change that was there when it was asked.
        kept: how many quoted answers a shelf remembers.
        clock: seconds that only grow.
        patience_s: for how long a question waits for newer articles.
    """

    def __init__(
        self,
        source: KnowledgeSource,
        build: Build,
        *,
        fresh_s: float,
        kept: int = 4096,
        clock: Callable[[], float] = time.monotonic,
        patience_s: float = _PATIENCE_S,
    ) -> None:
        self._source = source
        self._build = build
        self._fresh_s = fresh_s
        self._kept = kept
        self._clock = clock
        self._patience_s = patience_s
        self._shelf: Shelf | None = None
        self._seen_at = -math.inf
        self._started_at = -math.inf
        self._failed_at = -math.inf
        self._following: asyncio.Task[None] | None = None

    async def current(self) -> Shelf:
        """Return the shelf to answer from.

        Raises:
            Exception: there is none yet, and the source cannot be read; what it raised.
        """
        asked_at = self._clock()
        while self._seen_at < asked_at - self._fresh_s:
            if self._shelf is not None and asked_at < self._failed_at + _PAUSE_S:
                return self._shelf
            task = self._running()
            if self._shelf is None:
                await asyncio.shield(task)
                continue
            left_s = self._started_at + self._patience_s - self._clock()
            await asyncio.wait({task}, timeout=max(0.0, left_s))
            if not task.done() or task.cancelled() or task.exception() is not None:
                return self._shelf
        if self._shelf is None:
            raise RuntimeError("a source that was read gave no articles")
        return self._shelf

    def begin(self) -> None:
        """Begin to read the articles, in the running loop."""
        self._running()

    async def settled(self) -> None:
        """Wait until what is being read is read."""
        if self._following is not None:
            await asyncio.wait({self._following})

    async def stop(self) -> None:
        """End what runs."""
        if self._following is not None and not self._following.done():
            self._following.cancel()
            await asyncio.wait({self._following})

    def _running(self) -> "asyncio.Task[None]":
        # One of a loop that has ended is done, too: it was cancelled with it.
        if self._following is None or self._following.done():
            self._started_at = self._clock()
            self._following = asyncio.create_task(self._follow(self._started_at))
            self._following.add_done_callback(_look_at)
        return self._following

    async def _follow(self, started_at: float) -> None:
        try:
            revision = await self._source.revision()
            if self._shelf is None or self._shelf.revision != revision:
                self._shelf = await self._load()
        except Exception as error:
            self._failed_at = self._clock()
            _log.warning("helpdesk.articles_unread", error=type(error).__name__)
            raise
        self._seen_at = started_at

    async def _load(self) -> Shelf:
        knowledge = await self._source.load()
        shelf = await asyncio.to_thread(
            Shelf.build, knowledge.revision, knowledge.articles, self._build, self._kept
        )
        _log.info("helpdesk.articles_indexed", articles=len(knowledge.articles))
        return shelf


def _look_at(task: "asyncio.Task[None]") -> None:
    """Look at a failure, which is noted already, so that nobody reports it as unseen."""
    if not task.cancelled():
        task.exception()
