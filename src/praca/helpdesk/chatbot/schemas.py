"""The conversation on the wire, as system 3's clients know it."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["ChatMessage", "ChatReply"]

_MESSAGE: Final[dict[str, Any]] = {"message": "quanto tenho no cartão?"}
_REPLY: Final[dict[str, Any]] = {
    "message": "Seu saldo atual é: R$ 11,05",
    "options": None,
    "end_conversation": False,
}


class ChatMessage(BaseModel):
    """What the person says."""

    model_config = ConfigDict(json_schema_extra={"example": _MESSAGE})

    message: str = Field(
        max_length=20_000,
        description="The number of an option of the menu, or a sentence. What is longer than "
        "`PRACA_QUESTION_MAX_CHARS` is not read, and answered so.",
    )


class ChatReply(BaseModel):
    """What the virtual assistant says."""

    model_config = ConfigDict(json_schema_extra={"example": _REPLY})

    message: str = Field(description="Portuguese text, with line breaks.")
    options: list[str] | None = Field(
        description="Always null: the options are part of the text, as old clients know it."
    )
    end_conversation: bool = Field(description="True once the person has said goodbye.")
