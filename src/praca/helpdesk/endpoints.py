"""All routers of the help desk."""

from praca.helpdesk.answering.endpoints import router as answers
from praca.helpdesk.chatbot.endpoints import router as chatbot
from praca.helpdesk.desk.endpoints import routers as desk
from praca.helpdesk.knowledge.endpoints import router as knowledge
from praca.helpdesk.questions.endpoints import router as questions

__all__ = ["chatbot", "routers"]

routers = (questions, answers, knowledge, *desk)
"""Under the prefix alone; the chatbot's is answered at the root as well."""
