"""Tickets on the wire."""

from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from praca.helpdesk.desk.fields import BIGGEST_ID, Written
from praca.helpdesk.desk.tickets.records import Author, Ticket, TicketMessage, TicketStatus

__all__ = [
    "OWN_TICKETS_EXAMPLE",
    "TICKETS_EXAMPLE",
    "OwnTicketDetails",
    "OwnTicketRead",
    "TicketAnswer",
    "TicketClose",
    "TicketDetails",
    "TicketMessageRead",
    "TicketRead",
    "TicketReply",
]

_OWN: Final[dict[str, Any]] = {
    "id": 17,
    "subject": "Cartão perdido no ônibus",
    "status": "respondido",
    "opened_at": "2026-11-22T12:00:00Z",
    "updated_at": "2026-11-22T13:30:00Z",
    "messages": 2,
}
_TICKET: Final[dict[str, Any]] = {**_OWN, "user_id": 42, "version": 3}
_WRITTEN: Final[list[dict[str, Any]]] = [
    {
        "author": "cidadao",
        "text": "Quero falar com uma pessoa: perdi meu cartão.",
        "written_at": "2026-11-22T12:00:00Z",
    },
    {
        "author": "atendente",
        "text": "Bloqueie o cartão na carteira; a segunda via sai em dois dias.",
        "written_at": "2026-11-22T13:30:00Z",
    },
]
_OWN_DETAILS: Final[dict[str, Any]] = {**_OWN, "history": _WRITTEN}
_DETAILS: Final[dict[str, Any]] = {**_TICKET, "history": _WRITTEN}
OWN_TICKETS_EXAMPLE: Final = [_OWN]
TICKETS_EXAMPLE: Final = [_TICKET]


class TicketMessageRead(BaseModel):
    """One message of a ticket."""

    model_config = ConfigDict(json_schema_extra={"example": _WRITTEN[0]})

    author: Author
    text: str
    written_at: datetime

    @classmethod
    def of(cls, message: TicketMessage) -> "TicketMessageRead":
        """Read a message."""
        return cls(author=message.author, text=message.text, written_at=message.written_at)


class OwnTicketRead(BaseModel):
    """A ticket, as its citizen sees it."""

    model_config = ConfigDict(json_schema_extra={"example": _OWN})

    id: int
    subject: str
    status: TicketStatus = Field(
        description="`aberto`: the city is to answer; `respondido`: it has; `fechado`: it is over."
    )
    opened_at: datetime
    updated_at: datetime
    messages: int = Field(description="How many there are.")

    @classmethod
    def of(cls, ticket: Ticket) -> "OwnTicketRead":
        """Read a ticket."""
        return cls(**_values(ticket))


class TicketRead(OwnTicketRead):
    """A ticket, as operators see it."""

    model_config = ConfigDict(json_schema_extra={"example": _TICKET})

    user_id: int | None = Field(description="Account of the citizen; none: he was not signed in.")
    version: int = Field(description="To be sent with an answer.")

    @classmethod
    def of(cls, ticket: Ticket) -> "TicketRead":
        """Read a ticket."""
        return cls(**_values(ticket), user_id=ticket.user_id, version=ticket.version)


class OwnTicketDetails(OwnTicketRead):
    """One's own ticket with what was written in it."""

    model_config = ConfigDict(json_schema_extra={"example": _OWN_DETAILS})

    history: list[TicketMessageRead] = Field(description="All messages, the oldest first.")

    @classmethod
    def with_messages(cls, ticket: Ticket, messages: list[TicketMessage]) -> "OwnTicketDetails":
        """Read a ticket and its messages."""
        return cls(**_values(ticket), history=[TicketMessageRead.of(one) for one in messages])


class TicketDetails(TicketRead):
    """A ticket with what was written in it."""

    model_config = ConfigDict(json_schema_extra={"example": _DETAILS})

    history: list[TicketMessageRead] = Field(description="All messages, the oldest first.")

    @classmethod
    def with_messages(cls, ticket: Ticket, messages: list[TicketMessage]) -> "TicketDetails":
        """Read a ticket and its messages."""
        return cls(
            **_values(ticket),
            user_id=ticket.user_id,
            version=ticket.version,
            history=[TicketMessageRead.of(one) for one in messages],
        )


class TicketReply(BaseModel):
    """What a citizen writes in his ticket."""

    model_config = ConfigDict(json_schema_extra={"example": {"text": "E quanto custa?"}})

    text: Written


class TicketAnswer(TicketReply):
    """What an operator writes to a citizen."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"text": _WRITTEN[1]["text"], "version": 2}}
    )

    version: int = Field(ge=1, le=BIGGEST_ID, description="Of the ticket that was read.")


class TicketClose(BaseModel):
    """The end of a ticket."""

    model_config = ConfigDict(json_schema_extra={"example": {"version": 3}})

    version: int = Field(ge=1, le=BIGGEST_ID, description="Of the ticket that was read.")


def _values(ticket: Ticket) -> dict[str, Any]:
    return {
        "id": ticket.id,
        "subject": ticket.subject,
        "status": ticket.status,
        "opened_at": ticket.opened_at,
        "updated_at": ticket.updated_at,
        "messages": ticket.messages,
    }
