"""A collector that takes whatever it is sent, looks at nothing and counts: ``sink.py PORT``."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    taken = 0

    def do_POST(self) -> None:
        """Take one batch."""
        body = self.rfile.read(int(self.headers["content-length"]))
        type(self).taken += len(body)
        self._answer(b"")

    def do_GET(self) -> None:
        """Tell how many bytes were taken."""
        self._answer(str(self.taken).encode())

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
        """Say nothing."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), _Handler).serve_forever()
