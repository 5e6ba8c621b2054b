"""The articles that come with Praça: services of the invented sample city, in our own words."""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources

from praca.helpdesk.knowledge.content import ArticleDraft
from praca.helpdesk.knowledge.lines import own_draft, write_line
from praca.helpdesk.records import Article

__all__ = ["sample_articles", "sample_drafts", "write_sample"]


@cache
def sample_drafts() -> tuple[ArticleDraft, ...]:
    """Return what the shipped articles say, area by area."""
    folder = resources.files(__package__) / "articles"
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".toml")), key=str)
    return tuple(
        own_draft(record)
        for file in files
        for record in tomllib.loads(file.read_text("utf-8"))["article"]
    )


def sample_articles() -> tuple[Article, ...]:
    """Return the shipped articles, numbered from 1."""
    return tuple(draft.article(number) for number, draft in enumerate(sample_drafts(), 1))


def write_sample() -> Iterator[bytes]:
    """Yield the shipped articles as lines of a file."""
    yield from map(write_line, sample_drafts())
