"""What no operation of the desk can be asked, and what it can at its borders."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
DESK = "/api/v1/helpdesk"


async def test_borders(client: httpx.AsyncClient, make_account: MakeAccount) -> None:
    headers = (await make_account("olga", role="admin"))["headers"]
    for path in ("tickets", "my-tickets", "unanswered", "feedback", "feedback/articles"):
        for bounds, status in (
            ({"offset": 2**31 - 1, "limit": 1000}, 200),
            ({"offset": 2**31}, 422),
            ({"limit": 0}, 422),
            ({"limit": 1001}, 422),
        ):
            answer = await client.get(f"{DESK}/{path}", params=bounds, headers=headers)
            assert answer.status_code == status, (path, bounds)
    wrong: tuple[tuple[str, dict[str, str | int]], ...] = (
        ("tickets", {"status": "x"}),
        ("unanswered", {"status": "x"}),
        ("unanswered", {"source": "x"}),
        ("feedback", {"article_key": "a\0"}),
        ("figures", {"days": 0}),
        ("figures", {"days": 3651}),
    )
    for path, query in wrong:
        answer = await client.get(f"{DESK}/{path}", params=query, headers=headers)
        assert answer.status_code == 422, (path, query)
    assert (await client.get(f"{DESK}/figures?days=3650", headers=headers)).status_code == 200
    for key, status in (("0", 422), (str(2**63), 422), ("um", 422), (str(2**63 - 1), 404)):
        for path in (f"tickets/{key}", f"my-tickets/{key}"):
            answer = await client.get(f"{DESK}/{path}", headers=headers)
            assert answer.status_code == status, path
        answer = await client.post(f"{DESK}/unanswered/{key}/dismiss", headers=headers)
        assert answer.status_code == status, key
