"""Numbers, moments and lengths of time as Brazilians write them.

No library we have does it: Python's own formatting knows locales only as far as the system has
them installed.
"""

from datetime import datetime
from typing import Final

from praca.kit.clock import BRASILIA

__all__ = [
    "NOTHING",
    "VEGA_LOCALE",
    "count",
    "data_size",
    "decimal",
    "duration",
    "milliseconds",
    "moment",
    "percent",
    "plain",
    "wall_time",
]

NOTHING: Final = "–"
"""What stands where there is no figure."""

_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>$~"})
_SWAP = str.maketrans(",.", ".,")
_KIB: Final = 1024

VEGA_LOCALE: Final[dict[str, dict[str, object]]] = {
    "number": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["R$ ", ""]},
    "time": {
        "dateTime": "%d/%m/%Y %H:%M:%S",
        "date": "%d/%m/%Y",
        "time": "%H:%M:%S",
        "periods": ["AM", "PM"],
        "days": ["domingo", "segunda", "terça", "quarta", "quinta", "sexta", "sábado"],
        "shortDays": ["dom", "seg", "ter", "qua", "qui", "sex", "sáb"],
        "months": [
            *("janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto"),
            *("setembro", "outubro", "novembro", "dezembro"),
        ],
        "shortMonths": [
            *("jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"),
        ],
    },
}
"""The same for charts, whose numbers are written in the browser."""


def decimal(value: float | None, digits: int = 1) -> str:
    """``1234.5`` -> ``1.234,5``."""
    return NOTHING if value is None else f"{value:,.{digits}f}".translate(_SWAP)


def count(value: float | None) -> str:
    """``1234567`` -> ``1.234.567``."""
    return decimal(value, 0)


def percent(share: float | None, digits: int = 1) -> str:
    """``0.1234`` -> ``12,3%``."""
    return NOTHING if share is None else f"{decimal(100 * share, digits)}%"


def milliseconds(value: float | None) -> str:
    """Return milliseconds with as many digits as say something, or seconds if they are many."""
    if value is None:
        return NOTHING
    if value >= 1000:  # noqa: PLR2004  # a second
        return f"{decimal(value / 1000, 2)} s"
    return f"{decimal(value, 1 if value < 100 else 0)} ms"  # noqa: PLR2004  # three digits in all


def plain(text: str) -> str:
    """Return ``text`` for a place that reads Markdown, where it then looks as it is.

    What comes from elsewhere, such as a task's error or a shop's category, is not to make links,
    pictures or formulas, which two amounts in R$ would be.
    """
    return " ".join(text.split()).translate(_MARKS)


def duration(seconds: float | None) -> str:
    """``3725`` -> ``1 h 2 min``; below a minute with one decimal."""
    if seconds is None:
        return NOTHING
    if seconds < 60:  # noqa: PLR2004  # a minute
        return f"{decimal(seconds)} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:  # noqa: PLR2004  # an hour
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{count(hours)} h {minutes} min"


def data_size(size: float | None) -> str:
    """``1536`` -> ``1,5 KiB``."""
    if size is None:
        return NOTHING
    for unit in ("B", "KiB", "MiB"):
        if size < _KIB:
            return f"{decimal(size, 0 if unit == 'B' else 1)} {unit}"
        size /= _KIB
    return f"{decimal(size)} GiB"


def moment(at: datetime | None) -> str:
    """Return day and time in Brasília: ``22/11/2026 09:30:05``."""
    return NOTHING if at is None else f"{at.astimezone(BRASILIA):%d/%m/%Y %H:%M:%S}"


def wall_time(at: datetime) -> str:
    """Return the clock's reading in Brasília without its zone, for charts.

    A browser reads it as its own time: so a chart shows Brasília's wherever it is looked at.
    """
    return at.astimezone(BRASILIA).replace(tzinfo=None).isoformat()
