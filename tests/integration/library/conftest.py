"""A shop that answers with the very bytes a test gives it."""

from collections.abc import AsyncIterator

import pytest_asyncio
from tests.integration.library.asking import PAGE
from tests.integration.library.raw_server import RawServer, answer, raw_server


@pytest_asyncio.fixture
async def raw_shop() -> AsyncIterator[RawServer]:
    async with raw_server() as server:
        server.replies["/page"] = answer(body=PAGE)
        yield server
