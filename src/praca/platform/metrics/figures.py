"""Figures of the whole city, read from its database when somebody asks for them.

They are the same whichever process is asked, so only the API shows them; where it runs on several
machines, each shows all of them, and a sum over machines would be wrong.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

import structlog

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from praca.platform.settings import Settings

__all__ = ["CITY_OWN", "CityFigures", "Figure", "Reading"]

_log = structlog.get_logger("praca.metrics")
_FRESH_S: Final = 5.0
_CONNECT_S: Final = 2
_STATEMENT_MS: Final = 1_500
_ALL_S: Final = 4.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A gauge that is read."""

    name: str
    text: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One statement and the gauges it fills.

    Attributes:
        name: of what it reads.
        figures: all with the same labels.
        query: yields rows of the labels, then a value for each of ``figures``; null: there is
            none. It has to be cheap however large the city is: it looks at what is unfinished, or
            at one row by an index, never at all that ever was.
        params: what it is given of the settings.
    """

    name: str
    figures: Sequence[Figure]
    query: str
    params: Callable[["Settings"], Mapping[str, Any]] = field(default=lambda _: {})


CITY_OWN: Final = (
    Figure("praca_database_up", "Whether the city's database answers."),
    Figure(
        "praca_figures_up", "Whether figures could be read from the city's database.", ("figures",)
    ),
)
"""What tells how reading went."""


class CityFigures:
    """Reads, every few seconds at the most, on a connection that is opened for it.

    Not one of the pool: when that is exhausted the figures are needed most.

    Args:
        dsn: address of the city's database.
        readings: what to read.
        fresh_s: for so long they are not read again.
    """

    def __init__(
        self,
        dsn: str,
        settings: "Settings",
        readings: Sequence[Reading],
        *,
        fresh_s: float = _FRESH_S,
    ) -> None:
        self._dsn = dsn
        self._settings = settings
        self._readings = readings
        self._fresh_s = fresh_s
        self._reading = asyncio.Lock()
        self._read_at: float | None = None
        self._rows: dict[str, list[tuple[Any, ...]]] = {}

    async def refresh(self) -> None:
        """Read, unless that was done just now; never raises, and takes four seconds at the most."""
        import psycopg  # noqa: PLC0415  # rooms load this module for what they declare

        async with self._reading:
            now = time.monotonic()
            if self._read_at is not None and now < self._read_at + self._fresh_s:
                return
            rows: dict[str, list[tuple[Any, ...]]] = {}
            try:
                async with asyncio.timeout(_ALL_S):
                    await self._read_all(rows)
            except (psycopg.Error, OSError, TimeoutError) as error:
                _log.warning("metrics.database_lost", error=type(error).__name__)
            # Also after a failure: who asks too often must not make it worse. What could not be
            # read is not shown, so nobody takes an old figure for a new one.
            self._rows, self._read_at = rows, time.monotonic()

    async def _read_all(self, rows: dict[str, list[tuple[Any, ...]]]) -> None:
        import psycopg  # noqa: PLC0415

        options = f"-c statement_timeout={_STATEMENT_MS} -c default_transaction_read_only=on"
        connection = await psycopg.AsyncConnection.connect(
            self._dsn, autocommit=True, connect_timeout=_CONNECT_S, options=options
        )
        async with connection:
            rows[""] = []
            for reading in self._readings:
                try:
                    query, params = cast("Any", reading.query), reading.params(self._settings)
                    cursor = await connection.execute(query, params)
                    rows[reading.name] = await cursor.fetchall()
                except psycopg.Error as error:
                    if connection.closed:
                        raise
                    name = type(error).__name__
                    _log.warning("metrics.not_read", figures=reading.name, error=name)

    def collect(self) -> Iterator["Metric"]:
        """Yield what was read last."""
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

        rows = self._rows
        up, ok = (GaugeMetricFamily(f.name, f.text, labels=f.labels) for f in CITY_OWN)
        up.add_metric((), float("" in rows))
        for reading in self._readings:
            ok.add_metric((reading.name,), float(reading.name in rows))
            for place, figure in enumerate(reading.figures):
                gauge = GaugeMetricFamily(figure.name, figure.text, labels=figure.labels)
                for row in rows.get(reading.name, ()):
                    labels, value = row[: len(figure.labels)], row[len(figure.labels) + place]
                    if value is not None:
                        gauge.add_metric([str(label) for label in labels], float(value))
                yield gauge
        yield up
        yield ok
