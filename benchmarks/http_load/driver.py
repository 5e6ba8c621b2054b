"""A load driver that costs little: keep-alive connections, one request in flight on each.

Every answer is checked, its status and its body, so that errors cannot count as speed.
"""

import asyncio
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import numpy as np

__all__ = ["Exchange", "Figures", "WrongAnswerError", "drive", "http_request"]

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_GRACE_S = 10.0


class WrongAnswerError(Exception):
    """The server answered something else than it should."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, and what its answer must look like: its status, and a body that fits.

    Attributes:
        request: what is sent, byte by byte.
        start: how the body begins.
        needle: what stands in the body ``count`` times; nothing is counted if it is empty.
        status: of the answer.
    """

    request: bytes
    start: bytes
    needle: bytes = b""
    count: int = 0
    status: int = 200

    def check(self, status: int, body: bytes) -> None:
        """Accept the answer.

        Raises:
            WrongAnswerError: it is another one than expected.
        """
        is_whole = body.endswith((b"}", b"]", b" ")) or body.isdigit()
        fits = status == self.status and body.startswith(self.start) and is_whole
        if not fits or (self.needle and body.count(self.needle) != self.count):
            raise WrongAnswerError(
                f"{self.request[:200]!r} was answered with {status} {body[:400]!r}"
            )


@dataclass(frozen=True, slots=True)
class Figures:
    """What one load gave; times in milliseconds, sizes in bytes.

    ``all_answers`` counts those of the warm-up, too.
    """

    rate: float
    p50_ms: float
    p99_ms: float
    all_answers: int
    size: int


@dataclass(slots=True)
class _Load:
    """What the connections of one load share."""

    exchanges: Iterator[Exchange]
    done: asyncio.Future[None]
    until: float
    open: int = 0
    size: int = 0
    ends: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class _Connection(asyncio.Protocol):
    """Sends the next request as soon as the answer to the last one is complete."""

    def __init__(self, load: _Load) -> None:
        self._load = load
        self._received = bytearray()
        self._is_finished = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by class
        self._load.open += 1
        self._send()

    def _send(self) -> None:
        self._exchange = next(self._load.exchanges)
        self._started = time.perf_counter()
        self._transport.write(self._exchange.request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head = self._received.find(b"\r\n\r\n")
        if head < 0:
            return
        length = _LENGTH.search(self._received, 0, head + 2)
        if length is None:
            self._load.fail(WrongAnswerError(f"an answer without a length: {self._received!r}"))
            return
        if len(self._received) < head + 4 + int(length[1]):
            return
        self._answered(bytes(self._received[head + 4 :]))

    def _answered(self, body: bytes) -> None:
        now = time.perf_counter()
        status = _STATUS.match(self._received)
        try:
            self._exchange.check(int(status[1]) if status else 0, body)
        except WrongAnswerError as error:
            self._load.fail(error)
            return
        self._load.ends.append(now)
        self._load.times.append(now - self._started)
        self._load.size = len(body)
        self._received.clear()
        if now < self._load.until:
            self._send()
        else:
            self._is_finished = True
            self._transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        self._load.open -= 1
        if not self._is_finished:
            self._load.fail(ConnectionError("the server closed the connection"))
        elif self._load.open == 0 and not self._load.done.done():
            self._load.done.set_result(None)


async def drive(
    port: int,
    exchanges: Iterator[Exchange],
    *,
    connections: int,
    warm_up_s: float,
    seconds: float,
) -> Figures:
    """Load ``127.0.0.1:port`` for a bounded time and return what it gave after the warm-up.

    Raises:
        WrongAnswerError: an answer was not the expected one; the load ends at once.
    """
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    load = _Load(exchanges, loop.create_future(), started + warm_up_s + seconds)
    opened = [
        await loop.create_connection(lambda: _Connection(load), "127.0.0.1", port)
        for _ in range(connections)
    ]
    try:
        async with asyncio.timeout(warm_up_s + seconds + _GRACE_S):
            await load.done
    finally:
        for transport, _ in opened:
            transport.abort()
    return _figures(load, started + warm_up_s)


def _figures(load: _Load, since: float) -> Figures:
    ends, times = np.array(load.ends), np.array(load.times)
    counted = ends >= since
    in_ms = times[counted] * 1e3
    return Figures(
        rate=float(counted.sum() / (ends.max() - since)),
        p50_ms=float(np.median(in_ms)),
        p99_ms=float(np.quantile(in_ms, 0.99)),
        all_answers=len(ends),
        size=load.size,
    )


def http_request(
    method: str,
    path: str,
    *,
    token: str | None = None,
    body: bytes = b"",
    content_type: str = "application/json",
    key: str | None = None,
) -> bytes:
    """Return a request as it goes over the wire, with an ``Idempotency-Key`` if one is given."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if key is not None:
        lines.append(f"Idempotency-Key: {key}")
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    if body:
        lines += [f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body
