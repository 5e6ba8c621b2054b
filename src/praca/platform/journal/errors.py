"""Errors of the journal.

DomainError
└── JournalTooLargeError  503  the answer takes too long to compute
"""

from praca.kit.errors import DomainError, ErrorKind

__all__ = ["JournalTooLargeError"]


class JournalTooLargeError(DomainError):
    """Figures of requests or predictions: too many lie in the period to be computed in time."""

    code = "journal_too_large"
    kind = ErrorKind.UNAVAILABLE
    title = "Too many lines"

    def __init__(self) -> None:
        super().__init__("Há registros demais neste período; escolha um período menor.")
