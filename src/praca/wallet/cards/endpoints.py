"""Transport cards over HTTP."""

from typing import Annotated

from fastapi import Query, Response

from praca.identity.auth import SIGNED_IN, CurrentSubject
from praca.platform.idempotency import (
    IdempotencyKeyReusedError,
    RequestInFlightError,
)
from praca.platform.web import City, CityWrite, problem_responses
from praca.platform.web.routing import RoomRouter
from praca.wallet.auth import CardOwner, CardService, IdempotencyKey
from praca.wallet.cards.history import history_of
from praca.wallet.cards.money import REPLAYED_HEADER, move_money
from praca.wallet.cards.schemas import (
    CARD_EXAMPLE,
    MOVEMENT_EXAMPLE,
    AmountIn,
    CardRead,
    CardTransferIn,
    CardTransferRead,
    HistoryItem,
    RechargeRead,
)
from praca.wallet.errors import (
    BalanceLimitError,
    CardBlockedError,
    CardCancelledError,
    CardNotEmptyError,
    CardNotFoundError,
    CardStateError,
    DirectRechargeOffError,
    InsufficientFundsError,
    InvalidAmountError,
    LedgerBusyError,
    MovementKeyExpiredError,
    NotCardOwnerError,
    SameCardError,
    TooManyCardsError,
)
from praca.wallet.ledger.postings import Posting

__all__ = ["router"]

router = RoomRouter(prefix="/transport-card", tags=["transport-card"])

_OWN = (CardNotFoundError, NotCardOwnerError)
_MOVED = (
    *_OWN,
    CardBlockedError,
    CardCancelledError,
    IdempotencyKeyReusedError,
    RequestInFlightError,
    MovementKeyExpiredError,
    LedgerBusyError,
)
_REPLAY = {
    "headers": {
        REPLAYED_HEADER: {
            "description": "`true` if this is the answer to an earlier request with the same key.",
            "schema": {"type": "string"},
        }
    }
}


@router.post("", status_code=201, include_in_schema=False)
@router.post(
    "/",
    status_code=201,
    summary="Ask for another card",
    responses=problem_responses(TooManyCardsError),
)
async def issue_card(session: CityWrite, cards: CardService, subject: CurrentSubject) -> CardRead:
    """Issue a card to the caller, empty and active."""
    return CardRead.of(await cards.issue(session, subject))


@router.get(
    "/my-cards",
    summary="List one's own cards",
    responses={200: {"content": {"application/json": {"example": [CARD_EXAMPLE]}}}},
)
async def list_own_cards(cards: CardService, subject: CurrentSubject) -> list[CardRead]:
    """List the caller's cards, the oldest first, the cancelled ones too."""
    return [CardRead.of(card) for card in await cards.list_own(subject)]


@router.get(
    "/{card_number}/balance",
    summary="Show a card's balance",
    openapi_extra=SIGNED_IN,
    response_model=int,
    responses={
        200: {"content": {"application/json": {"example": 1105}}},
        **problem_responses(*_OWN),
    },
)
async def show_balance(caller: CardOwner) -> Response:
    """Give the balance in centavos, as a bare integer."""
    return Response(str(caller.card.balance), media_type="application/json")


@router.post(
    "/{card_number}/recharge",
    summary="Recharge a card",
    openapi_extra=SIGNED_IN,
    response_model=RechargeRead,
    responses={
        200: _REPLAY,
        **problem_responses(*_MOVED, DirectRechargeOffError, InvalidAmountError, BalanceLimitError),
    },
)
async def recharge(caller: CardOwner, body: AmountIn, key: IdempotencyKey = None) -> Response:
    """Put money on a card without paying; a city switches this off and uses Pix."""
    card = caller.card
    return await move_money(
        caller,
        key,
        "card_recharged",
        (card.id, body.amount),
        posting=lambda: caller.cards.recharge_posting(card, body.amount),
        accepted=lambda posted: {
            "card_number": card.number,
            "new_balance": posted.destination.balance,
        },
    )


@router.post(
    "/{card_number}/debit",
    summary="Pay with a card",
    openapi_extra=SIGNED_IN,
    response_model=CardRead,
    responses={
        200: _REPLAY,
        **problem_responses(*_MOVED, InsufficientFundsError, InvalidAmountError),
    },
)
async def debit(caller: CardOwner, body: AmountIn, key: IdempotencyKey = None) -> Response:
    """Take money from a card, if there is enough; give the card as it is then."""
    card = caller.card
    return await move_money(
        caller,
        key,
        "card_debited",
        (card.id, body.amount),
        posting=lambda: caller.cards.debit_posting(card, body.amount),
        accepted=lambda posted: CardRead.of(card, posted.source.balance).model_dump(),
    )


@router.post(
    "/{card_number}/transfer",
    summary="Move money to another card of one's own",
    openapi_extra=SIGNED_IN,
    response_model=CardTransferRead,
    responses={
        200: _REPLAY,
        **problem_responses(*_MOVED, InsufficientFundsError, BalanceLimitError, SameCardError),
    },
)
async def transfer_to_card(
    caller: CardOwner, body: CardTransferIn, key: IdempotencyKey = None
) -> Response:
    """Move an amount, or everything, to another card of the caller; a blocked card gives, too."""
    source = caller.card
    destination = await caller.cards.require_own(body.to_card_number, caller.subject)

    async def posting() -> Posting:
        return caller.cards.transfer_posting(source, destination, body.amount)

    return await move_money(
        caller,
        key,
        "card_transferred",
        (source.id, destination.id, body.amount),
        posting=posting,
        accepted=lambda posted: {
            "amount": posted.posting.amount,
            "card_number": source.number,
            "new_balance": posted.source.balance,
            "to_card_number": destination.number,
            "to_new_balance": posted.destination.balance,
        },
    )


@router.get(
    "/{card_number}/history",
    summary="List a card's movements",
    openapi_extra=SIGNED_IN,
    response_model=list[HistoryItem],
    responses={
        200: {
            "content": {"application/json": {"example": [MOVEMENT_EXAMPLE]}},
            "headers": {
                "X-Total-Count": {
                    "description": "Number of all movements of the card.",
                    "schema": {"type": "integer"},
                }
            },
        },
        **problem_responses(*_OWN),
    },
)
async def show_history(
    caller: CardOwner,
    city: City,
    skip: Annotated[int, Query(ge=0, le=2**63 - 1, description="Movements to skip.")] = 0,
    offset: Annotated[int, Query(ge=0, le=2**63 - 1, description="Same as `skip`.")] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000, description="Movements to show.")] = 10_000,
) -> Response:
    """List the movements, oldest first, each with the balance right after it."""
    page, total = await history_of(city, caller.card, skip=skip or offset, limit=limit)
    return Response(page, media_type="application/json", headers={"X-Total-Count": str(total)})


@router.post(
    "/{card_number}/block",
    summary="Block a card",
    openapi_extra=SIGNED_IN,
    responses=problem_responses(*_OWN, CardStateError, CardCancelledError),
)
async def block_card(caller: CardOwner, session: CityWrite) -> CardRead:
    """Block a lost card: nobody pays with it, and what is on it can go to another card."""
    return CardRead.of(await caller.cards.block(session, caller.card.number, caller.subject))


@router.post(
    "/{card_number}/unblock",
    summary="Unblock a card",
    openapi_extra=SIGNED_IN,
    responses=problem_responses(*_OWN, CardStateError, CardCancelledError),
)
async def unblock_card(caller: CardOwner, session: CityWrite) -> CardRead:
    """Use a card again that was found."""
    return CardRead.of(await caller.cards.unblock(session, caller.card.number, caller.subject))


@router.delete(
    "/{card_number}",
    summary="Cancel a card",
    openapi_extra=SIGNED_IN,
    responses=problem_responses(*_OWN, CardNotEmptyError, CardCancelledError),
)
async def cancel_card(caller: CardOwner, session: CityWrite) -> CardRead:
    """End a card for good; it must be empty. Its history stays."""
    return CardRead.of(await caller.cards.cancel(session, caller.card.number, caller.subject))
