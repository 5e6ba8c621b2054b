"""The conversation: a menu, plain sentences, and things done after they were confirmed."""

from praca.helpdesk.chatbot.forgetting import FORGET_CONVERSATIONS, forget_conversation
from praca.helpdesk.chatbot.service import Chatbot, Reply

__all__ = ["FORGET_CONVERSATIONS", "Chatbot", "Reply", "forget_conversation"]
