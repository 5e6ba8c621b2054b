"""Questions that nothing answered, for operators."""

from praca.helpdesk.desk.unanswered.noting import note_unanswered
from praca.helpdesk.desk.unanswered.records import Source

__all__ = ["Source", "note_unanswered"]
