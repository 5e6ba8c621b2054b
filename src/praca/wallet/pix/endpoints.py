"""Pix recharges over HTTP."""

import asyncio
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import Depends, Header, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from praca.identity.auth import CurrentSubject
from praca.kit.clock import utc_now
from praca.platform.errors import RequestTooLargeError
from praca.platform.idempotency import (
    Claim,
    IdempotencyKeyReusedError,
    KeptAnswer,
    RequestInFlightError,
    input_hash,
)
from praca.platform.web import CityRead, CityWrite, invalid_request, problem_responses
from praca.platform.web.routing import RoomRouter
from praca.wallet.auth import CardNumber, IdempotencyKey
from praca.wallet.cards.money import REPLAYED_HEADER, to_response
from praca.wallet.cards.schemas import AmountIn
from praca.wallet.errors import (
    BalanceLimitError,
    CardBlockedError,
    CardCancelledError,
    CardNotFoundError,
    InvalidAmountError,
    NotCardOwnerError,
)
from praca.wallet.pix.charge import ChargeView
from praca.wallet.pix.charges import qr_svg
from praca.wallet.pix.errors import (
    ChargeNotFoundError,
    ChargeNotOpenError,
    CodeNotPayableError,
    InvalidBRCodeError,
    InvalidSignatureError,
    PixOffError,
    ProviderUnavailableError,
    SimulatorOffError,
    TooManyChargesError,
)
from praca.wallet.pix.schemas import (
    CHARGE_EXAMPLE,
    CHARGE_ID_EXAMPLE,
    ChargeRead,
    NoticeIn,
    NoticeRead,
    PaidRead,
    PayIn,
)
from praca.wallet.pix.service import Pix
from praca.wallet.pix.signatures import SIGNATURE_HEADER, check_signature

__all__ = ["router"]

router = RoomRouter(tags=["pix"])

_LARGEST_NOTICE = 16 * 1024
_NOTICE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": NoticeIn.model_json_schema()}},
    }
}
_IMAGE: dict[str, Any] = {
    "description": "The QR code.",
    "content": {
        "image/svg+xml": {
            "schema": {"type": "string"},
            "example": '<svg xmlns="http://www.w3.org/2000/svg" width="244" height="244">…</svg>',
        }
    },
}


async def _pix(request: Request) -> Pix:
    return cast("Pix", request.app.state.pix)


_PixService = Annotated[Pix, Depends(_pix)]
_ChargeId = Annotated[
    UUID, Path(description="Id of a charge of one's own.", examples=[CHARGE_ID_EXAMPLE])
]


@router.post(
    "/transport-card/{card_number}/pix",
    status_code=201,
    summary="Ask to recharge a card by Pix",
    response_model=ChargeRead,
    responses={
        201: {
            "headers": {
                REPLAYED_HEADER: {
                    "description": "`true` if this is the answer to an earlier request with the "
                    "same key.",
                    "schema": {"type": "string"},
                }
            }
        },
        **problem_responses(
            CardNotFoundError,
            NotCardOwnerError,
            CardBlockedError,
            CardCancelledError,
            BalanceLimitError,
            InvalidAmountError,
            TooManyChargesError,
            PixOffError,
            ProviderUnavailableError,
            IdempotencyKeyReusedError,
            RequestInFlightError,
        ),
    },
)
async def create_pix_charge(
    card_number: CardNumber,
    body: AmountIn,
    pix: _PixService,
    subject: CurrentSubject,
    key: IdempotencyKey = None,
) -> Response:
    """Make a charge: the card is credited once it has been paid, which its states tell."""
    hashed = input_hash("pix_charge", card_number, body.amount)
    answered = await pix.charges.create(
        subject,
        card_number,
        body.amount,
        claim=None if key is None else Claim(subject.id, key, hashed),
        answer=_created,
    )
    return to_response(answered.answer, is_replayed=answered.is_replayed)


def _created(view: ChargeView) -> KeptAnswer:
    return KeptAnswer(201, "application/json", ChargeRead.of(view).model_dump_json().encode())


@router.get(
    "/pix-charges",
    summary="List one's own Pix charges",
    responses={
        200: {
            "content": {"application/json": {"example": [CHARGE_EXAMPLE]}},
            "headers": {
                "X-Total-Count": {
                    "description": "Number of all charges of the caller.",
                    "schema": {"type": "integer"},
                }
            },
        }
    },
)
async def list_pix_charges(
    response: Response,
    session: CityRead,
    pix: _PixService,
    subject: CurrentSubject,
    skip: Annotated[int, Query(ge=0, le=2**63 - 1, description="Charges to skip.")] = 0,
    offset: Annotated[int, Query(ge=0, le=2**63 - 1, description="Same as `skip`.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="Charges to show.")] = 100,
) -> list[ChargeRead]:
    """List the caller's charges, the newest first."""
    total, views = await pix.charges.list_own(session, subject, offset=skip or offset, limit=limit)
    response.headers["X-Total-Count"] = str(total)
    return [ChargeRead.of(view) for view in views]


@router.get(
    "/pix-charges/{charge_id}",
    summary="Show a Pix charge",
    responses=problem_responses(ChargeNotFoundError),
)
async def show_pix_charge(
    charge_id: _ChargeId, session: CityRead, pix: _PixService, subject: CurrentSubject
) -> ChargeRead:
    """Show a charge with its dated states and its payments."""
    return ChargeRead.of(await pix.charges.require_own(session, charge_id, subject))


@router.get(
    "/pix-charges/{charge_id}/qr.svg",
    summary="Show a Pix charge as a QR code",
    response_class=Response,
    responses={200: _IMAGE, **problem_responses(ChargeNotFoundError)},
)
async def show_pix_qr(
    charge_id: _ChargeId, session: CityRead, pix: _PixService, subject: CurrentSubject
) -> Response:
    """Draw the charge's BR Code, for the camera of the phone that pays."""
    view = await pix.charges.require_own(session, charge_id, subject)
    image = await asyncio.to_thread(qr_svg, view.charge.br_code)
    headers = {"Cache-Control": "private, max-age=3600"}
    return Response(image, media_type="image/svg+xml", headers=headers)


@router.delete(
    "/pix-charges/{charge_id}",
    summary="Cancel an unpaid Pix charge",
    responses=problem_responses(ChargeNotFoundError, ChargeNotOpenError),
)
async def cancel_pix_charge(
    charge_id: _ChargeId, session: CityWrite, pix: _PixService, subject: CurrentSubject
) -> ChargeRead:
    """End a charge that is not paid; should somebody pay it all the same, the money goes back."""
    return ChargeRead.of(await pix.charges.cancel(session, charge_id, subject))


@router.post(
    "/pix/webhook",
    summary="Take in a provider's notice",
    openapi_extra=_NOTICE_BODY,
    responses=problem_responses(InvalidSignatureError),
)
async def receive_pix_notice(
    request: Request,
    session: CityWrite,
    pix: _PixService,
    signature: Annotated[
        str,
        Header(
            alias=SIGNATURE_HEADER,
            max_length=512,
            description="`t=<seconds since 1970>,v1=<hex>`: HMAC-SHA256 of `<t>.<body>`.",
        ),
    ],
) -> NoticeRead:
    """For the Pix provider only: tell of a payment. The signature says who calls.

    A notice that was seen before, and one about a charge that nobody knows, is answered alike:
    sending it again would change nothing.
    """
    body = await _bounded_body(request)
    now = utc_now().timestamp()
    check_signature(signature, body, pix.secrets, now=now, tolerance_s=pix.tolerance_s)
    notice = _notice(body)
    await pix.settlement.prepare()
    await pix.settlement.receive(session, notice.id, notice.type, notice.payment())
    return NoticeRead(received=True)


async def _bounded_body(request: Request) -> bytes:
    """Return the body, of which no more is read than a notice can be."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_NOTICE:
            raise RequestTooLargeError(_LARGEST_NOTICE)
    return body


def _notice(body: bytes) -> NoticeIn:
    try:
        return NoticeIn.model_validate_json(body)
    except ValidationError as error:
        details = [{**item, "loc": ("body", *item["loc"])} for item in error.errors()]
        raise invalid_request(RequestValidationError(details)) from error


@router.post(
    "/pix-simulator/pay",
    status_code=201,
    summary="Pay a BR Code in the simulation",
    responses=problem_responses(SimulatorOffError, InvalidBRCodeError, CodeNotPayableError),
)
async def pay_br_code(
    body: PayIn, session: CityWrite, pix: _PixService, subject: CurrentSubject
) -> PaidRead:
    """Pay any code with no money, where the simulated provider is switched on."""
    payment = await pix.require_simulator().pay(session, body.order(), subject.id)
    return PaidRead.model_validate(payment, from_attributes=True)
