"""Settled questions as they are sent: server-sent events, and messages of a WebSocket."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from typing import Any, Final
from uuid import UUID

import orjson
from fastapi import WebSocket
from fastapi.responses import StreamingResponse
from starlette.types import Message, Send
from starlette.websockets import WebSocketDisconnect

from praca.helpdesk.questions.errors import QuestionTokenInvalidError, QuestionTokenMissingError
from praca.helpdesk.questions.ports import Question
from praca.helpdesk.questions.schemas import QuestionRead

__all__ = ["EventStream", "first_token", "place_of", "send_by_socket"]

_SLOW_S: Final = 30.0
"""Whoever takes nothing for so long is dropped."""
_TOKEN_S: Final = 10.0
_LONGEST_TOKEN: Final = 8192

Followed = AsyncGenerator[Question | None]


def _record(question: Question) -> bytes:
    return orjson.dumps(QuestionRead.of(question).model_dump(mode="json"))


async def _events(followed: Followed) -> AsyncIterator[bytes]:
    yield b"retry: 3000\n\n"
    async for question in followed:
        if question is None:
            yield b": keep-alive\n\n"
        else:
            name = str(question.id).encode()
            yield b"event: question\nid: %s\ndata: %s\n\n" % (name, _record(question))


class EventStream(StreamingResponse):
    """Server-sent events of one session, until the client goes, or takes nothing any more."""

    def __init__(self, followed: Followed) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(_events(followed), media_type="text/event-stream", headers=headers)
        self._followed = followed

    async def stream_response(self, send: Send) -> None:
        """Send the events."""

        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(_SLOW_S):
                await send(message)

        try:
            async with aclosing(self._followed):
                with suppress(TimeoutError):
                    await super().stream_response(send_in_time)
        finally:
            await self._followed.aclose()


async def first_token(socket: WebSocket) -> str:
    """Return the token of the first message: ``{"token": …}``.

    Raises:
        QuestionTokenMissingError: none came in time.
        QuestionTokenInvalidError: the message is another one.
    """
    try:
        async with asyncio.timeout(_TOKEN_S):
            text = await socket.receive_text()
    except TimeoutError as error:
        raise QuestionTokenMissingError from error
    except KeyError as error:  # bytes
        raise QuestionTokenInvalidError from error
    try:
        said: Any = orjson.loads(text[:_LONGEST_TOKEN])
        token = said["token"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise QuestionTokenInvalidError from error
    if not isinstance(token, str):
        raise QuestionTokenInvalidError
    return token


async def send_by_socket(socket: WebSocket, followed: Followed) -> bool:
    """Send settled questions; what the client says is not read.

    Returns:
        Whether they ended before the client went.
    """
    sending = asyncio.create_task(_send(socket, followed))
    tasks = {asyncio.create_task(_gone(socket)), sending}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            with suppress(WebSocketDisconnect, TimeoutError):
                task.result()
        return done == {sending} and sending.exception() is None
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _send(socket: WebSocket, followed: Followed) -> None:
    async for question in followed:
        if question is not None:
            async with asyncio.timeout(_SLOW_S):
                await socket.send_text(_record(question).decode())


async def _gone(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


def place_of(text: str | None) -> UUID | None:
    """Return the question that a client saw last; None: it names none."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
