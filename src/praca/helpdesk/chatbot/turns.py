"""What one message leads to: what is said, what is done, and where the conversation is then."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from praca.helpdesk.chatbot import texts
from praca.helpdesk.chatbot.state import Flow, State
from praca.identity import Subject
from praca.wallet import Card, Cards, Document, DocumentService

__all__ = ["CancelCard", "Effect", "KeepDocument", "OpenTicket", "Turn", "Wallet", "unclear"]

_MOST_UNCLEAR: Final = 2


@dataclass(frozen=True, slots=True)
class CancelCard:
    """A card of the person's own is to be cancelled: he has confirmed it."""

    number: str


@dataclass(frozen=True, slots=True)
class KeepDocument:
    """A document is to be kept: the person has confirmed it."""

    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """A person is to take over: it was asked for and confirmed."""


Effect = CancelCard | KeepDocument | OpenTicket


@dataclass(frozen=True, slots=True)
class Turn:
    """The answer to one message.

    Attributes:
        said: what stands in the transcript for the message, if not the message itself.
        told: what stands in it for the answer, if not ``text`` itself.
        effect: what is to be changed; if that fails, other words than ``text`` are said.
        question: is to be answered by the help desk, in place of ``text``.
    """

    text: str
    state: State
    said: str | None = None
    told: str | None = None
    is_over: bool = False
    is_unclear: bool = False
    effect: Effect | None = None
    question: str | None = None


class Wallet:
    """The wallet of one person, read with his own rights."""

    def __init__(self, cards: Cards, documents: DocumentService, subject: Subject) -> None:
        self._cards = cards
        self._documents = documents
        self._subject = subject

    async def cards(self) -> Sequence[Card]:
        """Return the person's cards, the oldest first."""
        return await self._cards.list_own(self._subject)

    async def documents(self, limit: int) -> tuple[Sequence[Document], int]:
        """Return the person's first documents, and how many he has."""
        return await self._documents.list_own(self._subject, skip=0, limit=limit)


def unclear(state: State, text: str) -> Turn:
    """Say that a message was not understood; whoever is not twice in a row is offered a person."""
    if state.unclear + 1 < _MOST_UNCLEAR:
        return Turn(text, replace(state, unclear=state.unclear + 1), is_unclear=True)
    return Turn(texts.OFFER_HUMAN, handed_over(state, "offer"), is_unclear=True)


def handed_over(state: State, step: str) -> State:
    """Return the conversation where a person is offered; it remembers what it was about."""
    if state.flow is Flow.HAND_OVER:
        return state
    return state.at(Flow.HAND_OVER, step, back=[state.flow, state.step])


def resumed(state: State) -> State:
    """Return the conversation where it was before a person was offered."""
    flow, step = state.data.get("back") or (None, state.step)
    data = {name: value for name, value in state.data.items() if name != "back"}
    if flow is None:
        return state.at_menu()
    return replace(state, flow=Flow(flow), step=step, data=data, unclear=0)
