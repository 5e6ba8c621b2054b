"""All SQL of the reviews. A change of state is one statement that names the states it leaves."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text

from praca.platform.database import ReadSession, WriteSession

__all__ = [
    "Decision",
    "Filter",
    "NewReview",
    "Review",
    "add",
    "assume",
    "cancel",
    "count_recent",
    "decide",
    "find",
    "list_reviews",
]


@dataclass(frozen=True, slots=True)
class Review:
    """One review, as stored, with the title of its vacancy as it was then.

    ``account_id`` is the account that was linked to the candidate when it was asked for.
    """

    id: UUID
    codigo_candidato: int
    codigo_vaga: int
    titulo_vaga: str
    snapshot_hash: str
    motivo: str
    status: str
    prazo: datetime
    requested_by: int | None
    account_id: int | None
    requested_at: datetime
    reviewer_id: int | None
    decisao: str | None
    justificativa: str | None
    encaminhar: bool
    decided_by: int | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewReview:
    """What is asked: of which score, whose, why, by whom, and until when it must be answered."""

    id: UUID
    codigo_candidato: int
    codigo_vaga: int
    snapshot_hash: str
    motivo: str
    prazo: datetime
    requested_by: int
    account_id: int | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided, why, and whether to put the candidate forward whatever the score."""

    decisao: str
    justificativa: str
    encaminhar: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """Which reviews: of one candidate, in one state, past their deadline."""

    codigo_candidato: int | None = None
    status: str | None = None
    overdue: bool = False


_COLUMNS: Final = (
    "r.id, r.codigo_candidato, r.codigo_vaga, s.vacancy->>'titulo' AS titulo_vaga,"
    " r.snapshot_hash, r.motivo, r.status, r.prazo, r.requested_by, r.account_id,"
    " r.requested_at, r.reviewer_id, r.decisao, r.justificativa, r.encaminhar, r.decided_by,"
    " r.decided_at"
)
_FROM: Final = "jobs.reviews r JOIN jobs.score_snapshots s ON s.hash = r.snapshot_hash"
_OPEN: Final = "('pendente', 'em_analise')"


def _review(row: Row[Any]) -> Review:
    return Review(**row._mapping)  # noqa: SLF001  # its public name


async def find(session: ReadSession, review_id: UUID) -> Review | None:
    """Return one review."""
    query = text(f"SELECT {_COLUMNS} FROM {_FROM} WHERE r.id = :id")
    row = (await session.execute(query, {"id": review_id})).first()
    return None if row is None else _review(row)


async def add(session: WriteSession, new: NewReview) -> bool:
    """Store a request; false if one is open for its pair."""
    added = await session.scalar(
        text(
            "INSERT INTO jobs.reviews (id, codigo_candidato, codigo_vaga, snapshot_hash, motivo,"
            " prazo, requested_by, account_id) VALUES (:id, :codigo_candidato, :codigo_vaga,"
            " :snapshot_hash, :motivo, :prazo, :requested_by, :account_id)"
            f" ON CONFLICT (codigo_candidato, codigo_vaga) WHERE status IN {_OPEN} DO NOTHING"
            " RETURNING true"
        ),
        {name: getattr(new, name) for name in NewReview.__slots__},
    )
    return bool(added)


async def count_recent(session: ReadSession, codigo_candidato: int, account_id: int) -> int:
    """Return how many reviews of the candidate the account has open, or asked for within a day."""
    found = await session.scalar(
        text(
            "SELECT count(*) FROM jobs.reviews WHERE codigo_candidato = :codigo_candidato"
            " AND requested_by = :account_id"
            f" AND (status IN {_OPEN} OR requested_at > now() - interval '1 day')"
        ),
        {"codigo_candidato": codigo_candidato, "account_id": account_id},
    )
    return int(found or 0)


async def list_reviews(
    session: ReadSession, which: Filter, *, offset: int, limit: int
) -> tuple[list[Review], int]:
    """Return one page of reviews, the nearest deadline first, and how many there are in all."""
    conditions = ["true"]
    if which.codigo_candidato is not None:
        conditions.append("r.codigo_candidato = :codigo_candidato")
    if which.status is not None:
        conditions.append("r.status = :status")
    if which.overdue:
        conditions.append(f"r.status IN {_OPEN} AND r.prazo < now()")
    where = " AND ".join(conditions)
    params = {"codigo_candidato": which.codigo_candidato, "status": which.status}
    total = await session.scalar(text(f"SELECT count(*) FROM jobs.reviews r WHERE {where}"), params)
    rows = await session.execute(
        text(
            f"SELECT {_COLUMNS} FROM {_FROM} WHERE {where}"
            " ORDER BY r.prazo, r.id LIMIT :limit OFFSET :offset"
        ),
        params | {"limit": limit, "offset": offset},
    )
    return [_review(row) for row in rows], total or 0


async def assume(
    session: WriteSession, review_id: UUID, reviewer_id: int, *, from_others: bool
) -> bool:
    """Put a review into a reviewer's hands.

    Args:
        session: to write with.
        review_id: which.
        reviewer_id: whose hands.
        from_others: also if it is in somebody else's.

    Returns:
        Whether it was open, and free to be taken on.
    """
    return await _change(
        session,
        "status = 'em_analise', reviewer_id = :reviewer_id",
        "status = 'pendente' OR (status = 'em_analise'"
        " AND (reviewer_id = :reviewer_id OR :from_others))",
        {"id": review_id, "reviewer_id": reviewer_id, "from_others": from_others},
    )


async def decide(
    session: WriteSession, review_id: UUID, reviewer_id: int, decision: Decision
) -> bool:
    """Decide a review that nobody else has in hand; false if it is not open to the reviewer.

    Of two who decide at once, the second waits for the first's row and finds it decided.
    """
    return await _change(
        session,
        "status = 'decidida', decisao = :decisao, justificativa = :justificativa,"
        " encaminhar = :encaminhar, reviewer_id = :reviewer_id, decided_by = :reviewer_id,"
        " decided_at = now()",
        "status = 'pendente' OR (status = 'em_analise' AND reviewer_id = :reviewer_id)",
        {
            "id": review_id,
            "reviewer_id": reviewer_id,
            "decisao": decision.decisao,
            "justificativa": decision.justificativa,
            "encaminhar": decision.encaminhar,
        },
    )


async def cancel(session: WriteSession, review_id: UUID) -> bool:
    """Withdraw a review that nobody has taken on; false if it is not pending."""
    return await _change(session, "status = 'cancelada'", "status = 'pendente'", {"id": review_id})


async def _change(
    session: WriteSession, assignments: str, condition: str, params: dict[str, Any]
) -> bool:
    changed = await session.scalar(
        text(
            f"UPDATE jobs.reviews SET {assignments} WHERE id = :id AND ({condition}) RETURNING true"
        ),
        params,
    )
    return bool(changed)
