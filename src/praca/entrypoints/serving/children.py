"""A process that serves, as its supervisor sees it."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Mapping, Sequence

from praca.entrypoints.serving.orders import SERVING, Order

__all__ = ["Child"]


class Child:
    """One process: whether it serves, whether it is there, and a line to it.

    Attributes:
        is_serving: whether it takes connections.
        has_served: whether it ever did.
        exit_code: how it ended; None while it runs.
        started: when, on the monotonic clock.
    """

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        line: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        changed: asyncio.Event,
    ) -> None:
        self.is_serving = self.has_served = False
        self.exit_code: int | None = None
        self.started = time.monotonic()
        self._process = process
        self._reader, self._writer = line
        self._changed = changed
        self._tasks = (
            asyncio.create_task(self._hear()),
            asyncio.create_task(self._wait()),
        )

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        sockets: Sequence[socket.socket],
        environment: Mapping[str, str],
        changed: asyncio.Event,
        *,
        when_ready: bool,
    ) -> "Child":
        """Start ``command`` with the listening ``sockets``; ``changed`` is set on any news of it.

        It stays in the process group of the supervisor: who ends the group ends all.

        Raises:
            OSError: it cannot be started.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            inherited = [sock.fileno() for sock in sockets]
            try:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    *(f"--listen={number}" for number in inherited),
                    f"--control={theirs.fileno()}",
                    *(["--when-ready"] if when_ready else []),
                    env=dict(environment),
                    stdin=asyncio.subprocess.DEVNULL,
                    pass_fds=[*inherited, theirs.fileno()],
                )
            except OSError:
                ours.close()
                raise
        line = await asyncio.open_unix_connection(sock=ours)
        return cls(process, line, changed)

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def order(self, order: Order) -> None:
        """Tell it to stop."""
        self._writer.write(f"{order}\n".encode())

    def terminate(self) -> None:
        """Ask it to stop, wherever it is in its start."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()

    def kill(self) -> None:
        """End it by force."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def _hear(self) -> None:
        with contextlib.suppress(ConnectionError):
            async for line in self._reader:
                if line == SERVING:
                    self.is_serving = self.has_served = True
                    self._changed.set()

    async def _wait(self) -> None:
        self.exit_code = await self._process.wait()
        self.is_serving = False
        self._writer.close()
        self._changed.set()
