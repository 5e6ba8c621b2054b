"""What can go wrong in a conversation.

DomainError
└── ConversationBusyError  409  too many messages of one person at the same time
"""

from typing import ClassVar

from praca.kit.errors import DomainError, ErrorKind

__all__ = ["ConversationBusyError"]


class ConversationBusyError(DomainError):
    """Other messages of the same person were always quicker; nothing was done."""

    code: ClassVar[str] = "conversation_busy"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Conversation busy"

    def __init__(self) -> None:
        super().__init__(
            "Suas mensagens chegaram ao mesmo tempo; envie uma de cada vez.",
            headers={"Retry-After": "1"},
        )
