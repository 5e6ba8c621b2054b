"""Similar books for requests: the index of a process, kept as new as it pays."""

import asyncio
import time
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import orjson
import structlog

from praca.library import repository
from praca.library.answers import Rendered
from praca.library.errors import BookNotFoundError
from praca.library.similar import BookText, Likeness, SimilarBooks
from praca.platform.database.engine import Database

__all__ = ["Recommender"]

_log = structlog.get_logger("praca.library")
_MOST_BOOKS: Final = 20_000
"""So many books are indexed, the newest; of another one nothing is recommended."""
_REST: Final = 10
"""After a build, the next waits so many times as long as that took: a crawl changes much."""
_SPARE: Final = 10
"""So many more are looked up than asked for: some may have left the shop meanwhile."""


@dataclass(frozen=True, slots=True)
class _Built:
    """An index, the revision it is of, the hash of its texts, and when the next may be built."""

    revision: str
    texts: bytes
    index: SimilarBooks
    next_s: float


class Recommender:
    """Recommends from an index that is built when it is first asked for.

    After a change the old index answers while a new one is built, beside the event loop. Prices
    and what is in the shop are always read anew, so that no absent book is recommended. A book
    that is not in the index waits for the new one.
    """

    def __init__(self, city: Database) -> None:
        self._city = city
        self._built: _Built | None = None
        self._building: asyncio.Task[_Built] | None = None

    async def render(self, book_id: int, limit: int) -> Rendered:
        """Return the books most like this one as JSON; of the index's own revision it lasts.

        Raises:
            BookNotFoundError: there never was one of this id.
        """
        built = await self._index(book_id)
        alike = (
            await asyncio.to_thread(built.index.find, book_id, limit + _SPARE)
            if book_id in built.index
            else []
        )
        found = await repository.read_found(self._city, book_id, [one.id for one in alike])
        if found is None:
            raise BookNotFoundError
        present = [one for one in alike if one.id in found.lines][:limit]
        body = ",".join(_line(one, found) for one in present)
        return Rendered(
            found.revision, f"[{body}]".encode(), is_lasting=built.revision == found.revision
        )

    async def _index(self, book_id: int) -> _Built:
        built = self._built
        # Where there are more books than are indexed, to wait would not help an old one.
        if built is not None and (book_id in built.index or len(built.index) >= _MOST_BOOKS):
            await self._follow(built)
            return built
        if not await repository.book_exists(self._city, book_id):
            raise BookNotFoundError
        built = await asyncio.shield(self._build())
        if book_id not in built.index and len(built.index) < _MOST_BOOKS:
            # A build that ran already may have begun before there was this book.
            built = await asyncio.shield(self._build())
        return built

    async def _follow(self, built: _Built) -> None:
        """Have a new index built if there was a change and the last one is long enough ago."""
        if self._building is None and time.monotonic() >= built.next_s:
            revision = await repository.read_revision(self._city)
            if revision != built.revision:
                self._build()

    def _build(self) -> "asyncio.Task[_Built]":
        if self._building is None:
            self._building = asyncio.create_task(self._read_and_build())
            self._building.add_done_callback(self._finish)
        return self._building

    async def _read_and_build(self) -> _Built:
        started = time.monotonic()
        revision, read = await repository.read_texts(self._city, _MOST_BOOKS)
        texts = blake2b(read).digest()
        if self._built is not None and self._built.texts == texts:
            index = self._built.index  # only prices have changed
        else:
            index = await asyncio.to_thread(_indexed, read)
            _log.info("library.similar_indexed", ms=round((time.monotonic() - started) * 1e3))
        now = time.monotonic()
        return _Built(revision, texts, index, now + _REST * (now - started))

    def _finish(self, task: "asyncio.Task[_Built]") -> None:
        self._building = None
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            self._built = task.result()
        else:  # who waits for it is told; else the next to ask tries again
            _log.warning("library.similar_failed", error=type(error).__name__)


def _indexed(read: bytes) -> SimilarBooks:
    return SimilarBooks([BookText(*row) for row in orjson.loads(read)])


def _line(one: Likeness, found: repository.Found) -> str:
    is_same = one.id in found.same_category
    reasons = [f"Mesma categoria: {found.categoria}."] if is_same else []
    if one.shared:
        reasons.append(f"Termos em comum: {', '.join(one.shared)}.")
    more = {
        "pontuacao": round(one.score, 4),
        "mesma_categoria": is_same,
        "termos_em_comum": one.shared,
        "motivos": reasons or ["Assuntos próximos."],
    }
    return f"{found.lines[one.id]},{orjson.dumps(more).decode()[1:]}"
