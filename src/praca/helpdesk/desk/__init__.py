"""What people do at the help desk: feedback, unanswered questions, tickets."""

from praca.helpdesk.desk.masking import masked
from praca.helpdesk.desk.tickets import open_ticket
from praca.helpdesk.desk.unanswered import note_unanswered

__all__ = ["masked", "note_unanswered", "open_ticket"]
