"""Puts together what the rooms declare: the figures of one process, while it runs."""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Final

from praca.helpdesk.metrics import QUESTION_READINGS
from praca.learning.metrics import MODEL_READINGS
from praca.platform.metrics import Reading
from praca.platform.metrics.database import DATABASE_READINGS
from praca.platform.metrics.places import folder_of
from praca.platform.metrics.pools import watch_pools
from praca.platform.metrics.processes import collector, sampling
from praca.platform.metrics.running import Metrics, open_metrics
from praca.platform.metrics.serving import serving
from praca.platform.resources import Resources
from praca.platform.settings import SettingsError
from praca.platform.tasks.metrics import TASK_READINGS
from praca.wallet.ledger.metrics import LEDGER_READINGS

__all__ = ["CITY_READINGS", "keeping_figures", "serving_figures"]

CITY_READINGS: Final[tuple[Reading, ...]] = (
    *DATABASE_READINGS,
    *TASK_READINGS,
    *MODEL_READINGS,
    *LEDGER_READINGS,
    *QUESTION_READINGS,
)
"""What is read from the city's database, by one process of the API for each scrape."""


@asynccontextmanager
async def keeping_figures(
    resources: Resources, *, shared_as: str | None
) -> AsyncIterator[Metrics | None]:
    """Keep figures within the block; yields None where the settings say that none are kept.

    Args:
        resources: of the process.
        shared_as: name of the service whose processes are shown together; none: there is one.
    """
    settings = resources.settings
    if not settings.metrics.metrics:
        yield None
        return
    folder = None if shared_as is None else folder_of(settings.data_dir, shared_as)
    metrics = open_metrics(folder)
    try:
        metrics.add(collector(metrics.processes, settings.data_dir))
        watch_pools(resources.databases, settings.database.database_pool_size)
        async with sampling():
            yield metrics
    finally:
        metrics.close()


@asynccontextmanager
async def serving_figures(resources: Resources) -> AsyncIterator[int | None]:
    """Serve the figures of a worker within the block, if the settings name a port.

    Yields the port; none: the figures are not served.

    Raises:
        SettingsError: nobody can listen there.
    """
    wanted = resources.settings.metrics
    if wanted.worker_metrics_port is None:
        yield None
        return
    async with keeping_figures(resources, shared_as=None) as metrics:
        if metrics is None:
            yield None
            return
        host, port = wanted.worker_metrics_host, wanted.worker_metrics_port
        with ExitStack() as stack:
            try:
                served = stack.enter_context(serving(metrics, resources.settings, host, port))
            except OSError as error:
                where = f"PRACA_WORKER_METRICS_PORT: não é possível servir em {host}:{port}"
                raise SettingsError(f"{where}: {error}") from error
            yield served
