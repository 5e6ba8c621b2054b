"""Traces: spans of what a process does, sent over OTLP if an endpoint is set.

Where none is set nothing of OpenTelemetry is loaded from here, and each call below costs one look
at a variable. See docs/adr/0020-traces.md.
"""

from praca.platform.telemetry.spans import (
    Kind,
    Span,
    apart,
    is_tracing,
    span,
    start_span,
    traceparent,
    with_trace,
)
from praca.platform.telemetry.tracing import Tracing, open_tracing, traced

__all__ = [
    "Kind",
    "Span",
    "Tracing",
    "apart",
    "is_tracing",
    "open_tracing",
    "span",
    "start_span",
    "traced",
    "traceparent",
    "with_trace",
]
