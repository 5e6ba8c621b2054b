"""What can go wrong with a statement, beside what can with its card.

DomainError
├── PeriodTooLongError     422  more days than one statement may have
└── StatementTooLongError  422  more entries than fit on paper
"""

from typing import ClassVar

from praca.kit.errors import DomainError, ErrorKind, FieldError

__all__ = ["PeriodTooLongError", "StatementTooLongError"]


class PeriodTooLongError(DomainError):
    """A statement over more than 366 days."""

    code: ClassVar[str] = "period_too_long"
    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    title: ClassVar[str] = "Period too long"
    sample: ClassVar[tuple[int]] = (366,)

    def __init__(self, most_days: int) -> None:
        message = f"O período de um extrato tem no máximo {most_days} dias."
        super().__init__(message, errors=[FieldError(("query", "start"), message)])


class StatementTooLongError(DomainError):
    """More than 5,000 movements for a PDF; choose fewer days, ``csv`` or ``json``."""

    code: ClassVar[str] = "statement_too_long"
    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    title: ClassVar[str] = "Statement too long"
    sample: ClassVar[tuple[int, int]] = (12_345, 5_000)

    def __init__(self, entries: int, most: int) -> None:
        message = (
            f"O período tem {entries} movimentações e um PDF mostra no máximo {most}; "
            "escolha um período menor, ou os formatos csv ou json."
        )
        super().__init__(message, errors=[FieldError(("query", "format"), message)])
