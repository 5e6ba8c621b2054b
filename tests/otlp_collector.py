"""A collector of traces on loopback: what is sent to it by OTLP over HTTP can be read back."""

import gzip
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

__all__ = ["CollectedSpan", "Collector", "opened_collector"]

KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")


@dataclass(frozen=True, slots=True)
class CollectedSpan:
    """One span as it came over the wire; ids in hexadecimal, no parent is an empty text."""

    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    service: str
    attributes: dict[str, Any]
    links: tuple[str, ...]
    is_error: bool
    events: int


@dataclass
class Collector:
    """What was collected.

    Attributes:
        url: what ``PRACA_OTLP_ENDPOINT`` is set to.
        spans: so far, in the order in which they came.
        raw: bodies as they came, to look for what must not be in them.
        headers: of each request, lower-cased.
        resources: attributes of what sent them.
    """

    url: str
    spans: list[CollectedSpan] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    resources: list[dict[str, Any]] = field(default_factory=list)

    def take(self, body: bytes) -> None:
        """Keep the spans of one request."""
        self.raw.append(body)
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            resource = _values(group.resource.attributes)
            self.resources.append(resource)
            for scope in group.scope_spans:
                self.spans += [_collected(span, resource["service.name"]) for span in scope.spans]

    def named(self, name: str) -> list[CollectedSpan]:
        """Return the spans of a name."""
        return [span for span in self.spans if span.name == name]

    def only(self, name: str) -> CollectedSpan:
        """Return the one span of a name."""
        (found,) = self.named(name)
        return found

    def below(self, parent: CollectedSpan) -> list[CollectedSpan]:
        """Return the spans that are immediately below another."""
        return [span for span in self.spans if span.parent_id == parent.span_id]

    def lineage(self, span: CollectedSpan) -> list[str]:
        """Return the names from a span up to the first of its trace, as far as they came."""
        by_id = {one.span_id: one for one in self.spans}
        names = [span.name]
        while span.parent_id in by_id:
            span = by_id[span.parent_id]
            names.append(span.name)
        return names


def _collected(span: Any, service: str) -> CollectedSpan:
    return CollectedSpan(
        name=span.name,
        kind=KINDS[span.kind],
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        service=service,
        attributes=_values(span.attributes),
        links=tuple(link.span_id.hex() for link in span.links),
        is_error=span.status.code == 2,
        events=len(span.events),
    )


def _values(attributes: Sequence[Any]) -> dict[str, Any]:
    return {one.key: _value(one.value) for one in attributes}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    return getattr(value, kind)


@contextmanager
def opened_collector() -> Iterator[Collector]:
    """Collect until the block ends."""
    collector = Collector("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            status = 200 if self.path == "/v1/traces" else 404
            if status == 200:
                collector.headers.append({k.lower(): v for k, v in self.headers.items()})
                collector.take(body)
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(status)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    collector.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.05))
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
