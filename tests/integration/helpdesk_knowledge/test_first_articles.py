"""The articles of the first start: once, and never among somebody's own."""

import psycopg

from praca.entrypoints.cli.first_start import _first_articles
from praca.helpdesk.knowledge import sample_articles
from praca.helpdesk.knowledge.content import ArticleDraft
from praca.helpdesk.knowledge.service import create_article, remove_article
from praca.platform.resources import Resources


def counted(dsn: str) -> tuple[int, int]:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM helpdesk.articles),"
            " (SELECT count(*) FROM helpdesk.article_versions)"
        ).fetchone()
    assert row is not None
    return row[0], row[1]


async def test_they_are_loaded_once(resources: Resources, city_dsn: str) -> None:
    count = len(sample_articles())
    await _first_articles(resources)
    assert counted(city_dsn) == (count, count)
    # Killed after that, the next start finds that it is done, whatever has been changed since.
    async with resources.databases.city.write() as session:
        await remove_article(session, 1, None)
    await _first_articles(resources)
    assert counted(city_dsn) == (count, count + 1)


async def test_a_start_that_was_killed_is_taken_up(resources: Resources, city_dsn: str) -> None:
    resources.settings.data_dir.mkdir(parents=True, exist_ok=True)
    (resources.settings.data_dir / "sample-articles-begun").touch()
    # As if the import had been killed, and an operator had been quicker than the next start.
    async with resources.databases.city.write() as session:
        await create_article(session, ArticleDraft("minha", "Minha"), None)
    await _first_articles(resources)
    assert counted(city_dsn)[0] == len(sample_articles()) + 1


async def test_they_do_not_come_among_somebodys_own(resources: Resources, city_dsn: str) -> None:
    async with resources.databases.city.write() as session:
        await create_article(session, ArticleDraft("minha", "Minha"), None)
    await _first_articles(resources)
    assert counted(city_dsn) == (1, 1)
