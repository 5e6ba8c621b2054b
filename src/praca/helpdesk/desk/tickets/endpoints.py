"""Tickets over HTTP: operators answer them, citizens see their own."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request, Response

from praca.helpdesk.desk.auth import Operator
from praca.helpdesk.desk.errors import (
    TicketChangedError,
    TicketClosedError,
    TicketFullError,
    TicketNotFoundError,
)
from praca.helpdesk.desk.fields import BIGGEST_ID, TOTAL_HEADER, Limit, Offset
from praca.helpdesk.desk.tickets.records import TicketStatus
from praca.helpdesk.desk.tickets.schemas import (
    OWN_TICKETS_EXAMPLE,
    TICKETS_EXAMPLE,
    OwnTicketDetails,
    OwnTicketRead,
    TicketAnswer,
    TicketClose,
    TicketDetails,
    TicketRead,
    TicketReply,
)
from praca.helpdesk.desk.tickets.service import TicketService
from praca.identity.auth import CurrentSubject
from praca.identity.errors import ForbiddenError
from praca.platform.web import CityRead, CityWrite, problem_responses, resources_of
from praca.platform.web.routing import RoomRouter

__all__ = ["router"]


async def _service(request: Request) -> TicketService:
    return TicketService(resources_of(request).tasks)


_Tickets = Annotated[TicketService, Depends(_service)]
_TicketId = Annotated[
    int,
    Path(alias="ticket_id", ge=1, le=BIGGEST_ID, description="Number of it.", examples=[17]),
]

router = RoomRouter(prefix="/helpdesk", tags=["helpdesk"])


@router.get(
    "/tickets",
    summary="List everybody's tickets",
    responses={
        200: {
            "content": {"application/json": {"example": TICKETS_EXAMPLE}},
            "headers": TOTAL_HEADER,
        },
        **problem_responses(ForbiddenError),
    },
)
async def list_tickets(  # each parameter is one of the request's
    response: Response,
    session: CityWrite,
    tickets: _Tickets,
    operator: Operator,
    status: Annotated[TicketStatus | None, Query(description="Only those in this state.")] = None,
    offset: Offset = 0,
    limit: Limit = 100,
) -> list[TicketRead]:
    """List tickets: first who waits for the city, longest first. The reading is audited."""
    found, total = await tickets.queue(session, operator, status, offset=offset, limit=limit)
    response.headers["X-Total-Count"] = str(total)
    return [TicketRead.of(ticket) for ticket in found]


@router.get(
    "/tickets/{ticket_id}",
    summary="Read a ticket",
    responses=problem_responses(ForbiddenError, TicketNotFoundError),
)
async def read_ticket(
    ticket_id: _TicketId, session: CityWrite, tickets: _Tickets, operator: Operator
) -> TicketDetails:
    """Read anybody's ticket with all messages. The reading is audited."""
    return TicketDetails.with_messages(*await tickets.show(session, operator, ticket_id))


@router.post(
    "/tickets/{ticket_id}/reply",
    summary="Answer a ticket",
    responses=problem_responses(
        ForbiddenError, TicketNotFoundError, TicketClosedError, TicketChangedError
    ),
)
async def answer_ticket(
    ticket_id: _TicketId,
    body: TicketAnswer,
    session: CityWrite,
    tickets: _Tickets,
    operator: Operator,
) -> TicketDetails:
    """Write to the citizen, who is told by e-mail that there is an answer, not which.

    Of two operators who answer the same version, the second is refused.
    """
    return TicketDetails.with_messages(
        *await tickets.answer(session, operator, ticket_id, body.text, body.version)
    )


@router.post(
    "/tickets/{ticket_id}/close",
    summary="Close a ticket",
    responses=problem_responses(
        ForbiddenError, TicketNotFoundError, TicketClosedError, TicketChangedError
    ),
)
async def close_ticket(
    ticket_id: _TicketId,
    body: TicketClose,
    session: CityWrite,
    tickets: _Tickets,
    operator: Operator,
) -> TicketDetails:
    """Close a ticket for good; its citizen can still read it."""
    return TicketDetails.with_messages(
        *await tickets.close(session, operator, ticket_id, body.version)
    )


@router.get(
    "/my-tickets",
    summary="List one's own tickets",
    responses={
        200: {
            "content": {"application/json": {"example": OWN_TICKETS_EXAMPLE}},
            "headers": TOTAL_HEADER,
        }
    },
)
async def list_own_tickets(
    response: Response,
    session: CityRead,
    tickets: _Tickets,
    citizen: CurrentSubject,
    offset: Offset = 0,
    limit: Limit = 100,
) -> list[OwnTicketRead]:
    """List the caller's tickets: first those that wait for the city."""
    found, total = await tickets.list_own(session, citizen, offset=offset, limit=limit)
    response.headers["X-Total-Count"] = str(total)
    return [OwnTicketRead.of(ticket) for ticket in found]


@router.get(
    "/my-tickets/{ticket_id}",
    summary="Read one's own ticket",
    responses=problem_responses(TicketNotFoundError),
)
async def read_own_ticket(
    ticket_id: _TicketId, session: CityRead, tickets: _Tickets, citizen: CurrentSubject
) -> OwnTicketDetails:
    """Read a ticket of the caller's with all messages; who of the city wrote is not told."""
    return OwnTicketDetails.with_messages(*await tickets.show_own(session, citizen, ticket_id))


@router.post(
    "/my-tickets/{ticket_id}/reply",
    summary="Write in one's own ticket",
    responses=problem_responses(TicketNotFoundError, TicketClosedError, TicketFullError),
)
async def reply_own_ticket(
    ticket_id: _TicketId,
    body: TicketReply,
    session: CityWrite,
    tickets: _Tickets,
    citizen: CurrentSubject,
) -> OwnTicketDetails:
    """Write in a ticket of the caller's, which waits for the city then."""
    return OwnTicketDetails.with_messages(
        *await tickets.reply_own(session, citizen, ticket_id, body.text)
    )
