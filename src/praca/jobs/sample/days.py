"""Days as the files write them; inside, a day is a proleptic ordinal."""

from datetime import date
from functools import lru_cache

__all__ = ["day_text"]


@lru_cache(maxsize=40_000)  # every day a city can mention, birthdays included
def day_text(ordinal: int) -> str:
    """Return ``"dd-mm-YYYY"``."""
    day = date.fromordinal(ordinal)
    return f"{day.day:02}-{day.month:02}-{day.year}"
