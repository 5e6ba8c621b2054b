"""An open load: requests begin at fixed times, whatever became of those before; none is repeated.

Each request goes once over a kept connection. One that the server closed while nothing was in
flight on it is left aside, as every client with a pool does; a request that was written and got no
whole answer has failed, and so has one with another status than it should have.
"""

import asyncio
import re
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, cast

__all__ = ["Request", "Result", "drive"]

_STATUS: Final = re.compile(rb"HTTP/1\.1 (\d{3}) ")
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_CLOSE: Final = re.compile(rb"\r\nconnection: *close\r\n", re.IGNORECASE)
_TIMEOUT_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Request:
    """One request: its bytes, the status of a right answer, and the key of what it writes."""

    sent: bytes
    status: int = 200
    key: str = ""


@dataclass(slots=True)
class Result:
    """What became of the requests.

    Attributes:
        failures: how many failed, by how.
        taken: keys of the writes that were answered as they should be.
        unsure: keys of the writes that failed: they may have been done or not.
        times: seconds from when a request was to begin until its answer was whole.
        connections: how many were opened.
        asked_to_close: answers with ``Connection: close``.
        closed_idle: connections that the server closed while nothing was in flight on them.
    """

    failures: Counter[str] = field(default_factory=Counter)
    taken: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    connections: int = 0
    asked_to_close: int = 0
    closed_idle: int = 0


class _Connection(asyncio.Protocol):
    def __init__(self, pool: "_Pool") -> None:
        self._pool = pool
        self._received = bytearray()
        self._answer: asyncio.Future[int] | None = None
        self.is_closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    async def ask(self, sent: bytes) -> int:
        """Return the status of the answer; raise ConnectionError if there is none."""
        self._answer = asyncio.get_running_loop().create_future()
        self._received.clear()
        self._transport.write(sent)
        try:
            return await self._answer
        finally:
            self._answer = None

    def data_received(self, data: bytes) -> None:
        self._received += data
        head = self._received.find(b"\r\n\r\n")
        if head < 0 or self._answer is None or self._answer.done():
            return
        status = _STATUS.match(self._received)
        length = _LENGTH.search(self._received, 0, head + 2)
        if status is None or length is None:
            self._answer.set_exception(ConnectionError("no answer of HTTP"))
        elif len(self._received) >= head + 4 + int(length[1]):
            if _CLOSE.search(self._received, 0, head + 2):
                self._pool.result.asked_to_close += 1
                self.close()
            self._answer.set_result(int(status[1]))

    def eof_received(self) -> None:
        self.is_closed = True  # before the loop tells that it is lost

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionError("closed without an answer"))
        elif not self._transport.is_closing() or not self.is_closed:
            self._pool.result.closed_idle += 1
        self.is_closed = True

    def close(self) -> None:
        self.is_closed = True
        self._transport.close()


class _Pool:
    """Connections to one address; the one that rested longest is used next."""

    def __init__(self, port: int, size: int, result: Result) -> None:
        self._port, self.result = port, result
        self._size = size
        self._idle: deque[_Connection] = deque()

    async def take(self) -> _Connection:
        # All are opened first, so that many are kept alive whatever the load needs.
        while self._idle and self.result.connections >= self._size:
            connection = self._idle.popleft()
            if not connection.is_closed:
                return connection
        self.result.connections += 1
        _, opened = await asyncio.get_running_loop().create_connection(
            lambda: _Connection(self), "127.0.0.1", self._port
        )
        return opened

    def give_back(self, connection: _Connection) -> None:
        if not connection.is_closed:
            self._idle.append(connection)

    def close(self) -> None:
        for connection in self._idle:
            connection.close()


async def drive(
    port: int,
    make: Callable[[int], Request],
    *,
    requests: int,
    rate: float,
    connections: int,
    until: asyncio.Event | None = None,
) -> Result:
    """Send ``requests`` at ``rate`` a second; on until ``until`` is set if that takes longer."""
    result = Result()
    pool = _Pool(port, connections, result)
    started = time.perf_counter()
    running: set[asyncio.Task[None]] = set()
    number = 0
    while number < requests or (until is not None and not until.is_set()):
        due = started + number / rate
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        task = asyncio.create_task(_ask(pool, make(number), due))
        running.add(task)
        task.add_done_callback(running.discard)
        number += 1
    while running:
        await asyncio.wait(running)
    pool.close()
    return result


async def _ask(pool: _Pool, request: Request, due: float) -> None:
    result = pool.result
    failure = ""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            connection = await pool.take()
            try:
                status = await connection.ask(request.sent)
            except BaseException:
                connection.close()
                raise
        pool.give_back(connection)
        if status != request.status:
            failure = f"answered with {status}"
    except TimeoutError:
        failure = "no answer in time"
    except OSError as error:
        failure = f"{type(error).__name__}: {error}"
    result.times.append(time.perf_counter() - due)
    if failure:
        result.failures[failure] += 1
    if request.key:
        (result.unsure if failure else result.taken).append(request.key)
