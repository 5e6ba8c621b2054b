"""The journal: every request that was answered, and every answer of a model."""

from praca.platform.journal.journal import Journal
from praca.platform.journal.lines import NO_ROUTE, WEBSOCKET, noted_method

__all__ = ["NO_ROUTE", "WEBSOCKET", "Journal", "noted_method"]
