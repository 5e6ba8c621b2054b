"""The conversation over HTTP: two operations, as system 3 has them."""

from typing import Annotated, cast

from fastapi import Depends, Request

from praca.helpdesk.chatbot.errors import ConversationBusyError, TooManyChatQuestionsError
from praca.helpdesk.chatbot.schemas import ChatMessage, ChatReply
from praca.helpdesk.chatbot.service import Chatbot, Reply
from praca.helpdesk.records import Responder
from praca.identity.auth import CurrentSubject
from praca.platform.encryption import EncryptionUnavailableError
from praca.platform.web import problem_responses
from praca.platform.web.routing import RoomRouter
from praca.wallet import DocumentConflictError

__all__ = ["router"]

router = RoomRouter(prefix="/chatbot", tags=["chatbot"])


async def _chatbot(request: Request) -> Chatbot:
    return cast("Chatbot", request.app.state.chatbot)


async def _responder(request: Request) -> Responder:
    return cast("Responder", request.app.state.responder)


_Chatbot = Annotated[Chatbot, Depends(_chatbot)]
_Responder = Annotated[Responder, Depends(_responder)]


@router.post(
    "/start",
    summary="Begin a conversation",
    description="Shows the menu, and forgets what was said before. One may also begin without it.",
)
async def start_conversation(chatbot: _Chatbot, subject: CurrentSubject) -> ChatReply:
    return _read(await chatbot.start(subject))


@router.post(
    "/chat",
    summary="Say something",
    description="The number of an option or a sentence. `menu`, `voltar`, `cancelar`, `ajuda`,"
    " `atendente` and `sair` count at any step. Nothing is changed before it was confirmed; what"
    " is said twice is done once. After `PRACA_CHATBOT_FORGET_MINUTES` without a message the"
    " conversation is forgotten.",
    responses=problem_responses(
        ConversationBusyError,
        DocumentConflictError,
        EncryptionUnavailableError,
        TooManyChatQuestionsError,
    ),
)
async def continue_conversation(
    body: ChatMessage, chatbot: _Chatbot, responder: _Responder, subject: CurrentSubject
) -> ChatReply:
    return _read(await chatbot.reply(subject, body.message, responder))


def _read(reply: Reply) -> ChatReply:
    return ChatReply(message=reply.text, options=None, end_conversation=reply.is_over)
