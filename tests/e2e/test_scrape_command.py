"""``praca scrape`` as somebody types it."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.integration.library_scraper.world import BOOKS, served
from typer.testing import CliRunner

from praca.entrypoints.cli import app
from praca.entrypoints.cli.library import _gathered
from praca.library.bookshop import Bookshop, make_books
from praca.platform.errors import TaskAlreadyRunningError
from praca.platform.resources import Resources
from praca.platform.tasks.kinds import SCHEDULED


def praca(*arguments: str, dsn: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    environment = {
        **os.environ,
        "PRACA_DATABASE_URL": dsn,
        "PRACA_DATA_DIR": str(folder),
        "PRACA_SCRAPE_DELAY_S": "0",
        "PRACA_SCRAPE_TRIES": "1",
    }
    return subprocess.run(  # noqa: S603  # our own program, fixed arguments
        [sys.executable, "-m", "praca", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_it_prints_the_figures_or_why_there_are_none(city_dsn: str, tmp_path: Path) -> None:
    async def run(shop: str) -> "subprocess.CompletedProcess[str]":
        return await asyncio.to_thread(
            praca, "scrape", "--shop", shop, dsn=city_dsn, folder=tmp_path
        )

    async with served(Bookshop(make_books(BOOKS))) as url:
        good = await run(url)
    assert good.returncode == 0, good.stderr
    assert json.loads(good.stdout)["total_encontrado"] == BOOKS
    away = await run("http://127.0.0.1:9")
    assert away.returncode == 1
    assert "A loja http://127.0.0.1:9 não pôde ser lida: " in away.stderr
    assert away.stdout == ""


async def test_another_shops_crawl_is_not_told_as_its_own(resources: Resources) -> None:
    """One on schedule names no shop: it is of the settings'."""
    async with resources.databases.city.write() as session:
        await resources.tasks.enqueue(session, "library.scrape", {SCHEDULED: True})
    with pytest.raises(TaskAlreadyRunningError):
        await _gathered(resources, "http://127.0.0.1:9", "https://books.toscrape.com")


def test_it_asks_for_an_address() -> None:
    wrong = CliRunner().invoke(app, ["scrape", "--shop", "loja"])
    assert wrong.exit_code == 1
    assert "endereço de loja inválido: loja" in wrong.stderr
