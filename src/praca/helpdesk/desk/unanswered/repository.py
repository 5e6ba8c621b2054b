"""All SQL of the operators' queue.

What is open is grouped as it is read: whoever notes a question touches no row of others, and what
is erased of one person changes nothing of anybody's.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text

from praca.helpdesk.desk.unanswered.records import Closing, Group, Outcome, Source, Which
from praca.platform.database import ReadSession, WriteSession

__all__ = [
    "close",
    "find_group",
    "list_groups",
    "mark_delivered",
    "mark_unreachable",
    "outcome_of",
    "undelivered",
]

_GROUPS: Final = """
SELECT coalesce(u.closed_in, min(u.id)) AS id,
    (array_agg(u.question ORDER BY u.id DESC))[1] AS question,
    count(*) AS count, count(u.question_id) AS reachable, count(u.delivered_at) AS delivered,
    array_agg(DISTINCT u.source ORDER BY u.source) AS sources,
    min(u.asked_at) AS first_at, max(u.asked_at) AS newest_at,
    coalesce(c.status, 'aberta') AS status, c.answer, c.article_id, c.closed_at
FROM helpdesk.unanswered u LEFT JOIN helpdesk.unanswered_closings c ON c.id = u.closed_in
WHERE {where}
GROUP BY u.key, u.closed_in, c.id
"""
_BY_SOURCE: Final = " HAVING bool_or(u.source = :source)"
_ORDER: Final = " ORDER BY closed_at DESC NULLS FIRST, count DESC, newest_at DESC, id"
# Of two who close the same at once, the second waits for the first's rows and finds none open.
_CLOSE: Final = text(
    """
WITH open AS MATERIALIZED (
    SELECT id FROM helpdesk.unanswered
    WHERE closed_in IS NULL AND key = (SELECT key FROM helpdesk.unanswered WHERE id = :id)
    ORDER BY id FOR UPDATE
), closing AS (
    INSERT INTO helpdesk.unanswered_closings (id, status, answer, article_id)
    SELECT min(id), :status, :answer, :article_id FROM open HAVING bool_or(id = :id)
    RETURNING id
), closed AS (
    UPDATE helpdesk.unanswered AS u SET closed_in = closing.id FROM open, closing
    WHERE u.id = open.id
)
SELECT id FROM closing
"""
)


def _group(row: Row[Any]) -> Group:
    values = dict(row._mapping)  # noqa: SLF001  # its public name
    values["sources"] = [Source(source) for source in values["sources"]]
    return Group(**values | {"status": Outcome(values["status"])})


async def list_groups(
    session: ReadSession, which: Which, source: Source | None, *, offset: int, limit: int
) -> tuple[list[Group], int]:
    """Return one page of groups and how many there are.

    Open ones come in the order of how often they were asked, closed ones the last closed first.
    """
    conditions = {
        Which.OPEN: "u.closed_in IS NULL",
        Which.CLOSED: "u.closed_in IS NOT NULL",
    }
    where = conditions.get(which, "c.status = :status")
    groups = _GROUPS.format(where=where) + (_BY_SOURCE if source else "")
    params = {"status": which.value, "source": source and source.value}
    total = await session.scalar(text(f"SELECT count(*) FROM ({groups}) AS g"), params)
    page = text(f"SELECT * FROM ({groups}) AS g{_ORDER} LIMIT :limit OFFSET :offset")
    rows = await session.execute(page, params | {"limit": limit, "offset": offset})
    return [_group(row) for row in rows], total or 0


async def find_group(session: ReadSession, group_id: int) -> Group | None:
    """Return a closed group."""
    query = text(_GROUPS.format(where="u.closed_in = :id"))
    row = (await session.execute(query, {"id": group_id})).first()
    return None if row is None else _group(row)


async def outcome_of(session: ReadSession, question_id: int) -> Outcome | None:
    """Return what became of one of the questions, none if there is no such question."""
    found = await session.scalar(
        text(
            "SELECT coalesce(c.status, 'aberta') FROM helpdesk.unanswered u"
            " LEFT JOIN helpdesk.unanswered_closings c ON c.id = u.closed_in WHERE u.id = :id"
        ),
        {"id": question_id},
    )
    return None if found is None else Outcome(found)


async def close(session: WriteSession, question_id: int, closing: Closing) -> int | None:
    """Close all open questions that are equal to one; return their group, none if it is closed."""
    found: int | None = await session.scalar(
        _CLOSE,
        {
            "id": question_id,
            "status": closing.outcome.value,
            "answer": closing.answer,
            "article_id": closing.article_id,
        },
    )
    return found


async def undelivered(
    session: WriteSession, group_id: int, limit: int
) -> tuple[str, Sequence[tuple[int, UUID]]]:
    """Return the answer of a group, and the next who were not told it; they are held.

    Somebody else's are passed over: he tells them.
    """
    rows = await session.execute(
        text(
            "SELECT u.id, u.question_id, c.answer FROM helpdesk.unanswered u"
            " JOIN helpdesk.unanswered_closings c ON c.id = u.closed_in"
            " WHERE u.closed_in = :id AND u.question_id IS NOT NULL AND u.delivered_at IS NULL"
            " AND c.answer IS NOT NULL ORDER BY u.id LIMIT :limit FOR UPDATE OF u SKIP LOCKED"
        ),
        {"id": group_id, "limit": limit},
    )
    found = rows.all()
    return (found[0][2] if found else ""), [(row[0], row[1]) for row in found]


async def mark_delivered(session: WriteSession, ids: Sequence[int]) -> None:
    """Note that these were told the answer."""
    await session.execute(
        text(
            "UPDATE helpdesk.unanswered SET delivered_at = now()"
            " WHERE id = ANY(CAST(:ids AS bigint[]))"
        ),
        {"ids": list(ids)},
    )


async def mark_unreachable(session: WriteSession, ids: Sequence[int]) -> None:
    """Note that the questions of these are gone, and nobody is there to be told."""
    await session.execute(
        text(
            "UPDATE helpdesk.unanswered SET question_id = NULL"
            " WHERE id = ANY(CAST(:ids AS bigint[]))"
        ),
        {"ids": list(ids)},
    )
