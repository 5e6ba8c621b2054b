"""Leaves alone for a while what has failed many times in a row."""

import time
from collections.abc import Callable
from enum import StrEnum

__all__ = ["Breaker", "State"]


class State(StrEnum):
    """Whether calls go through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker:
    """A circuit breaker, for one event loop.

    Own, and not a library: those there are wrap a function or need threads, and none lets one
    ask first and report later, as a stream of sentences has to.

    Args:
        failures: in a row, after which it opens.
        pause_s: for how long; then one call is let through, and what becomes of it decides.
        clock: seconds that only grow.
    """

    def __init__(
        self, failures: int, pause_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = failures
        self._pause_s = pause_s
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._trial_at: float | None = None

    @property
    def state(self) -> State:
        """What it is in now."""
        if self._opened_at is None:
            return State.CLOSED
        is_over = self._clock() >= self._opened_at + self._pause_s
        return State.HALF_OPEN if is_over else State.OPEN

    def allows(self) -> bool:
        """Tell whether a call may be made; whoever is told so reports what became of it.

        Half open, one call is let through at a time; if nothing is heard of it for as long as
        the pause, another is.
        """
        state = self.state
        if state is not State.HALF_OPEN:
            return state is State.CLOSED
        now = self._clock()
        if self._trial_at is not None and now < self._trial_at + self._pause_s:
            return False
        self._trial_at = now
        return True

    def succeeded(self) -> None:
        """Report a call that went well."""
        self._failures = 0
        self._opened_at = self._trial_at = None

    def failed(self) -> bool:
        """Report a call that failed; true if it has opened now."""
        self._failures += 1
        was_open = self._opened_at is not None
        if was_open or self._failures >= self._most:
            self._opened_at, self._trial_at = self._clock(), None
        return not was_open and self._opened_at is not None

    def gave_up(self) -> None:
        """Report a call that was broken off by the caller: it tells nothing."""
        self._trial_at = None
