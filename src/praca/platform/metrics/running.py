"""Keeps the figures of this process, and writes down those of all processes of its service."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog

from praca.platform.metrics import families
from praca.platform.metrics.places import Place, take_place

if TYPE_CHECKING:
    from prometheus_client.core import Metric
    from prometheus_client.registry import CollectorRegistry

__all__ = ["Metrics", "open_metrics"]

_log = structlog.get_logger("praca.metrics")
_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
Collect = Callable[[], "Iterable[Metric]"]
"""Returns what is found out when somebody asks, in the library's words."""


class Metrics:
    """The figures of one process, and the text that Prometheus reads.

    A process has one of these at a time, as it has one log: the families are its own.

    Attributes:
        place: among the processes of the service; none: this one counts for itself.
    """

    def __init__(self, place: Place | None) -> None:
        import prometheus_client  # noqa: PLC0415  # loads for 0.1 s

        self.place: Final = place
        library: Any = prometheus_client  # parts of it say nothing of types
        library.disable_created_metrics()  # half as many series again, for nobody
        self._registry: CollectorRegistry = prometheus_client.CollectorRegistry()
        self._in_files: Any = None
        if place is None:
            families.bind(lambda family: _made(family, self._registry), contextlib.nullcontext)
            return
        from prometheus_client import multiprocess, values  # noqa: PLC0415

        of_place: Any = values.MultiProcessValue
        self._in_files = of_place(lambda: place.number)
        creating = _creating(place, self._in_files)
        families.bind(lambda family: _made(family, None), creating)
        collected_from: Any = multiprocess.MultiProcessCollector
        collected_from(self._registry, str(place.folder))

    def processes(self) -> Iterator[tuple[int, int]]:
        """Yield number and process id of each process of the service that lives."""
        if self.place is None:
            yield 0, os.getpid()
        else:
            yield from self.place.processes()

    def add(self, collect: Collect) -> None:
        """Have ``collect`` asked each time the figures are read."""
        self._registry.register(_Collector(collect))

    def text(self, accept: str = "") -> tuple[bytes, str]:
        """Return all figures and their media type; it takes milliseconds, so call it in a thread.

        Args:
            accept: what the client says it understands.
        """
        from prometheus_client.exposition import choose_encoder  # noqa: PLC0415

        list(self.processes())  # what the dead were doing is not the case any longer
        encode, media_type = choose_encoder(accept)
        return encode(self._registry), media_type

    def close(self) -> None:
        """Keep no more figures."""
        families.release()
        if self.place is not None:
            self._in_files.close_all_files()
            self.place.leave()


class _Collector:
    """What the library asks."""

    def __init__(self, collect: Collect) -> None:
        self._collect = collect

    def collect(self) -> "Iterable[Metric]":
        """Return what there is now; nothing where that fails, and all else all the same."""
        try:
            return list(self._collect())
        except Exception as error:  # noqa: BLE001  # figures must be there when much else is not
            _log.warning("metrics.not_collected", error=type(error).__name__)
            return []

    def describe(self) -> "Iterable[Metric]":
        """Return nothing: it is not asked before it is needed."""
        return []


def open_metrics(folder: Path | None) -> Metrics:
    """Begin to keep figures.

    Args:
        folder: shared with the other processes of the service; none: there are no others. Where
            it cannot be written to, figures are this process's alone, and the log says so.
    """
    place = None
    if folder is not None:
        try:
            place = take_place(folder)
        except OSError as error:
            _log.warning("metrics.not_shared", error=type(error).__name__)
    return Metrics(place)


def _made(family: families.Family, registry: "CollectorRegistry | None") -> Any:
    """Return the library's object that keeps the figures of ``family``."""
    import prometheus_client as library  # noqa: PLC0415

    name, text, labels = family.name, family.text, family.labels
    if isinstance(family, families.Histogram):
        return library.Histogram(name, text, labels, registry=registry, buckets=family.buckets)
    if isinstance(family, families.Gauge):
        mode: Any = f"live{family.how}"
        return library.Gauge(name, text, labels, registry=registry, multiprocess_mode=mode)
    return library.Counter(name, text, labels, registry=registry)


def _creating(
    place: Place, kept_in_files: Any
) -> Callable[[], "contextlib.AbstractContextManager[None]"]:
    """Return what opens a block in which the library makes figures in the files of ``place``.

    It looks for a variable of the environment when it is loaded. Other libraries of this process
    and the processes it starts are to keep theirs as they like, so that is set for the block alone.
    """
    from prometheus_client import values  # noqa: PLC0415

    usual = values.MutexValue
    making = threading.Lock()

    @contextlib.contextmanager
    def within() -> Iterator[None]:
        with making:
            os.environ[_FOLDER] = str(place.folder)
            values.ValueClass = kept_in_files
            try:
                yield
            finally:
                values.ValueClass = usual
                del os.environ[_FOLDER]

    return within


# What a fork of this process does is not counted: two would write to the same place.
os.register_at_fork(after_in_child=families.release)
