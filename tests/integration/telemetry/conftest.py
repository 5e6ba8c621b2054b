"""A collector, and what traces this process into it for a block."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import pytest
from tests.otlp_collector import Collector, opened_collector

from praca.platform.settings import Settings, TelemetrySettings
from praca.platform.telemetry import Tracing, traced

TracedAs = Callable[..., AbstractAsyncContextManager[Tracing]]


@pytest.fixture(scope="module")
def running_collector() -> Iterator[Collector]:
    with opened_collector() as collector:
        yield collector


@pytest.fixture
def collector(running_collector: Collector) -> Collector:
    """Return the collector, empty."""
    for kept in (running_collector.spans, running_collector.raw, running_collector.resources):
        kept.clear()
    return running_collector


@pytest.fixture
def traced_as(settings: Settings, collector: Collector) -> TracedAs:
    """Return what traces for a block, and has sent everything when that ends."""

    @asynccontextmanager
    async def opened(
        service: str = "praca-api", *, ratio: float = 1.0, url: str | None = None
    ) -> AsyncIterator[Tracing]:
        telemetry = TelemetrySettings(otlp_endpoint=url or collector.url, traces_sample_ratio=ratio)
        async with traced(replace(settings, telemetry=telemetry), service) as tracing:
            yield tracing

    return opened
