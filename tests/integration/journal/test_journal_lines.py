"""What is noted of requests and predictions, and what never is."""

import httpx
from tests.conftest import MakeAccount
from tests.integration.journal.conftest import rows

from praca.platform.journal import NO_ROUTE, Journal

_REQUESTS = "SELECT method, route, status, user_id FROM platform.request_log ORDER BY at, id"
_CPF = "52998224725"


async def test_each_request_is_noted_by_its_template(
    client: httpx.AsyncClient, journal: Journal, city_dsn: str, make_account: MakeAccount
) -> None:
    user = await make_account("ana")
    for path in (
        f"/api/v1/{_CPF}/segredo",
        f"/api/v1/tasks/{_CPF}",
        "/api/v1/health",
        "/health/",
        "/api/v1/transport-card/x/",
        "/docs/files/swagger-ui.css",
        "/",
    ):
        await client.get(path, headers=user["headers"])
    await client.request("PURGE-" + _CPF, "/health")
    await client.delete("/api/v1/health")
    await journal.flush()

    assert rows(city_dsn, _REQUESTS) == [
        ("POST", "/api/v1/auth/login", 200, None),
        ("GET", NO_ROUTE, 404, None),
        ("GET", "/api/v1/tasks/{task_id}", 422, user["id"]),
        ("GET", "/api/v1/health", 200, None),
        ("GET", "/health", 200, None),
        ("GET", "/api/v1/transport-card/{card_number}", 405, None),
        ("GET", "/docs/files/{path}", 200, None),
        ("GET", "/", 200, None),
        ("(outro)", "/health", 405, None),
        ("DELETE", "/api/v1/health", 405, None),
    ]
