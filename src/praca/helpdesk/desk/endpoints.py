"""All routers of the desk."""

from praca.helpdesk.desk.feedback.endpoints import router as feedback
from praca.helpdesk.desk.tickets.endpoints import router as tickets
from praca.helpdesk.desk.unanswered.endpoints import router as unanswered

__all__ = ["routers"]

routers = (feedback, unanswered, tickets)
