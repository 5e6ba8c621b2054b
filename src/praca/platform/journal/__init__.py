"""The journal: every request that was answered, and every answer of a model."""

from praca.platform.journal.journal import Journal
from praca.platform.journal.lines import WEBSOCKET, noted_method

__all__ = ["WEBSOCKET", "Journal", "noted_method"]
