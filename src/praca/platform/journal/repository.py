"""SQL of the journal: figures over a period, single lines, and what is one account's own."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg.errors import QueryCanceled
from sqlalchemy import ColumnElement, Row, and_, func, select, text, update
from sqlalchemy.exc import OperationalError

from praca.platform.database.engine import ReadSession, WriteSession
from praca.platform.journal.errors import JournalTooLargeError
from praca.platform.journal.models import RequestLine

__all__ = [
    "Period",
    "count_of_account",
    "count_outputs",
    "disown",
    "list_of_account",
    "list_requests",
    "predictions_over_time",
    "requests_by_route",
    "requests_by_status",
    "requests_over_time",
    "summarize",
]

_TIMEOUT: Final = text("SET LOCAL statement_timeout = '10s'")
_PERCENTILES: Final = "percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY ms)"
_WITHIN: Final = "at >= :since AND at < :until"
_FIGURES: Final = f"""count(*) AS requests, count(*) FILTER (WHERE status >= 500) AS errors,
    avg(ms) AS mean_ms, {_PERCENTILES} AS percentiles"""
_BIN: Final = "date_bin(make_interval(secs => :bucket_s), at, timestamptz '2000-01-01 00:00Z')"

_SUMMARY: Final = text(f"""
SELECT {_FIGURES}, (
    SELECT coalesce(sum(lines), 0)::bigint FROM platform.journal_drops WHERE {_WITHIN}
) AS dropped
FROM platform.request_log WHERE {_WITHIN}
""")  # put together from constants, like all below
_ROUTES: Final = text(f"""
SELECT method, route, {_FIGURES} FROM platform.request_log WHERE {_WITHIN}
GROUP BY method, route ORDER BY requests DESC, route, method
""")
_STATUSES: Final = text(f"""
SELECT status, count(*) AS requests FROM platform.request_log WHERE {_WITHIN}
GROUP BY status ORDER BY status
""")
_TIMELINE: Final = text(f"""
SELECT {_BIN} AS bin, {_FIGURES} FROM platform.request_log
WHERE {_WITHIN} AND (CAST(:route AS text) IS NULL OR route = :route)
GROUP BY bin ORDER BY bin
""")
_PREDICTIONS: Final = text(f"""
SELECT {_BIN} AS bin, model, count(*) AS predictions, {_PERCENTILES} AS percentiles
FROM platform.prediction_log WHERE {_WITHIN}
GROUP BY bin, model ORDER BY bin, model
""")
# Percentages, which have a decimal, are counted by tens: there are a thousand of them.
_OUTPUTS: Final = text(f"""
SELECT model, version, CASE WHEN output ~ '^[0-9]{{1,3}}[.][0-9]+$'
    THEN least(floor(output::float8 / 10) * 10, 90) || '-'
        || least(floor(output::float8 / 10) * 10 + 10, 100) || ' %'
    ELSE output END AS shown, count(*) AS answers
FROM platform.prediction_log WHERE {_WITHIN}
GROUP BY model, version, shown ORDER BY model, version DESC, answers DESC, shown LIMIT 1000
""")


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since``, up to and without ``until``; both have a time zone."""

    since: datetime
    until: datetime

    @property
    def params(self) -> dict[str, Any]:
        """Parameters of the statements."""
        return {"since": self.since, "until": self.until}


@asynccontextmanager
async def _in_time(session: ReadSession) -> AsyncIterator[None]:
    """Give what runs within a few seconds: a look at the past must not stop the present.

    Raises:
        JournalTooLargeError: they were not enough.
    """
    await session.execute(_TIMEOUT)
    try:
        yield
    except OperationalError as error:
        if isinstance(error.orig, QueryCanceled):
            raise JournalTooLargeError from None
        raise


async def _rows(
    session: ReadSession, statement: Any, period: Period, **params: Any
) -> Sequence[Row[Any]]:
    async with _in_time(session):
        return (await session.execute(statement, period.params | params)).all()


async def summarize(session: ReadSession, period: Period) -> Row[Any]:
    """Return requests, errors, mean_ms, percentiles (50, 95, 99; or none) and dropped lines."""
    return (await _rows(session, _SUMMARY, period))[0]


async def requests_by_route(session: ReadSession, period: Period) -> Sequence[Row[Any]]:
    """Return the same figures by method and route, the most used first."""
    return await _rows(session, _ROUTES, period)


async def requests_by_status(session: ReadSession, period: Period) -> Sequence[Row[Any]]:
    """Return how many answers had each status."""
    return await _rows(session, _STATUSES, period)


async def requests_over_time(
    session: ReadSession, period: Period, bucket_s: int, route: str | None
) -> Sequence[Row[Any]]:
    """Return the same figures by ``bin``, the beginning of each bucket that is not empty."""
    return await _rows(session, _TIMELINE, period, bucket_s=bucket_s, route=route)


async def predictions_over_time(
    session: ReadSession, period: Period, bucket_s: int
) -> Sequence[Row[Any]]:
    """Return count and percentiles of predictions by bin and model."""
    return await _rows(session, _PREDICTIONS, period, bucket_s=bucket_s)


async def count_outputs(session: ReadSession, period: Period) -> Sequence[Row[Any]]:
    """Return how often each version of each model gave each answer, 1,000 rows at the most."""
    return await _rows(session, _OUTPUTS, period)


async def list_requests(
    session: ReadSession,
    period: Period,
    *,
    min_status: int | None,
    route: str | None,
    offset: int,
    limit: int,
) -> tuple[int, Sequence[RequestLine]]:
    """Return how many requests match, and one page of them, newest first."""
    wanted: list[ColumnElement[bool]] = [
        RequestLine.at >= period.since,
        RequestLine.at < period.until,
    ]
    if min_status is not None:
        wanted.append(RequestLine.status >= min_status)
        if min_status >= 400:  # noqa: PLR2004  # said to PostgreSQL in the words of its index
            wanted.append(text("status >= 400"))  # type: ignore[arg-type]
    if route is not None:
        wanted.append(RequestLine.route == route)
    page = (
        select(RequestLine)
        .where(*wanted)
        .order_by(RequestLine.at.desc(), RequestLine.id.desc())
        .offset(offset)
        .limit(limit)
    )
    async with _in_time(session):
        total = await session.scalar(
            select(func.count()).select_from(RequestLine).where(and_(*wanted))
        )
        return total or 0, (await session.scalars(page)).all()


async def count_of_account(session: ReadSession, account_id: int) -> int:
    """Return how many requests the account made."""
    count = select(func.count()).select_from(RequestLine)
    return await session.scalar(count.where(RequestLine.user_id == account_id)) or 0


async def list_of_account(
    session: ReadSession, account_id: int, limit: int
) -> Sequence[RequestLine]:
    """Return the account's last requests, newest first."""
    own = select(RequestLine).where(RequestLine.user_id == account_id)
    lines = await session.scalars(own.order_by(RequestLine.at.desc()).limit(limit))
    return lines.all()


async def disown(session: WriteSession, account_id: int, limit: int) -> int:
    """Take the account from at most ``limit`` of its requests; return from how many."""
    some = (
        select(RequestLine.at, RequestLine.id)
        .where(RequestLine.user_id == account_id)
        .limit(limit)
        .with_for_update()
        .cte("some")
    )
    done = await session.scalars(
        update(RequestLine)
        .where(RequestLine.at == some.c.at, RequestLine.id == some.c.id)
        .values(user_id=None)
        .returning(RequestLine.id)
        .execution_options(synchronize_session=False)
    )
    return len(done.all())
