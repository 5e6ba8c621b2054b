"""A statement on paper: A4, drawn line by line.

All lines are equally high, so the pages are counted before the first is drawn. ReportLab's own
tables are laid out anew at each page and take many times as long.
"""

import io
from collections.abc import Sequence
from typing import Final

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from praca.wallet.statements.statement import Line, Statement
from praca.wallet.statements.words import as_day, as_moment, as_money, as_number

__all__ = ["to_pdf"]

_WIDTH, _HEIGHT = A4
_LEFT: Final = 18 * mm
_RIGHT: Final = _WIDTH - 18 * mm
_ROW: Final = 6.2 * mm
_BOTTOM: Final = 24 * mm
_TOP_OF_FIRST: Final = _HEIGHT - 88 * mm
_TOP_OF_OTHERS: Final = _HEIGHT - 34 * mm
_ROWS_ON_FIRST: Final = int((_TOP_OF_FIRST - _BOTTOM) // _ROW) - 1
_ROWS_ON_OTHERS: Final = int((_TOP_OF_OTHERS - _BOTTOM) // _ROW) - 1

_INK: Final = HexColor("#1c2733")
_FAINT: Final = HexColor("#66717e")
_ACCENT: Final = HexColor("#0b5e8a")
_RULE: Final = HexColor("#d5dce3")
_BAND: Final = HexColor("#f4f7f9")
_IN: Final = HexColor("#146c43")

_PLAIN: Final = "Helvetica"
_BOLD: Final = "Helvetica-Bold"
_MONO: Final = "Courier"

_COLUMNS: Final = (
    ("Nº", _LEFT + 12 * mm, True),
    ("Data", _LEFT + 16 * mm, False),
    ("Descrição", _LEFT + 54 * mm, False),
    ("Valor (R$)", _RIGHT - 34 * mm, True),
    ("Saldo (R$)", _RIGHT - 2 * mm, True),
)
"""Name, where it stands, and whether that is its right end."""


def to_pdf(statement: Statement, lines: Sequence[Line]) -> bytes:
    """Return the file; it takes a processor's time, so call it off the event loop."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4, lang="pt-BR", pageCompression=1)
    canvas.setTitle(f"Extrato do cartão final {statement.card_number[-4:]}")
    canvas.setAuthor("Praça")
    pages = _pages(lines)
    for number, rows in enumerate(pages, start=1):
        top = _first_head(canvas, statement) if number == 1 else _next_head(canvas, statement)
        _table(canvas, rows, top)
        if number == len(pages):
            _seal(canvas, statement)
        _foot(canvas, statement, number, len(pages))
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _pages(lines: Sequence[Line]) -> list[Sequence[Line]]:
    rest = range(_ROWS_ON_FIRST, len(lines), _ROWS_ON_OTHERS)
    return [lines[:_ROWS_ON_FIRST], *(lines[at : at + _ROWS_ON_OTHERS] for at in rest)]


def _text(
    canvas: Canvas,
    x: float,
    y: float,
    text: str,
    *,
    font: str = _PLAIN,
    size: float = 9,
    color: Color = _INK,
    right: bool = False,
) -> None:
    canvas.setFont(font, size)
    canvas.setFillColor(color)
    (canvas.drawRightString if right else canvas.drawString)(x, y, text)


def _rule(canvas: Canvas, y: float, color: Color = _RULE, width: float = 0.5) -> None:
    canvas.setStrokeColor(color)
    canvas.setLineWidth(width)
    canvas.line(_LEFT, y, _RIGHT, y)


def _period(statement: Statement) -> str:
    return f"{as_day(statement.period.start)} a {as_day(statement.period.end)}"


def _first_head(canvas: Canvas, statement: Statement) -> float:
    canvas.setFillColor(_ACCENT)
    canvas.rect(0, _HEIGHT - 8 * mm, _WIDTH, 8 * mm, stroke=0, fill=1)
    y = _HEIGHT - 24 * mm
    _text(canvas, _LEFT, y, "Extrato do cartão de transporte", font=_BOLD, size=18)
    _text(canvas, _LEFT, y - 8 * mm, "Praça · carteira digital", size=10, color=_FAINT)
    facts = (
        ("Cartão", statement.masked_number),
        ("Período", _period(statement)),
        ("Emitido em", as_moment(statement.generated_at)),
    )
    for place, (name, value) in enumerate(facts):
        x = _LEFT + place * 58 * mm
        _text(canvas, x, y - 19 * mm, name, size=8, color=_FAINT)
        _text(canvas, x, y - 24 * mm, value, size=10.5)
    _totals(canvas, statement, y - 50 * mm)
    return _TOP_OF_FIRST


def _totals(canvas: Canvas, statement: Statement, y: float) -> None:
    totals = (
        ("Saldo inicial", statement.opening_balance, _INK),
        ("Entradas", statement.total_in, _IN),
        ("Saídas", -statement.total_out, _INK),
        ("Saldo final", statement.closing_balance, _ACCENT),
    )
    width = (_RIGHT - _LEFT) / len(totals)
    canvas.setFillColor(_BAND)
    canvas.roundRect(_LEFT, y, _RIGHT - _LEFT, 19 * mm, 2 * mm, stroke=0, fill=1)
    for place, (name, amount, color) in enumerate(totals):
        x = _LEFT + place * width + 5 * mm
        _text(canvas, x, y + 12 * mm, name, size=8, color=_FAINT)
        _text(canvas, x, y + 5 * mm, as_money(amount), font=_BOLD, size=12, color=color)


def _next_head(canvas: Canvas, statement: Statement) -> float:
    y = _HEIGHT - 20 * mm
    _text(canvas, _LEFT, y, "Extrato do cartão de transporte", font=_BOLD, size=10)
    where = f"{statement.masked_number} · {_period(statement)}"
    _text(canvas, _RIGHT, y, where, color=_FAINT, right=True)
    _rule(canvas, y - 3 * mm, _ACCENT, 1)
    return _TOP_OF_OTHERS


def _table(canvas: Canvas, rows: Sequence[Line], top: float) -> None:
    for name, x, right in _COLUMNS:
        _text(canvas, x, top, name, font=_BOLD, size=8.5, color=_ACCENT, right=right)
    _rule(canvas, top - 2 * mm, _ACCENT, 0.8)
    if not rows:
        message = "Não houve movimentações neste período."
        _text(canvas, _LEFT + 2 * mm, top - 9 * mm, message, size=10, color=_FAINT)
    for place, line in enumerate(rows):
        _row(canvas, line, top - (place + 1) * _ROW, is_banded=place % 2 == 1)


def _row(canvas: Canvas, line: Line, y: float, *, is_banded: bool) -> None:
    if is_banded:
        canvas.setFillColor(_BAND)
        canvas.rect(_LEFT, y - 2 * mm, _RIGHT - _LEFT, _ROW, stroke=0, fill=1)
    cells = (
        str(line.number),
        as_moment(line.at),
        line.description,
        f"{'+' if line.amount > 0 else ''}{as_number(line.amount)}",
        as_number(line.balance),
    )
    colors = (_FAINT, _INK, _INK, _IN if line.amount > 0 else _INK, _INK)
    for cell, color, (_, x, right) in zip(cells, colors, _COLUMNS, strict=True):
        _text(canvas, x, y, cell, color=color, right=right)


def _seal(canvas: Canvas, statement: Statement) -> None:
    """Say what all movements up to the end are sealed with."""
    if statement.seal:
        _text(canvas, _LEFT, 17.5 * mm, "Selo", size=7, color=_FAINT)
        seal = f"{statement.last}:{statement.seal.hex()}"
        _text(canvas, _LEFT + 9 * mm, 17.5 * mm, seal, font=_MONO, size=7, color=_FAINT)


def _foot(canvas: Canvas, statement: Statement, number: int, count: int) -> None:
    _rule(canvas, 15 * mm)
    _text(canvas, _LEFT, 10.5 * mm, _counted(statement.count), size=7.5, color=_FAINT)
    page = f"Página {number} de {count}"
    _text(canvas, _RIGHT, 10.5 * mm, page, size=7.5, color=_FAINT, right=True)


def _counted(count: int) -> str:
    movements = "1 movimentação" if count == 1 else f"{count} movimentações"
    return f"{movements} no período · Horário de Brasília"
