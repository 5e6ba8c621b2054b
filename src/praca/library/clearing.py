"""Emptying the catalogue, when an admin asks for it."""

from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from praca.library.models import book_prices, books, catalogue
from praca.library.scraper.models import pages
from praca.library.scraper.tasks import SCRAPE_LIBRARY
from praca.platform.audit import AuditEntry, record
from praca.platform.database.engine import ReadSession, WriteSession
from praca.platform.errors import ConfirmationRequiredError
from praca.platform.tasks import TaskQueue

__all__ = ["clear_books"]

_EMPTIED: Final = (books, book_prices, pages)
"""The frontier too: a crawl would ask the shop only for what has changed since, and get nothing."""
_WAIT: Final = "5s"
"""Readers wait behind whoever waits for the table; rather give up."""


async def clear_books(
    session: WriteSession, tasks: TaskQueue, *, actor_id: int, confirmed: int | None
) -> int:
    """Delete all books with their history, and what the scraper knows; ids begin again at 1.

    Models that were trained on them go on answering.

    Args:
        session: in whose transaction.
        tasks: the queue, in which no crawl may be.
        actor_id: who asks.
        confirmed: how many books he says there are, those that the shop lacks by now included.

    Returns:
        How many there were.

    Raises:
        TaskAlreadyRunningError: a crawl is queued or running.
        ConfirmationRequiredError: they are not as many; nothing is changed then.
    """
    async with tasks.instead_of(session, SCRAPE_LIBRARY.name):
        _require(confirmed, await _count(session))
        await session.execute(text(f"SET LOCAL lock_timeout = '{_WAIT}'"))
        await session.execute(text(f"LOCK TABLE {books.fullname} IN ACCESS EXCLUSIVE MODE"))
        count = await _count(session)  # while nobody else writes
        _require(confirmed, count)
        await _empty(session)
    await record(session, AuditEntry("library.books_cleared", "book", None, actor_id))
    return count


async def _count(session: ReadSession) -> int:
    return await session.scalar(select(func.count()).select_from(books)) or 0


def _require(confirmed: int | None, count: int) -> None:
    if confirmed != count:
        raise ConfirmationRequiredError(f"{count} livro(s), com seu histórico", count)


async def _empty(session: WriteSession) -> None:
    names = ", ".join(table.fullname for table in _EMPTIED)
    await session.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
    # It grows also now, so that whoever keeps something of the catalogue notices.
    changed = insert(catalogue).values(revision=1)
    await session.execute(
        changed.on_conflict_do_update(
            index_elements=[catalogue.c.id],
            set_={"revision": catalogue.c.revision + 1, "changed_at": func.clock_timestamp()},
        )
    )
