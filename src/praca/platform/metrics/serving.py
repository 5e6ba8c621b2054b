"""Serves the figures of a process that has no HTTP server of its own: the worker."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from praca.platform.metrics.access import may_read
from praca.platform.metrics.running import Metrics
from praca.platform.settings import Settings

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

__all__ = ["serving"]

_PATH = "/metrics"
_SLOWEST_S = 10


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    timeout = _SLOWEST_S

    def address_string(self) -> str:
        """Return the peer's address; its name nobody asks for."""
        return str(self.client_address[0])

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the library's name
        """Say nothing: a scrape every few seconds is no news."""


@contextmanager
def serving(metrics: Metrics, settings: Settings, host: str, port: int) -> Iterator[int]:
    """Serve ``/metrics`` within the block, in a thread: also while the event loop is busy.

    Yields the port.

    Raises:
        OSError: nobody can listen there.
    """

    def answer(environ: Mapping[str, Any], start: "StartResponse") -> Iterable[bytes]:
        headers = {
            name[5:].replace("_", "-").lower(): str(value)
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        asked = environ["REQUEST_METHOD"] in {"GET", "HEAD"} and environ["PATH_INFO"] == _PATH
        if not asked or not may_read(settings, environ["REMOTE_ADDR"], headers):
            start("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"Not Found\n"]
        body, media_type = metrics.text(headers.get("accept", ""))
        start("200 OK", [("Content-Type", media_type), ("Cache-Control", "no-store")])
        return [body]

    with make_server(host, port, answer, _Server, _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()
