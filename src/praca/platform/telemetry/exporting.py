"""Sending spans on: in batches, beside the work, and never at its cost."""

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Final

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

__all__ = ["SteadyExporter"]

_log = structlog.get_logger("praca.telemetry")
_TIMEOUT_S: Final = 3.0
"""For one batch, with all that is tried again."""
_LAST_S: Final = 3.0
"""For all batches that are left when the process ends."""
_TOLD_S: Final = 300.0
"""A collector that stays away is told of once in so many seconds."""


class SteadyExporter(SpanExporter):
    """OTLP over HTTP, with one line in the log for a collector that is away and one for its return.

    Args:
        address: where spans go, path included.
        headers: sent along.
    """

    def __init__(self, address: str, headers: Mapping[str, str]) -> None:
        self._inner = OTLPSpanExporter(address, headers=dict(headers), timeout=_TIMEOUT_S)
        self._lost = 0
        self._told = -_TOLD_S
        self._ends: float | None = None
        self._lock = threading.Lock()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch; one that cannot be sent is lost."""
        if self._ends is not None and time.monotonic() > self._ends:
            result = SpanExportResult.FAILURE
        else:
            result = self._inner.export(spans)
        with self._lock:
            self._note(len(spans), is_sent=result is SpanExportResult.SUCCESS)
        return result

    def _note(self, spans: int, *, is_sent: bool) -> None:
        if is_sent:
            if self._lost:
                _log.info("telemetry.export_resumed", lost_spans=self._lost)
            self._lost, self._told = 0, -_TOLD_S
            return
        self._lost += spans
        if time.monotonic() - self._told >= _TOLD_S:
            self._told = time.monotonic()
            _log.warning("telemetry.export_failed", lost_spans=self._lost)

    def hurry(self) -> None:
        """Give up what cannot be sent soon: the process ends."""
        self._ends = time.monotonic() + _LAST_S

    def shutdown(self) -> None:
        """Close the connection."""
        self._inner.shutdown()  # type: ignore[no-untyped-call]  # the library's own gap

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Do nothing: nothing is held back here."""
        return self._inner.force_flush(timeout_millis)
