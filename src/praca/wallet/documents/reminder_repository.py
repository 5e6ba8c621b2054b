"""All SQL of the reminders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import text

from praca.platform.database import ReadSession, WriteSession

__all__ = ["Due", "claim", "due", "mark_sent", "release"]

_DAYS_BEFORE: Final = (30, 7, 0)
_DAYS_LATE: Final = 3
"""So many days after the last one it is still worth a reminder that was missed."""

_BATCH: Final = 100
_CLAIM_S: Final = 3600
"""After so long, a claim without a mail is of a worker that died in between."""


@dataclass(frozen=True, slots=True)
class Due:
    """A document whose owner is to be reminded, and of which of the days before."""

    document_id: int
    user_id: int
    document_type: str
    expires_on: date
    days_before: int


def _params(what: Due) -> dict[str, object]:
    return {
        "document_id": what.document_id,
        "expires_on": what.expires_on,
        "days_before": what.days_before,
        "claim_s": _CLAIM_S,
    }


async def due(session: ReadSession, today: date, after: int) -> Sequence[Due]:
    """Return the next documents with a reminder that was not sent, of several the latest."""
    first, second, last = _DAYS_BEFORE
    rows = await session.execute(
        text(
            "SELECT * FROM (SELECT id, user_id, document_type, expires_on,"
            " CASE WHEN expires_on > CAST(:today AS date) + :second THEN :first"
            " WHEN expires_on > CAST(:today AS date) + :last THEN :second ELSE :last END AS days"
            " FROM wallet.documents WHERE id > :after AND expires_on BETWEEN"
            " CAST(:today AS date) - :late AND CAST(:today AS date) + :first) d"
            " WHERE NOT EXISTS (SELECT FROM wallet.document_reminders r"
            " WHERE r.document_id = d.id AND r.expires_on = d.expires_on AND r.days_before = d.days"
            " AND (r.sent_at IS NOT NULL"
            " OR r.claimed_at > now() - make_interval(secs => :claim_s)))"
            " ORDER BY id LIMIT :limit"
        ),
        {
            "today": today,
            "first": first,
            "second": second,
            "last": last,
            "late": _DAYS_LATE,
            "after": after,
            "claim_s": _CLAIM_S,
            "limit": _BATCH,
        },
    )
    return [Due(*row) for row in rows]


async def claim(session: WriteSession, what: Due) -> bool:
    """Take the reminder on; false if somebody has, or if the document is gone or changed."""
    found = await session.scalar(
        text(
            "INSERT INTO wallet.document_reminders AS r (document_id, expires_on, days_before)"
            " SELECT id, expires_on, :days_before FROM wallet.documents WHERE id = :document_id"
            " AND expires_on = :expires_on FOR KEY SHARE"
            " ON CONFLICT (document_id, expires_on, days_before) DO UPDATE SET claimed_at = now()"
            " WHERE r.sent_at IS NULL"
            " AND r.claimed_at <= now() - make_interval(secs => :claim_s) RETURNING true"
        ),
        _params(what),
    )
    return bool(found)


_THIS: Final = (
    "WHERE document_id = :document_id AND expires_on = :expires_on AND days_before = :days_before"
)


async def release(session: WriteSession, what: Due) -> None:
    """Give a reminder back that could not be sent."""
    await session.execute(text(f"DELETE FROM wallet.document_reminders {_THIS}"), _params(what))


async def mark_sent(session: WriteSession, what: Due) -> None:
    """Note that a reminder was sent."""
    await session.execute(
        text(f"UPDATE wallet.document_reminders SET sent_at = now() {_THIS}"), _params(what)
    )
