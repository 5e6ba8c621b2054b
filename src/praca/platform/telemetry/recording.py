"""Spans by OpenTelemetry's SDK. Only :func:`open_tracing` loads this module, if there is a use.

Of nine requests in ten no trace is kept. What the SDK does for one of these would cost more than
all else here, so whether one is kept is asked first, by the SDK's own rule, and the SDK hears of
the others only.
"""

import re
import threading
from collections.abc import Iterable, Mapping
from contextvars import ContextVar, Token
from random import getrandbits
from types import TracebackType
from typing import Any, Final, Self

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from praca.platform.telemetry.spans import Kind, Value

__all__ = ["ChosenIds", "RecordedSpan", "Recorder", "UnkeptSpan", "parsed"]

_KINDS: Final = {kind: SpanKind(kind.value) for kind in Kind}
_MOST_LINKS: Final = 128
_LONGEST: Final = 256
_LOW_BITS: Final = TraceIdRatioBased.TRACE_ID_LIMIT
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


class ChosenIds(RandomIdGenerator):
    """Lets a trace have the id by which it was decided that it is kept."""

    def __init__(self) -> None:
        self._own = threading.local()

    def choose(self, trace_id: int) -> None:
        """Let this thread's next trace have an id."""
        self._own.trace_id = trace_id

    def generate_trace_id(self) -> int:
        """Return the id that was chosen."""
        chosen: int = self._own.__dict__.pop("trace_id", 0)
        return chosen or super().generate_trace_id()


class UnkeptSpan:
    """A span of which nothing is kept but its ids, for the log and for other processes."""

    __slots__ = ("_token", "ids")
    is_recording: Final = False

    def __init__(self, trace_id: str) -> None:
        self.ids = trace_id, f"{getrandbits(64) or 1:016x}"
        self._token: Token[_Current] | None = None

    @property
    def traceparent(self) -> str | None:
        """See :class:`Span`."""
        return f"00-{self.ids[0]}-{self.ids[1]}-00"

    def rename(self, name: str) -> None:
        """See :class:`Span`."""

    def note(self, attributes: Mapping[str, Value]) -> None:
        """See :class:`Span`."""

    def fail(self, reason: str) -> None:
        """See :class:`Span`."""

    def end(self) -> None:
        """See :class:`Span`."""

    def __enter__(self) -> Self:
        """See :class:`Span`."""
        self._token = _current.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        """See :class:`Span`."""
        if self._token is not None:
            _current.reset(self._token)


class RecordedSpan:
    """A span of the SDK, with what this house may do with it."""

    __slots__ = ("_token", "ids", "inner", "is_recording")

    def __init__(self, inner: trace.Span) -> None:
        context = inner.get_span_context()
        self.inner = inner
        self.ids = f"{context.trace_id:032x}", f"{context.span_id:016x}"
        self._token: Token[_Current] | None = None
        self.is_recording: bool = inner.is_recording()

    @property
    def traceparent(self) -> str | None:
        """See :class:`Span`."""
        return f"00-{self.ids[0]}-{self.ids[1]}-01"

    def rename(self, name: str) -> None:
        """See :class:`Span`."""
        if self.is_recording:
            self.inner.update_name(name)

    def note(self, attributes: Mapping[str, Value]) -> None:
        """See :class:`Span`."""
        if self.is_recording:
            self.inner.set_attributes(attributes)

    def fail(self, reason: str) -> None:
        """See :class:`Span`."""
        if self.is_recording:
            self.inner.set_attribute("error.type", reason)
            self.inner.set_status(StatusCode.ERROR)

    def end(self) -> None:
        """See :class:`Span`."""
        if self.is_recording:
            self.is_recording = False
            self.inner.end()

    def __enter__(self) -> Self:
        """See :class:`Span`."""
        self._token = _current.set(self)
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
            _current.reset(self._token)
        # Being cancelled is no failure. The SDK's own way would keep the error's message.
        if isinstance(error, Exception):
            self.fail(type(error).__name__)
        self.end()


_Current = UnkeptSpan | RecordedSpan | None
_current: ContextVar[_Current] = ContextVar("praca_span", default=None)


class Recorder:
    """Makes spans with one tracer of the SDK.

    Args:
        tracer: keeps whatever it is asked to.
        ids: of that tracer's provider.
        ratio: of the traces that begin here, how many are kept.
    """

    def __init__(self, tracer: trace.Tracer, ids: ChosenIds, ratio: float) -> None:
        self._tracer = tracer
        self._ids = ids
        self._bound = TraceIdRatioBased.get_bound_for_rate(ratio)

    def start(
        self, name: str, kind: Kind, attributes: Mapping[str, Value] | None = None
    ) -> RecordedSpan | UnkeptSpan:
        """Begin a span below the current one."""
        above = _current.get()
        if above is None:
            return self._first(name, kind, attributes)
        if isinstance(above, UnkeptSpan):
            return UnkeptSpan(above.ids[0])
        context = set_span_in_context(above.inner, Context())
        return self._kept(name, kind, attributes, context)

    def start_below(
        self,
        name: str,
        kind: Kind,
        attributes: Mapping[str, Value] | None,
        parents: Iterable[str | None],
    ) -> RecordedSpan | UnkeptSpan:
        """Begin a span below others; see :func:`praca.platform.telemetry.span`."""
        found = [context for parent in parents if (context := parsed(parent)) is not None]
        if not found:
            return self._first(name, kind, attributes)
        sampled = [context for context in found if context.trace_flags.sampled]
        if not sampled:
            return UnkeptSpan(f"{found[0].trace_id:032x}")
        links = [Link(other) for other in sampled[1 : _MOST_LINKS + 1]]
        above = set_span_in_context(NonRecordingSpan(sampled[0]), Context())
        return self._kept(name, kind, attributes, above, links)

    def apart(self) -> UnkeptSpan:
        """Begin a span within the current trace, if there is one, of which nothing is kept."""
        above = _current.get()
        return UnkeptSpan(f"{getrandbits(128) or 1:032x}" if above is None else above.ids[0])

    def is_recording(self) -> bool:
        """Tell whether the current span is kept."""
        span = _current.get()
        return span is not None and span.is_recording

    def current_traceparent(self) -> str | None:
        """Return the current span's name for another process; none outside of any."""
        span = _current.get()
        return None if span is None else span.traceparent

    def add_ids(self, event: dict[str, Any]) -> None:
        """Add the current span's ids to a line of the log."""
        span = _current.get()
        if span is not None:
            event["trace_id"], event["span_id"] = span.ids

    def _first(
        self, name: str, kind: Kind, attributes: Mapping[str, Value] | None
    ) -> RecordedSpan | UnkeptSpan:
        """Begin a trace: kept or not by its id, so that all who decide by it decide alike."""
        trace_id = getrandbits(128) or 1
        if trace_id & _LOW_BITS >= self._bound:
            return UnkeptSpan(f"{trace_id:032x}")
        self._ids.choose(trace_id)
        return self._kept(name, kind, attributes, Context())

    def _kept(
        self,
        name: str,
        kind: Kind,
        attributes: Mapping[str, Value] | None,
        context: Context,
        links: list[Link] | None = None,
    ) -> RecordedSpan:
        return RecordedSpan(
            self._tracer.start_span(
                name, context, kind=_KINDS[kind], attributes=attributes, links=links or ()
            )
        )
