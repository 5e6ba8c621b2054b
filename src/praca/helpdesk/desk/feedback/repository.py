"""All SQL of the feedback, and of the help desk's figures."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert

from praca.helpdesk.desk.feedback.records import (
    ArticleFigures,
    AskedQuestion,
    Figures,
    Opinion,
    Verdict,
)
from praca.helpdesk.desk.models import feedback
from praca.platform.database import ReadSession, WriteSession

__all__ = ["count_all", "find_question", "keep", "list_articles", "list_opinions"]

_MOST_ARTICLES: Final = 20
_QUESTION: Final = text(
    """
SELECT q.status, s.id, s.user_id, ARRAY(
    SELECT DISTINCT c ->> 'article_key'
    FROM jsonb_array_elements(coalesce(q.details -> 'citations', '[]')) AS c
    WHERE c ->> 'article_key' IS NOT NULL LIMIT :most
) FROM helpdesk.questions q JOIN helpdesk.sessions s ON s.id = q.session_id WHERE q.id = :id
"""
)
_SINCE: Final = "updated_at > now() - make_interval(days => :days)"
_ARTICLES: Final = f"""
SELECT key AS article_key, max(a.title) AS title,
    count(*) FILTER (WHERE f.helpful) AS helpful,
    count(*) FILTER (WHERE NOT f.helpful) AS unhelpful,
    count(f.comment) AS comments, max(f.updated_at) AS newest_at
FROM helpdesk.feedback f CROSS JOIN unnest(f.article_keys) AS key
    LEFT JOIN helpdesk.articles a USING (key)
WHERE f.{_SINCE} GROUP BY key HAVING NOT bool_and(f.helpful)
"""
# An answer of a person replaces one of the machine, and nobody knows how long that one took.
_FIGURES: Final = text(
    f"""
WITH q AS (
    SELECT status, details, extract(epoch FROM updated_at - created_at) AS took_s,
        coalesce(details ->> 'engine', '') = 'pessoa' AS is_persons
    FROM helpdesk.questions WHERE created_at > now() - make_interval(days => :days)
), f AS (
    SELECT helpful FROM helpdesk.feedback WHERE {_SINCE}
)
SELECT count(*) AS asked,
    count(*) FILTER (
        WHERE status = 'respondida' AND coalesce(details -> 'is_answered', 'true') <> 'false'
    ) AS answered,
    count(*) FILTER (
        WHERE status = 'respondida' AND details -> 'is_answered' = 'false'
    ) AS abstained,
    count(*) FILTER (WHERE is_persons) AS by_person,
    count(*) FILTER (WHERE status = 'erro') AS failed,
    count(*) FILTER (WHERE status = 'pendente') AS pending,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY took_s)
        FILTER (WHERE status <> 'pendente' AND NOT is_persons) AS median_s,
    (SELECT count(*) FROM f WHERE helpful) AS helpful,
    (SELECT count(*) FROM f WHERE NOT helpful) AS unhelpful,
    (SELECT count(DISTINCT key) FROM helpdesk.unanswered WHERE closed_in IS NULL)
        AS unanswered_open,
    (SELECT count(*) FROM helpdesk.tickets WHERE status = 'aberto') AS tickets_waiting,
    (SELECT count(*) FROM helpdesk.tickets WHERE status = 'respondido') AS tickets_answered
FROM q
"""
)


async def find_question(session: ReadSession, question_id: UUID) -> AskedQuestion | None:
    """Return a question of the asynchronous desk with what its answer quotes."""
    params = {"id": question_id, "most": _MOST_ARTICLES}
    row = (await session.execute(_QUESTION, params)).first()
    if row is None:
        return None
    status, session_id, user_id, keys = row
    return AskedQuestion(status, sorted(keys), session_id, user_id)


async def keep(session: WriteSession, verdict: Verdict) -> Opinion:
    """Keep a judgement, in the place of what the same person said of the same answer before."""
    values = {
        "question_id": verdict.question_id,
        "asker_key": verdict.asker_key,
        "user_id": verdict.user_id,
        "article_keys": verdict.article_keys,
        "helpful": verdict.judgement.is_helpful,
        "comment": verdict.judgement.comment,
    }
    changed = {name: values[name] for name in ("article_keys", "helpful", "comment")}
    subject = feedback.c.asker_key if verdict.question_id is None else feedback.c.question_id
    statement = (
        insert(feedback)
        .values(values)
        .on_conflict_do_update(index_elements=[subject], set_={**changed, "updated_at": func.now()})
        .returning(*(feedback.c[name] for name in Opinion.__slots__))
    )
    return Opinion(*(await session.execute(statement)).one())


async def list_opinions(
    session: ReadSession,
    *,
    article_key: str | None,
    helpful: bool | None,
    offset: int,
    limit: int,
) -> tuple[list[Opinion], int]:
    """Return one page of judgements, the newest first, and how many there are."""
    conditions = ["true"]
    if article_key is not None:
        conditions.append(":article_key = ANY(article_keys)")
    if helpful is not None:
        conditions.append("helpful = :helpful")
    found = f"FROM helpdesk.feedback WHERE {' AND '.join(conditions)}"
    params: dict[str, Any] = {"article_key": article_key, "helpful": helpful}
    total = await session.scalar(text(f"SELECT count(*) {found}"), params)
    page = text(
        f"SELECT {', '.join(Opinion.__slots__)} {found}"
        " ORDER BY updated_at DESC, id DESC LIMIT :limit OFFSET :offset"
    )
    rows = await session.execute(page, params | {"limit": limit, "offset": offset})
    return [Opinion(*row) for row in rows], total or 0


async def list_articles(
    session: ReadSession, *, days: int, offset: int, limit: int
) -> tuple[list[ArticleFigures], int]:
    """Return one page of the articles whose answers did not always help, the worst first."""
    total = await session.scalar(text(f"SELECT count(*) FROM ({_ARTICLES}) AS a"), {"days": days})
    page = text(
        f"SELECT * FROM ({_ARTICLES}) AS a"
        " ORDER BY unhelpful - helpful DESC, unhelpful DESC, article_key"
        " LIMIT :limit OFFSET :offset"
    )
    rows = await session.execute(page, {"days": days, "limit": limit, "offset": offset})
    return [ArticleFigures(**row) for row in rows.mappings()], total or 0


async def count_all(session: ReadSession, days: int) -> Figures:
    """Return the help desk's figures over the last ``days``; of queues, as they are now."""
    row = (await session.execute(_FIGURES, {"days": days})).mappings().one()
    median = row["median_s"]
    return Figures(**{**row, "median_s": None if median is None else float(median)})
