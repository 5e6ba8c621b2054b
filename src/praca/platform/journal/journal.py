"""The journal of one process: a bounded buffer, and what empties it into the database."""

import asyncio
import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4
from weakref import WeakSet

import structlog

from praca.platform.database.engine import Database
from praca.platform.journal.lines import Hashing, Line, prediction_line, request_line
from praca.platform.journal.writing import Batch, halves, is_refused, write
from praca.platform.metrics import Counter
from praca.platform.settings import Settings

__all__ = ["Journal"]

_log = structlog.get_logger("praca.journal")
_DROPPED: Final = Counter(
    "praca_journal_lines_dropped_total", "Lines of the journal that found no place."
)
_LINES_AT_ONCE: Final = 1_000
_STOP_S: Final = 5.0
_WRITE_S: Final = 30.0
"""Longer no batch keeps a connection from the requests; one behind a lock, or a dead line, would.
"""
_NAMELESS_S: Final = 1800.0
"""A line that waited so long, its request included, no longer says whose it was.

Erasures are swept again for an hour. Whoever's account is erased meanwhile must not come back to
the table when a database that was away is there again, or an event stream has ended at last.
"""


class Journal:
    """Notes requests and predictions without ever making them wait.

    Lines are kept in memory and written in batches, each exactly once, by a task of its own. If
    the database is away they wait; when there are more than the settings allow, new ones are
    dropped, and counted in the database. A process that is killed loses what it had not written:
    the lines of the last ``PRACA_JOURNAL_FLUSH_S`` seconds.

    Several processes write side by side; a forked child begins with an empty buffer.

    Args:
        settings: whether, how often, how many, and the secret under which inputs are hashed.
        database: the city's.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        wanted = settings.journal
        self.is_on: Final = wanted.journal
        self._most = wanted.journal_buffer
        self._flush_s = wanted.journal_flush_s
        self._many = min(_LINES_AT_ONCE, max(1, self._most // 2))
        self._database = database
        self._hashing = Hashing(settings.signing_key) if self.is_on else None
        self._begin()
        _alive.add(self)

    def _begin(self) -> None:
        """Start with nothing, as a writer that nobody else is."""
        self._writer, self._number = uuid4(), 1
        self._lines: deque[Line] = deque()
        self._unwritten: deque[Sequence[Line]] = deque()
        self._held = self._dropped = self._dropped_noted = 0
        self._counting = threading.Lock()
        self._flushing = asyncio.Lock()
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_stopping = self._is_away = False

    @property
    def waiting(self) -> int:
        """How many lines are not yet written."""
        return len(self._lines) + self._held

    def note_request(
        self, method: str, route: str, status: int, ms: float, user_id: int | None
    ) -> None:
        """Note a request that has just ended; never raises, never waits.

        Args:
            method: as the client said it.
            route: template of the path, such as ``/api/v1/vagas/{codigo_vaga}``; never the path.
            status: of the answer.
            ms: how long it took.
            user_id: the account that asked, if it said so.
        """
        if self.is_on:
            self._add(request_line(time.time(), method, route, status, ms, user_id))

    def note_prediction(
        self, model: str, version: int, inputs: Any, output: Any, ms: float
    ) -> None:
        """Note what a model has just answered; never raises, never waits.

        May be called from any thread.

        Args:
            model: its name in ``platform.models``.
            version: which of it.
            inputs: what it was asked; only a keyed hash is kept.
            output: what it answered, text or JSON; 200 characters are kept.
            ms: how long it took.
        """
        if self._hashing is None:
            return
        try:
            hashed = self._hashing.of(inputs)
            line = prediction_line(time.time(), model, version, hashed, output, ms)
        except Exception as error:  # noqa: BLE001  # whatever it was given: the answer comes first
            _log.warning("journal.line_refused", model=model, error=type(error).__name__)
            self._drop(1)
        else:
            self._add(line)

    def _add(self, line: Line) -> None:
        if len(self._lines) + self._held >= self._most:
            self._drop(1)
            return
        self._lines.append(line)
        if len(self._lines) == self._many and self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has just been closed
                self._loop.call_soon_threadsafe(self._wake.set)

    def _drop(self, lines: int) -> None:
        _DROPPED.add(amount=lines)
        with self._counting:
            self._dropped += lines

    def start(self) -> None:
        """Begin to write, in the running loop."""
        if not self.is_on:
            return
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._rounds(), name="journal")
        self._task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        """Begin again, should the task end by itself."""
        if not self._is_stopping and not task.cancelled():
            _log.error("journal.restarted", error=type(task.exception()).__name__)
            self.start()

    async def stop(self) -> None:
        """Write what there is, for a few seconds at the most."""
        self._is_stopping = True
        self._wake.set()
        try:
            async with asyncio.timeout(_STOP_S):
                if self._task is not None:
                    await self._task
                await self.flush()
        except Exception as error:  # noqa: BLE001  # the process ends either way
            _log.warning("journal.lines_lost", lines=self.waiting, error=type(error).__name__)

    async def _rounds(self) -> None:
        while not self._is_stopping:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._flush_s)
            self._wake.clear()
            try:
                await self.flush()
            except Exception as error:  # noqa: BLE001  # the next round tries again
                if not self._is_away:
                    _log.warning("journal.database_lost", error=type(error).__name__)
                self._is_away = True

    async def flush(self) -> None:
        """Write all lines noted by now.

        Raises:
            Exception: whatever keeps the database from taking them; they are kept.
        """
        async with self._flushing:
            # Not those that come meanwhile: under load there would be no end.
            for _ in range(1 + len(self._unwritten) + len(self._lines) // _LINES_AT_ONCE):
                self._fill()
                while self._unwritten:
                    await self._write_next()
            if self._is_away:
                _log.info("journal.database_back")
            self._is_away = False

    def _fill(self) -> None:
        """Make a batch of the oldest lines, and of what was dropped, unless one waits."""
        if self._unwritten:
            return
        with self._counting:
            self._dropped_noted += self._dropped
            dropped, self._dropped = self._dropped, 0
        if dropped:
            _log.warning("journal.lines_dropped", lines=dropped)
        taken = [self._lines.popleft() for _ in range(min(len(self._lines), _LINES_AT_ONCE))]
        if taken or self._dropped_noted:
            self._unwritten.append(taken)
            self._held += len(taken)

    async def _write_next(self) -> None:
        lines, dropped = self._unwritten[0], self._dropped_noted
        batch = Batch(self._number, lines, dropped)
        try:
            nameless = time.time() - _NAMELESS_S
            async with asyncio.timeout(_WRITE_S):  # should it succeed still, it is not repeated
                await write(self._database, self._writer, batch, nameless_before=nameless)
        except Exception as error:
            if not is_refused(error):
                raise
            self._set_apart(lines, error)
            return
        # A batch whose number is spent was written, even if nobody could say so at the time.
        self._number += 1
        self._dropped_noted -= dropped
        self._held -= len(lines)
        self._unwritten.popleft()

    def _set_apart(self, lines: Sequence[Line], error: Exception) -> None:
        """Try the two halves of what was refused one by one, until the bad line is alone."""
        self._unwritten.popleft()
        if len(lines) > 1:
            self._unwritten.extendleft(reversed(halves(lines)))
            return
        _log.error("journal.line_refused", error=type(error).__name__)
        self._held -= len(lines)
        self._drop(len(lines))


_alive: WeakSet[Journal] = WeakSet()


def _begin_again() -> None:
    for journal in list(_alive):
        journal._begin()  # noqa: SLF001  # of this module


# What a process has noted is written by that process alone.
os.register_at_fork(after_in_child=_begin_again)
