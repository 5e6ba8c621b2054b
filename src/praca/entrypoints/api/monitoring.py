"""Requests and predictions over HTTP, for operators."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row

from praca.identity.auth import AccountListSubject
from praca.identity.errors import ForbiddenError
from praca.kit.clock import utc_now
from praca.kit.errors import FieldError
from praca.platform.audit import AuditEntry, record
from praca.platform.errors import InvalidRequestError
from praca.platform.journal import repository
from praca.platform.journal.errors import JournalTooLargeError
from praca.platform.journal.repository import Period
from praca.platform.web import CityRead, CityWrite, problem_responses
from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

_DAY: Final = timedelta(days=1)
_LONGEST: Final = timedelta(days=31)
_FIRST_YEAR, _LAST_YEAR = 1970, 9000
_MOST_POINTS: Final = 300
_BUCKETS_S: Final = (60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800)
"""Widths of a bucket; of the widest, 248 make the longest period."""
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)

_ROUTE: Final = "/api/v1/vagas/list"
_AT: Final = "2026-11-22T12:00:00Z"
_TIMES: Final = {"p50_ms": 4.1, "p95_ms": 17.9, "p99_ms": 48.3}
_SUMMARY: Final = {
    "total": 1200,
    "errors": 3,
    "error_rate": 0.0025,
    "mean_ms": 6.2,
    **_TIMES,
    "dropped": 0,
}
_OF_ROUTE: Final = {
    "method": "GET",
    "route": _ROUTE,
    "count": 1200,
    "errors": 3,
    "mean_ms": 6.2,
    **_TIMES,
}
_OF_STATUS: Final = {"status": 200, "count": 1180}
_OF_OUTPUT: Final = {"model": "hiring", "version": 2, "output": "Não contratado", "count": 310}
_LINE: Final = {"at": _AT, "method": "GET", "route": _ROUTE, "status": 200, "ms": 4.1, "user_id": 7}


def _example(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": example})


def _listing(item: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {"application/json": {"example": [item]}}}}


class RequestSummary(BaseModel):
    """All requests of a period in one line; times are null if there were none."""

    model_config = _example(_SUMMARY)

    total: int
    errors: int = Field(description="Answers with a status of 500 or more.")
    error_rate: float = Field(description="Share of errors, 0 to 1.")
    mean_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    dropped: int = Field(description="Requests and predictions that could not be noted.")


class RouteFigures(BaseModel):
    """The requests of one route."""

    model_config = _example(_OF_ROUTE)

    method: str
    route: str = Field(description="Template of the path; `(sem rota)`: it leads nowhere.")
    count: int
    errors: int
    mean_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float


class StatusCount(BaseModel):
    """How many answers had a status."""

    model_config = _example(_OF_STATUS)

    status: int
    count: int


class RequestPoint(BaseModel):
    """The requests of one bucket; times are null if there were none."""

    at: datetime = Field(description="When the bucket begins.")
    count: int
    errors: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


class RequestTimeline(BaseModel):
    """Requests over time, without gaps."""

    model_config = _example(
        {"bucket_s": 300, "points": [{"at": _AT, "count": 40, "errors": 0, **_TIMES}]}
    )

    bucket_s: int = Field(description="Seconds in a bucket.")
    points: list[RequestPoint]


class RequestRead(BaseModel):
    """One request."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime = Field(description="When it was answered.")
    method: str
    route: str
    status: int = Field(description="499: given up before there was an answer.")
    ms: float
    user_id: int | None = Field(description="The account that asked; null: none, or erased.")


class RequestPage(BaseModel):
    """One page of requests, newest first."""

    model_config = _example({"total": 1, "offset": 0, "limit": 100, "data": [_LINE]})

    total: int
    offset: int
    limit: int
    data: list[RequestRead]


class PredictionPoint(BaseModel):
    """The predictions of one model in one bucket."""

    at: datetime = Field(description="When the bucket begins.")
    model: str
    count: int
    p50_ms: float
    p95_ms: float


class PredictionTimeline(BaseModel):
    """Predictions over time; buckets without any are left out."""

    model_config = _example(
        {
            "bucket_s": 300,
            "points": [{"at": _AT, "model": "match", "count": 12, "p50_ms": 0.4, "p95_ms": 1.1}],
        }
    )

    bucket_s: int = Field(description="Seconds in a bucket.")
    points: list[PredictionPoint]


class OutputCount(BaseModel):
    """How often a version of a model gave an answer."""

    model_config = _example(_OF_OUTPUT)

    model: str
    version: int
    output: str = Field(description="Percentages are counted by tens, such as `70-80 %`.")
    count: int


async def _period(
    since: Annotated[
        datetime | None,
        Query(
            description="From when on; by default a day before `until`. A time without a zone is"
            " in UTC.",
            examples=["2026-11-22T00:00:00Z"],
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        Query(
            description="Until when, 31 days later at the most; by default now.",
            examples=["2026-11-23T00:00:00Z"],
        ),
    ] = None,
) -> Period:
    """Return the period that the query asks for.

    Raises:
        InvalidRequestError: it ends before it begins, is too long, or out of this world.
    """
    end = utc_now() if until is None else _utc("until", until)
    begin = end - _DAY if since is None else _utc("since", since)
    if begin >= end:
        name = "since" if until is None else "until"
        raise _refused(name, "O fim do período deve vir depois do início.")
    if end - begin > _LONGEST:
        raise _refused("since", f"O período pode ter no máximo {_LONGEST.days} dias.")
    return Period(begin, end)


def _utc(name: str, given: datetime) -> datetime:
    """Return ``given`` in UTC."""
    if not _FIRST_YEAR < given.year < _LAST_YEAR:  # computing with others may overflow
        raise _refused(name, f"O ano deve ficar entre {_FIRST_YEAR} e {_LAST_YEAR}.")
    return given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)


def _refused(name: str, why: str) -> InvalidRequestError:
    return InvalidRequestError([FieldError(("query", name), why)])


Asked = Annotated[Period, Depends(_period)]
Route = Annotated[
    str | None,
    Query(
        max_length=200,
        pattern=r"^[^\x00]*$",
        description="Only this template of a path.",
        examples=[_ROUTE],
    ),
]

router = RoomRouter(
    prefix="/monitoring",
    tags=["monitoring"],
    responses=problem_responses(ForbiddenError, JournalTooLargeError),
)


@router.get(
    "/requests/summary",
    summary="All requests of a period",
    description="How many, how many failed, how long they took, and how many could not be noted.",
)
async def summarize_requests(
    _subject: AccountListSubject, period: Asked, session: CityRead
) -> RequestSummary:
    row = await repository.summarize(session, period)
    return RequestSummary(
        total=row.requests,
        errors=row.errors,
        error_rate=row.errors / row.requests if row.requests else 0.0,
        mean_ms=_shown(row.mean_ms),
        dropped=row.dropped,
        **_percentiles(row),
    )


@router.get(
    "/requests/routes",
    summary="Requests by route",
    description="The same figures for each method and route, the most used first.",
    responses=_listing(_OF_ROUTE),
)
async def list_route_figures(
    _subject: AccountListSubject, period: Asked, session: CityRead
) -> list[RouteFigures]:
    rows = await repository.requests_by_route(session, period)
    return [
        RouteFigures(
            method=row.method,
            route=row.route,
            count=row.requests,
            errors=row.errors,
            mean_ms=_shown(row.mean_ms),
            **_percentiles(row),
        )
        for row in rows
    ]


@router.get(
    "/requests/statuses",
    summary="Requests by status",
    description="How many answers had each status.",
    responses=_listing(_OF_STATUS),
)
async def count_statuses(
    _subject: AccountListSubject, period: Asked, session: CityRead
) -> list[StatusCount]:
    rows = await repository.requests_by_status(session, period)
    return [StatusCount(status=row.status, count=row.requests) for row in rows]


@router.get(
    "/requests/timeline",
    summary="Requests over time",
    description="Count, errors and latency per bucket; buckets are a minute to three hours wide,"
    f" so that there are {_MOST_POINTS} or a few more of them.",
)
async def show_request_timeline(
    _subject: AccountListSubject, period: Asked, session: CityRead, route: Route = None
) -> RequestTimeline:
    bucket_s = _bucket_s(period)
    rows = await repository.requests_over_time(session, period, bucket_s, route)
    return RequestTimeline(bucket_s=bucket_s, points=_points(period, bucket_s, rows))


@router.get(
    "/requests",
    summary="Single requests",
    description="Newest first. They tell who asked, so reading them is noted in the audit.",
)
async def list_requests(
    subject: AccountListSubject,
    period: Asked,
    session: CityWrite,
    route: Route = None,
    min_status: Annotated[
        int | None, Query(ge=100, le=999, description="Only this status or greater.")
    ] = None,
    offset: Annotated[int, Query(ge=0, le=10**9, description="Requests to leave out.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="Requests to show.")] = 100,
) -> RequestPage:
    total, lines = await repository.list_requests(
        session, period, min_status=min_status, route=route, offset=offset, limit=limit
    )
    await record(session, AuditEntry("monitoring.requests_read", "request_log", None, subject.id))
    data = [RequestRead.model_validate(line) for line in lines]
    return RequestPage(total=total, offset=offset, limit=limit, data=data)


@router.get(
    "/predictions/timeline",
    summary="Predictions over time",
    description="Count and latency per bucket and model.",
)
async def show_prediction_timeline(
    _subject: AccountListSubject, period: Asked, session: CityRead
) -> PredictionTimeline:
    bucket_s = _bucket_s(period)
    rows = await repository.predictions_over_time(session, period, bucket_s)
    points = [
        PredictionPoint(
            at=row.bin,
            model=row.model,
            count=row.predictions,
            p50_ms=_shown(row.percentiles[0]),
            p95_ms=_shown(row.percentiles[1]),
        )
        for row in rows
    ]
    return PredictionTimeline(bucket_s=bucket_s, points=points)


@router.get(
    "/predictions/outputs",
    summary="What the models answered",
    description="How often each version of each model gave each answer; 1,000 rows at the most.",
    responses=_listing(_OF_OUTPUT),
)
async def count_prediction_outputs(
    _subject: AccountListSubject, period: Asked, session: CityRead
) -> list[OutputCount]:
    rows = await repository.count_outputs(session, period)
    return [
        OutputCount(model=row.model, version=row.version, output=row.shown, count=row.answers)
        for row in rows
    ]


def _percentiles(row: Row[Any]) -> dict[str, Any]:
    found = row.percentiles or (None, None, None)
    return {
        name: _shown(ms) for name, ms in zip(("p50_ms", "p95_ms", "p99_ms"), found, strict=True)
    }


def _shown(ms: float | None) -> Any:
    """Return milliseconds without digits that nobody measured."""
    return None if ms is None else round(ms, 3)


def _bucket_s(period: Period) -> int:
    """Return the narrowest width that makes no more than so many buckets."""
    length_s = (period.until - period.since).total_seconds()
    wide_enough = (width for width in _BUCKETS_S if length_s / width <= _MOST_POINTS)
    return next(wide_enough, _BUCKETS_S[-1])


def _points(period: Period, bucket_s: int, rows: Sequence[Row[Any]]) -> list[RequestPoint]:
    """Return a point for each bucket that the period touches, whether it has requests or not."""
    width = timedelta(seconds=bucket_s)
    at = period.since - (period.since - _EPOCH) % width
    found = {row.bin: row for row in rows}
    points = []
    while at < period.until:
        row = found.get(at)
        points.append(
            RequestPoint(at=at, count=0, errors=0, p50_ms=None, p95_ms=None, p99_ms=None)
            if row is None
            else RequestPoint(at=at, count=row.requests, errors=row.errors, **_percentiles(row))
        )
        at += width
    return points
