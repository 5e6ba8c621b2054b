"""How the chatbot hands somebody over to a person."""

from collections.abc import Sequence
from typing import Final

from praca.helpdesk.desk.masking import masked
from praca.helpdesk.desk.tickets import repository
from praca.helpdesk.desk.tickets.records import MOST_MESSAGES, Author, TicketStatus
from praca.kit.text import squeeze
from praca.platform.audit import AuditEntry, record
from praca.platform.database import WriteSession

__all__ = ["open_ticket"]

_LONGEST_SUBJECT: Final = 200
_LONGEST_TEXT: Final = 4_000
_MOST_SAID: Final = 100
_MOST_OPEN: Final = 5
"""Who has so many tickets that are not closed gets no other; what he says goes to the last."""


async def open_ticket(
    session: WriteSession,
    *,
    user_id: int | None,
    subject: str,
    transcript: Sequence[tuple[str, str]],
) -> int:
    """Hand somebody over to a person; return the ticket's number.

    Of the conversation the last hundred texts are kept, with numbers of persons hidden: they were
    told to a machine. It never refuses: who has many open tickets goes on in the last of them.

    Args:
        session: in whose transaction.
        user_id: whose ticket; without an account nobody but operators can read it.
        subject: what it is about, in a line; blank: it says that there is none.
        transcript: who said what, the oldest first. ``"cidadao"`` is the person, everybody else
            the machine.
    """
    said = _kept(transcript)
    if user_id is not None:
        await repository.lock_person(session, user_id)
        last, count = await repository.last_open(session, user_id)
        if last is not None and count >= _MOST_OPEN:
            await _go_on(session, last, said)
            return last
    title = squeeze(masked(subject, _LONGEST_SUBJECT)) or "Sem assunto"
    ticket_id = await repository.add_ticket(session, user_id, title)
    await repository.add_messages(session, ticket_id, said)
    opened = AuditEntry(
        "helpdesk.ticket_opened", "ticket", str(ticket_id), user_id, has_origin=user_id is not None
    )
    await record(session, opened)
    return ticket_id


def _kept(transcript: Sequence[tuple[str, str]]) -> list[tuple[Author, str]]:
    texts = [
        (Author.CITIZEN if who == Author.CITIZEN else Author.MACHINE, masked(text, _LONGEST_TEXT))
        for who, text in transcript[-_MOST_SAID:]
    ]
    return [(author, text) for author, text in texts if text.strip()]


async def _go_on(session: WriteSession, ticket_id: int, said: list[tuple[Author, str]]) -> None:
    left = MOST_MESSAGES - await repository.count_messages(session, ticket_id)
    await repository.add_messages(session, ticket_id, said[-left:] if left > 0 else [])
    await repository.change(session, ticket_id, TicketStatus.OPEN)
