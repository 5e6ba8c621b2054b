"""Whose candidate an account is, as the job centre's staff has established it."""

from praca.platform.database import Database

__all__ = ["candidate_of"]


async def candidate_of(city: Database, account_id: int) -> int | None:
    """Return the code of the candidate that the account is linked to."""
    row = await city.fetch_one(
        "SELECT codigo_profissional FROM jobs.candidate_accounts"
        " WHERE account_id = %(account_id)s::bigint",
        {"account_id": account_id},
    )
    return None if row is None else int(row[0])
