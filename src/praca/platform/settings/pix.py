"""Recharges by Pix, and the provider that takes the payments."""

from pydantic import Field, SecretStr, field_validator

from praca.platform.settings.group import SettingsGroup

__all__ = ["PixSettings"]

_PRINTABLE = r"^[\x20-\x7e]+$"


class PixSettings(SettingsGroup):
    """Charges, the provider's notices, and asking the provider again."""

    pix_simulator: bool | None = Field(
        None,
        description="Whether a simulated provider takes the payments, and anyone signed in may pay "
        "any code with no money; by default only in development. Without a provider Pix is "
        "switched off.",
    )
    pix_webhook_secret: SecretStr | None = Field(
        None,
        description="Secrets that sign the provider's notices, separated by commas, each at least "
        "32 characters; the first signs, all are accepted. Required in production with the "
        "simulated provider; in development one is made and kept in the data folder.",
    )
    pix_webhook_url: str | None = Field(
        None,
        description="Where the simulated provider sends its notices; by default to this server.",
    )
    pix_webhook_tolerance_s: int = Field(
        300, ge=1, le=86_400, description="Seconds for which the signature of a notice counts."
    )
    pix_merchant_name: str = Field(
        "PREFEITURA MUNICIPAL",
        min_length=1,
        max_length=25,
        pattern=_PRINTABLE,
        description="Who is paid, as the payer's bank shows it; at most 25 letters without "
        "accents.",
    )
    pix_merchant_city: str = Field(
        "BRASILIA",
        min_length=1,
        max_length=15,
        pattern=_PRINTABLE,
        description="The city in the code; at most 15 letters without accents.",
    )
    pix_expiry_minutes: int = Field(
        30, ge=1, le=10_080, description="Minutes within which a charge can be paid."
    )
    pix_max_open_charges: int = Field(
        10, ge=1, le=1000, description="Unpaid charges per person at a time."
    )
    pix_watch_hours: int = Field(
        72,
        ge=1,
        le=8760,
        description="Hours after the end of a charge during which the provider is still asked "
        "whether it has been paid.",
    )
    pix_event_days: int = Field(
        90, ge=1, le=3650, description="Days for which the provider's notices are kept."
    )
    pix_cron: str = Field(
        "*/5 * * * *",
        description="When the provider is asked about charges, as a cron expression in UTC; `off`: "
        "never.",
    )

    @field_validator("pix_cron")
    @classmethod
    def _is_cron(cls, value: str) -> str:
        # Few processes are given another time; it comes along with the queue.
        from croniter import croniter  # type: ignore[import-untyped]  # noqa: PLC0415

        if value != "off" and not croniter.is_valid(value):
            raise ValueError("a cron expression like `*/5 * * * *` is needed, or `off`")
        return value

    @property
    def pix_schedule(self) -> str | None:
        """The cron expression; None: switched off."""
        return None if self.pix_cron == "off" else self.pix_cron

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """The secrets that the settings give, the one that signs first."""
        if self.pix_webhook_secret is None:
            return ()
        parts = self.pix_webhook_secret.get_secret_value().split(",")
        return tuple(part.strip() for part in parts)
