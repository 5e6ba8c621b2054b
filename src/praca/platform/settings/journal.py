"""What is noted of requests and predictions, and for how long."""

from pydantic import Field

from praca.platform.settings.group import SettingsGroup

__all__ = ["JournalSettings"]


class JournalSettings(SettingsGroup):
    """The journal of requests and predictions, and its retention."""

    journal: bool = Field(
        True, description="Whether requests and predictions are noted in the database."
    )
    journal_buffer: int = Field(
        10_000,
        ge=1,
        le=1_000_000,
        description="Lines a process holds at most before it drops new ones, which are counted.",
    )
    journal_flush_s: float = Field(
        1.0, gt=0, le=60, description="Seconds between two writes of the journal."
    )
    keep_logs_days: int = Field(
        30, ge=1, le=3650, description="Days for which the journal's lines are kept."
    )
    keep_tasks_days: int = Field(
        30, ge=1, le=3650, description="Days for which finished tasks are kept."
    )
