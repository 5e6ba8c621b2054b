"""A transport card, and its number."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from praca.wallet.ledger.postings import State

__all__ = ["Card", "CardStatus", "check_digit", "new_card_number"]

_DIGITS_BEFORE_CHECK: Final = 15
_LARGEST_DIGIT: Final = 9


class CardStatus(StrEnum):
    """The state of a card's account, as the wire names it."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"

    @classmethod
    def of(cls, state: State) -> "CardStatus":
        """Return the status of a card whose account is in ``state``."""
        return _STATUS[state]


_STATUS = {
    State.OPEN: CardStatus.ACTIVE,
    State.BLOCKED: CardStatus.BLOCKED,
    State.CLOSED: CardStatus.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Card:
    """A card with what is on it.

    Attributes:
        number: sixteen digits.
        account_id: of the ledger.
        balance: centavos.
    """

    id: int
    user_id: int
    number: str
    account_id: int
    balance: int
    status: CardStatus
    issued_at: datetime


def check_digit(digits: str) -> str:
    """Return the digit that makes ``digits`` a number without the commonest typing errors.

    Source: Luhn, US patent 2,950,048 (1960); ISO/IEC 7812-1, annex B.
    """
    total = 0
    for position, char in enumerate(reversed(digits)):
        digit = int(char) * (2 if position % 2 == 0 else 1)
        total += digit - _LARGEST_DIGIT if digit > _LARGEST_DIGIT else digit
    return str(-total % 10)


def new_card_number() -> str:
    """Return sixteen digits, fifteen at random and the check digit; nobody can guess one."""
    digits = "".join(str(secrets.randbelow(10)) for _ in range(_DIGITS_BEFORE_CHECK))
    return digits + check_digit(digits)
