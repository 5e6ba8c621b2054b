"""What the processes themselves are doing: processor, memory, files, garbage, the event loop."""

import asyncio
import gc
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psutil

from praca import __version__
from praca.platform.metrics.families import Counter, Gauge
from praca.platform.metrics.figures import Figure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from prometheus_client.core import Metric

__all__ = ["PROCESS_FIGURES", "collector", "sampling"]

_STEP_S: Final = 0.5
_STEPS: Final = 10
_BYTES, _OF = "bytes", ("process",)

_LAG: Final = Gauge(
    "praca_event_loop_lag_seconds",
    "By how much the event loop was late, at most in the last 5 s, in the process that was latest.",
    how="max",
)
_COLLECTIONS: Final = Counter(
    "praca_gc_collections_total", "Runs of Python's garbage collector.", ("generation",)
)
_GC_OBJECTS: Final = Counter(
    "praca_gc_objects_collected_total", "Objects that it collected.", ("generation",)
)

PROCESS_FIGURES: Final = {
    "build": Figure("praca_build_info", "Which release this is; always 1.", ("version",)),
    "count": Figure("praca_processes", "Processes of the service that live."),
    "cpu": Figure("praca_process_cpu_seconds_total", "Processor time used, by process.", _OF),
    "memory": Figure("praca_process_resident_memory_bytes", "Memory in use, by process.", _OF),
    "files": Figure("praca_process_open_fds", "Open files and sockets, by process.", _OF),
    "most_files": Figure("praca_process_max_fds", "How many it may open, by process.", _OF),
    "threads": Figure("praca_process_threads", "Threads, by process.", _OF),
    "start": Figure(
        "praca_process_start_time_seconds", "When it began, in Unix time, by process.", _OF
    ),
    "free": Figure("praca_disk_free_bytes", "Room left on the disk of the data folder."),
    "size": Figure("praca_disk_size_bytes", "Size of the disk of the data folder."),
}
"""What is found out when somebody asks; ``process`` is a small number, taken again after a restart.
"""


def collector(
    processes: Callable[[], Iterable[tuple[int, int]]], data_dir: Path
) -> Callable[[], "Iterator[Metric]"]:
    """Return what collects :data:`PROCESS_FIGURES`.

    Args:
        processes: returns number and process id of each that lives.
        data_dir: the data folder.
    """

    def collect() -> "Iterator[Metric]":
        from prometheus_client.core import (  # noqa: PLC0415  # loads for 0.1 s
            CounterMetricFamily,
            GaugeMetricFamily,
        )

        made: dict[str, Any] = {}
        for key, figure in PROCESS_FIGURES.items():
            kind = CounterMetricFamily if figure.name.endswith("_total") else GaugeMetricFamily
            made[key] = kind(figure.name, figure.text, labels=figure.labels)
        made["build"].add_metric([__version__], 1)
        living = 0
        for number, process_id in processes():
            with suppress(psutil.Error):  # it has ended, or is somebody else's
                for key, value in _seen(process_id).items():
                    made[key].add_metric([str(number)], value)
                living += 1
        made["count"].add_metric([], living)
        disk = shutil.disk_usage(data_dir)
        made["free"].add_metric([], disk.free)
        made["size"].add_metric([], disk.total)
        yield from made.values()

    return collect


def _seen(process_id: int) -> dict[str, float]:
    """Return what can be seen of a process."""
    process = psutil.Process(process_id)
    with process.oneshot():
        times = process.cpu_times()
        seen = {
            "cpu": times.user + times.system,
            "memory": float(process.memory_info().rss),
            "threads": float(process.num_threads()),
            "start": process.create_time(),
        }
        with suppress(AttributeError):  # not on this system
            seen["files"] = float(process.num_fds())
            seen["most_files"] = float(process.rlimit(psutil.RLIMIT_NOFILE)[0])
    return seen


@asynccontextmanager
async def sampling() -> "AsyncIterator[None]":
    """Look after the event loop and the garbage collector of this process, within the block."""
    task = asyncio.create_task(_sample(), name="metrics")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _sample() -> None:
    seen = _garbage([(0, 0)] * len(gc.get_stats()))
    while True:
        lag_s = 0.0
        for _ in range(_STEPS):
            before = time.perf_counter()
            await asyncio.sleep(_STEP_S)
            lag_s = max(lag_s, time.perf_counter() - before - _STEP_S)
        _LAG.set(lag_s)
        seen = _garbage(seen)


def _garbage(seen: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Count what was collected since ``seen``; return what there is to subtract next time."""
    now = [(one["collections"], one["collected"]) for one in gc.get_stats()]
    for generation, (runs, objects) in enumerate(now):
        _COLLECTIONS.add(str(generation), amount=runs - seen[generation][0])
        _GC_OBJECTS.add(str(generation), amount=objects - seen[generation][1])
    return now
