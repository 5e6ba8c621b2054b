"""Tickets, as they are handed around."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

__all__ = ["MOST_MESSAGES", "Author", "Ticket", "TicketMessage", "TicketStatus"]

MOST_MESSAGES: Final = 500
"""So many messages of the citizen and the machine a ticket holds; staff may write on."""


class TicketStatus(StrEnum):
    """Whose turn it is."""

    OPEN = "aberto"
    ANSWERED = "respondido"
    CLOSED = "fechado"


class Author(StrEnum):
    """Who wrote a message; of staff nobody is told who."""

    CITIZEN = "cidadao"
    MACHINE = "assistente"
    STAFF = "atendente"


@dataclass(frozen=True, slots=True)
class TicketMessage:
    """One message of a ticket."""

    id: int
    author: Author
    text: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket without its messages.

    Attributes:
        user_id: whose it is; none if he said what he said without an account.
        version: counts its changes from 1.
        messages: how many there are.
    """

    id: int
    user_id: int | None
    subject: str
    status: TicketStatus
    version: int
    opened_at: datetime
    updated_at: datetime
    messages: int
