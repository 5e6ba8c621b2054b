"""Transport cards and their money."""

from pydantic import Field

from praca.platform.settings.group import SettingsGroup

__all__ = ["WalletSettings"]


class WalletSettings(SettingsGroup):
    """The wallet's limits."""

    wallet_max_amount_centavos: int = Field(
        100_000, ge=1, le=2**31 - 1, description="Largest amount of one recharge or debit."
    )
    wallet_max_balance_centavos: int = Field(
        1_000_000, ge=1, le=2**31 - 1, description="Largest balance of a card."
    )
    wallet_max_cards: int = Field(5, ge=1, le=100, description="Cards in use per person.")
    wallet_direct_recharge: bool | None = Field(
        None,
        description="Whether people may recharge their cards without paying, as in the old system; "
        "by default only in development.",
    )
    idempotency_days: int = Field(
        30,
        ge=1,
        le=3650,
        description="Days for which the answer to a request with an `Idempotency-Key` is kept.",
    )
