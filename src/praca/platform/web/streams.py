"""Answers that end only when their reader leaves, and must not keep the server from stopping."""

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from types import FrameType
from typing import Final

from praca.platform.web.metrics import OPEN_STREAMS

__all__ = ["OpenStreams", "running_task"]

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class OpenStreams:
    """The event streams and WebSockets of one application.

    A server that stops lets requests in flight finish; these would use up the whole of
    ``PRACA_SHUTDOWN_GRACE_S``. So each that is noted here is cancelled as soon as the process is
    asked to stop, and the layer that noted it ends it in good order; clients connect again, to
    whatever is started next.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()
        self._ended: set[asyncio.Task[object]] = set()
        self.is_ending = False
        """Whether the server stops; what begins now is not worth beginning."""

    def __len__(self) -> int:
        return len(self._tasks)

    def add(self, task: "asyncio.Task[object]") -> None:
        """Note that ``task`` serves a stream."""
        if task not in self._tasks:
            self._tasks.add(task)
            OPEN_STREAMS.add()
        if self.is_ending:
            self._end(task)

    def remove(self, task: "asyncio.Task[object]") -> bool:
        """Forget ``task``; tell whether it was noted."""
        self._ended.discard(task)
        if task not in self._tasks:
            return False
        self._tasks.remove(task)
        OPEN_STREAMS.add(amount=-1)
        return True

    def end(self) -> None:
        """Cancel every stream, and those still to come."""
        self.is_ending = True
        for task in self._tasks:
            self._end(task)

    def _end(self, task: "asyncio.Task[object]") -> None:
        if task not in self._ended:
            self._ended.add(task)
            task.cancel("the server stops")

    def has_ended(self, task: "asyncio.Task[object]") -> bool:
        """Tell whether it was this alone that cancelled ``task``, which then may go on."""
        return task in self._ended and task.uncancel() == 0

    @contextlib.contextmanager
    def ended_by_signals(self) -> Iterator[None]:
        """End all streams when the process is asked to stop, before the server hears of it.

        The server that runs us has set its handlers already; they are called as before. Where it
        has none, as in tests and on AWS, nothing is done: who serves there calls :meth:`end`.
        """
        loop = asyncio.get_running_loop()
        before = {number: signal.getsignal(number) for number in _SIGNALS}

        def stop(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self.end)
            handler = before[signal.Signals(number)]
            if callable(handler):
                handler(number, frame)

        changed = []
        for number, handler in before.items():
            if callable(handler) and handler is not signal.default_int_handler:
                with contextlib.suppress(ValueError):  # this is not the main thread
                    signal.signal(number, stop)
                    changed.append(number)
        try:
            yield
        finally:
            for number in changed:
                signal.signal(number, before[number])


def running_task() -> "asyncio.Task[object]":
    """Return the task that serves the running request."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101  # every request is served by one
    return task
