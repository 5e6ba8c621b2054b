"""Which revision a database is at, and which it should be at, without loading Alembic.

Every start and every look at readiness asks this; loading Alembic and SQLAlchemy takes longer than
all else a start does.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

import psycopg
from psycopg import sql

__all__ = ["REVISION_QUERY", "Revisions", "is_newest", "revisions"]

REVISION_QUERY = "SELECT version_num FROM {schema}.alembic_version"
_ASSIGNED = re.compile(r'^(revision|down_revision)(?:: .+)? = (?:"(\w+)"|None)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Revisions:
    """The revisions of one history: all that this release knows, and the newest."""

    known: frozenset[str]
    newest: frozenset[str]


@cache
def revisions(history: str) -> Revisions:
    """Read the revisions of ``history`` (``city`` or ``identity``) from its migrations' text."""
    known, superseded = set(), set()
    folder = resources.files("praca.migrations") / history / "versions"
    for file in folder.iterdir():
        if file.name.endswith(".py"):
            named = {match[1]: match[2] for match in _ASSIGNED.finditer(file.read_text("utf-8"))}
            known.add(named["revision"])
            superseded.add(named["down_revision"])
    return Revisions(frozenset(known), frozenset(known - superseded))


def is_newest(url: str, history: str, schema: str) -> bool:
    """Tell whether the database at ``url`` is at the newest revision of ``history``."""
    query = sql.SQL(REVISION_QUERY).format(schema=sql.Identifier(schema))
    try:
        with psycopg.connect(url) as connection:
            return {row[0] for row in connection.execute(query)} == revisions(history).newest
    except psycopg.errors.UndefinedTable:
        return False
