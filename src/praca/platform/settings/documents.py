"""People's documents: their limits, and when they are looked after."""

from pydantic import Field, field_validator

from praca.platform.settings.group import SettingsGroup

__all__ = ["DocumentSettings"]


class DocumentSettings(SettingsGroup):
    """Documents in the wallet."""

    document_max_bytes: int = Field(
        10 * 1024 * 1024,
        ge=1024,
        le=64 * 1024 * 1024,
        description="Largest file of a document, in bytes; `PRACA_MAX_BODY_BYTES` bounds the "
        "request that brings it.",
    )
    document_max_pixels: int = Field(
        50_000_000, ge=1, le=200_000_000, description="Largest picture, in pixels."
    )
    document_max_pages: int = Field(50, ge=1, le=10_000, description="Longest PDF, in pages.")
    document_max_per_person: int = Field(
        100, ge=1, le=10_000, description="Documents one person may keep."
    )
    reminder_cron: str = Field(
        "0 11 * * *",
        description="When people are reminded of documents that expire, as a cron expression in "
        "UTC; `off`: never.",
    )

    @field_validator("reminder_cron")
    @classmethod
    def _is_cron(cls, value: str) -> str:
        # Few processes are given another time; it comes along with the queue.
        from croniter import croniter  # type: ignore[import-untyped]  # noqa: PLC0415

        if value != "off" and not croniter.is_valid(value):
            raise ValueError("a cron expression like `0 11 * * *` is needed, or `off`")
        return value

    @property
    def reminder_schedule(self) -> str | None:
        """The cron expression; None: switched off."""
        return None if self.reminder_cron == "off" else self.reminder_cron
