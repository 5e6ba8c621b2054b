"""Spans by OpenTelemetry's SDK. Only :func:`open_tracing` loads this module, if there is a use."""

import re
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from opentelemetry import trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    get_current_span,
    set_span_in_context,
)

from praca.platform.telemetry.spans import Kind, Value

if TYPE_CHECKING:
    from contextvars import Token

__all__ = ["RecordedSpan", "Recorder", "parsed"]

_KINDS: Final = {kind: SpanKind(kind.value) for kind in Kind}
_MOST_LINKS: Final = 128
_LONGEST: Final = 256
# https://www.w3.org/TR/trace-context/#traceparent-header; what a later version adds is not read.
_TRACEPARENT: Final = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})-(?P<trace>(?!0{32})[0-9a-f]{32})"
    r"-(?P<span>(?!0{16})[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})(?P<more>-.*)?"
)


def parsed(text: str | None) -> SpanContext | None:
    """Return the span that a ``traceparent`` names; none if it names none.

    OpenTelemetry's own reader warns in the log of what is too long, which any client could send
    all day. ``tracestate``, which may come along, is not read: it may say anything about anybody,
    and nothing here sends it on.
    """
    if text is None or len(text) > _LONGEST:
        return None
    found = _TRACEPARENT.fullmatch(text.strip(" \t"))
    if found is None or (found["version"] == "00" and found["more"]):
        return None
    return SpanContext(
        int(found["trace"], 16),
        int(found["span"], 16),
        is_remote=True,
        trace_flags=TraceFlags(int(found["flags"], 16)),
    )


def _written(context: SpanContext) -> str | None:
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags & 1:02x}"


class RecordedSpan:
    """A span of the SDK, with what this house may do with it."""

    __slots__ = ("_inner", "_token", "is_recording")

    def __init__(self, inner: trace.Span) -> None:
        self._inner = inner
        self._token: Token[Context] | None = None
        self.is_recording: bool = inner.is_recording()

    @property
    def traceparent(self) -> str | None:
        """See :class:`Span`."""
        return _written(self._inner.get_span_context())

    def rename(self, name: str) -> None:
        """See :class:`Span`."""
        if self.is_recording:
            self._inner.update_name(name)

    def note(self, attributes: Mapping[str, Value]) -> None:
        """See :class:`Span`."""
        if self.is_recording:
            self._inner.set_attributes(attributes)

    def fail(self, reason: str) -> None:
        """See :class:`Span`."""
        if self.is_recording:
            self._inner.set_attribute("error.type", reason)
            self._inner.set_status(StatusCode.ERROR)

    def end(self) -> None:
        """See :class:`Span`."""
        if self.is_recording:
            self.is_recording = False
            self._inner.end()

    def __enter__(self) -> Self:
        """See :class:`Span`."""
        self._token = attach(set_span_in_context(self._inner))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        """See :class:`Span`."""
        if self._token is not None:
            detach(self._token)
        # Being cancelled is no failure. The SDK's own way would keep the error's message.
        if isinstance(error, Exception):
            self.fail(type(error).__name__)
        self.end()


class Recorder:
    """Makes spans with one tracer of the SDK."""

    def __init__(self, tracer: trace.Tracer) -> None:
        self._tracer = tracer

    def start(
        self, name: str, kind: Kind, attributes: Mapping[str, Value] | None = None
    ) -> RecordedSpan:
        """Begin a span below the current one."""
        return RecordedSpan(self._tracer.start_span(name, kind=_KINDS[kind], attributes=attributes))

    def start_below(
        self,
        name: str,
        kind: Kind,
        attributes: Mapping[str, Value] | None,
        parents: Iterable[str | None],
    ) -> RecordedSpan:
        """Begin a span below others; see :func:`praca.platform.telemetry.span`."""
        found = [context for parent in parents if (context := parsed(parent)) is not None]
        sampled = [context for context in found if context.trace_flags.sampled]
        parent = next(iter(sampled or found), None)
        above = Context()
        if parent is not None:
            above = set_span_in_context(NonRecordingSpan(parent), above)
        links = [Link(other) for other in sampled[1 : _MOST_LINKS + 1]]
        started = self._tracer.start_span(
            name, above, kind=_KINDS[kind], attributes=attributes, links=links
        )
        return RecordedSpan(started)

    def is_recording(self) -> bool:
        """Tell whether the current span is kept."""
        return get_current_span().is_recording()

    def current_traceparent(self) -> str | None:
        """Return the current span's name for another process; none outside of any."""
        return _written(get_current_span().get_span_context())

    def add_ids(self, event: dict[str, Any]) -> None:
        """Add the current span's ids to a line of the log."""
        context = get_current_span().get_span_context()
        if context.is_valid:
            event["trace_id"] = f"{context.trace_id:032x}"
            event["span_id"] = f"{context.span_id:016x}"
