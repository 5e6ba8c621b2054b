"""All SQL of an erasure."""

from collections.abc import Sequence

from sqlalchemy import text

from praca.platform.database import ReadSession, WriteSession

__all__ = [
    "ERASED_CODES",
    "TABLES",
    "delete_candidate",
    "delete_reviews_of",
    "mark_cleaned",
    "note_erased",
    "uncleaned",
]

ERASED_CODES = "SELECT codigo_profissional, erased_at FROM jobs.erased_candidates"
"""Whose codes stand for nobody any more, and since when: for lists kept outside."""

TABLES = (
    "jobs.candidates",
    "jobs.prospects",
    "jobs.score_snapshots",
    "jobs.reviews",
    "jobs.candidate_accounts",
)
"""Those that an erasure deletes from."""


async def delete_candidate(session: WriteSession, codigo: int) -> bool:
    """Delete the candidate, with scores, reviews and link, and all his applications.

    Returns:
        Whether there was anything.
    """
    values = {"codigo": codigo}
    found = [
        await session.scalar(
            text(
                f"WITH gone AS (DELETE FROM {table} WHERE {column} = :codigo RETURNING 1)"
                " SELECT count(*) FROM gone"
            ),
            values,
        )
        for table, column in (
            ("jobs.prospects", "codigo_candidato"),
            ("jobs.candidates", "codigo_profissional"),
        )
    ]
    return any(found)


async def note_erased(session: WriteSession, codigo: int) -> None:
    """Remember that the code stands for nobody any more."""
    await session.execute(
        text(
            "INSERT INTO jobs.erased_candidates (codigo_profissional) VALUES (:codigo)"
            " ON CONFLICT (codigo_profissional) DO UPDATE SET cleaned_at = NULL"
        ),
        {"codigo": codigo},
    )


async def delete_reviews_of(session: WriteSession, account_id: int) -> None:
    """Delete the reviews whose person the account was when they were asked for."""
    await session.execute(
        text("DELETE FROM jobs.reviews WHERE account_id = :account_id"),
        {"account_id": account_id},
    )


async def uncleaned(session: ReadSession) -> Sequence[int]:
    """Return the erased codes that files may still hold."""
    result = await session.scalars(
        text("SELECT codigo_profissional FROM jobs.erased_candidates WHERE cleaned_at IS NULL")
    )
    return result.all()


async def mark_cleaned(session: WriteSession, codes: Sequence[int]) -> None:
    """Note that no copy holds these codes any more."""
    await session.execute(
        text(
            "UPDATE jobs.erased_candidates SET cleaned_at = now()"
            " WHERE codigo_profissional = ANY(:codes)"
        ),
        {"codes": list(codes)},
    )
