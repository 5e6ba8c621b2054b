"""Statements over HTTP."""

import re
from datetime import date
from typing import Annotated, Final, cast

from fastapi import Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BeforeValidator

from praca.identity.auth import SIGNED_IN
from praca.platform.web import problem_responses
from praca.platform.web.routing import RoomRouter
from praca.wallet.auth import CardOwner
from praca.wallet.errors import CardNotFoundError, InvalidPeriodError, NotCardOwnerError
from praca.wallet.statements.errors import PeriodTooLongError, StatementTooLongError
from praca.wallet.statements.negotiation import preferred
from praca.wallet.statements.schemas import STATEMENT_EXAMPLE, StatementRead
from praca.wallet.statements.service import Format, Statements
from praca.wallet.statements.statement import Statement

__all__ = ["router"]

router = RoomRouter(prefix="/transport-card", tags=["transport-card"])

_MEDIA_TYPES: Final = {
    Format.JSON: "application/json",
    Format.CSV: "text/csv",
    Format.PDF: "application/pdf",
}
_FORMATS: Final = {media_type: chosen for chosen, media_type in _MEDIA_TYPES.items()}
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CSV_EXAMPLE = (
    "Número;Data;Descrição;Tipo;Valor;Saldo;Hash\r\n"
    "3;22/11/2026 10:05:10;Passagem;debit;-4,40;20,60;6f0f8b7c…\r\n"
)


async def _statements(request: Request) -> Statements:
    return cast("Statements", request.app.state.statements)


def _iso_day(value: str) -> date:
    """Return a day; pydantic would also take seconds since 1970 for one, and Python weeks."""
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass  # a day that no calendar has
    raise ValueError("Deve ser uma data, como 2026-11-22.")


_Day = Annotated[date, BeforeValidator(_iso_day)]


@router.get(
    "/{card_number}/statement",
    summary="Show a card's statement",
    openapi_extra=SIGNED_IN,
    response_model=StatementRead,
    responses={
        200: {
            "content": {
                "application/json": {"example": STATEMENT_EXAMPLE},
                "text/csv": {"schema": {"type": "string"}, "example": _CSV_EXAMPLE},
                "application/pdf": {
                    "schema": {"type": "string", "format": "binary"},
                    "example": "%PDF-1.4 …",
                },
            }
        },
        **problem_responses(
            CardNotFoundError,
            NotCardOwnerError,
            InvalidPeriodError,
            PeriodTooLongError,
            StatementTooLongError,
        ),
    },
)
async def show_statement(
    caller: CardOwner,
    statements: Annotated[Statements, Depends(_statements)],
    start: Annotated[
        _Day | None, Query(description="First day; by default there are thirty.")
    ] = None,
    end: Annotated[_Day | None, Query(description="Last day; by default today.")] = None,
    format: Annotated[  # noqa: A002  # the wire's name
        Format | None, Query(description="By default what `Accept` prefers, else `json`.")
    ] = None,
) -> Response:
    """Show balances, totals and movements over days of the city, both inclusive; at most 366.

    The CSV is one for Brazilian spreadsheets: semicolons, decimal commas, a byte order mark. A PDF
    has at most 5,000 movements. Both name the card by its last four digits.
    """
    statement = await statements.open(caller.card, start, end)
    accept = ",".join(caller.request.headers.getlist("Accept"))
    chosen = format or _FORMATS[preferred(accept, tuple(_FORMATS))]
    if chosen is Format.PDF:
        content = await statements.as_pdf(statement)
        return Response(content, headers=_headers(statement, chosen))
    pieces = statements.as_json if chosen is Format.JSON else statements.as_csv
    return StreamingResponse(pieces(statement), headers=_headers(statement, chosen))


def _headers(statement: Statement, chosen: Format) -> dict[str, str]:
    charset = "; charset=utf-8" if chosen is Format.CSV else ""
    headers = {
        "Content-Type": _MEDIA_TYPES[chosen] + charset,
        "Cache-Control": "no-store",
        "Vary": "Accept",
    }
    if chosen is not Format.JSON:
        name = statement.file_name(chosen)
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return headers
