"""The processes that ``praca up`` keeps running: one command each, started again when it dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console

__all__ = ["Part", "stop"]

_RESTART_PAUSE_S = 0.5
_STOP_TIMEOUT_S = 30.0
_LONG_LIFE_S = 300.0
"""A death after this time is no sign that the next life would be short."""
_console = Console(highlight=False)


@dataclass(slots=True)
class Part:
    """One child process, started again when it dies.

    Attributes:
        name: the command that it runs.
        environment: of the process.
        is_extra: the city answers without it; it is started when all else is there.
        stop_signal: that ends it in order.
        lives: how often it may still die soon after its start before it is left alone; None: ever
            again.
    """

    name: str
    environment: dict[str, str]
    is_extra: bool = False
    lives: int | None = None
    stop_signal: int = signal.SIGTERM
    started: float = 0.0
    process: "subprocess.Popen[bytes] | None" = None
    not_before: float = 0.0
    lifeline: tuple[int, int] = field(default_factory=os.pipe)

    def is_running(self) -> bool:
        """Tell whether the process is there."""
        return self.process is not None and self.process.poll() is None

    def keep_running(self) -> None:
        """Start the process if it is not running."""
        if self.is_running() or self.lives == 0 or time.monotonic() < self.not_before:
            return
        if self.process is not None and not self._may_return(self.process.returncode):
            return
        self.started = time.monotonic()
        self.not_before = self.started + _RESTART_PAUSE_S
        self.process = subprocess.Popen(  # noqa: S603  # our own program, fixed arguments
            [sys.executable, "-m", "praca", self.name],
            env={**self.environment, "PRACA_LIFELINE": str(self.lifeline[0])},
            pass_fds=(self.lifeline[0],),
            # Ctrl-C goes to the supervisor alone, which stops its parts in order.
            start_new_session=True,
        )

    def _may_return(self, code: int) -> bool:
        if self.lives is not None and time.monotonic() - self.started < _LONG_LIFE_S:
            self.lives -= 1
        what = "reiniciando" if self.lives != 0 else "fica parado; o resto continua"
        _console.print(f"{self.name} terminou ({code}); {what}")
        return self.lives != 0


def stop(parts: Sequence[Part]) -> None:
    """End all parts, first with a signal, then by force."""
    for part in parts:
        if part.process is not None and part.is_running():
            part.process.send_signal(part.stop_signal)
    deadline = time.monotonic() + _STOP_TIMEOUT_S
    for part in parts:
        if part.process is None:
            continue
        try:
            part.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            part.process.kill()
            part.process.wait()
