import psycopg
import pytest
from sqlalchemy import text

from praca.platform.audit import AuditEntry, noting
from praca.platform.resources import Resources


async def _noted(resources: Resources, resource_id: str) -> int:
    count = "SELECT count(*) FROM platform.audit_log WHERE resource_id = %(id)s::text"
    row = await resources.databases.city.fetch_one(count, {"id": resource_id})
    assert row is not None
    return int(row[0])


async def test_a_statement_yields_its_first_row_or_none(resources: Resources) -> None:
    city = resources.databases.city
    assert await city.fetch_one("SELECT %(a)s::int + 1, 'x'", {"a": 1}) == (2, "x")
    assert await city.fetch_one("SELECT 1 WHERE false", {}) is None
    assert await city.fetch_json("""SELECT '{"é":1}'""", {}) == '{"é":1}'.encode()
    assert await city.fetch_json("SELECT NULL::text", {}) is None


async def test_sessions_still_have_transactions_afterwards(resources: Resources) -> None:
    city = resources.databases.city
    await city.fetch_one("SELECT 1", {})
    with pytest.raises(psycopg.errors.DivisionByZero):
        await city.fetch_one("SELECT 1 / 0", {})
    async with city.read() as session:
        await session.execute(
            text("INSERT INTO jobs.prospect_groups (codigo_vaga, titulo_vaga) VALUES (7, 'T')")
        )
    assert await city.fetch_one("SELECT 1 FROM jobs.prospect_groups", {}) is None


async def test_a_lost_connection_is_replaced(resources: Resources) -> None:
    city = resources.databases.city
    with pytest.raises(psycopg.OperationalError):
        await city.fetch_one("SELECT pg_terminate_backend(pg_backend_pid())", {})
    assert await city.fetch_one("SELECT 1", {}) == (1,)


async def test_what_is_read_is_noted_and_what_is_not_found_is_not(resources: Resources) -> None:
    for found in (True, False):
        entry = AuditEntry("test.thing_read", "thing", f"single-{found}")
        query, params = noting("SELECT 'thing' WHERE %(found)s::bool", entry)
        row = await resources.databases.city.fetch_one(query, params | {"found": found})
        assert row == (("thing",) if found else None)
        assert await _noted(resources, f"single-{found}") == int(found)


async def test_a_record_takes_its_key_from_the_row_and_a_change_may_come_before(
    resources: Resources,
) -> None:
    query, params = noting(
        "SELECT titulo_vaga, codigo_vaga AS id FROM held",
        AuditEntry("test.thing_made", "thing-with-key"),
        key="id",
        first="INSERT INTO jobs.prospect_groups (codigo_vaga, titulo_vaga)"
        " VALUES (5, 'shown') RETURNING codigo_vaga, titulo_vaga",
    )
    city = resources.databases.city
    assert await city.fetch_json(query, params) == b"shown"
    made = await city.fetch_one("SELECT codigo_vaga, titulo_vaga FROM jobs.prospect_groups", {})
    assert made == (5, "shown")
    noted = "SELECT resource_id FROM platform.audit_log WHERE resource_type = 'thing-with-key'"
    assert await city.fetch_one(noted, {}) == ("5",)
