"""Statements in three formats; what takes a processor's time is done beside the event loop."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from enum import StrEnum
from typing import Final

from praca.kit.clock import today_in_brasilia, utc_now
from praca.platform.database.engine import Database
from praca.wallet.cards.card import Card
from praca.wallet.statements.csv_file import to_csv
from praca.wallet.statements.errors import StatementTooLongError
from praca.wallet.statements.json_file import to_json
from praca.wallet.statements.repository import find_statement, read_lines
from praca.wallet.statements.statement import Line, Period, Statement

__all__ = ["MOST_LINES_IN_PDF", "Format", "Statements"]

MOST_LINES_IN_PDF: Final = 5_000
"""Some 140 pages, and two seconds of a core."""
_PDFS_AT_ONCE: Final = 2


class Format(StrEnum):
    """What a statement is sent as."""

    JSON = "json"
    CSV = "csv"
    PDF = "pdf"


class Statements:
    """The statements of one application."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # A long one takes memory and seconds of a core: more of them wait.
        self._printers = asyncio.Semaphore(_PDFS_AT_ONCE)

    async def open(self, card: Card, start: date | None, end: date | None) -> Statement:
        """Return a card's statement for the days from ``start`` to ``end``.

        Args:
            card: whose caller may see it.
            start: first day; none: so that there are thirty.
            end: last day; none: today.

        Raises:
            InvalidPeriodError: the period ends before it begins.
            PeriodTooLongError: it has too many days.
        """
        period = Period.chosen(start, end, today_in_brasilia())
        return await find_statement(self._database, card, period, now=utc_now())

    def as_json(self, statement: Statement) -> AsyncIterator[bytes]:
        """Yield the document, read and made piece by piece."""
        return to_json(statement, read_lines(self._database, statement))

    def as_csv(self, statement: Statement) -> AsyncIterator[bytes]:
        """Yield the file, read and made piece by piece."""
        return to_csv(statement, read_lines(self._database, statement))

    async def as_pdf(self, statement: Statement) -> bytes:
        """Return the file.

        Raises:
            StatementTooLongError: it has more than ``MOST_LINES_IN_PDF`` movements.
        """
        if statement.count > MOST_LINES_IN_PDF:
            raise StatementTooLongError(statement.count, MOST_LINES_IN_PDF)
        async with self._printers:
            lines: list[Line] = []
            async for some in read_lines(self._database, statement):
                lines += some
            # Loaded by who draws one: it takes as long as many answers.
            from praca.wallet.statements.pdf_file import to_pdf  # noqa: PLC0415

            return await asyncio.to_thread(to_pdf, statement, lines)
