"""Questions that nothing answered, for operators."""

from praca.helpdesk.desk.unanswered.noting import Source, note_unanswered

__all__ = ["Source", "note_unanswered"]
