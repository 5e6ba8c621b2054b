"""Rendered answers that are kept for as long as the catalogue stays as it is."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from cachetools import LRUCache

__all__ = ["Answer", "Answers", "Rendered"]

_OVERHEAD_BYTES: Final = 800
"""What an answer costs besides its body and the texts of its question: objects, the place in the
cache."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """JSON of one reading of the database, and the revision that the same reading saw.

    ``total`` counts the records of all pages; 0 where there are no pages. ``is_lasting`` is
    false for what may be another text at the same revision, and so is not kept.
    """

    revision: str
    body: bytes
    total: int = 0
    is_lasting: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is sent.

    Attributes:
        rendered: what is sent.
        etag: a strong validator, made of the body.
        kept_bytes: how much memory it takes while it is kept.
    """

    rendered: Rendered
    etag: str
    kept_bytes: int

    @property
    def body(self) -> bytes:
        """The JSON."""
        return self.rendered.body

    @property
    def total(self) -> int:
        """Number of the records of all pages."""
        return self.rendered.total


class Answers:
    """Answers by question, each with the revision that it was rendered from.

    An answer is given only at its own revision, so that none outlives a change, whatever the
    order in which renderings end. Those who ask the same at the same revision share a rendering.

    Args:
        current: tells the revision.
        most_bytes: of what is kept; what was not asked for longest goes first.
    """

    def __init__(self, current: Callable[[], Awaitable[str]], *, most_bytes: int) -> None:
        self._current = current
        self._kept: LRUCache[Hashable, Answer] = LRUCache(most_bytes, lambda one: one.kept_bytes)
        self._rendering: dict[Hashable, asyncio.Task[Answer]] = {}

    @property
    def kept_bytes(self) -> int:
        """How much is kept."""
        return int(self._kept.currsize)

    async def get(self, question: Hashable, render: Callable[[], Awaitable[Rendered]]) -> Answer:
        """Return the answer to ``question``, which ``render`` gives if it is not kept.

        It is no older than the revision that is told for the call.
        """
        revision = await self._current()
        kept = self._kept.get(question)
        if kept is not None and kept.rendered.revision == revision:
            return kept
        # Under the revision known here: a rendering that began for an older one may not do.
        running = (question, revision)
        task = self._rendering.get(running)
        if task is None:
            task = self._rendering[running] = asyncio.create_task(self._render(question, render))
            task.add_done_callback(lambda _: self._rendering.pop(running, None))
        return await asyncio.shield(task)

    async def _render(
        self, question: Hashable, render: Callable[[], Awaitable[Rendered]]
    ) -> Answer:
        rendered = await render()
        etag = f'"{blake2b(rendered.body, digest_size=12).hexdigest()}"'
        answer = Answer(rendered, etag, _size(question, rendered))
        if rendered.is_lasting and answer.kept_bytes <= self._kept.maxsize:
            self._kept[question] = answer
        return answer


def _size(question: Hashable, rendered: Rendered) -> int:
    """Return about how much memory it takes to keep an answer and its question.

    A search for a long text that no book has is asked for with more than is answered.
    """
    parts = question if isinstance(question, tuple) else (question,)
    texts = sum(sys.getsizeof(part) for part in parts if isinstance(part, str))
    return len(rendered.body) + texts + _OVERHEAD_BYTES
