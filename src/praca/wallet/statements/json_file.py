"""A statement for a program."""

from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

import orjson

from praca.wallet.statements.statement import Line, Statement

__all__ = ["to_json"]


async def to_json(statement: Statement, lines: AsyncIterable[list[Line]]) -> AsyncIterator[bytes]:
    """Yield the document, piece by piece; the movements come last."""
    yield orjson.dumps(_head(statement), option=orjson.OPT_UTC_Z)[:-1] + b',"entries":['
    separator = b""
    async for some in lines:
        # Without the brackets: the pieces are one array.
        yield separator + orjson.dumps(list(map(_entry, some)), option=orjson.OPT_UTC_Z)[1:-1]
        separator = b","
    yield b"]}"


def _head(statement: Statement) -> dict[str, Any]:
    return {
        "card_number": statement.card_number,
        "start": statement.period.start,
        "end": statement.period.end,
        "opening_balance": statement.opening_balance,
        "closing_balance": statement.closing_balance,
        "total_in": statement.total_in,
        "total_out": statement.total_out,
        "entry_count": statement.count,
        "seal": statement.seal.hex() or None,
        "generated_at": statement.generated_at,
    }


def _entry(line: Line) -> dict[str, Any]:
    return {
        "number": line.number,
        "transaction_date": line.at,
        "description": line.description,
        "kind": line.kind,
        "amount": line.amount,
        "balance_after_transaction": line.balance,
        "hash": line.hash.hex(),
    }
