"""A server on loopback that answers with the very bytes a test gives it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

__all__ = ["Asked", "RawServer", "answer", "raw_server"]

NO_RULES = b"User-agent: *\nAllow: /\n"


@dataclass(frozen=True)
class Asked:
    path: str
    headers: dict[str, str]
    connection: int


Reply = bytes | Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


def answer(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """Return a whole answer; names of headers have ``_`` for ``-``."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}"]
    if status == 304:
        lines.pop()
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass
class RawServer:
    """Answers by path; a list is answered one after the other, its last entry for ever."""

    replies: dict[str, Reply | list[bytes]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    sent_bytes: int = 0
    connections: int = 0
    url: str = ""
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.add(asyncio.create_task(self.serve(reader, writer)))

    async def stop(self) -> None:
        for task in self.serving:
            task.cancel()
        await asyncio.gather(*self.serving, return_exceptions=True)

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        connection = self.connections
        try:
            while asked := await _read(reader, connection):
                self.asked.append(asked)
                await self._reply(asked, writer)
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _reply(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        reply = self.replies.get(asked.path, answer(404))
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        if callable(reply):
            await reply(asked, writer)
            return
        writer.write(reply)
        self.sent_bytes += len(reply)
        await writer.drain()


async def _read(reader: asyncio.StreamReader, connection: int) -> Asked | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    headers = {name.lower(): value for name, _, value in pairs}
    return Asked(first.split()[1], headers, connection)


@asynccontextmanager
async def raw_server(robots: bytes = NO_RULES) -> AsyncIterator[RawServer]:
    raw = RawServer({"/robots.txt": answer(body=robots)})
    listening = await asyncio.start_server(raw.accept, "127.0.0.1", 0)
    raw.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield raw
    finally:
        listening.close()
        await raw.stop()
