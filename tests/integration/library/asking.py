"""A fetcher whose time a test moves, and what its failures are."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from praca.library.scraper.fetching import Fetcher, FetchFailedError, Validators
from praca.platform.settings.library import LibrarySettings

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PAGE = "<html>Memórias póstumas</html>".encode()


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds
        await asyncio.sleep(0)


@asynccontextmanager
async def fetching(time: Time | None = None, **values: object) -> AsyncIterator[Fetcher]:
    given: dict[str, object] = {
        "scrape_delay_s": 0,
        "scrape_timeout_s": 10,
        "scrape_user_agent": "PracaBot/0.1 (+https://praca.example)",
    }
    settings = LibrarySettings.model_validate({**given, **values})
    time = time or Time()
    async with Fetcher(settings, clock=time.clock, sleep=time.sleep, now=lambda: NOW) as fetcher:
        yield fetcher


async def failure(
    fetcher: Fetcher, url: str, validators: Validators | None = None
) -> FetchFailedError:
    with pytest.raises(FetchFailedError) as raised:
        await fetcher.fetch(url, validators)
    assert raised.value.reason
    return raised.value
