"""What an erasure does within one transaction."""

from praca.jobs.erasure import repository
from praca.jobs.erasure.tasks import CLEAN_ERASED
from praca.platform.audit import AuditEntry, record
from praca.platform.database import WriteSession
from praca.platform.resources import Resources

__all__ = ["erase_candidate", "erase_reviews_of", "repeat_erasure"]


async def erase_candidate(
    resources: Resources, session: WriteSession, codigo: int, *, actor_id: int | None
) -> bool:
    """Erase a candidate from the tables, and have every copy of them cleaned.

    Returns:
        Whether anything was known under the code; if not, nothing is done.
    """
    if not await repository.delete_candidate(session, codigo):
        return False
    await repository.note_erased(session, codigo)
    await resources.tasks.enqueue(session, CLEAN_ERASED.name, {})
    await record(session, AuditEntry("jobs.candidate_erased", "candidate", str(codigo), actor_id))
    return True


async def repeat_erasure(resources: Resources, session: WriteSession, codigo: int) -> None:
    """Erase once more whom an old copy of the tables has brought back.

    Whom it never knew an old file must not bring in either.
    """
    if not await erase_candidate(resources, session, codigo, actor_id=None):
        await repository.note_erased(session, codigo)


async def erase_reviews_of(session: WriteSession, account_id: int) -> None:
    """Erase what the account wrote about a candidate that is no longer linked to it."""
    await repository.delete_reviews_of(session, account_id)
