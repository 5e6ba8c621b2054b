"""The rules of tickets: operators answer what citizens want a person to look at."""

from praca.helpdesk.desk.errors import (
    TicketChangedError,
    TicketClosedError,
    TicketFullError,
    TicketNotFoundError,
)
from praca.helpdesk.desk.tickets import repository
from praca.helpdesk.desk.tickets.notices import TELL_OF_REPLY
from praca.helpdesk.desk.tickets.records import (
    MOST_MESSAGES,
    Author,
    Ticket,
    TicketMessage,
    TicketStatus,
)
from praca.identity import Subject
from praca.platform.audit import AuditEntry, record
from praca.platform.database import ReadSession, WriteSession
from praca.platform.tasks import TaskQueue

__all__ = ["TicketService"]

_Page = tuple[list[Ticket], int]
_WithMessages = tuple[Ticket, list[TicketMessage]]


class TicketService:
    """Tickets of one application; every method works in the caller's transaction.

    Args:
        tasks: where notices are enqueued.
    """

    def __init__(self, tasks: TaskQueue) -> None:
        self._tasks = tasks

    # --- operators --------------------------------------------------------------------------

    async def queue(
        self,
        session: WriteSession,
        operator: Subject,
        status: TicketStatus | None,
        *,
        offset: int,
        limit: int,
    ) -> _Page:
        """Return one page of everybody's tickets and how many there are; note the reading.

        Who waits for the city comes first, and of them who waits longest.
        """
        found = await repository.list_tickets(session, status=status, offset=offset, limit=limit)
        await _note(session, "tickets_listed", None, operator)
        return found

    async def show(self, session: WriteSession, operator: Subject, ticket_id: int) -> _WithMessages:
        """Return anybody's ticket with its messages, and note the reading.

        Raises:
            TicketNotFoundError: there is none.
        """
        ticket = await _require(session, ticket_id)
        await _note(session, "ticket_read", ticket_id, operator)
        return ticket, await repository.list_messages(session, ticket_id)

    async def answer(
        self, session: WriteSession, operator: Subject, ticket_id: int, text: str, version: int
    ) -> _WithMessages:
        """Write to the citizen, who is told by e-mail that there is something to read.

        Args:
            session: to write with.
            operator: who writes; the citizen is not told who.
            ticket_id: in which ticket.
            text: what.
            version: of the ticket that the operator has read.

        Raises:
            TicketNotFoundError: there is none.
            TicketClosedError: it is closed.
            TicketChangedError: it is another version now.
        """
        await _change(session, ticket_id, TicketStatus.ANSWERED, version)
        (message_id,) = await repository.add_messages(session, ticket_id, [(Author.STAFF, text)])
        await _note(session, "ticket_answered", ticket_id, operator)
        ticket = await _require(session, ticket_id)
        if ticket.user_id is not None:
            await self._tasks.enqueue(session, TELL_OF_REPLY.name, {"message_id": message_id})
        return ticket, await repository.list_messages(session, ticket_id)

    async def close(
        self, session: WriteSession, operator: Subject, ticket_id: int, version: int
    ) -> _WithMessages:
        """Close a ticket; nobody writes in it any more.

        Raises:
            TicketNotFoundError: there is none.
            TicketClosedError: it is closed.
            TicketChangedError: it is another version now.
        """
        await _change(session, ticket_id, TicketStatus.CLOSED, version)
        await _note(session, "ticket_closed", ticket_id, operator)
        ticket = await _require(session, ticket_id)
        return ticket, await repository.list_messages(session, ticket_id)

    # --- citizens ---------------------------------------------------------------------------

    async def list_own(
        self, session: ReadSession, citizen: Subject, *, offset: int, limit: int
    ) -> _Page:
        """Return one page of the caller's tickets, and how many there are."""
        return await repository.list_tickets(
            session, user_id=citizen.id, offset=offset, limit=limit
        )

    async def show_own(
        self, session: ReadSession, citizen: Subject, ticket_id: int
    ) -> _WithMessages:
        """Return one of the caller's tickets with its messages.

        Raises:
            TicketNotFoundError: there is none, or it is somebody else's.
        """
        ticket = await _require(session, ticket_id, user_id=citizen.id)
        return ticket, await repository.list_messages(session, ticket_id)

    async def reply_own(
        self, session: WriteSession, citizen: Subject, ticket_id: int, text: str
    ) -> _WithMessages:
        """Write in one's own ticket, which waits for the city then.

        Raises:
            TicketNotFoundError: there is none, or it is somebody else's.
            TicketClosedError: it is closed.
            TicketFullError: nothing more fits.
        """
        await _require(session, ticket_id, user_id=citizen.id)
        await _change(session, ticket_id, TicketStatus.OPEN, None)
        # Counted by who holds the ticket: of two at once, the second sees the first's message.
        if await repository.count_messages(session, ticket_id) >= MOST_MESSAGES:
            raise TicketFullError
        await repository.add_messages(session, ticket_id, [(Author.CITIZEN, text)])
        await _note(session, "ticket_continued", ticket_id, citizen)
        return await self.show_own(session, citizen, ticket_id)


async def _require(session: ReadSession, ticket_id: int, *, user_id: int | None = None) -> Ticket:
    ticket = await repository.find(session, ticket_id, user_id=user_id)
    if ticket is None:
        raise TicketNotFoundError
    return ticket


async def _change(
    session: WriteSession, ticket_id: int, status: TicketStatus, version: int | None
) -> None:
    if await repository.change(session, ticket_id, status, version=version):
        return
    ticket = await _require(session, ticket_id)
    if ticket.status is TicketStatus.CLOSED:
        raise TicketClosedError
    raise TicketChangedError(ticket.version)


async def _note(session: WriteSession, what: str, ticket_id: int | None, subject: Subject) -> None:
    key = None if ticket_id is None else str(ticket_id)
    await record(session, AuditEntry(f"helpdesk.{what}", "ticket", key, subject.id))
