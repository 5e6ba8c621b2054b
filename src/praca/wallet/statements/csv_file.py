"""A statement for a Brazilian spreadsheet.

What Excel and LibreOffice expect where the comma is the decimal mark: semicolons between the
fields, commas in the amounts, and a byte order mark, without which accents break. The rest is
RFC 4180: CRLF, quotes where needed, as many fields in every record. First come the balances and
totals, each with its name, then an empty record, then the movements.
"""

import csv
import io
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import Final

from praca.wallet.statements.statement import Line, Statement
from praca.wallet.statements.words import as_day, as_moment, as_number

__all__ = ["COLUMNS", "safe_cell", "to_csv"]

COLUMNS: Final = ("Número", "Data", "Descrição", "Tipo", "Valor", "Saldo", "Hash")
_BYTE_ORDER_MARK: Final = "\ufeff"
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(text: str) -> str:
    """Return text that no spreadsheet takes for a formula.

    Source: OWASP, "CSV Injection". Amounts do not go through here: they are made of digits.
    """
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) else text


async def to_csv(statement: Statement, lines: AsyncIterable[list[Line]]) -> AsyncIterator[bytes]:
    """Yield the file, piece by piece."""
    yield (_BYTE_ORDER_MARK + _records(_preamble(statement))).encode()
    async for some in lines:
        yield _records(map(_record, some)).encode()


def _preamble(statement: Statement) -> Iterable[tuple[str, ...]]:
    period = statement.period
    facts = (
        ("Cartão", safe_cell(statement.masked_number)),
        ("Início", as_day(period.start)),
        ("Fim", as_day(period.end)),
        ("Saldo inicial", as_number(statement.opening_balance, grouped=False)),
        ("Entradas", as_number(statement.total_in, grouped=False)),
        ("Saídas", as_number(-statement.total_out, grouped=False)),
        ("Saldo final", as_number(statement.closing_balance, grouped=False)),
        ("Movimentações", str(statement.count)),
        ("Emitido em", as_moment(statement.generated_at)),
        ("", ""),
    )
    padding = ("",) * (len(COLUMNS) - 2)
    return (*((*fact, *padding) for fact in facts), COLUMNS)


def _record(line: Line) -> tuple[str, ...]:
    return (
        str(line.number),
        as_moment(line.at),
        safe_cell(line.description),
        safe_cell(line.kind),
        as_number(line.amount, grouped=False),
        as_number(line.balance, grouped=False),
        line.hash.hex(),
    )


def _records(rows: Iterable[tuple[str, ...]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    return text.getvalue()
