"""A small canvas for plots: marks in pixels, an area that maps values to them, numbers in words."""

import math
import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

__all__ = [
    "ACCENT",
    "ACCENT_PALE",
    "FAINT",
    "INK",
    "SECOND",
    "WIDTH",
    "Area",
    "Canvas",
    "Format",
    "Point",
    "decimal",
    "percent",
    "span",
    "ticks",
    "whole",
]

WIDTH: Final = 640
INK: Final = "#1b1b1b"
FAINT: Final = "#555d69"
ACCENT: Final = "#1351b4"
ACCENT_PALE: Final = "#c5d4eb"
SECOND: Final = "#a8400b"
_GRID: Final = "#e3e6eb"
_TICKS: Final = 5
_NOT_IN_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_STYLE: Final = (
    "text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}"
    ".t{font-size:16px;font-weight:600}.b{font-weight:600}"
)

Point = tuple[float, float]
Format = Callable[[float], str]


def decimal(value: float) -> str:
    """Return ``value`` as it is written in Brazil, with three digits that count."""
    if not math.isfinite(value):
        return "–"
    if abs(value) >= 1000:  # noqa: PLR2004  # from here on the whole part says enough
        return whole(value)
    return f"{value:.3g}".replace(".", ",").replace("-", "−")


def percent(value: float) -> str:
    """Return a share as a percentage: 0.125 -> 12,5 %."""
    return f"{decimal(100 * value)} %"


def whole(value: float) -> str:
    """Return ``value`` without decimals: 1234.5 -> 1.234."""
    return f"{value:,.0f}".replace(",", ".").replace("-", "−")


def span(values: Iterable[float]) -> Point:
    """Return the lowest and highest of the finite ``values`` and zero; never the same two."""
    finite = [0.0, *(value for value in values if math.isfinite(value))]
    low, high = min(finite), max(finite)
    return (low, high) if low < high else (low, low + 1)


def ticks(low: float, high: float) -> list[float]:
    """Return about five round numbers from ``low`` to ``high``."""
    raw = (high - low) / _TICKS
    power = 10 ** math.floor(math.log10(raw))
    step = power * next((m for m in (1, 2, 2.5, 5, 10) if m * power >= raw * (1 - 1e-9)), 10)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(at * step, 12) for at in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle in pixels, and the values at its left and right, its bottom and top."""

    left: float
    top: float
    width: float
    height: float
    across: Point
    up: Point

    def x(self, value: float) -> float:
        """Return where ``value`` lies, in pixels from the left."""
        low, high = self.across
        return self.left + self.width * (value - low) / (high - low)

    def y(self, value: float) -> float:
        """Return where ``value`` lies, in pixels from the top."""
        low, high = self.up
        return self.top + self.height * (1 - (value - low) / (high - low))

    def point(self, across: float, up: float) -> Point:
        """Return where the pair of values lies."""
        return self.x(across), self.y(up)


class Canvas:
    """Collects marks; every text is escaped."""

    def __init__(self, title: str, description: str, height: float) -> None:
        self._height = height
        self._title, self._description = _escaped(title), _escaped(description)
        self._marks: list[str] = []
        self.text(24, 30, title, kind="t")

    def svg(self) -> str:
        """Return the finished picture."""
        # Several pictures may stand on one page: each has names of its own.
        name = f"p{zlib.crc32(''.join([self._title, self._description, *self._marks]).encode()):x}"
        size = f"{WIDTH} {_n(self._height)}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" width="{WIDTH}"'
            f' height="{_n(self._height)}" role="img" aria-labelledby="{name}t {name}d">'
            f'<title id="{name}t">{self._title}</title>'
            f'<desc id="{name}d">{self._description}</desc><style>{_STYLE}</style>'
            f'<rect width="100%" height="100%" fill="#fff"/>{"".join(self._marks)}</svg>\n'
        )

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        anchor: str = "start",
        ink: str = INK,
        kind: str = "",
        turned: bool = False,
        says: str = "",
    ) -> None:
        """Write ``text``; ``turned`` reads from below, ``says`` is shown when pointed at."""
        turn = f' transform="rotate(-90 {_n(x)} {_n(y)})"' if turned else ""
        style = f' class="{kind}"' if kind else ""
        self._marks.append(
            f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}" fill="{ink}"{style}{turn}>'
            f"{_escaped(text)}{_tip(says)}</text>"
        )

    def line(self, begin: Point, end: Point, ink: str, *, dash: str = "", width: float = 1) -> None:
        """Draw a straight line."""
        self.path([begin, end], ink, dash=dash, width=width)

    def path(
        self, points: Sequence[Point], ink: str, *, dash: str = "", width: float = 2.5
    ) -> None:
        """Draw a line from point to point."""
        pattern = f' stroke-dasharray="{dash}"' if dash else ""
        along = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        self._marks.append(
            f'<polyline points="{along}" fill="none" stroke="{ink}" stroke-width="{_n(width)}"'
            f' stroke-linejoin="round"{pattern}/>'
        )

    def box(self, corner: Point, opposite: Point, *, says: str = "") -> None:
        """Fill the rectangle between two corners."""
        (left, right), (top, bottom) = (sorted(pair) for pair in zip(corner, opposite, strict=True))
        self._marks.append(
            f'<rect x="{_n(left)}" y="{_n(top)}" width="{_n(right - left)}"'
            f' height="{_n(bottom - top)}" fill="{ACCENT_PALE}" stroke="{ACCENT}">'
            f"{_tip(says)}</rect>"
        )

    def dot(self, at: Point, *, says: str = "") -> None:
        """Draw a point."""
        self._marks.append(
            f'<circle cx="{_n(at[0])}" cy="{_n(at[1])}" r="5" fill="{ACCENT}" stroke="#fff"'
            f' stroke-width="1.5">{_tip(says)}</circle>'
        )

    def whisker(self, begin: Point, end: Point) -> None:
        """Draw an interval: a line with a stroke across each end."""
        (x1, y1), (x2, y2) = begin, end
        dx, dy = (4, 0) if x1 == x2 else (0, 4)
        for start, stop in (
            (begin, end),
            ((x1 - dx, y1 - dy), (x1 + dx, y1 + dy)),
            ((x2 - dx, y2 - dy), (x2 + dx, y2 + dy)),
        ):
            self.line(start, stop, INK, width=1.5)

    def scale_across(self, area: Area, values: Iterable[float], write: Format) -> None:
        """Draw lines from the bottom of ``area`` to its top, with their values below."""
        bottom = area.top + area.height
        for value in values:
            x = area.x(value)
            self.line((x, area.top), (x, bottom), _GRID)
            self.text(x, bottom + 18, write(value), anchor="middle", ink=FAINT)

    def scale_up(self, area: Area, values: Iterable[float], write: Format) -> None:
        """Draw lines from the left of ``area`` to its right, with their values beside them."""
        for value in values:
            y = area.y(value)
            self.line((area.left, y), (area.left + area.width, y), _GRID)
            self.text(area.left - 8, y + 4, write(value), anchor="end", ink=FAINT)


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _escaped(text: str) -> str:
    return escape(_NOT_IN_XML.sub("", text))


def _tip(says: str) -> str:
    return f"<title>{_escaped(says)}</title>" if says else ""
