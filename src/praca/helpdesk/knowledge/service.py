"""The rules of the knowledge base: versions, keys, who overwrites whom."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from praca.helpdesk.knowledge import repository
from praca.helpdesk.knowledge.content import ArticleDraft
from praca.helpdesk.knowledge.errors import (
    ArticleChangedError,
    ArticleKeyTakenError,
    ArticleNotFoundError,
    ArticleVersionNotFoundError,
)
from praca.helpdesk.knowledge.repository import Filter, Stored, Version
from praca.kit.text import bounded, fold
from praca.platform.audit import AuditEntry, record
from praca.platform.database.engine import ReadSession, WriteSession

__all__ = [
    "Counts",
    "change_article",
    "create_article",
    "filter_of",
    "list_versions",
    "remove_article",
    "require_article",
    "require_version",
    "store_all",
]

_LARGEST_ID = 2**63 - 1
_LARGEST_VERSION = 2**31 - 1
_LONGEST_SEARCH = 200
_ACTIONS = {
    "criado": "created",
    "alterado": "changed",
    "removido": "removed",
    "restaurado": "restored",
}


@dataclass(slots=True)
class Counts:
    """How many articles of a file were new, changed, or known as they are."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


def filter_of(q: str | None, category: str | None, day: date | None) -> Filter:
    """Return which articles a search asks for; case and accents do not count."""
    return Filter(tuple(_folded(q).split()), _folded(category), day)


async def require_article(
    session: ReadSession, article_id: int, *, day: date | None = None
) -> Stored:
    """Return an article; if a ``day`` is given, only one that holds on it.

    Raises:
        ArticleNotFoundError: there is none.
    """
    stored = None
    if 0 < article_id <= _LARGEST_ID:
        stored = await repository.find(session, article_id)
    if stored is None or stored.deleted_at is not None:
        raise ArticleNotFoundError
    if day is not None and not stored.holds(day):
        raise ArticleNotFoundError
    return stored


async def create_article(
    session: WriteSession, draft: ArticleDraft, actor_id: int | None
) -> Stored:
    """Store a new article, or anew one that was removed under this key.

    Raises:
        ArticleKeyTakenError: there is one of this key.
    """
    await repository.lock(session)
    known = await repository.find_by_keys(session, [draft.key])
    if draft.key in known and known[draft.key].deleted_at is None:
        raise ArticleKeyTakenError(known[draft.key].id)
    stored, action = await _store(session, known.get(draft.key), draft, actor_id)
    await _note(session, action, stored, actor_id)
    await repository.bump(session)
    return stored


async def change_article(
    session: WriteSession,
    article_id: int,
    draft: ArticleDraft | Callable[[str], ArticleDraft],
    actor_id: int | None,
    *,
    expected: int | None = None,
) -> Stored:
    """Give an article another content; one that it has already makes no new version.

    Args:
        session: to write with.
        article_id: which.
        draft: the content, or what makes it of the key that the article has; how the article's
            file spelled it is kept.
        actor_id: who changes it.
        expected: the version that it is to have; none: any.

    Raises:
        ArticleNotFoundError: there is none.
        ArticleChangedError: it has another version.
        ArticleKeyTakenError: another article has the new key.
    """
    await repository.lock(session)
    before = await _expected(session, article_id, expected)
    given = draft(before.draft.key) if callable(draft) else draft
    draft = replace(given, layout=before.draft.layout, extras=before.draft.extras)
    if draft.key != before.draft.key:
        known = await repository.find_by_keys(session, [draft.key])
        if known:
            raise ArticleKeyTakenError(known[draft.key].id)
    stored, action = await _store(session, before, draft, actor_id)
    if action is not None:
        await _note(session, action, stored, actor_id)
        await repository.bump(session)
    return stored


async def remove_article(
    session: WriteSession, article_id: int, actor_id: int | None, *, expected: int | None = None
) -> None:
    """Take an article out of the knowledge base; its versions stay.

    Raises:
        ArticleNotFoundError: there is none.
        ArticleChangedError: it has another version than the one expected.
    """
    await repository.lock(session)
    before = await _expected(session, article_id, expected)
    stored = await repository.update(session, article_id, before.draft, "removido", actor_id)
    await _note(session, "removido", stored, actor_id)
    await repository.bump(session)


async def store_all(
    session: WriteSession, drafts: Sequence[ArticleDraft], actor_id: int | None
) -> Counts:
    """Store articles by their keys; what is as it was makes no new version.

    The caller has locked the knowledge base, makes the revision another one if articles are new
    or changed, and notes in the audit that they are: the versions tell which.
    """
    known = await repository.find_by_keys(session, [draft.key for draft in drafts])
    counts = Counts()
    for draft in drafts:
        _, action = await _store(session, known.get(draft.key), draft, actor_id)
        counts.new += action == "criado"
        counts.changed += action in {"alterado", "restaurado"}
        counts.unchanged += action is None
    return counts


async def list_versions(
    session: ReadSession, article_id: int, *, offset: int, limit: int
) -> tuple[list[Version], int]:
    """Return a page of an article's versions, also of one that was removed, the newest first.

    Raises:
        ArticleNotFoundError: there never was one.
    """
    if not 0 < article_id <= _LARGEST_ID:
        raise ArticleNotFoundError
    versions, total = await repository.list_versions(
        session, article_id, offset=offset, limit=limit
    )
    if not total:
        raise ArticleNotFoundError
    return versions, total


async def require_version(session: ReadSession, article_id: int, version: int) -> Version:
    """Return one version of an article, also of one that was removed.

    Raises:
        ArticleVersionNotFoundError: there never was one.
    """
    found = None
    if 0 < article_id <= _LARGEST_ID and 0 < version <= _LARGEST_VERSION:
        found = await repository.find_version(session, article_id, version)
    if found is None:
        raise ArticleVersionNotFoundError
    return found


async def _expected(session: ReadSession, article_id: int, version: int | None) -> Stored:
    stored = await require_article(session, article_id)
    if version is not None and stored.version != version:
        raise ArticleChangedError(stored.version)
    return stored


async def _store(
    session: WriteSession, before: Stored | None, draft: ArticleDraft, actor_id: int | None
) -> tuple[Stored, str | None]:
    """Store ``draft``; return the article, and what was done: none if it is as it was."""
    if before is None:
        return await repository.add(session, draft, actor_id), "criado"
    if before.deleted_at is None and before.draft == draft:
        return before, None
    action = "alterado" if before.deleted_at is None else "restaurado"
    return await repository.update(session, before.id, draft, action, actor_id), action


async def _note(
    session: WriteSession, action: str | None, stored: Stored, actor_id: int | None
) -> None:
    what = f"helpdesk.article_{_ACTIONS[str(action)]}"
    await record(session, AuditEntry(what, "article", str(stored.id), actor_id))


def _folded(text: str | None) -> str:
    return " ".join(fold(bounded((text or "").replace("\0", ""), _LONGEST_SEARCH)).split())
