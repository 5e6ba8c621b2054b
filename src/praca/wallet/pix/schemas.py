"""What the Pix endpoints take and give."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from praca.wallet.cards.schemas import CARD_NUMBER_EXAMPLE, Amount
from praca.wallet.pix.charge import ChargeStatus, ChargeView, PaymentStatus
from praca.wallet.pix.ports import Payment
from praca.wallet.pix.simulator import PayOrder

__all__ = [
    "CHARGE_EXAMPLE",
    "CHARGE_ID_EXAMPLE",
    "ChargeRead",
    "NoticeIn",
    "NoticeRead",
    "PaidRead",
    "PayIn",
]

CHARGE_ID_EXAMPLE = "8b3da2f3-9a41-40d1-a91a-bd93113bd441"
_TXID_EXAMPLE = "8b3da2f39a4140d1a91abd93113bd441"
_END_TO_END_EXAMPLE = "E00000000202611221305a1B2c3D4e5F"
_CODE_EXAMPLE = (
    "00020101021226820014br.gov.bcb.pix2560pix.simulador.invalid/qr/v2/"
    "4f0c6a1e2b3d4c5f8a9b0c1d2e3f4a5b520400005303986540525.005802BR5920PREFEITURA MUNICIPAL"
    "6008BRASILIA62070503***63046DA5"
)
CHARGE_EXAMPLE: dict[str, JsonValue] = {
    "id": CHARGE_ID_EXAMPLE,
    "card_number": CARD_NUMBER_EXAMPLE,
    "amount": 2500,
    "status": "credited",
    "created_at": "2026-11-22T13:05:10.130668Z",
    "expires_at": "2026-11-22T13:35:10.130668Z",
    "txid": _TXID_EXAMPLE,
    "br_code": _CODE_EXAMPLE,
    "qr_svg_url": f"/api/v1/pix-charges/{CHARGE_ID_EXAMPLE}/qr.svg",
    "states": [
        {"status": "created", "at": "2026-11-22T13:05:10.130668Z"},
        {"status": "paid", "at": "2026-11-22T13:06:02.000411Z"},
        {"status": "credited", "at": "2026-11-22T13:06:02.000411Z"},
    ],
    "payments": [
        {
            "end_to_end_id": _END_TO_END_EXAMPLE,
            "amount": 2500,
            "paid_at": "2026-11-22T13:06:01.350201Z",
            "status": "credited",
            "reason": None,
            "settled_at": "2026-11-22T13:06:02.000411Z",
        }
    ],
}


class StateRead(BaseModel):
    """A state of a charge, and when it came into it."""

    status: ChargeStatus
    at: datetime


class PaymentRead(BaseModel):
    """A payment of a charge, and what became of it."""

    end_to_end_id: str = Field(description="Name of the payment in the whole of Pix.")
    amount: int = Field(description="Centavos.")
    paid_at: datetime = Field(description="When the provider took the money.")
    status: PaymentStatus
    reason: str | None = Field(
        description="Why it is given back: `paid_late`, `amount_differs`, `already_paid`, "
        "`charge_cancelled`, `card_blocked`, `card_cancelled`, `balance_limit`, "
        "`account_erased`, `returned_by_provider`."
    )
    settled_at: datetime | None = Field(description="When it was credited, or had been given back.")


class ChargeRead(BaseModel):
    """A charge with everything that happened to it."""

    model_config = ConfigDict(json_schema_extra={"examples": [CHARGE_EXAMPLE]})

    id: UUID
    card_number: str | None = Field(description="None once the card is gone.")
    amount: int = Field(description="Centavos.")
    status: ChargeStatus
    created_at: datetime
    expires_at: datetime = Field(description="Payments made later are given back.")
    txid: str = Field(description="Name of the charge at the provider.")
    br_code: str = Field(description="BR Code to paste into a bank's app.")
    qr_svg_url: str = Field(description="Where the same is a QR code; the token is needed there.")
    states: list[StateRead] = Field(description="Every state, in order.")
    payments: list[PaymentRead] = Field(description="At most one is credited.")

    @classmethod
    def of(cls, view: ChargeView) -> Self:
        """Show a charge."""
        charge = view.charge
        return cls(
            id=charge.id,
            card_number=charge.card_number,
            amount=charge.amount,
            status=charge.status,
            created_at=charge.created_at,
            expires_at=charge.expires_at,
            txid=charge.txid,
            br_code=charge.br_code,
            qr_svg_url=f"/api/v1/pix-charges/{charge.id}/qr.svg",
            states=[StateRead(status=state.status, at=state.at) for state in view.states],
            payments=[
                PaymentRead.model_validate(payment, from_attributes=True)
                for payment in view.payments
            ],
        )


class NoticeIn(BaseModel):
    """A provider's notice: a payment as it is known at that moment."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "evt-5f0c6a1e2b3d4c5f8a9b0c1d2e3f4a5b",
                    "type": "payment.received",
                    "created_at": "2026-11-22T13:06:01.350201Z",
                    "end_to_end_id": _END_TO_END_EXAMPLE,
                    "txid": _TXID_EXAMPLE,
                    "amount": 2500,
                    "paid_at": "2026-11-22T13:06:01.350201Z",
                    "refunded_at": None,
                }
            ]
        }
    )

    id: str = Field(pattern=r"^[A-Za-z0-9._-]{1,64}$", description="Names the notice.")
    type: Literal["payment.received", "payment.refunded"]
    created_at: AwareDatetime
    end_to_end_id: str = Field(pattern=r"^[A-Za-z0-9]{1,64}$")
    txid: str = Field(pattern=r"^[A-Za-z0-9]{1,35}$")
    amount: int = Field(ge=1, le=2**63 - 1, description="Centavos.")
    paid_at: AwareDatetime
    refunded_at: AwareDatetime | None = None

    def payment(self) -> Payment:
        """Return the payment that it tells of."""
        return Payment(self.end_to_end_id, self.txid, self.amount, self.paid_at, self.refunded_at)


class NoticeRead(BaseModel):
    """That a notice has been taken in, now or before."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"received": True}]})

    received: bool


class PayIn(BaseModel):
    """A payment, and what goes wrong with the notice of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"br_code": _CODE_EXAMPLE}]})

    br_code: str = Field(max_length=512)
    amount: Amount | None = Field(None, description="Centavos; none: what the code says.")
    unchecked: bool = Field(
        False,
        description="Pay even if the charge has ended or been paid: a bank that did not look.",
    )
    notify_after_s: int = Field(0, ge=0, le=86_400, description="How late the notice is.")
    notify_times: int = Field(
        1, ge=0, le=10, description="How often the notice is sent; 0: it is lost."
    )

    def order(self) -> PayOrder:
        """Return it without HTTP."""
        return PayOrder(
            self.br_code, self.amount, self.unchecked, self.notify_after_s, self.notify_times
        )


class PaidRead(BaseModel):
    """A payment that the simulated provider took."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "end_to_end_id": _END_TO_END_EXAMPLE,
                    "txid": _TXID_EXAMPLE,
                    "amount": 2500,
                    "paid_at": "2026-11-22T13:06:01.350201Z",
                }
            ]
        }
    )

    end_to_end_id: str
    txid: str
    amount: int = Field(description="Centavos.")
    paid_at: datetime
