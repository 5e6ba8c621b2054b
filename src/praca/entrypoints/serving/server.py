"""The server of one process, which stops without losing a request."""

import asyncio
import contextlib
import contextvars
import fcntl
import signal
import socket
import struct
import termios
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Any, Final

import structlog
import uvicorn

from praca.entrypoints.serving.orders import SERVING, Order
from praca.platform.web import Draining, OpenStreams

__all__ = ["DrainingServer"]

_log = structlog.get_logger("praca.api")
_TICK_S: Final = 0.02
_LAST_LOOKS: Final = 30
_NOT_READY_NOTICE_S: Final = 10.0


class DrainingServer(uvicorn.Server):
    """Serves on sockets that it shares with other processes, and drains before it stops.

    Args:
        config: of the server; its application is built already.
        draining: where the layers of the application look.
        streams: what never ends by itself.
        missing: what still is not ready, by name; asked until nothing is before the first
            connection is taken. Without it connections are taken as soon as possible.
        drain_s: how long to drain.
        control: the line to the supervisor; when it is cut, the supervisor is gone.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        draining: Draining,
        streams: OpenStreams,
        missing: Callable[[], Awaitable[list[str]]] | None,
        drain_s: float,
        control: socket.socket,
    ) -> None:
        super().__init__(config)
        draining.is_managed = True
        self._draining = draining
        self._streams = streams
        self._missing = missing
        self._drain_s = drain_s
        self._control = control
        self._tasks: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, wait until it is ready, and only then take connections."""
        self._loop = asyncio.get_running_loop()
        # Both ends are kept: a writer that nobody has closes the line.
        self._line = reader, writer = await asyncio.open_unix_connection(sock=self._control)
        self._tasks.append(asyncio.create_task(self._listen_to_supervisor(reader)))
        await super().startup(sockets=[])
        await self._until_ready()
        if not self.should_exit:
            await self._take_connections(sockets or [])
            writer.write(SERVING)

    async def _listen_to_supervisor(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(ConnectionError):
            async for line in reader:
                self._take(Order(line.decode().strip()))
        self._take(Order.END)

    async def _until_ready(self) -> None:
        assert self._loop is not None  # noqa: S101  # startup has set it
        notice_at = self._loop.time() + _NOT_READY_NOTICE_S
        while self._missing is not None and not self.should_exit:
            missing = await self._missing()
            if not missing:
                return
            if self._loop.time() > notice_at:
                _log.warning("api.not_ready", missing=missing)
                notice_at += _NOT_READY_NOTICE_S
            await asyncio.sleep(0.1)

    async def _take_connections(self, sockets: list[socket.socket]) -> None:
        config = self.config

        # As uvicorn makes it; it leaves no room between the start and the first connection.
        def protocol(_loop: asyncio.AbstractEventLoop | None = None) -> asyncio.Protocol:
            made: Any = config.http_protocol_class
            return made(  # type: ignore[no-any-return]
                config=config,
                server_state=self.server_state,
                app_state=self.lifespan.state,
                _loop=_loop,
            )

        loop = asyncio.get_running_loop()
        for sock in sockets:
            self.servers.append(
                await loop.create_server(protocol, sock=sock, backlog=config.backlog)
            )

    def handle_exit(self, sig: int, _frame: FrameType | None) -> None:
        """Drain on SIGTERM; stop on SIGINT, and without waiting for anything on a second one."""
        if sig == signal.SIGINT and self.should_exit:
            self.force_exit = True
        elif self._loop is None:
            self.should_exit = True
        else:
            order = Order.DRAIN if sig == signal.SIGTERM else Order.END
            # Not as a part of the request that the signal happened to interrupt.
            self._loop.call_soon_threadsafe(self._take, order, context=contextvars.Context())

    def _take(self, order: Order) -> None:
        if order is Order.END or not getattr(self, "servers", None):
            self._streams.end()
            self.should_exit = True
        elif not self._draining.closes_connections:
            self._draining.closes_connections = True
            self._tasks.append(asyncio.create_task(self._drain(order)))

    async def _drain(self, order: Order) -> None:
        """Let clients leave by themselves; stop when they have, or have had the time to.

        Who follows a stream connects again at once. It is ended now if another process takes the
        new connection, else when the load balancer will not send it here again.
        """
        _log.info("api.draining", order=order, connections=len(self.server_state.connections))
        if order is Order.RETIRE:
            self._stop_accepting()
            self._streams.end()
        else:
            self._draining.refuses_traffic = True
        until = asyncio.get_running_loop().time() + self._drain_s
        while asyncio.get_running_loop().time() < until and not self.should_exit:
            if order is Order.RETIRE and not self.server_state.connections:
                break
            await asyncio.sleep(_TICK_S)
        self._streams.end()
        self.should_exit = True

    def _stop_accepting(self) -> None:
        for server in self.servers:
            server.close()  # of this process alone; what waits in the queue is for the others

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what is idle, let what is in flight finish, stop the application."""
        self._draining.closes_connections = True
        self._stop_accepting()
        await self._close_idle()
        await super().shutdown(sockets)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _close_idle(self) -> None:
        """Close each connection that nobody has just sent something over, or is about to.

        The server's own way is to close all at once that have no request in work, even those
        whose request has arrived but was not read yet, or that were made a moment ago for one.
        """
        for _ in range(_LAST_LOOKS):
            waiting = 0
            for connection in list(self.server_state.connections):
                if _is_expecting(connection):
                    waiting += 1
                else:
                    connection.shutdown()
            if not waiting or self.force_exit:
                return
            await asyncio.sleep(_TICK_S)


def _is_expecting(connection: Any) -> bool:
    """Tell whether a request waits to be read, or has yet to come on a new connection."""
    transport = connection.transport
    if transport is None or transport.is_closing():
        return False
    if getattr(connection, "cycle", connection) is None:
        return True
    try:
        number = transport.get_extra_info("socket").fileno()
        unread = fcntl.ioctl(number, termios.FIONREAD, bytes(4))
    except (AttributeError, OSError, ValueError):
        return False
    return bool(struct.unpack("i", unread)[0])
