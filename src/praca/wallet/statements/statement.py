"""A statement: a card's movements over some days of the city."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Self

from praca.kit.clock import BRASILIA
from praca.wallet.errors import InvalidPeriodError
from praca.wallet.ledger.postings import TransferKind
from praca.wallet.statements.errors import PeriodTooLongError

__all__ = ["MOST_DAYS", "USUAL_DAYS", "Line", "Period", "Statement", "describe"]

MOST_DAYS: Final = 366
USUAL_DAYS: Final = 30

_DESCRIPTIONS: Final = {
    TransferKind.RECHARGE: ("Recarga", "Estorno de recarga"),
    TransferKind.DEBIT: ("Estorno de passagem", "Passagem"),
    TransferKind.CARD_TRANSFER: ("Recebido de outro cartão", "Enviado para outro cartão"),
    TransferKind.PIX_RECHARGE: ("Recarga por Pix", "Estorno de recarga por Pix"),
    TransferKind.PIX_REFUND: ("Devolução de Pix", "Devolução de Pix"),
    TransferKind.SURRENDER: ("Saldo renunciado", "Saldo renunciado"),
}
"""What people read for each kind, when money comes in and when it goes out."""


def describe(kind: str, amount: int) -> str:
    """Return in Portuguese what a movement of this kind and sign is."""
    try:
        money_in, money_out = _DESCRIPTIONS[TransferKind(kind)]
    except ValueError:  # written by a newer release that runs beside this one
        return "Movimentação"
    return money_in if amount > 0 else money_out


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the city, both inclusive."""

    start: date
    end: date

    @classmethod
    def chosen(cls, start: date | None, end: date | None, today: date) -> Self:
        """Return the period that somebody asks for; what he leaves out is the last 30 days.

        Raises:
            InvalidPeriodError: it ends before it begins.
            PeriodTooLongError: it has more than ``MOST_DAYS`` days.
        """
        if end is None:
            end = today if start is None else max(today, start)
        if start is None:
            start = date.fromordinal(max(1, end.toordinal() - USUAL_DAYS + 1))
        if start > end:
            raise InvalidPeriodError
        if end.toordinal() - start.toordinal() >= MOST_DAYS:
            raise PeriodTooLongError(MOST_DAYS)
        return cls(start, end)

    @property
    def begins_at(self) -> datetime:
        """The first moment of the first day."""
        return datetime.combine(self.start, time(), BRASILIA)

    @property
    def ends_before(self) -> datetime:
        """The first moment after the last day."""
        if self.end == date.max:
            return datetime.max.replace(tzinfo=UTC)
        return datetime.combine(self.end + timedelta(days=1), time(), BRASILIA)


@dataclass(frozen=True, slots=True)
class Line:
    """One movement.

    Attributes:
        number: 1, 2, 3 … within the card's whole life.
        kind: why money moved, as the ledger names it.
        amount: centavos; negative if the card gave.
        balance: centavos, right after.
        hash: of the ledger's entry, and by it of all that came before.
    """

    number: int
    at: datetime
    kind: str
    amount: int
    balance: int
    hash: bytes

    @property
    def description(self) -> str:
        """What people call it."""
        return describe(self.kind, self.amount)


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything but the movements, which are read one after the other.

    Amounts are centavos.

    Attributes:
        before: number of the last movement before the period; 0 if there is none.
        last: number of the last movement until its end.
        seal: hash of that movement; empty if there is none. Whoever has it can tell later
            whether anything up to there was changed.
    """

    card_number: str
    account_id: int
    period: Period
    before: int
    last: int
    opening_balance: int
    closing_balance: int
    total_in: int
    total_out: int
    seal: bytes
    generated_at: datetime

    @property
    def count(self) -> int:
        """How many movements lie in the period."""
        return self.last - self.before

    @property
    def masked_number(self) -> str:
        """The card's number but for what its owner knows it by."""
        return f"**** **** **** {self.card_number[-4:]}"

    def file_name(self, extension: str) -> str:
        """Return a name for a file, which may be seen where the card's number must not."""
        days = f"{self.period.start.isoformat()}-{self.period.end.isoformat()}"
        return f"extrato-final-{self.card_number[-4:]}-{days}.{extension}"
