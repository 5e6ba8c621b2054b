"""What the statement's endpoint gives."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from praca.wallet.cards.schemas import CARD_NUMBER_EXAMPLE

__all__ = ["STATEMENT_EXAMPLE", "StatementEntry", "StatementRead"]

_ENTRY_EXAMPLE: dict[str, JsonValue] = {
    "number": 3,
    "transaction_date": "2026-11-22T13:05:10.130668Z",
    "description": "Passagem",
    "kind": "debit",
    "amount": -440,
    "balance_after_transaction": 2060,
    "hash": "6f0f8b7cb6a1d7e0a0b9b8f2f5c3f1c5c0c1f0a8a2b3c4d5e6f708192a3b4c5d",
}
STATEMENT_EXAMPLE: dict[str, JsonValue] = {
    "card_number": CARD_NUMBER_EXAMPLE,
    "start": "2026-11-01",
    "end": "2026-11-30",
    "opening_balance": 2500,
    "closing_balance": 2060,
    "total_in": 0,
    "total_out": 440,
    "entry_count": 1,
    "seal": _ENTRY_EXAMPLE["hash"],
    "generated_at": "2026-11-30T21:00:00.000000Z",
    "entries": [_ENTRY_EXAMPLE],
}


class StatementEntry(BaseModel):
    """One movement of a statement."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ENTRY_EXAMPLE]})

    number: int = Field(description="1, 2, 3 … over the card's whole life, without gaps.")
    transaction_date: datetime
    description: str = Field(description="What it is, in Portuguese.")
    kind: str = Field(description="The same for programs; see the history.")
    amount: int = Field(description="Centavos; negative for money out.")
    balance_after_transaction: int = Field(description="Centavos.")
    hash: str = Field(description="SHA-256 over this movement and the hash of the one before.")


class StatementRead(BaseModel):
    """A card's statement."""

    model_config = ConfigDict(json_schema_extra={"examples": [STATEMENT_EXAMPLE]})

    card_number: str
    start: date = Field(description="First day.")
    end: date = Field(description="Last day.")
    opening_balance: int = Field(description="Centavos before the first day.")
    closing_balance: int = Field(description="Centavos at the end of the last day, or now.")
    total_in: int = Field(description="Centavos that came in.")
    total_out: int = Field(description="Centavos that went out, positive.")
    entry_count: int = Field(description="Number of movements in the period.")
    seal: str | None = Field(
        description="Hash of the last movement up to the end: it stands for all up to there."
    )
    generated_at: datetime
    entries: list[StatementEntry] = Field(description="Oldest first.")
