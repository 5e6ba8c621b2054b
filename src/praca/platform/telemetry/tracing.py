"""Tracing of one process, from its start to its end."""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from praca import __version__
from praca.platform.settings import Settings
from praca.platform.telemetry.spans import install

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

    from praca.platform.telemetry.exporting import SteadyExporter

__all__ = ["Tracing", "open_tracing", "traced"]

_PATH: Final = "/v1/traces"
_QUEUE: Final = 4096
"""Spans that wait; further ones are lost."""
_BATCH: Final = 512
_DELAY_MS: Final = 2000.0
_LONGEST_VALUE: Final = 256


class Tracing:
    """What a process holds while it traces; :meth:`close` sends what is left."""

    def __init__(
        self,
        provider: "TracerProvider | None" = None,
        exporter: "SteadyExporter | None" = None,
    ) -> None:
        self._provider = provider
        self._exporter = exporter

    @property
    def is_on(self) -> bool:
        """Whether spans are made."""
        return self._provider is not None

    async def flush(self) -> None:
        """Send what has ended by now."""
        if self._provider is not None:
            await asyncio.to_thread(self._provider.force_flush)

    async def close(self) -> None:
        """Make no more spans, and send what is left, for some seconds at most."""
        if self._provider is None or self._exporter is None:
            return
        install(None)
        provider, self._provider = self._provider, None
        self._exporter.hurry()
        await asyncio.to_thread(provider.shutdown)


def open_tracing(settings: Settings, service: str) -> Tracing:
    """Begin to trace this process, if the settings name where traces go.

    To be called in the process itself, not before it forks: a thread sends the spans.

    Args:
        settings: endpoint, headers and how many traces are kept.
        service: name of what runs here, ``praca-api``.
    """
    telemetry = settings.telemetry
    if not telemetry.otlp_endpoint:
        return Tracing()
    # Loading it takes as long as everything else a start does.
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import SpanLimits, TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    from opentelemetry.sdk.trace.sampling import ALWAYS_ON  # noqa: PLC0415

    from praca.platform.telemetry.exporting import SteadyExporter  # noqa: PLC0415
    from praca.platform.telemetry.recording import ChosenIds, Recorder  # noqa: PLC0415

    # Ours says once what the library would say of every batch.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    exporter = SteadyExporter(_address(telemetry.otlp_endpoint), _headers(telemetry.header_lines))
    ids = ChosenIds()
    provider = TracerProvider(
        ALWAYS_ON,  # the recorder asks it for what is kept only
        Resource.create(_resource(settings, service)),
        shutdown_on_exit=False,  # closed by whoever opened it
        id_generator=ids,
        span_limits=SpanLimits(max_attribute_length=_LONGEST_VALUE),
    )
    provider.add_span_processor(
        BatchSpanProcessor(
            exporter,
            max_queue_size=_QUEUE,
            max_export_batch_size=_BATCH,
            schedule_delay_millis=_DELAY_MS,
        )
    )
    tracer = provider.get_tracer("praca", __version__)
    install(Recorder(tracer, ids, telemetry.traces_sample_ratio))
    return Tracing(provider, exporter)


@asynccontextmanager
async def traced(settings: Settings, service: str) -> AsyncIterator[Tracing]:
    """Trace this process until the block ends."""
    tracing = open_tracing(settings, service)
    try:
        yield tracing
    finally:
        await tracing.close()


def _address(endpoint: str) -> str:
    """Return where traces go: as the protocol has it, an endpoint is the part before the path."""
    endpoint = endpoint.rstrip("/")
    return endpoint if endpoint.endswith(_PATH) else endpoint + _PATH


def _resource(settings: Settings, service: str) -> Mapping[str, str | int]:
    return {
        "service.name": service,
        "service.version": __version__,
        "service.instance.id": str(uuid4()),
        "deployment.environment.name": settings.core.env.value,
        "host.name": socket.gethostname(),
        "process.pid": os.getpid(),
    }


def _headers(lines: str) -> dict[str, str]:
    """Return headers of ``name=value`` pairs between commas."""
    pairs = (line.partition("=") for line in lines.split(",") if "=" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
