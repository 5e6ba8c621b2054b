"""The figures of a period, as operators ask for them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import text
from tests.conftest import MakeAccount
from tests.integration.journal.conftest import rows

from praca.platform.journal import Journal

API = "/api/v1/monitoring"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = {"since": "2026-11-20T00:00:00Z", "until": "2026-11-21T00:00:00Z"}


@pytest.fixture
def filled(city_dsn: str) -> str:
    """100 requests to one route, a second apart, of 1 to 100 ms; one of another; predictions."""
    lines: list[tuple[Any, ...]] = [
        (NOON + timedelta(seconds=n), "GET", "/a/{x}", 200, float(n), None) for n in range(1, 101)
    ]
    lines.append((NOON + timedelta(hours=1), "POST", "/b", 503, 1000.0, 7))
    lines.append((NOON + timedelta(hours=2), "POST", "/b", 404, 10.0, 7))
    lines.append((NOON + timedelta(days=1), "POST", "/b", 500, 10.0, 7))  # not of this day
    answers = ["85.3", "81", "99.9", "100.0", "0.4", "Contratado", "Contratado"]
    with psycopg.connect(city_dsn) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO platform.request_log (at, method, route, status, ms, user_id)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            lines,
        )
        cursor.executemany(
            "INSERT INTO platform.prediction_log (at, model, version, input_hash, output, ms)"
            " VALUES (%s, 'match', 3, '\\x00', %s, 2.5)",
            [(NOON, answer) for answer in answers],
        )
        cursor.execute("INSERT INTO platform.journal_drops (at, lines) VALUES (%s, 5)", [NOON])
    return city_dsn


@pytest.fixture
async def operator(make_account: MakeAccount) -> dict[str, Any]:
    return await make_account("olga", role="operador")


async def ask(client: httpx.AsyncClient, who: dict[str, Any], path: str, **params: Any) -> Any:
    answer = await client.get(API + path, params=DAY | params, headers=who["headers"])
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.usefixtures("filled")
async def test_the_figures_of_a_day(client: httpx.AsyncClient, operator: dict[str, Any]) -> None:
    summary = await ask(client, operator, "/requests/summary")
    assert summary == {
        "total": 102,
        "errors": 1,
        "error_rate": pytest.approx(1 / 102),
        "mean_ms": round((5050 + 1010) / 102, 3),
        "p50_ms": pytest.approx(50.5, abs=1),
        "p95_ms": pytest.approx(96, abs=1),
        "p99_ms": pytest.approx(100, abs=1),
        "dropped": 5,
    }
    routes = await ask(client, operator, "/requests/routes")
    assert [(row["method"], row["route"], row["count"], row["errors"]) for row in routes] == [
        ("GET", "/a/{x}", 100, 0),
        ("POST", "/b", 2, 1),
    ]
    assert routes[0]["p50_ms"] == pytest.approx(50.5)
    assert routes[0]["p95_ms"] == pytest.approx(95.05)
    assert await ask(client, operator, "/requests/statuses") == [
        {"status": 200, "count": 100},
        {"status": 404, "count": 1},
        {"status": 503, "count": 1},
    ]
    outputs = await ask(client, operator, "/predictions/outputs")
    assert {row["output"]: row["count"] for row in outputs} == {
        "80-90 %": 1,
        "81": 1,
        "90-100 %": 2,
        "0-10 %": 1,
        "Contratado": 2,
    }
    assert {(row["model"], row["version"]) for row in outputs} == {("match", 3)}


@pytest.mark.usefixtures("filled")
async def test_lines_over_time_have_no_gaps(
    client: httpx.AsyncClient, operator: dict[str, Any]
) -> None:
    timeline = await ask(client, operator, "/requests/timeline")
    assert timeline["bucket_s"] == 300
    points = timeline["points"]
    assert len(points) == 288
    assert points[0]["at"] == "2026-11-20T00:00:00Z"
    assert points[0] | {"at": None} == {
        "at": None,
        "count": 0,
        "errors": 0,
        "p50_ms": None,
        "p95_ms": None,
        "p99_ms": None,
    }
    by_time = {point["at"]: point for point in points}
    assert by_time["2026-11-20T12:00:00Z"]["count"] == 100
    assert by_time["2026-11-20T13:00:00Z"]["errors"] == 1
    assert sum(point["count"] for point in points) == 102

    only = await ask(client, operator, "/requests/timeline", route="/b")
    assert sum(point["count"] for point in only["points"]) == 2
    predicted = await ask(client, operator, "/predictions/timeline")
    assert predicted == {
        "bucket_s": 300,
        "points": [
            {
                "at": "2026-11-20T12:00:00Z",
                "model": "match",
                "count": 7,
                "p50_ms": 2.5,
                "p95_ms": 2.5,
            }
        ],
    }


@pytest.mark.parametrize(
    ("length", "bucket_s"),
    [
        (timedelta(minutes=1), 60),
        (timedelta(hours=5), 60),
        (timedelta(hours=6), 120),
        (timedelta(days=7), 3600),
        (timedelta(days=31), 10_800),
    ],
)
async def test_buckets_fit_the_period(
    client: httpx.AsyncClient, operator: dict[str, Any], length: timedelta, bucket_s: int
) -> None:
    since = NOON + timedelta(seconds=7)
    found = await ask(
        client,
        operator,
        "/requests/timeline",
        since=since.isoformat(),
        until=(since + length).isoformat(),
    )
    assert found["bucket_s"] == bucket_s
    assert length / timedelta(seconds=bucket_s) <= len(found["points"]) <= 301
    first = datetime.fromisoformat(found["points"][0]["at"])
    assert first <= since < first + timedelta(seconds=bucket_s)


async def test_single_requests_and_the_audit_of_reading_them(
    client: httpx.AsyncClient, filled: str, operator: dict[str, Any]
) -> None:
    page = await ask(client, operator, "/requests", limit=2, offset=1)
    assert (page["total"], page["offset"], page["limit"]) == (102, 1, 2)
    assert page["data"][0] == {
        "at": "2026-11-20T13:00:00Z",
        "method": "POST",
        "route": "/b",
        "status": 503,
        "ms": 1000.0,
        "user_id": 7,
    }
    assert page["data"][1]["ms"] == 100.0
    assert (await ask(client, operator, "/requests", min_status=400))["total"] == 2
    assert (await ask(client, operator, "/requests", min_status=500))["total"] == 1
    assert (await ask(client, operator, "/requests", min_status=300, route="/a/{x}"))["total"] == 0
    noted = (
        "SELECT count(*) FROM platform.audit_log WHERE action = 'monitoring.requests_read'"
        f" AND actor_id = {operator['id']} AND at > now() - interval '1 minute'"
    )
    assert rows(filled, noted)[0][0] >= 4


async def test_the_last_day_by_default_and_nothing_in_an_empty_system(
    client: httpx.AsyncClient, journal: Journal, operator: dict[str, Any]
) -> None:
    get = {"headers": operator["headers"]}
    empty = (await client.get(f"{API}/requests/summary", **get)).json()
    assert empty == {
        "total": 0,
        "errors": 0,
        "error_rate": 0.0,
        "mean_ms": None,
        "p50_ms": None,
        "p95_ms": None,
        "p99_ms": None,
        "dropped": 0,
    }
    assert (await client.get(f"{API}/requests/routes", **get)).json() == []
    assert (await client.get(f"{API}/predictions/outputs", **get)).json() == []
    await journal.flush()
    now = (await client.get(f"{API}/requests/summary", **get)).json()
    assert now["total"] == 4  # the sign-in and those above


@pytest.mark.parametrize(
    ("params", "name", "words"),
    [
        ({"since": "2026-11-02", "until": "2026-11-01"}, "until", "depois do início"),
        ({"since": "2026-11-02", "until": "2026-11-02"}, "until", "depois do início"),
        ({"since": "2999-01-01T00:00:00Z"}, "since", "depois do início"),
        ({"since": "2026-01-01", "until": "2026-02-01T00:00:01Z"}, "since", "31 dias"),
        ({"since": "0001-01-01T00:00:00+14:00"}, "since", "ano"),
        ({"until": "9999-12-31T23:59:59-12:00"}, "until", "ano"),
        ({"since": "ontem"}, "since", ""),
    ],
)
async def test_periods_that_are_none(
    client: httpx.AsyncClient,
    operator: dict[str, Any],
    params: dict[str, str],
    name: str,
    words: str,
) -> None:
    answer = await client.get(f"{API}/requests/summary", params=params, headers=operator["headers"])
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["loc"] == ["query", name]
    assert words in error["msg"]


@pytest.mark.usefixtures("filled")
async def test_times_without_a_zone_are_utc(
    client: httpx.AsyncClient, operator: dict[str, Any]
) -> None:
    naive = {"since": "2026-11-20T13:00:00", "until": "2026-11-20T14:00:00"}
    brasilia = {"since": "2026-11-20T10:00:00-03:00", "until": "2026-11-20T11:00:00-03:00"}
    for times in (naive, brasilia):
        assert (await ask(client, operator, "/requests/summary", **times))["total"] == 1


@pytest.mark.parametrize(
    "path",
    [
        "/requests",
        "/requests/routes",
        "/requests/statuses",
        "/requests/summary",
        "/requests/timeline",
        "/predictions/outputs",
        "/predictions/timeline",
    ],
)
async def test_what_takes_too_long_is_given_up(
    client: httpx.AsyncClient,
    city_dsn: str,
    operator: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    path: str,
) -> None:
    monkeypatch.setattr(
        "praca.platform.journal.repository._TIMEOUT", text("SET LOCAL statement_timeout = '50ms'")
    )
    with psycopg.connect(city_dsn) as locking:  # for as long as it lasts, nobody reads
        locking.execute("LOCK TABLE platform.request_log, platform.prediction_log")
        answer = await client.get(API + path, params=DAY, headers=operator["headers"])
    assert (answer.status_code, answer.json()["code"]) == (503, "journal_too_large")
    assert await ask(client, operator, path) is not None
