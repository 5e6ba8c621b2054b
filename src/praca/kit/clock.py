"""The time of day, in one place, so that tests and logs agree on it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

__all__ = ["BRASILIA", "today_in_brasilia", "utc_now"]

BRASILIA = ZoneInfo("America/Sao_Paulo")


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def today_in_brasilia() -> date:
    """Return today's date where the city is, whatever zone the server runs in."""
    return datetime.now(BRASILIA).date()
