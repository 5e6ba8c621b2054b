"""From a question to an answer that quotes the articles, and never invents."""

from praca.helpdesk.answering.room import open_responder
from praca.helpdesk.answering.service import Answering

__all__ = ["Answering", "open_responder"]
