"""One process that serves the API; ``praca api`` starts it, as ``python -m`` and this module.

It is a fresh interpreter, so it is of the release that is installed when it starts.
"""

import argparse
import signal
import socket

import uvicorn

from praca.entrypoints.api import serve_from_environment
from praca.entrypoints.api.health import readiness
from praca.entrypoints.serving.options import server_options
from praca.entrypoints.serving.server import DrainingServer
from praca.platform.settings import Settings

__all__ = ["main"]


def main() -> None:
    """Serve until told to stop."""
    # For the supervisor; who sends it to the group of processes must not end all that serve.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    arguments = _arguments()
    app = serve_from_environment()
    settings: Settings = app.state.resources.settings

    async def missing() -> list[str]:
        parts = await readiness(app)
        return [name for name in ("database", "migrations", "model") if not getattr(parts, name)]

    server = DrainingServer(
        uvicorn.Config(app, **server_options(settings)),
        draining=app.state.draining,
        streams=app.state.streams,
        missing=missing if arguments.when_ready else None,
        drain_s=settings.http.drain_s,
        control=socket.socket(fileno=arguments.control),
    )
    server.run([socket.socket(fileno=number) for number in arguments.listen])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", type=int, action="append", required=True)
    parser.add_argument("--control", type=int, required=True)
    parser.add_argument("--when-ready", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
