"""The articles of the city's database, as answers are made of them."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

import orjson

from praca.helpdesk.records import Article, Knowledge
from praca.kit.clock import today_in_brasilia
from praca.platform.database.engine import Database

__all__ = ["REVISION", "CityKnowledge"]

_TURN: Final = """greatest(
        (SELECT max(valid_from) FROM helpdesk.articles
            WHERE valid_from <= %(day)s::date AND deleted_at IS NULL),
        (SELECT max(valid_until) FROM helpdesk.articles
            WHERE valid_until < %(day)s::date AND deleted_at IS NULL) + 1)"""
"""The last day on which an article began to hold, or had ended to."""
REVISION: Final = f"""coalesce((SELECT revision || '@' || extract(epoch FROM changed_at)
    FROM helpdesk.knowledge), '') || '/' || coalesce({_TURN}::text, '')"""
"""The time is part of it: a knowledge base that was restored counts anew."""
_FIELDS: Final = (
    "id, key, version, title, summary, brief, body, steps, more, cost, deadline, agency,"
    " category, links, keywords, valid_from, valid_until"
)
_LOAD: Final = f"""
    SELECT {REVISION}, (SELECT coalesce(json_agg(row_to_json(found))::text, '[]') FROM (
        SELECT {_FIELDS} FROM helpdesk.articles
        WHERE deleted_at IS NULL AND coalesce(valid_from <= %(day)s::date, true)
            AND coalesce(valid_until >= %(day)s::date, true)
        ORDER BY id
    ) AS found)
"""


class CityKnowledge:
    """A source of knowledge on PostgreSQL.

    Args:
        database: the city's.
        today: returns the day in the city.
    """

    def __init__(
        self, database: Database, *, today: Callable[[], date] = today_in_brasilia
    ) -> None:
        self._database = database
        self._today = today

    async def revision(self) -> str:
        """Return the revision; it also changes when an article begins or ends to hold."""
        row = await self._database.fetch_one(f"SELECT {REVISION}", {"day": self._today()})
        assert row is not None  # noqa: S101  # there is no FROM
        return str(row[0])

    async def load(self) -> Knowledge:
        """Return the articles that hold today; they and the revision are of one moment."""
        row = await self._database.fetch_one(_LOAD, {"day": self._today()})
        assert row is not None  # noqa: S101  # there is no FROM
        return Knowledge(str(row[0]), tuple(_article(one) for one in orjson.loads(row[1])))


def _article(row: Mapping[str, Any]) -> Article:
    lists = {name: tuple(row[name]) for name in ("category", "links", "keywords")}
    days = {
        name: None if row[name] is None else date.fromisoformat(row[name])
        for name in ("valid_from", "valid_until")
    }
    return Article(**{**row, **lists, **days})
