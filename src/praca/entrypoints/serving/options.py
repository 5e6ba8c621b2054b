"""What the server is told, under a supervisor or without one."""

from typing import Any

from praca.entrypoints.cli.sockets import SOCKET_OPTIONS
from praca.platform.settings import Settings

__all__ = ["server_options"]


def server_options(settings: Settings) -> dict[str, Any]:
    """Return the arguments of ``uvicorn.Config``."""
    http = settings.http
    return {
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "timeout_keep_alive": http.keep_alive_s,
        "timeout_graceful_shutdown": http.shutdown_grace_s,
        "forwarded_allow_ips": http.forwarded_allow_ips,
        **SOCKET_OPTIONS,
    }
