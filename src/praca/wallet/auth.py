"""The wallet's services, as endpoints ask for them by type."""

from typing import Annotated, cast

from fastapi import Depends, Header, Request

from praca.wallet.cards.service import Cards

__all__ = ["CardService", "IdempotencyKey"]


async def _cards(request: Request) -> Cards:
    return cast("Cards", request.app.state.cards)


CardService = Annotated[Cards, Depends(_cards)]
"""The card service that ``create_app`` built for this application."""

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
