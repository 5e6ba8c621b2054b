"""``praca api``: listen, and keep processes serving."""

import asyncio
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import structlog

from praca.entrypoints.serving.supervisor import Plan, Supervisor
from praca.platform.settings import Settings

__all__ = ["serve"]

_log = structlog.get_logger("praca.api")
_MODULE = "praca.entrypoints.serving.process"
_READY_TIMEOUT_S = 120.0


def serve(settings: Settings, url: str) -> int:
    """Serve until stopped; return the exit code.

    Args:
        settings: as they are now; a restart reads them again.
        url: of the city's database, where the settings name none.

    Raises:
        OSError: the address cannot be listened on.
    """
    if os.name == "nt":  # where processes share no sockets this way and there is no SIGHUP
        return _serve_alone(settings, url)
    sockets = _listening(settings.http.host, settings.http.port)
    _log.info("api.listening", addresses=[_address(sock) for sock in sockets])
    return asyncio.run(Supervisor(sockets, _planner(settings, url)).run())


def _planner(settings: Settings, url: str) -> Callable[[], Plan]:
    """Return what makes a plan: the first time of ``settings``, then of what they are by then."""
    is_first = True

    def plan() -> Plan:
        nonlocal is_first
        current = settings if is_first else Settings.load()
        is_first = False
        given = current.database.database_url
        http = current.http
        return Plan(
            command=(_interpreter(), "-m", _MODULE),
            environment={
                **os.environ,
                "PRACA_DATABASE_URL": url if given is None else given.get_secret_value(),
            },
            processes=http.api_processes,
            drain_s=http.drain_s,
            grace_s=http.shutdown_grace_s,
            ready_timeout_s=_READY_TIMEOUT_S,
        )

    return plan


def _interpreter() -> str:
    """Return the interpreter of the release that is current now.

    Where a link leads to the current release, a process keeps to the one that it was started from:
    what it loads late is not that of another release.
    """
    ours = Path(sys.executable)
    return str(ours.parent.resolve() / ours.name)


def _listening(host: str, port: int) -> list[socket.socket]:
    """Return a socket for each address of ``host``; processes begin to listen on them."""
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    for family, kind, protocol, _, address in dict.fromkeys(found):
        if sockets and port == 0:
            break  # each would get another port
        sock = socket.socket(family, kind, protocol)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
        sockets.append(sock)
    return sockets


def _address(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _serve_alone(settings: Settings, url: str) -> int:
    import uvicorn  # noqa: PLC0415  # the supervisor has no use for it

    from praca.entrypoints.serving.options import server_options  # noqa: PLC0415

    os.environ["PRACA_DATABASE_URL"] = url
    uvicorn.run(
        "praca.entrypoints.api:serve_from_environment",
        factory=True,
        host=settings.http.host,
        port=settings.http.port,
        workers=settings.http.api_processes,
        **server_options(settings),
    )
    return 0
