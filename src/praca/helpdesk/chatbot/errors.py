"""What can go wrong in a conversation.

DomainError
├── ConversationBusyError      409  too many messages of one person at the same time
└── TooManyChatQuestionsError  429  of one person, within a minute
"""

from typing import ClassVar

from praca.kit.errors import DomainError, ErrorKind

__all__ = ["ConversationBusyError", "TooManyChatQuestionsError"]


class ConversationBusyError(DomainError):
    """Many messages of one person reached the chatbot at the same time.

    So many that this one was given up; nothing was done.
    """

    code: ClassVar[str] = "conversation_busy"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Conversation busy"

    def __init__(self) -> None:
        super().__init__(
            "Suas mensagens chegaram ao mesmo tempo; envie uma de cada vez.",
            headers={"Retry-After": "1"},
        )


class TooManyChatQuestionsError(DomainError):
    """One person asked the chatbot many questions within a minute.

    The conversation is where it was; try again after ``Retry-After`` seconds.
    """

    code: ClassVar[str] = "too_many_chat_questions"
    kind: ClassVar[ErrorKind] = ErrorKind.LIMIT
    title: ClassVar[str] = "Too many questions"
    sample: ClassVar[tuple[int]] = (60,)

    def __init__(self, wait_s: int) -> None:
        super().__init__(
            f"Você fez muitas perguntas seguidas. Tente de novo em {wait_s} segundos.",
            headers={"Retry-After": str(wait_s)},
        )
