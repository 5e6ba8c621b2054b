"""Figures of requests: how many, how long, and what is open just now."""

from typing import Final

from praca.platform.metrics import Counter, Gauge, Histogram

__all__ = ["IN_FLIGHT", "OPEN_STREAMS", "note_answered"]

_REQUESTS: Final = Counter(
    "praca_http_requests_total",
    "Requests and handshakes of WebSockets that were answered; 499: given up before that.",
    ("method", "route", "status"),
)
_SECONDS: Final = Histogram(
    "praca_http_request_duration_seconds",
    "From a request to the end of its answer, of a WebSocket to its handshake's; without event "
    "streams.",
    ("method", "route"),
    buckets=(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
IN_FLIGHT: Final = Gauge("praca_http_requests_in_flight", "Requests that are being answered.")
OPEN_STREAMS: Final = Gauge(
    "praca_http_streams_open", "Event streams and WebSockets that are open."
)


def note_answered(
    method: str, route: str, status: int, seconds: float, *, is_stream: bool = False
) -> None:
    """Count a request that has ended.

    Args:
        method: one of few, see ``noted_method``.
        route: template of its path.
        status: of the answer.
        seconds: how long it took.
        is_stream: it lasted as long as its reader liked, which tells nothing.
    """
    _REQUESTS.add(method, route, str(status))
    if not is_stream:
        _SECONDS.observe(seconds, method, route)
