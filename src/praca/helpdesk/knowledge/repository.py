"""All SQL of the articles but what answers are made of (``city.py``)."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import RowMapping, text

from praca.helpdesk.knowledge.content import CONTENT, LISTS, ArticleDraft, Layout, holds
from praca.kit.text import bounded, fold
from praca.platform.database.engine import ReadSession, WriteSession

__all__ = [
    "Filter",
    "Stored",
    "Version",
    "add",
    "bump",
    "find",
    "find_by_keys",
    "find_version",
    "list_articles",
    "list_versions",
    "lock",
    "read_all",
    "update",
]

_LOCK: Final = 0x6B6E6F77  # any number that nothing else locks
_COLUMNS: Final = (
    f"id, version, layout, extras, created_at, updated_at, deleted_at, {', '.join(CONTENT)}"
)
_VERSION: Final = "article_id, version, action, at, actor_id, content"
_WRITTEN: Final = (*CONTENT, "layout", "extras", "title_search", "category_search", "search")
_CASTS: Final = {
    "extras": "json",
    "valid_from": "date",
    "valid_until": "date",
    **dict.fromkeys((*LISTS, "category_search"), "text[]"),
}
_VALUES: Final = ", ".join(f"CAST(:{name} AS {_CASTS.get(name, 'text')})" for name in _WRITTEN)
_SEARCHED: Final = (
    "title", "keywords", "category", "summary", "brief", "body", "steps", "more", "agency",
)  # fmt: skip
_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class Stored:
    """An article as it is stored."""

    id: int
    version: int
    draft: ArticleDraft
    updated_at: datetime
    deleted_at: datetime | None

    def holds(self, day: date) -> bool:
        """Tell whether it is there, and holds on ``day``."""
        return self.deleted_at is None and holds(self.draft, day)


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an article: what was done, when and by whom, and all that it held then.

    ``actor_id`` is none for what nobody's account did.
    """

    article_id: int
    version: int
    action: str
    at: datetime
    actor_id: int | None
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles: with all these words, in this category, holding on this day.

    ``words`` and ``category`` are folded; of no ``day`` are those of the past and the future, too.
    """

    words: tuple[str, ...] = ()
    category: str = ""
    day: date | None = None


def _stored(row: RowMapping) -> Stored:
    content = {name: row[name] for name in CONTENT}
    lists = {name: tuple(row[name]) for name in LISTS}
    layout = Layout(row["layout"])
    draft = ArticleDraft(**(content | lists), layout=layout, extras=row["extras"])
    return Stored(row["id"], row["version"], draft, row["updated_at"], row["deleted_at"])


async def lock(session: WriteSession) -> None:
    """Keep others from writing articles until the transaction ends.

    Writers are few people and one import. One after the other, no two take the same key, and no
    version is counted twice.
    """
    await session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


async def bump(session: WriteSession) -> None:
    """Make the revision another one: articles have changed."""
    # The clock of the statement, not of the transaction: who waited writes after the other.
    await session.execute(
        text(
            "INSERT INTO helpdesk.knowledge AS k (revision) VALUES (1) ON CONFLICT (id)"
            " DO UPDATE SET revision = k.revision + 1, changed_at = clock_timestamp()"
        )
    )


async def find(session: ReadSession, article_id: int) -> Stored | None:
    """Return one article, also one that was removed."""
    query = text(f"SELECT {_COLUMNS} FROM helpdesk.articles WHERE id = :id")
    row = (await session.execute(query, {"id": article_id})).mappings().first()
    return None if row is None else _stored(row)


async def find_by_keys(session: ReadSession, keys: Sequence[str]) -> dict[str, Stored]:
    """Return the articles of these keys, also those that were removed."""
    query = text(f"SELECT {_COLUMNS} FROM helpdesk.articles WHERE key = ANY(CAST(:keys AS text[]))")
    rows = (await session.execute(query, {"keys": list(keys)})).mappings()
    return {row["key"]: _stored(row) for row in rows}


async def add(session: WriteSession, draft: ArticleDraft, actor_id: int | None) -> Stored:
    """Store a new article, and its first version."""
    statement = (
        f"INSERT INTO helpdesk.articles ({', '.join(_WRITTEN)}, created_at, updated_at)"
        f" VALUES ({_VALUES}, clock_timestamp(), clock_timestamp()) RETURNING {_COLUMNS}"
    )
    return await _store(session, statement, draft, "criado", actor_id)


async def update(
    session: WriteSession,
    article_id: int,
    draft: ArticleDraft,
    action: str,
    actor_id: int | None,
) -> Stored:
    """Store the next version of an article; ``removido`` takes it out, all else puts it back."""
    statement = (
        f"UPDATE helpdesk.articles SET ({', '.join(_WRITTEN)}) = ROW ({_VALUES}),"
        " version = version + 1, updated_at = clock_timestamp(),"
        " deleted_at = CASE WHEN CAST(:action AS text) = 'removido' THEN clock_timestamp() END"
        f" WHERE id = :id RETURNING {_COLUMNS}"
    )
    return await _store(session, statement, draft, action, actor_id, id=article_id)


async def _store(
    session: WriteSession,
    statement: str,
    draft: ArticleDraft,
    action: str,
    actor_id: int | None,
    **params: Any,
) -> Stored:
    """Run ``statement``, and keep what it stores as a version: both or neither, in one go."""
    query = text(
        f"WITH stored AS ({statement}), kept AS ("
        " INSERT INTO helpdesk.article_versions"
        " (article_id, version, action, at, actor_id, content)"
        " SELECT id, version, CAST(:action AS text), updated_at, CAST(:actor_id AS bigint),"
        " CAST(:content AS jsonb) FROM stored"
        f") SELECT {_COLUMNS} FROM stored"
    )
    content = draft.content() | {"layout": draft.layout, "extras": dict(draft.extras)}
    params |= _params(draft) | {
        "action": action,
        "actor_id": actor_id,
        "content": json.dumps(content, ensure_ascii=False, default=str),
    }
    return _stored((await session.execute(query, params)).mappings().one())


async def list_articles(
    session: ReadSession, which: Filter, *, offset: int, limit: int
) -> tuple[list[Stored], int]:
    """Return a page of articles and how many there are; those with the words in the title first."""
    where = ["deleted_at IS NULL"]
    if which.words:
        where.append(
            "(SELECT bool_and(strpos(search, word) > 0)"
            " FROM unnest(CAST(:words AS text[])) AS word)"
        )
    if which.category:
        where.append(":category = ANY(category_search)")
    if which.day is not None:
        where.append(
            "coalesce(valid_from <= CAST(:day AS date), true)"
            " AND coalesce(valid_until >= CAST(:day AS date), true)"
        )
    found = f"FROM helpdesk.articles WHERE {' AND '.join(where)}"
    params = {"words": list(which.words), "category": which.category, "day": which.day}
    total = await session.scalar(text(f"SELECT count(*) {found}"), params)
    in_title = (
        "(SELECT count(*) FROM unnest(CAST(:words AS text[])) AS word"
        " WHERE strpos(title_search, word) > 0)"
    )
    page = text(
        f'SELECT {_COLUMNS} {found} ORDER BY {in_title} DESC, title_search COLLATE "C", id'
        " LIMIT :limit OFFSET :offset"
    )
    rows = await session.execute(page, params | {"limit": limit, "offset": offset})
    return [_stored(row) for row in rows.mappings()], total or 0


async def read_all(session: ReadSession) -> AsyncIterator[Stored]:
    """Yield all articles that are there, in the order in which they came, as one moment saw them.

    They are fetched some at a time, by a cursor.
    """
    query = text(f"SELECT {_COLUMNS} FROM helpdesk.articles WHERE deleted_at IS NULL ORDER BY id")
    rows = await session.stream(query, execution_options={"yield_per": _BATCH})
    async for row in rows.mappings():
        yield _stored(row)


async def list_versions(
    session: ReadSession, article_id: int, *, offset: int, limit: int
) -> tuple[list[Version], int]:
    """Return a page of an article's versions, the newest first, and how many it has."""
    params = {"id": article_id, "offset": offset, "limit": limit}
    total = await session.scalar(
        text("SELECT count(*) FROM helpdesk.article_versions WHERE article_id = :id"), params
    )
    rows = await session.execute(
        text(
            f"SELECT {_VERSION} FROM helpdesk.article_versions WHERE article_id = :id"
            " ORDER BY version DESC LIMIT :limit OFFSET :offset"
        ),
        params,
    )
    return [Version(**row) for row in rows.mappings()], total or 0


async def find_version(session: ReadSession, article_id: int, version: int) -> Version | None:
    """Return one version of an article."""
    query = text(
        f"SELECT {_VERSION} FROM helpdesk.article_versions"
        " WHERE article_id = :id AND version = :version"
    )
    row = (await session.execute(query, {"id": article_id, "version": version})).mappings().first()
    return None if row is None else Version(**row)


def _params(draft: ArticleDraft) -> dict[str, Any]:
    content = draft.content()
    lists = {name: list(content[name]) for name in LISTS}
    parts = (content[name] for name in _SEARCHED)
    searched = "\n".join(part if isinstance(part, str) else "\n".join(part) for part in parts)
    return {
        **content,
        **lists,
        "layout": draft.layout.value,
        # The text of it is kept: order and spelling of the members are those of the file.
        "extras": json.dumps(draft.extras, ensure_ascii=False),
        "title_search": _folded(draft.title),
        "category_search": [_folded(level) for level in draft.category],
        "search": _folded(searched),
    }


def _folded(given: str) -> str:
    return fold(bounded(given, len(given)))
