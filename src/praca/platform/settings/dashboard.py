"""The operators' dashboard."""

from pydantic import Field

from praca.platform.settings.group import SettingsGroup

__all__ = ["DashboardSettings"]


class DashboardSettings(SettingsGroup):
    """Where the dashboard listens, and which API it reads."""

    dashboard_port: int = Field(
        8501, ge=0, le=65535, description="Port of the dashboard; `0` picks a free one."
    )
    dashboard_api_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s?#]+$",
        description="Address of the API that the dashboard reads; by default this machine's.",
    )
