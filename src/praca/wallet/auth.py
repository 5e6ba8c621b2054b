"""The wallet's services, as endpoints ask for them by type."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Header, Path, Request

from praca.identity import Subject
from praca.identity.auth import require_subject
from praca.wallet.cards.card import Card
from praca.wallet.cards.schemas import CARD_NUMBER_EXAMPLE
from praca.wallet.cards.service import Cards

__all__ = ["Caller", "CardNumber", "CardOwner", "CardService", "IdempotencyKey"]


async def _cards(request: Request) -> Cards:
    return cast("Cards", request.app.state.cards)


CardService = Annotated[Cards, Depends(_cards)]
"""The card service that ``create_app`` built for this application."""


CardNumber = Annotated[
    str,
    Path(
        pattern=r"^[0-9]{16}$",
        description="Number of a card of one's own.",
        examples=[CARD_NUMBER_EXAMPLE],
    ),
]
"""A card's number as paths have it."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks about a card, and the card, which is his own.

    Attributes:
        request: for the path that a refusal names.
    """

    request: Request
    subject: Subject
    card: Card
    cards: Cards


async def _caller(request: Request, card_number: CardNumber) -> Caller:
    subject = await require_subject(request)
    cards = cast("Cards", request.app.state.cards)
    return Caller(request, subject, await cards.require_own(card_number, subject), cards)


CardOwner = Annotated[Caller, Depends(_caller)]
"""The caller with the card that the path names; it needs ``openapi_extra=SIGNED_IN``."""

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="A name of your own for this request. Sent again with the same key, it moves "
        "money once and gives the same answer, marked `Idempotency-Replayed: true`.",
        examples=["2f0c6a1e-recarga"],
    ),
]
