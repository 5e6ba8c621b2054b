"""Spans as the rest of the code makes them; without tracing they are nothing and cost nothing.

What a span may say is ours: names of routes, kinds of tasks, tables, models, numbers. Never a path,
a value, a text somebody wrote, or the message of an error, which may quote any of these.
"""

from collections.abc import Iterable, Mapping
from enum import Enum
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

if TYPE_CHECKING:
    from praca.platform.telemetry.recording import Recorder

__all__ = [
    "Kind",
    "Span",
    "Value",
    "apart",
    "install",
    "is_tracing",
    "recorder",
    "span",
    "start_span",
    "traceparent",
    "with_trace",
]

Value = str | int | float | bool | list[str]
"""What an attribute may be."""


class Kind(Enum):
    """What part a span has in a trace, by the names and numbers of OpenTelemetry."""

    INTERNAL = 0
    SERVER = 1
    CLIENT = 2
    PRODUCER = 3
    CONSUMER = 4


class Span(Protocol):
    """One piece of work; within its block it is the one that further ones belong to."""

    @property
    def is_recording(self) -> bool:
        """Whether what is noted is kept: else nobody need compute it."""

    def rename(self, name: str) -> None:
        """Call it something else, known only by its end."""

    def note(self, attributes: Mapping[str, Value]) -> None:
        """Add attributes."""

    def fail(self, reason: str) -> None:
        """Mark it as failed; ``reason`` is a word, such as the class of the error."""

    def end(self) -> None:
        """End it; leaving its block does so, too."""

    @property
    def traceparent(self) -> str | None:
        """Names it to another process (W3C Trace Context); none without tracing."""

    def __enter__(self) -> Self:
        """Make what follows belong to it."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        """End it, as failed if the block raised an :class:`Exception`."""


class _Nothing:
    """The span where there is no tracing: the same one everywhere."""

    __slots__ = ()
    is_recording: Final = False
    traceparent: Final = None

    def rename(self, name: str) -> None: ...

    def note(self, attributes: Mapping[str, Value]) -> None: ...

    def fail(self, reason: str) -> None: ...

    def end(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...


_NOTHING: Final = _Nothing()
_recorder: "Recorder | None" = None


def recorder() -> "Recorder | None":
    """Return what makes this process's spans; none without tracing."""
    return _recorder


def install(made: "Recorder | None") -> None:
    """Make ``made`` this process's, as logging has one configuration; None: no tracing any more."""
    global _recorder  # noqa: PLW0603  # one per process, like the log's configuration
    _recorder = made


def is_tracing() -> bool:
    """Tell whether spans are made in this process."""
    return _recorder is not None


def start_span(
    name: str, kind: Kind = Kind.INTERNAL, attributes: Mapping[str, Value] | None = None
) -> Span:
    """Begin a span within the current one; it is not made the current one, and must be ended."""
    if _recorder is None:
        return _NOTHING
    return _recorder.start(name, kind, attributes)


def span(
    name: str,
    kind: Kind = Kind.INTERNAL,
    attributes: Mapping[str, Value] | None = None,
    *,
    parents: Iterable[str | None] | None = None,
) -> Span:
    """Return a span for a ``with`` block.

    Args:
        name: of few different ones.
        kind: its part in the trace.
        attributes: known at its beginning.
        parents: instead of the current span, by their ``traceparent``, as they came from outside:
            what cannot be read is left out. It belongs to the first that is sampled, or else to
            the first, and is linked to the other sampled ones. Without any it begins a trace.
    """
    if _recorder is None:
        return _NOTHING
    if parents is None:
        return _recorder.start(name, kind, attributes)
    return _recorder.start_below(name, kind, attributes, parents)


def apart() -> Span:
    """Return a span for a ``with`` block of which, and below which, nothing is kept.

    For what is begun within a trace and goes on beside it, such as a watch: a task that is made in
    the block keeps to it. Lines of the log still name the trace.
    """
    return _NOTHING if _recorder is None else _recorder.apart()


def traceparent() -> str | None:
    """Return the current span's name for another process; none outside of any."""
    return None if _recorder is None else _recorder.current_traceparent()


def with_trace(_logger: object, _method: str, event: Any) -> Any:
    """Add the ids of trace and span to a line of the log; a processor of structlog."""
    if _recorder is not None:
        _recorder.add_ids(event)
    return event
