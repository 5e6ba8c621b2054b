"""Politeness: how many requests a host gets at a time, and how soon one after the other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

__all__ = ["Turns"]


class Turns:
    """The turns of asking one host.

    Args:
        at_once: most requests at a time.
        delay_s: between the starts of two, at least.
        clock: monotonic seconds.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        *,
        at_once: int,
        delay_s: float,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]],
    ) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._delay_s = delay_s
        self._clock = clock
        self._sleep = sleep
        self._last = float("-inf")

    def slow_down(self, delay_s: float) -> None:
        """Keep at least ``delay_s`` between two starts from now on, the last one included."""
        self._delay_s = max(self._delay_s, delay_s)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, and hold it."""
        async with self._places:
            now = self._clock()
            # The start is taken before it is waited for, so that no two wait for the same one.
            self._last = start = max(now, self._last + self._delay_s)
            if start > now:
                await self._sleep(start - now)
            yield
