"""From a question to an answer: find the article, quote it, or let a model word what it says."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from praca.helpdesk.answering.extractive import dont_know, quote, suggestion_of
from praca.helpdesk.answering.shelf import Build, FoundArticle, Shelf, Shelves
from praca.helpdesk.records import Answer, Engine, KnowledgeSource, Piece
from praca.kit.text import bounded, fold, squeeze

__all__ = ["Answering", "Limits"]

_TOP: Final = 6
_SUGGESTIONS: Final = 3
_MANY: Final = 8
"""So many questions are answered in a thread, beside the event loop."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When it says that it does not know, and how much it reads.

    Attributes:
        min_confidence: below it nothing is answered.
        max_chars: of a question; the rest is not read.
        fresh_s: how old the articles may be, in seconds.
        kept: answers that are remembered.
    """

    min_confidence: float = 0.35
    max_chars: int = 2000
    fresh_s: float = 1.0
    kept: int = 4096


class Answering:
    """Answers questions from the articles of a source; one per process.

    Args:
        source: of the articles.
        build: makes the index of articles.
        limits: see there.
    """

    def __init__(self, source: KnowledgeSource, build: Build, limits: Limits) -> None:
        self._limits = limits
        self._shelves = Shelves(source, build, fresh_s=limits.fresh_s, kept=limits.kept)

    async def start(self) -> None:
        """Read the articles now, so that the first question need not wait.

        Without it, or when the source cannot be read yet, the first question reads them.
        """
        await asyncio.gather(self._shelves.current(), return_exceptions=True)

    async def stop(self) -> None:
        """End what runs."""
        await self._shelves.stop()

    async def answer(self, question: str) -> Answer:
        """Return the answer to ``question``.

        Raises:
            Exception: there are no articles yet, and their source cannot be read.
        """
        shelf = await self._shelves.current()
        return self._quoted(shelf, question)

    async def answer_many(self, questions: Sequence[str]) -> list[Answer]:
        """Return the answer to each of ``questions``, in their order.

        Raises:
            Exception: there are no articles yet, and their source cannot be read.
        """
        shelf = await self._shelves.current()
        if len(questions) < _MANY:
            return [self._quoted(shelf, question) for question in questions]
        return await asyncio.to_thread(
            lambda: [self._quoted(shelf, question) for question in questions]
        )

    async def stream(self, question: str) -> AsyncIterator[Piece]:
        """Yield sentences once they are checked, and last the whole answer.

        Raises:
            Exception: there are no articles yet, and their source cannot be read.
        """
        answer = await self.answer(question)
        yield Piece(answer.text)
        yield Piece("", answer)

    def _quoted(self, shelf: Shelf, question: str) -> Answer:
        question = squeeze(bounded(question, self._limits.max_chars))
        key = fold(question)
        kept = shelf.quoted.get(key)
        if kept is None:
            kept = self._quote(shelf, question)
            shelf.quoted.put(key, kept)
        return kept

    def _quote(self, shelf: Shelf, question: str) -> Answer:
        hits = shelf.index.search(question, _TOP) if question else ()
        if not hits or hits[0].confidence < self._limits.min_confidence:
            nearest = [suggestion_of(hit.article) for hit in hits[:_SUGGESTIONS]]
            return dont_know(nearest, _confidence(hits), shelf.revision)
        article = hits[0].article
        quoted = quote(question, article, shelf.reading.select(question, article))
        return Answer(
            text=quoted.text,
            is_answered=True,
            confidence=_confidence(hits),
            engine=Engine.EXTRACTIVE,
            citations=quoted.citations,
            suggestions=tuple(suggestion_of(hit.article) for hit in hits[1 : 1 + _SUGGESTIONS]),
            revision=shelf.revision,
        )


def _confidence(hits: Sequence[FoundArticle]) -> float:
    return float(hits[0].confidence) if hits else 0.0
