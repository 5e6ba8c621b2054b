"""Batches of the journal, written once each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg

from praca.platform.database.engine import Database
from praca.platform.journal.lines import Line

__all__ = ["Batch", "halves", "is_refused", "write"]

# One statement is one transaction and one round trip. The writer's row makes it safe to repeat:
# if the answer to the commit was lost, its number is there already and nothing is inserted; if
# the first attempt still runs, the second waits for the row.
_WRITE: Final = """
WITH writer AS (
    INSERT INTO platform.journal_writers AS known (id, batch, at)
    VALUES (%(writer)s, %(batch)s, now())
    ON CONFLICT (id) DO UPDATE SET batch = excluded.batch, at = excluded.at
    WHERE known.batch < excluded.batch
    RETURNING id
), requests AS (
    INSERT INTO platform.request_log (at, method, route, status, ms, user_id)
    SELECT to_timestamp((line->>0)::float8), line->>1, line->>2, (line->>3)::smallint,
        (line->>4)::float8, (line->>5)::bigint
    FROM writer, json_array_elements(%(requests)s::json) AS line
), predictions AS (
    INSERT INTO platform.prediction_log (at, model, version, input_hash, output, ms)
    SELECT to_timestamp((line->>0)::float8), line->>1, (line->>2)::integer,
        decode(line->>3, 'hex'), line->>4, (line->>5)::float8
    FROM writer, json_array_elements(%(predictions)s::json) AS line
), drops AS (
    INSERT INTO platform.journal_drops (at, lines)
    SELECT now(), %(dropped)s::bigint FROM writer WHERE %(dropped)s::bigint > 0
)
SELECT count(*) FROM writer
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines that are written together.

    Attributes:
        number: grows with every batch of a writer.
        lines: requests and predictions.
        dropped: lines lost since the batch before.
    """

    number: int
    lines: Sequence[Line]
    dropped: int = 0


async def write(database: Database, writer: UUID, batch: Batch, *, nameless_before: float) -> None:
    """Write ``batch``, unless that has been done.

    Args:
        database: the city's.
        writer: whose batch.
        batch: what.
        nameless_before: requests that began before this moment lose whose they were.
    """
    requests, predictions = [], []
    for line in batch.lines:
        if line.is_prediction:
            predictions.append((line.at, *line.values))
        elif line.began_at < nameless_before:
            requests.append((line.at, *line.values[:-1], None))
        else:
            requests.append((line.at, *line.values))
    params: dict[str, Any] = {
        "writer": writer,
        "batch": batch.number,
        "requests": orjson.dumps(requests).decode(),
        "predictions": orjson.dumps(predictions).decode(),
        "dropped": batch.dropped,
    }
    await database.fetch_one(_WRITE, params)


def is_refused(error: Exception) -> bool:
    """Tell whether it is a line's fault that it was not written, and trying again is no use."""
    if isinstance(error, psycopg.Error):
        return isinstance(error, psycopg.DataError | psycopg.IntegrityError)
    return isinstance(error, TypeError | ValueError | OverflowError)


def halves(lines: Sequence[Line]) -> tuple[Sequence[Line], Sequence[Line]]:
    """Return the two halves of ``lines``."""
    middle = len(lines) // 2
    return lines[:middle], lines[middle:]
