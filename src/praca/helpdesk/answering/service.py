"""From a question to an answer: find the article, quote it, or let a model word what it says."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import structlog

from praca.helpdesk.answering import extractive
from praca.helpdesk.answering.grounding import is_founded
from praca.helpdesk.answering.shelf import Build, Found, FoundArticle, Shelf, Shelves
from praca.helpdesk.answering.telling import Teller, Told
from praca.helpdesk.metrics import note_answer
from praca.helpdesk.records import (
    Answer,
    Article,
    Citation,
    Engine,
    KnowledgeSource,
    Passage,
    Piece,
    Suggestion,
)
from praca.kit.text import bounded, fold, squeeze

__all__ = ["Answering", "Limits"]

_log = structlog.get_logger("praca.helpdesk")
_TOP: Final = 6
_SUGGESTIONS: Final = 3
_NEAR: Final = 0.5
"""A service is suggested that fits at least this part as well as the best one."""
_ANY_SENSE: Final = 0.03
"""Below this confidence the question is about nothing that the articles tell of: "oi"."""
_GIVEN_ARTICLES: Final = 3
"""Articles of which a model is given passages."""
_MANY: Final = 8
"""So many questions are answered in a thread, beside the event loop."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When it says that it does not know, and how much it reads.

    Attributes:
        min_confidence: below it nothing is answered.
        max_chars: of a question; the rest is not read.
        fresh_s: how old the articles may be, in seconds.
        given_chars: of passages, for a model.
        kept: answers that are remembered.
    """

    min_confidence: float = 0.35
    max_chars: int = 2000
    fresh_s: float = 1.0
    given_chars: int = 8000
    kept: int = 4096


class Answering:
    """Answers questions from the articles of a source; one per process.

    Args:
        source: of the articles.
        build: makes the index of articles.
        limits: see there.
        teller: has a model word answers; none: they are quoted.
    """

    def __init__(
        self,
        source: KnowledgeSource,
        build: Build,
        limits: Limits,
        teller: Teller | None = None,
    ) -> None:
        self._limits = limits
        self._teller = teller
        self._shelves = Shelves(source, build, fresh_s=limits.fresh_s, kept=limits.kept)

    async def start(self) -> None:
        """Begin to read the articles, so that the first question need not wait; waits for nothing.

        Without it, or when the source cannot be read yet, the first question reads them.
        """
        self._shelves.begin()
        if self._teller is not None:
            self._teller.begin()

    async def stop(self) -> None:
        """End what runs."""
        await self._shelves.stop()
        if self._teller is not None:
            await self._teller.close()

    async def answer(self, question: str) -> Answer:
        """Return the answer to ``question``.

        Raises:
            Exception: there are no articles yet, and their source cannot be read.
        """
        shelf = await self._shelves.current()
        return note_answer(await self._worded(shelf, question, self._found(shelf, question)))

    async def answer_many(self, questions: Sequence[str]) -> list[Answer]:
        """Return the answer to each of ``questions``, in their order.

        Raises:
            Exception: there are no articles yet, and their source cannot be read.
        """
        shelf = await self._shelves.current()
        if len(questions) < _MANY:
            found = self._found_many(shelf, questions)
        else:
            found = await asyncio.to_thread(self._found_many, shelf, questions)
        if self._teller is None:
            return [note_answer(one.quoted) for one in found]
        pairs = zip(questions, found, strict=True)
        worded = await asyncio.gather(*(self._worded(shelf, *pair) for pair in pairs))
        return [note_answer(answer) for answer in worded]

    async def stream(self, question: str) -> AsyncIterator[Piece]:
        """Yield sentences once they are checked, and last the whole answer.

        The pieces together are the text of the answer. When a model's sentence fails the check,
        or it falls silent, those before it stand, and the quoted answer follows them.

        Raises:
            Exception: there are no articles yet, and their source cannot be read.
        """
        shelf = await self._shelves.current()
        found = self._found(shelf, question)
        passages = self._passages(shelf, question, found)
        if self._teller is None or not passages:
            yield Piece(found.quoted.text)
            yield Piece("", note_answer(found.quoted))
            return
        telling = self._teller.tell(self._read(question), passages)
        said = ""
        async for piece in telling.listen():
            said += piece
            yield Piece(piece)
        answer = _of_told(found.quoted, passages, await telling.whole())
        yield Piece(answer.text[len(said) :])
        yield Piece("", note_answer(answer))

    async def _worded(self, shelf: Shelf, question: str, found: Found) -> Answer:
        """Return the model's answer, or the quoted one if there is none that may be given."""
        passages = self._passages(shelf, question, found)
        if self._teller is None or not passages:
            return found.quoted
        told = await self._teller.tell(self._read(question), passages).whole()
        return found.quoted if told.fault else _of_told(found.quoted, passages, told)

    def _passages(self, shelf: Shelf, question: str, found: Found) -> list[Passage]:
        """Return what a model is given: of the best article half of what it may read."""
        if self._teller is None or not found.quoted.is_answered:
            return []
        left, passages = self._limits.given_chars, list[Passage]()
        for place, article in enumerate(found.articles[:_GIVEN_ARTICLES]):
            share = left // 2 if place < _GIVEN_ARTICLES - 1 else left
            windows = shelf.reading.windows(self._read(question), article, share)
            left -= sum(len(one.text) for one in windows)
            passages += windows
        return passages

    def _found_many(self, shelf: Shelf, questions: Sequence[str]) -> list[Found]:
        return [self._found(shelf, question) for question in questions]

    def _read(self, question: str) -> str:
        return squeeze(bounded(question, self._limits.max_chars))

    def _found(self, shelf: Shelf, question: str) -> Found:
        question = self._read(question)
        key = fold(question)
        kept = shelf.found.get(key)
        if kept is None:
            kept = self._find(shelf, question)
            shelf.found.put(key, kept)
        return kept

    def _find(self, shelf: Shelf, question: str) -> Found:
        hits = shelf.index.search(question, _TOP) if question else ()
        articles = tuple(hit.article for hit in hits)
        confidence = _confidence(hits)
        if not hits or confidence < self._limits.min_confidence:
            nearest = _near(hits) if confidence >= _ANY_SENSE else []
            return Found(extractive.dont_know(nearest, confidence, shelf.revision), articles)
        passages = shelf.reading.select(question, articles[0])
        quoted = extractive.quote(question, articles[0], passages)
        if not is_founded(quoted.text, quoted.citations):
            # Nothing but the quotations themselves, then.
            _log.error("helpdesk.quotation_unfounded")
            quoted = extractive.bare(passages)
        answer = Answer(
            text=quoted.text,
            is_answered=True,
            confidence=confidence,
            engine=Engine.EXTRACTIVE,
            citations=quoted.citations,
            suggestions=tuple(_near(hits, but=articles[0])),
            revision=shelf.revision,
        )
        return Found(answer, articles)


def _of_told(quoted: Answer, passages: Sequence[Passage], told: Told) -> Answer:
    """Return the answer that a model has told; what it left untold is quoted."""
    if not told.pieces:
        return quoted
    said = "".join(told.pieces)
    cited = [passages[number - 1] for number in told.cited]
    if told.fault is None:
        text = said + extractive.closing(cited)
        citations = extractive.citations_of(cited)
    else:
        text = f"{said}\n\n{quoted.text}"
        citations = _united((*extractive.citations_of(cited), *quoted.citations))
    return replace(quoted, text=text, engine=Engine.LLM, citations=citations)


def _united(citations: Sequence[Citation]) -> tuple[Citation, ...]:
    return tuple(dict.fromkeys(citations))


def _near(hits: Sequence[FoundArticle], but: Article | None = None) -> list[Suggestion]:
    """Return the services that are about as near as the best one."""
    best = max((hit.score for hit in hits), default=0.0)
    near = [hit.article for hit in hits if hit.score >= _NEAR * best and hit.article is not but]
    return [extractive.suggestion_of(one) for one in near[:_SUGGESTIONS]]


def _confidence(hits: Sequence[FoundArticle]) -> float:
    return float(hits[0].confidence) if hits else 0.0
