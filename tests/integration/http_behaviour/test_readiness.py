"""What a load balancer is told while releases run side by side, and when a process stops."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psycopg

from praca.platform.revisions import revisions


@contextmanager
def at_revision(dsn: str, revision: str) -> Iterator[None]:
    (newest,) = revisions("city").newest
    update = "UPDATE platform.alembic_version SET version_num = %s"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(update, (revision,))
        try:
            yield
        finally:
            connection.execute(update, (newest,))


async def test_an_older_release_stays_ready_when_a_newer_one_has_migrated(
    client: httpx.AsyncClient, city_dsn: str
) -> None:
    with at_revision(city_dsn, "9999_from_the_future"):
        answer = await client.get("/api/v1/ready")
    assert (answer.status_code, answer.json()["migrations"]) == (200, True)


async def test_a_newer_release_is_not_ready_before_the_migration(
    client: httpx.AsyncClient, city_dsn: str
) -> None:
    with at_revision(city_dsn, "0001_platform"):
        answer = await client.get("/api/v1/ready")
    assert (answer.status_code, answer.json()["migrations"]) == (503, False)


async def test_a_process_that_drains_answers_and_sends_clients_elsewhere(
    client: httpx.AsyncClient,
) -> None:
    assert "Connection" not in (await client.get("/api/v1/ready")).headers
    draining = client.app.state.draining  # type: ignore[attr-defined]
    draining.closes_connections = draining.refuses_traffic = True
    answer = await client.get("/api/v1/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "draining")
    assert answer.headers["Connection"] == "close"
    other = await client.get("/api/v1/health")
    assert (other.status_code, other.headers["Connection"]) == (200, "close")
    refused = await client.get("/api/v1/tasks")
    assert (refused.status_code, refused.headers["Connection"]) == (401, "close")
