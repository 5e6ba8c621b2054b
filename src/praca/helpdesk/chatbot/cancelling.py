"""Cancelling a card: which, what that means, and whether it is meant."""

import re
from collections.abc import Sequence
from typing import Final

from praca.helpdesk.chatbot import texts
from praca.helpdesk.chatbot.state import Flow, State
from praca.helpdesk.chatbot.turns import CancelCard, Turn, Wallet, unclear
from praca.helpdesk.chatbot.wording import Matter, joined_digits, plain, yes_or_no
from praca.wallet import Card, CardStatus

__all__ = ["CHOOSE", "CONFIRM", "back", "begin", "hear"]

CHOOSE: Final = "choose"
CONFIRM: Final = "confirm"
_LAST_DIGITS: Final = 4
_ALL_DIGITS: Final = 16
_ORDINALS: Final = {"primeiro": 0, "segundo": 1, "terceiro": 2, "quarto": 3, "ultimo": -1}
_NUMBER: Final = re.compile(r"[0-9]+")


async def begin(state: State, message: str, wallet: Wallet) -> Turn:
    """Begin; the card may have been named in ``message`` by its last digits or its number."""
    cards = await wallet.cards()
    used = _in_use(cards)
    if not used:
        none = texts.NO_CARDS_IN_USE if cards else texts.NO_CARDS
        return Turn(none, state.at_menu())
    numbers = set(_NUMBER.findall(message))
    named = [card for card in used if {card.number, card.number[-_LAST_DIGITS:]} & numbers]
    if len(used) == 1 or len(named) == 1:
        card = (named or used)[0]
        return _confirm(state, card, used)
    asked = state.at(Flow.CANCEL_CARD, CHOOSE, cards=[card.id for card in used])
    return Turn(texts.choose_card(used), asked)


async def hear(state: State, message: str, wallet: Wallet) -> Turn:
    """Go on with ``message``."""
    used = _in_use(await wallet.cards())
    if state.step == CHOOSE:
        return _choose(state, message, used)
    return _decide(state, message, used)


async def back(state: State, wallet: Wallet) -> Turn | None:
    """Go back a step; None if this is the first."""
    used = _in_use(await wallet.cards())
    if state.step == CHOOSE or len(used) < 2:  # noqa: PLR2004  # nothing to choose from
        return None
    asked = state.at(Flow.CANCEL_CARD, CHOOSE, cards=[card.id for card in used])
    return Turn(texts.choose_card(used), asked)


def _choose(state: State, message: str, used: Sequence[Card]) -> Turn:
    # Numbers of the list are those that were shown, whatever was issued or cancelled since.
    by_id = {card.id: card for card in used}
    shown = [by_id.get(card_id) for card_id in state.data["cards"]]
    digits = joined_digits(message)
    found = _ordinal(message, shown) if not digits else _numbered(digits, shown, used)
    if len(found) == 1:
        return _confirm(state, found[0], used)
    if len(found) > 1:
        return unclear(state, texts.TWO_SUCH_CARDS)
    return unclear(state, f"{texts.NO_SUCH_CARD} {texts.WHICH_CARD_HOW}")


def _numbered(digits: str, shown: Sequence[Card | None], used: Sequence[Card]) -> list[Card]:
    """Return the person's own cards that the digits may mean; nobody else's are looked at."""
    if len(digits) == _LAST_DIGITS:
        return [card for card in used if card.number.endswith(digits)]
    if len(digits) == _ALL_DIGITS:
        return [card for card in used if card.number == digits]
    if len(digits) > _LAST_DIGITS or not 1 <= int(digits) <= len(shown):
        return []
    card = shown[int(digits) - 1]
    return [] if card is None else [card]


def _ordinal(message: str, shown: Sequence[Card | None]) -> list[Card]:
    places = [_ORDINALS[word] for word in plain(message).split() if word in _ORDINALS]
    if len(places) != 1 or places[0] >= len(shown):
        return []
    card = shown[places[0]]
    return [] if card is None else [card]


def _confirm(state: State, card: Card, used: Sequence[Card]) -> Turn:
    if card.balance:
        other = _other_for_money(card, used)
        return Turn(texts.card_not_empty(card.number, card.balance, other), state.at_menu())
    text = texts.confirm_cancelling(card)
    return Turn(text, state.at(Flow.CANCEL_CARD, CONFIRM, card=card.id, question=text))


def _decide(state: State, message: str, used: Sequence[Card]) -> Turn:
    decided = yes_or_no(message, Matter.CANCELLING)
    if decided is None:
        return unclear(state, f"{texts.NEITHER}\n{state.data['question']}")
    if not decided:
        return Turn(texts.CARD_KEPT, state.at_menu())
    card = next((card for card in used if card.id == state.data["card"]), None)
    if card is None:
        return Turn(texts.CARD_GONE, state.at_menu())
    if card.balance:
        return _confirm(state, card, used)
    return Turn("", state.at_menu(), effect=CancelCard(card.number))


def _in_use(cards: Sequence[Card]) -> list[Card]:
    return [card for card in cards if card.status is not CardStatus.CANCELLED]


def _other_for_money(card: Card, used: Sequence[Card]) -> Card | None:
    """Return another card that takes what is on this one."""
    active = (one for one in used if one.id != card.id and one.status is CardStatus.ACTIVE)
    return next(active, None)
