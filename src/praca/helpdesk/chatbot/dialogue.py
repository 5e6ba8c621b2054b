"""What a message means where the conversation is; nothing is changed here.

Numbers choose options as in system 3: at the menu all digits of a message are one number. What is
no option there was an error in system 3; here a sentence with such a number is understood if it is
clear, and so is a question; anything else gets system 3's text.
"""

from dataclasses import replace
from typing import Final

from praca.helpdesk.chatbot import cancelling, saving, texts
from praca.helpdesk.chatbot.intents import Intent, IntentModel
from praca.helpdesk.chatbot.state import Flow, State
from praca.helpdesk.chatbot.turns import (
    OpenTicket,
    Turn,
    Wallet,
    handed_over,
    resumed,
    unclear,
)
from praca.helpdesk.chatbot.wording import (
    Command,
    Matter,
    SmallTalk,
    command_of,
    is_declined,
    is_question,
    joined_digits,
    plain,
    small_talk_of,
    yes_or_no,
)

__all__ = ["DONE", "Dialogue"]

DONE: Final = "done"
"""Step after something was confirmed and done, so that a second yes does nothing again."""

_OPTIONS: Final = {
    "1": Intent.BALANCE,
    "2": Intent.CANCEL_CARD,
    "3": Intent.SAVE_DOCUMENT,
    "4": Intent.LIST_DOCUMENTS,
    "5": Intent.ASK,
}
_INTENT_OF: Final = {
    Flow.CANCEL_CARD: Intent.CANCEL_CARD,
    Flow.SAVE_DOCUMENT: Intent.SAVE_DOCUMENT,
    Flow.ASK: Intent.ASK,
    Flow.HAND_OVER: Intent.HUMAN,
}
_CHANGES: Final = frozenset({Intent.CANCEL_CARD, Intent.SAVE_DOCUMENT})
_BEYOND_DOUBT: Final = 0.9
"""Least probability for which a sentence ends a flow: what was typed in it is lost."""
_SHOWN: Final = 50
_SMALL_TALK: Final = {
    SmallTalk.GREETING: texts.MENU,
    SmallTalk.THANKS: texts.THANKS,
    SmallTalk.MACHINE: texts.MACHINE,
}
_DECISIONS: Final = frozenset({(Flow.CANCEL_CARD, "confirm"), (Flow.SAVE_DOCUMENT, "confirm")})


class Dialogue:
    """Reads messages.

    Args:
        intents: tells what a sentence asks for.
    """

    def __init__(self, intents: IntentModel) -> None:
        self._intents = intents

    async def hear(self, state: State, message: str, wallet: Wallet, *, forgot: bool) -> Turn:
        """Return what a message leads to.

        Args:
            state: where the conversation is.
            message: what was said, without characters that cannot be seen.
            wallet: of whoever said it.
            forgot: something was under way, too long ago.
        """
        if not message:
            return Turn(texts.EMPTY, state)
        command = command_of(message)
        if command is not None:
            return await self._obey(command, state, wallet)
        return await self._go_on(state, message, wallet, forgot=forgot)

    async def _go_on(self, state: State, message: str, wallet: Wallet, *, forgot: bool) -> Turn:
        if state.flow is Flow.HAND_OVER:
            return await self._hear_of_handing_over(state, message, wallet)
        if state.flow is None or self._chooses_again(state, message):
            return await self._hear_at_menu(state, message, wallet, forgot=forgot)
        if state.flow is Flow.ASK:
            return Turn("", replace(state.at_menu(), unclear=state.unclear), question=message)
        wish = self._other_wish(state, message)
        is_free_text = (state.flow, state.step) == (Flow.SAVE_DOCUMENT, saving.TYPE)
        if wish is not None and is_free_text:  # any words could be a type
            return await self._turn_to(wish, state, message, wallet)
        hear = cancelling.hear if state.flow is Flow.CANCEL_CARD else saving.hear
        turn = await hear(state, message, wallet)
        if wish is not None and turn.is_unclear:
            return replace(await self._turn_to(wish, state, message, wallet), said=turn.said)
        return turn

    def _other_wish(self, state: State, message: str) -> Intent | None:
        """Return what else a sentence within a flow asks for, if that is beyond doubt."""
        name, probability = self._intents.guess(message)
        own = _INTENT_OF[state.flow] if state.flow else None
        if (
            probability < _BEYOND_DOUBT
            or is_declined(message)
            or name not in set(Intent)
            or name == own
        ):
            return None
        return Intent(name)

    async def _turn_to(self, wish: Intent, state: State, message: str, wallet: Wallet) -> Turn:
        """Leave what was under way, and begin what is asked for; a person is asked first."""
        turn = await self._begin(wish, state, message, wallet)
        left = "" if wish is Intent.HUMAN else f"{texts.LEFT}\n"
        return replace(turn, text=left + turn.text)

    # --- at any step ------------------------------------------------------------------------

    async def _obey(self, command: Command, state: State, wallet: Wallet) -> Turn:
        if command is Command.HUMAN:
            return Turn(texts.OPEN_TICKET, handed_over(state, "confirm"))
        if command is Command.BACK:
            return await self._back(state, wallet) or Turn(texts.MENU, state.at_menu())
        if command is Command.HELP:
            return _help(state)
        is_over = command is Command.LEAVE
        return Turn(_left(command, state), state.at_menu(), is_over=is_over)

    async def _back(self, state: State, wallet: Wallet) -> Turn | None:
        if state.flow is Flow.CANCEL_CARD:
            return await cancelling.back(state, wallet)
        if state.flow is Flow.SAVE_DOCUMENT:
            return saving.back(state)
        return None

    async def _hear_of_handing_over(self, state: State, message: str, wallet: Wallet) -> Turn:
        decided = yes_or_no(message, Matter.TICKET)
        if decided:
            return Turn("", state.at_menu(), effect=OpenTicket())
        before = resumed(state)
        if decided is None:  # he goes on without a person
            return await self.hear(before, message, wallet, forgot=False)
        again = "" if before.flow is None else "\nVamos continuar de onde paramos."
        return Turn(texts.NO_TICKET + again, before)

    @staticmethod
    def _chooses_again(state: State, message: str) -> bool:
        """Tell whether an option is chosen where a bare digit answers nothing."""
        is_decision = (state.flow, state.step) in _DECISIONS or state.step == saving.TYPE
        return is_decision and message.strip() in _OPTIONS

    # --- at the menu ------------------------------------------------------------------------

    async def _hear_at_menu(
        self, state: State, message: str, wallet: Wallet, *, forgot: bool
    ) -> Turn:
        digits = joined_digits(message)
        option = _OPTIONS.get(digits.lstrip("0"))
        if option is not None:
            # Digits choose, so nothing else of the message names a card or a document.
            return await self._begin(option, state, "", wallet)
        talk = small_talk_of(message)
        if talk is not None:
            return Turn(_SMALL_TALK[talk], state.at_menu())
        if yes_or_no(message) is not None:
            return self._nothing_pending(state, message, forgot=forgot)
        return await self._understand(state, message, digits, wallet, forgot=forgot)

    async def _understand(
        self, state: State, message: str, digits: str, wallet: Wallet, *, forgot: bool
    ) -> Turn:
        menu = replace(state.at_menu(), unclear=state.unclear)
        intent = self._intents.intent_of(message)
        if intent in _CHANGES and is_declined(message):
            return Turn(texts.NOTHING_PENDING, menu)
        if intent is not None:
            return await self._begin(intent, menu, message, wallet)
        if digits and not is_question(message):
            return Turn(texts.FORGOTTEN if forgot else texts.UNKNOWN_NUMBER, menu)
        if not any(char.isalpha() for char in plain(message)):
            return Turn(texts.FORGOTTEN, menu) if forgot else unclear(menu, texts.UNREADABLE)
        return Turn("", menu, question=message)

    @staticmethod
    def _nothing_pending(state: State, message: str, *, forgot: bool) -> Turn:
        if state.step == DONE and yes_or_no(message):
            return Turn(state.asked, state)
        return Turn(texts.FORGOTTEN if forgot else texts.NOTHING_PENDING, state.at_menu())

    async def _begin(self, intent: Intent, state: State, message: str, wallet: Wallet) -> Turn:
        if intent is Intent.BALANCE:
            return Turn(texts.balances(await wallet.cards()), state.at_menu())
        if intent is Intent.CANCEL_CARD:
            return await cancelling.begin(state.at_menu(), message, wallet)
        if intent is Intent.SAVE_DOCUMENT:
            return saving.begin(state.at_menu(), message)
        if intent is Intent.LIST_DOCUMENTS:
            return Turn(texts.document_lines(*await wallet.documents(_SHOWN)), state.at_menu())
        if intent is Intent.HUMAN:
            return Turn(texts.OPEN_TICKET, handed_over(state, "confirm"))
        asked = state.at_menu().at(Flow.ASK, "question")
        return Turn(texts.ASK, replace(asked, unclear=state.unclear))


def _left(command: Command, state: State) -> str:
    """Say that whatever was under way is not any more."""
    if command is Command.LEAVE:
        return texts.GOODBYE
    if command is Command.MENU:
        return texts.MENU
    return texts.NOTHING_TO_STOP if state.flow is None else texts.STOPPED


def _help(state: State) -> Turn:
    if state.flow is None:
        return Turn(texts.HELP, state)
    question = state.asked.removeprefix(f"{texts.STEP_HELP}\n")  # help may be asked for twice
    return Turn(f"{texts.STEP_HELP}\n{question}", state)
