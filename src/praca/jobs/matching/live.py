"""An index that follows its table."""

import asyncio
from typing import Any, Final, Generic, TypeVar

from praca.jobs.matching import repository
from praca.jobs.matching.index import CandidateIndex, VacancyIndex
from praca.jobs.matching.repository import CANDIDATES, VACANCIES, Source
from praca.platform.database import Database

__all__ = ["LiveIndex"]

IndexT = TypeVar("IndexT", CandidateIndex, VacancyIndex)
_SOURCES: Final[dict[str, Source[Any]]] = {
    CandidateIndex.kind: CANDIDATES,
    VacancyIndex.kind: VACANCIES,
}
_BATCH: Final = 500
_PATIENCE_S: Final = 0.2
"""So long a request waits for others who take in rows."""


class LiveIndex(Generic[IndexT]):
    """Keeps one index up to its table.

    Args:
        database: where the table is.
        index: what to keep up to it.
        position: the transactions whose rows are in ``index``; None: it is empty.
    """

    def __init__(self, database: Database, index: IndexT, position: str | None = None) -> None:
        self._database = database
        self._source = _SOURCES[index.kind]
        self.index: IndexT = index
        self.position = position
        self._is_behind = position is None
        self._has_missing = False
        self._lock = asyncio.Lock()
        self._begun = 0
        self._ended = 0

    async def follow(self, *, at_most: int | None = None) -> int:
        """Take in the rows committed by now; return how many.

        Of callers that come together, one does the work for all.

        Args:
            at_most: leave it to a caller with more time if there are more rows than this.
        """
        if at_most is not None and self._is_behind:
            return 0
        arrived = self._begun
        try:
            async with asyncio.timeout(None if at_most is None else _PATIENCE_S):
                await self._lock.acquire()
        except TimeoutError:
            return 0  # somebody is taking in very many
        try:
            if self._ended > arrived:
                return 0  # a round that began after this call has ended: it saw all we ask for
            self._begun += 1
            count = await self._round(at_most)
            if count is not None:
                self._ended = self._begun
            return count or 0
        finally:
            self._lock.release()

    async def drop_missing(self) -> None:
        """Take out of the index what is no longer in the table."""
        async with self._lock:
            await self._drop_missing()

    async def _drop_missing(self) -> None:
        indexed = self.index.codes
        async with self._database.read() as session:
            existing = await repository.existing_codes(session, self._source)
        missing = indexed.difference(existing)
        if missing:
            await asyncio.to_thread(self.index.remove, missing)
        self._has_missing = False

    async def _round(self, at_most: int | None) -> int | None:
        """Take in what is new; return how many rows, or none if they are left to others."""
        # Taken before the rows are read: what commits in between is read once more, not lost.
        now = await repository.position(self._database)
        if now == self.position:
            await self._drop_noticed(at_most)
            return 0
        async with self._database.read() as session:
            codes = await repository.changed_codes(session, self._source, self.position)
            stored = await repository.count_rows(session, self._source)
        self._is_behind = len(codes) > (_BATCH if at_most is None else at_most)
        if self._is_behind and at_most is not None:
            return None
        for start in range(0, len(codes), _BATCH):
            async with self._database.read() as session:
                profiles = await repository.profiles_of(
                    session, self._source, codes[start : start + _BATCH]
                )
            await asyncio.to_thread(self.index.upsert, profiles)
        self.position = now
        self._is_behind = False
        # A deleted row leaves no trace in those that are left: only the total tells.
        self._has_missing = len(self.index) > stored
        await self._drop_noticed(at_most)
        return len(codes)

    async def _drop_noticed(self, at_most: int | None) -> None:
        """Drop what is no longer in the table; a request leaves it to the watcher."""
        if self._has_missing and at_most is None:
            await self._drop_missing()
