"""What the card endpoints take and give."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from praca.wallet.cards.card import Card, CardStatus

__all__ = [
    "CARD_EXAMPLE",
    "CARD_NUMBER_EXAMPLE",
    "MOVEMENT_EXAMPLE",
    "Amount",
    "AmountIn",
    "CardRead",
    "CardTransferIn",
    "CardTransferRead",
    "HistoryItem",
    "RechargeRead",
]

CARD_NUMBER_EXAMPLE = "4073629518460275"
CARD_EXAMPLE: dict[str, JsonValue] = {
    "balance": 1105,
    "card_number": CARD_NUMBER_EXAMPLE,
    "status": "active",
    "id": 12,
    "user_id": 7,
}

MOVEMENT_EXAMPLE: dict[str, JsonValue] = {
    "id": 41,
    "card_number": CARD_NUMBER_EXAMPLE,
    "transaction_type": "recharge",
    "amount": 2500,
    "balance_after_transaction": 3605,
    "transaction_date": "2026-11-22T13:05:10.130668Z",
    "kind": "pix_recharge",
}


def _no_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("Deve ser um número inteiro.")  # noqa: TRY004  # pydantic's own
    return value


Amount = Annotated[
    int,
    Field(ge=1, le=2**31 - 1, description="Centavos; a positive integer."),
    BeforeValidator(_no_boolean),  # behind the bounds, which the document else misspells
]


class AmountIn(BaseModel):
    """How much."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"amount": 2500}]})

    amount: Amount


class CardTransferIn(BaseModel):
    """Where to, and how much; without an amount all that is there."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"to_card_number": "5190284736501923", "amount": 2500}]}
    )

    to_card_number: str = Field(
        pattern=r"^[0-9]{16}$", description="Number of another card of one's own."
    )
    amount: Amount | None = Field(None, description="Centavos; none: everything.")


class CardRead(BaseModel):
    """A card."""

    model_config = ConfigDict(json_schema_extra={"examples": [CARD_EXAMPLE]})

    balance: int = Field(description="Centavos.")
    card_number: str
    status: CardStatus
    id: int
    user_id: int

    @classmethod
    def of(cls, card: Card, balance: int | None = None) -> Self:
        """Show ``card``, with another balance if one is given."""
        return cls(
            balance=card.balance if balance is None else balance,
            card_number=card.number,
            status=card.status,
            id=card.id,
            user_id=card.user_id,
        )


class RechargeRead(BaseModel):
    """A card's balance after a recharge."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"card_number": CARD_NUMBER_EXAMPLE, "new_balance": 3605}]}
    )

    card_number: str
    new_balance: int = Field(description="Centavos.")


class CardTransferRead(BaseModel):
    """What was moved from card to card, and what is on both afterwards."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "amount": 2500,
                    "card_number": CARD_NUMBER_EXAMPLE,
                    "new_balance": 0,
                    "to_card_number": "5190284736501923",
                    "to_new_balance": 2500,
                }
            ]
        }
    )

    amount: int = Field(description="Centavos.")
    card_number: str
    new_balance: int = Field(description="Centavos on the giving card.")
    to_card_number: str
    to_new_balance: int = Field(description="Centavos on the taking card.")


class HistoryItem(BaseModel):
    """One movement of a card."""

    model_config = ConfigDict(json_schema_extra={"examples": [MOVEMENT_EXAMPLE]})

    id: int
    card_number: str
    transaction_type: str = Field(description="`recharge` for money in, `debit` for money out.")
    amount: int = Field(description="Centavos, positive.")
    balance_after_transaction: int = Field(description="Centavos, right after this movement.")
    transaction_date: datetime
    kind: str = Field(
        description="Why: `recharge`, `debit`, `card_transfer`, `pix_recharge`, `pix_refund`."
    )
