from collections.abc import AsyncIterator

import pytest_asyncio
from tests.integration.library_scraper.world import World, opened

from praca.platform.settings import Settings


@pytest_asyncio.fixture
async def world(settings: Settings, city_dsn: str) -> AsyncIterator[World]:
    async with opened(settings, city_dsn) as made:
        yield made
