"""Lists in parts."""

from dataclasses import dataclass

__all__ = ["Page"]


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list."""

    offset: int
    limit: int
