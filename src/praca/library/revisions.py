"""Which revision the catalogue is at: asked for by every request, read once for many."""

import asyncio
import time
from collections.abc import Awaitable, Callable

__all__ = ["Revisions"]


class Revisions:
    """Tells the catalogue's revision, as it was ``fresh_s`` seconds ago or later.

    A reading serves whoever asks in that time from its beginning; whoever asks later waits for a
    new one. One runs at a time; all who come meanwhile share the next. So a busy process reads
    seldom, and an idle one not at all. With 0, whoever asks gets a reading that began after the
    question: nothing that was committed before is missing.

    Args:
        read: reads the revision from the database.
        fresh_s: for how many seconds a reading is good.
    """

    def __init__(self, read: Callable[[], Awaitable[str]], *, fresh_s: float = 0.0) -> None:
        self._read = read
        self._fresh_s = fresh_s
        self._known = ""
        self._good_until = float("-inf")
        self._running: asyncio.Task[str] | None = None
        self._next: asyncio.Task[str] | None = None

    async def current(self) -> str:
        """Return the revision: a text that is another one after each change."""
        if time.monotonic() < self._good_until:
            return self._known
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
        began = time.monotonic()
        self._known = known = await self._read()
        self._good_until = began + self._fresh_s
        return known
