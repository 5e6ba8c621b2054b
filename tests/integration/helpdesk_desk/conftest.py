"""Tickets, and mails that can be looked at."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from praca.helpdesk.desk import open_ticket
from praca.platform.mail import Message
from praca.platform.resources import Resources

Rows = Callable[[str], Awaitable[list[Any]]]
Audited = Callable[[], Awaitable[list[Any]]]
OpenTicket = Callable[..., Awaitable[int]]


class Outbox:
    """A mail server's place: keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[Message] = []

    async def send(self, message: Message) -> None:
        self.sent.append(message)


@pytest.fixture
def outbox(resources: Resources) -> Outbox:
    kept = Outbox()
    object.__setattr__(resources, "mail", kept)
    return kept


@pytest.fixture
def rows(resources: Resources) -> Rows:
    async def read(query: str) -> list[Any]:
        async with resources.databases.city.read() as session:
            return [tuple(row) for row in await session.execute(text(query))]

    return read


@pytest_asyncio.fixture
async def audited(rows: Rows) -> Audited:
    """What the help desk has noted since the test began; the audit outlives tests."""
    ((before,),) = await rows("SELECT coalesce(max(id), 0) FROM platform.audit_log")

    async def read() -> list[Any]:
        return await rows(
            "SELECT action, resource_id, actor_id FROM platform.audit_log"
            f" WHERE id > {before} AND action LIKE 'helpdesk.%' ORDER BY id"
        )

    return read


@pytest.fixture
def new_ticket(resources: Resources) -> OpenTicket:
    async def make(user_id: int | None, *said: str) -> int:
        async with resources.databases.city.write() as session:
            transcript = [("cidadao", what) for what in said or ("Preciso de ajuda",)]
            return await open_ticket(
                session, user_id=user_id, subject="Ajuda", transcript=transcript
            )

    return make
