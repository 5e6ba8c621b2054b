"""The parent of the API's processes: it listens, starts, replaces and stops them.

It serves nothing itself. The sockets that it listens on are shared with every process it starts,
so that a connection made while one process stops is taken by the next.
"""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog

from praca.entrypoints.serving.children import Child
from praca.entrypoints.serving.orders import Order

__all__ = ["Plan", "Supervisor"]

_log = structlog.get_logger("praca.api")
_LONG_LIFE_S: Final = 60.0
"""A death after this time is no sign that the next life would be short."""
_LONGEST_PAUSE_S: Final = 30.0
_NOT_STARTED_PAUSE_S: Final = 5.0
_STOP_MARGIN_S: Final = 15.0
"""For what a process does after its last answer."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to run, as the settings have it now.

    Attributes:
        command: that starts a process; the numbers of its sockets are added.
        environment: of the processes.
        processes: how many.
        drain_s: how long one drains.
        grace_s: how long it then waits for what is in flight.
        ready_timeout_s: how long a new process may take to become ready in a rolling restart.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    processes: int
    drain_s: float
    grace_s: float
    ready_timeout_s: float


class _StopAskedError(Exception):
    """Somebody wants all of it to stop."""


class _NobodyServesError(Exception):
    """No process has ever come so far that it served."""


class Supervisor:
    """Keeps processes serving until SIGTERM or SIGINT; SIGHUP replaces them one by one.

    Args:
        sockets: to listen on.
        plan: reads the settings again; what it raises ends a restart before it begins.
    """

    def __init__(self, sockets: Sequence[socket.socket], plan: Callable[[], Plan]) -> None:
        self._sockets = sockets
        self._read_plan = plan
        self._plan = plan()
        self._children: list[Child] = []
        self._all: set[Child] = set()
        self._stopping: Order | None = None
        self._restart_asked = False
        self._has_served = False
        self._failed_starts = 0
        self._deaths = 0
        self._not_before = 0.0
        self._was_ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        self._has_terminal = _has_terminal()

    async def run(self) -> int:
        """Work until asked to stop; return the exit code: 1 if no process can serve."""
        self._changed = asyncio.Event()
        loop = asyncio.get_running_loop()
        before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        loop.add_signal_handler(signal.SIGTERM, self._ask_to_stop, Order.DRAIN)
        loop.add_signal_handler(signal.SIGINT, self._ask_to_stop, Order.END)
        loop.add_signal_handler(signal.SIGHUP, self._hang_up)
        try:
            for _ in range(self._plan.processes):
                self._children.append(await self._start(self._plan, when_ready=False))
            while True:
                await self._until(lambda: self._restart_asked)
                self._restart_asked = False
                await self._restart()
        except _StopAskedError:
            return 0
        except _NobodyServesError:
            _log.error("api.cannot_serve")
            return 1
        finally:
            await self._stop()
            for number, handler in before.items():
                loop.remove_signal_handler(number)
                signal.signal(number, handler)

    def _ask_to_stop(self, order: Order) -> None:
        if self._stopping is not Order.END:
            self._stopping = order
        self._changed.set()

    def _hang_up(self) -> None:
        """Restart, unless this is the notice that the terminal we run in was closed."""
        if self._has_terminal and not _has_terminal():
            self._has_terminal = False
            if not self._was_ignored:  # as it is under nohup
                self._ask_to_stop(Order.END)
            return
        self._restart_asked = True
        self._changed.set()

    async def _until(self, reached: Callable[[], bool], timeout_s: float | None = None) -> bool:
        """Wait for ``reached``, and meanwhile replace processes that die.

        Returns:
            Whether it was reached in time.
        """
        until = None if timeout_s is None else time.monotonic() + timeout_s
        while not reached():
            if self._stopping is not None:
                raise _StopAskedError
            self._has_served = self._has_served or any(one.has_served for one in self._all)
            pause = await self._revive()
            if until is not None:
                left = until - time.monotonic()
                if left <= 0:
                    return False
                pause = left if pause is None else min(left, pause)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), pause)
            self._changed.clear()
        return True

    async def _revive(self) -> float | None:
        """Start a process again for each that died; return the seconds until the next try."""
        for place, child in enumerate(self._children):
            if child.exit_code is None:
                continue
            if child in self._all:
                self._note_death(child)
            pause = self._not_before - time.monotonic()
            if pause > 0:
                return pause
            is_alone = not any(other.is_serving for other in self._children)
            try:
                self._children[place] = await self._start(self._plan, when_ready=not is_alone)
            except OSError as error:  # no memory, no file to start: those that serve go on
                _log.error("api.process_not_started", reason=str(error))
                self._not_before = time.monotonic() + _NOT_STARTED_PAUSE_S
                return _NOT_STARTED_PAUSE_S
        return None

    def _note_death(self, child: Child) -> None:
        self._all.discard(child)
        lived_s = time.monotonic() - child.started
        self._deaths = 0 if lived_s > _LONG_LIFE_S else self._deaths + 1
        _log.error("api.process_died", process=child.pid, code=child.exit_code, deaths=self._deaths)
        # The first death may be bad luck.
        pause = min(_LONGEST_PAUSE_S, 2.0 ** (self._deaths - 2)) if self._deaths > 1 else 0.0
        self._not_before = time.monotonic() + pause
        # Once it has served, whatever keeps it from that now may pass: it is tried again for ever.
        self._failed_starts += not child.has_served
        if not self._has_served and self._failed_starts >= self._plan.processes:
            raise _NobodyServesError

    async def _start(self, plan: Plan, *, when_ready: bool) -> Child:
        child = await Child.start(
            plan.command, self._sockets, plan.environment, self._changed, when_ready=when_ready
        )
        self._all.add(child)
        _log.info("api.process_started", process=child.pid)
        return child

    async def _restart(self) -> None:
        """Replace one process after the other: the new one serves before the old one stops."""
        try:
            plan = self._read_plan()
        except Exception as error:  # noqa: BLE001  # whatever it is, the old processes stay
            _log.error("api.restart_failed", reason=str(error))
            return
        before = self._plan
        _log.info("api.restart_begun", processes=plan.processes)
        for place in range(plan.processes):
            new = await self._replacement(plan)
            if new is None:
                return
            self._plan = plan  # it works: whatever dies from now on comes back so
            self._deaths, self._not_before = 0, 0.0
            old = self._children[place : place + 1]
            self._children[place : place + 1] = [new]
            for child in old:
                await self._retire(child, before)
        while len(self._children) > plan.processes:
            await self._retire(self._children.pop(), before)
        _log.info("api.restarted", processes=len(self._children))

    async def _replacement(self, plan: Plan) -> Child | None:
        """Start a process that takes no connection before it is ready; None if it is not."""
        try:
            new = await self._start(plan, when_ready=True)
        except OSError as error:  # half of a release, without its interpreter, for example
            _log.error("api.restart_failed", reason=str(error))
            return None
        is_told = await self._until(
            lambda: new.is_serving or new.exit_code is not None, plan.ready_timeout_s
        )
        if new.is_serving:
            return new
        reason = f"ended with {new.exit_code}" if is_told else "not ready in time"
        new.kill()
        await self._until(lambda: new.exit_code is not None)
        self._all.discard(new)
        _log.error("api.restart_failed", process=new.pid, reason=reason)
        return None

    async def _retire(self, old: Child, plan: Plan) -> None:
        """Stop ``old``, which was started by ``plan``."""
        if old.is_serving:
            old.order(Order.RETIRE)
        else:
            old.terminate()
        limit_s = plan.drain_s + plan.grace_s + _STOP_MARGIN_S
        if not await self._until(lambda: old.exit_code is not None, limit_s):
            _log.warning("api.process_killed", process=old.pid)
            old.kill()
            await self._until(lambda: old.exit_code is not None)
        self._all.discard(old)

    async def _stop(self) -> None:
        """Stop every process, by force those that take too long."""
        for sock in self._sockets:
            sock.close()  # else the last ones to connect would wait here for nobody
        told: Order | None = None
        until = time.monotonic() + self._plan.drain_s + self._plan.grace_s + _STOP_MARGIN_S
        while living := [child for child in self._all if child.exit_code is None]:
            order = self._stopping or Order.END
            if order is not told:
                told = order
                for child in living:
                    child.order(order) if child.is_serving else child.terminate()
            left = until - time.monotonic()
            if left <= 0:
                for child in living:
                    _log.warning("api.process_killed", process=child.pid)
                    child.kill()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), max(left, 1.0))
            self._changed.clear()


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
