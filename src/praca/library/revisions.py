"""Which revision the catalogue is at: asked for by every request, read once for many."""

import asyncio
from collections.abc import Awaitable, Callable

__all__ = ["Revisions"]


class Revisions:
    """Tells the catalogue's revision as of now, never of before the question.

    Whoever asks waits for a reading that begins after the question. One reading runs at a time;
    all who come meanwhile share the next one. So a busy process reads once for many requests, an
    idle one not at all, and no answer is older than the request for it.

    Args:
        read: reads the revision from the database.
    """

    def __init__(self, read: Callable[[], Awaitable[str]]) -> None:
        self._read = read
        self._running: asyncio.Task[str] | None = None
        self._next: asyncio.Task[str] | None = None

    async def current(self) -> str:
        """Return the revision: a text that is another one after each change."""
        reading = self._next
        if reading is None:
            reading = self._next = asyncio.create_task(self._read_after(self._running))
        # Who goes away does not take the reading from the others.
        return await asyncio.shield(reading)

    async def _read_after(self, earlier: "asyncio.Task[str] | None") -> str:
        if earlier is not None and not earlier.done():
            await asyncio.wait([earlier])
        # Whoever comes from here on needs a later reading than this one.
        self._running, self._next = self._next, None
        return await self._read()
