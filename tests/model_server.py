"""A server on loopback that speaks OpenAI's protocol, and does what it is told to."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["ModelServer", "Script", "opened_model", "said"]


@dataclass(frozen=True, slots=True)
class Script:
    """What the server does to one request.

    Attributes:
        pieces: of the text, each in an event of its own.
        status: of the answer; other than 200 it has no pieces.
        finish: why the text ends; none: it is not said.
        pause_s: before each piece.
        hangs_after: after so many pieces it falls silent, the line stays open.
        drops_after: after so many pieces it closes the line.
        raw: sent instead of everything else, status line included.
        events: sent instead of the pieces' events.
        headers: further ones.
    """

    pieces: Sequence[str] = ()
    status: int = 200
    finish: str | None = "stop"
    pause_s: float = 0.0
    hangs_after: int | None = None
    drops_after: int | None = None
    raw: bytes | None = None
    events: Sequence[str] | None = None
    headers: Sequence[tuple[str, str]] = ()


Play = Callable[[dict[str, Any]], Script]


def said(text: str, size: int = 7) -> Script:
    """Return the script that says ``text``, in pieces that respect no word."""
    return Script([text[at : at + size] for at in range(0, len(text), size)])


@dataclass
class ModelServer:
    """The running server.

    Attributes:
        url: what ``PRACA_LLM_BASE_URL`` is set to.
        play: what becomes of the next request, by its JSON body.
        requests: bodies so far.
        headers: of the requests, lower-cased.
        closing: set when the server ends.
        asked: set by the first request.
    """

    url: str
    play: Play
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def plays(self, *scripts: Script) -> None:
        """Do these, one for each request; the last for all that follow."""
        left = list(scripts)
        self.play = lambda _body: left.pop(0) if len(left) > 1 else left[0]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of a connection."""
        try:
            while await self._answered(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length:")[2].partition("\r\n")[0] or 0)
        body = json.loads(await reader.readexactly(length))
        self.headers.append(head)
        self.requests.append(body)
        self.asked.set()
        script = self.play(body)
        if script.raw is not None:
            writer.write(script.raw)
            await writer.drain()
            return False
        if script.status != 200:
            _write_error(writer, script)
            await writer.drain()
            return True
        return await self._streamed(writer, script)

    async def _streamed(self, writer: asyncio.StreamWriter, script: Script) -> bool:
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )
        events = script.events or [_event(piece) for piece in script.pieces]
        for count, event in enumerate(events):
            if script.drops_after == count:
                return False
            if script.hangs_after == count:
                await self._hang(writer)
                return False
            if script.pause_s:
                await asyncio.sleep(script.pause_s)
            _write_chunk(writer, event)
            await writer.drain()
        if script.hangs_after is not None and script.hangs_after >= len(events):
            await self._hang(writer)
            return False
        if script.finish is not None:
            _write_chunk(writer, _event(None, script.finish))
        _write_chunk(writer, "data: [DONE]\n\n")
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    async def _hang(self, writer: asyncio.StreamWriter) -> None:
        await writer.drain()
        await self.closing.wait()


def _event(text: str | None, finish: str | None = None) -> str:
    delta = {} if text is None else {"content": text}
    chunk = {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "m",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return f"data: {json.dumps(chunk)}\n\n"


def _write_chunk(writer: asyncio.StreamWriter, text: str) -> None:
    data = text.encode()
    writer.write(b"%x\r\n%s\r\n" % (len(data), data))


def _write_error(writer: asyncio.StreamWriter, script: Script) -> None:
    body = b'{"error": {"message": "broken", "type": "server_error"}}'
    further = "".join(f"{name}: {value}\r\n" for name, value in script.headers)
    writer.write(
        f"HTTP/1.1 {script.status} Broken\r\ncontent-type: application/json\r\n{further}"
        f"content-length: {len(body)}\r\n\r\n".encode()
        + body
    )


@contextlib.asynccontextmanager
async def opened_model(play: Play | None = None) -> AsyncIterator[ModelServer]:
    """Open a server for a block."""
    server = ModelServer("", play or (lambda _body: Script()))
    connections: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(server.serve(reader, writer))
        connections.add(task)
        task.add_done_callback(connections.discard)

    listening = await asyncio.start_server(accept, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
    try:
        yield server
    finally:
        server.closing.set()
        listening.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await listening.wait_closed()
