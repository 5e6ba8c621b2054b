"""Where a conversation is, and what it is sealed as."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

import orjson

from praca.platform.encryption import DataKey

__all__ = ["MENU", "Flow", "Line", "State", "context_of", "state_of"]

MENU: Final = "menu"
Line = tuple[str, str]


class Flow(StrEnum):
    """What takes more than one message."""

    CANCEL_CARD = "cancel_card"
    SAVE_DOCUMENT = "save_document"
    ASK = "ask"
    HAND_OVER = "hand_over"


@dataclass(frozen=True, slots=True)
class State:
    """A conversation between two messages.

    Attributes:
        flow: none at the menu.
        step: of the flow.
        data: what the flow has been told.
        unclear: how often in a row nothing could be made of a message, or no answer be found.
        asked: what was said last, as it is said again to whoever sends a message twice.
        heard: hash of the last message.
        lines: the conversation, for a person who takes over: no numbers in it.
    """

    flow: Flow | None = None
    step: str = MENU
    data: dict[str, Any] = field(default_factory=dict)
    unclear: int = 0
    asked: str = ""
    heard: str = ""
    lines: tuple[Line, ...] = ()

    def at(self, flow: Flow, step: str, **data: Any) -> "State":
        """Return the conversation at another step; ``data`` is added to what is known."""
        return replace(self, flow=flow, step=step, data=self.data | data, unclear=0)

    def at_menu(self) -> "State":
        """Return the conversation at the menu, whatever it was about."""
        return replace(self, flow=None, step=MENU, data={}, unclear=0)


def context_of(key: DataKey, user_id: int, state: State) -> bytes:
    """Seal what was said, for this person's conversation alone."""
    content = {
        "data": state.data,
        "unclear": state.unclear,
        "asked": state.asked,
        "heard": state.heard,
        "lines": state.lines,
    }
    return key.seal(orjson.dumps(content), _place(user_id))


def state_of(key: DataKey, user_id: int, flow: str | None, step: str, context: bytes) -> State:
    """Return the conversation that was sealed.

    Raises:
        SealedDataError: it is another person's, or was changed.
        ValueError: another release wrote what this one does not know.
    """
    content = orjson.loads(key.open(bytes(context), _place(user_id)))
    return State(
        flow=None if flow is None else Flow(flow),
        step=step,
        data=content["data"],
        unclear=content["unclear"],
        asked=content["asked"],
        heard=content["heard"],
        lines=tuple((who, text) for who, text in content["lines"]),
    )


def _place(user_id: int) -> str:
    return f"chatbot:{user_id}"
