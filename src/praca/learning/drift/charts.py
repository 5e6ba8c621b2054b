"""Pairs of bars as inline SVG: no script, no style of its own (the page's classes colour it)."""

from collections.abc import Sequence
from html import escape
from typing import Final

from praca.learning.drift.comparing import Bar

__all__ = ["histogram"]

_WIDTH: Final = 300
_ROW: Final = 24
_NAMES: Final = 134
_SHARES: Final = 72
_LONGEST: Final = 17
_HEIGHT: Final = 110
_RANGE: Final = ("até ", "> ", "não informado")


def histogram(bars: Sequence[Bar], title: str) -> str:
    """Return the shares then and now: lying bars for categories, standing ones for ranges."""
    if not bars:
        return ""
    top = max(max(bar.reference, bar.current) for bar in bars) or 1.0
    is_range = all(bar.label.startswith(_RANGE) for bar in bars)
    body, height = _standing(bars, top) if is_range else _lying(bars, top)
    name = escape(f"{title}: " + "; ".join(_spoken(bar) for bar in bars), quote=True)
    return f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{name}">{body}</svg>'


def _lying(bars: Sequence[Bar], top: float) -> tuple[str, int]:
    room = _WIDTH - _NAMES - _SHARES
    rows = []
    for at, bar in enumerate(bars):
        y = at * _ROW
        label = bar.label if len(bar.label) <= _LONGEST else f"{bar.label[: _LONGEST - 1]}…"
        rows.append(
            f"<g><title>{escape(_spoken(bar))}</title>"
            f'<text x="{_NAMES - 6}" y="{y + 15}" text-anchor="end">{escape(label)}</text>'
            f"{_rect('then', _NAMES, y + 3, room * bar.reference / top, 8)}"
            f"{_rect('now', _NAMES, y + 12, room * bar.current / top, 8)}"
            f'<text x="{_WIDTH}" y="{y + 15}" text-anchor="end">{_change(bar)}</text></g>'
        )
    return "".join(rows), len(bars) * _ROW


def _standing(bars: Sequence[Bar], top: float) -> tuple[str, int]:
    step = _WIDTH / len(bars)
    rows = []
    for at, bar in enumerate(bars):
        then, now = (_HEIGHT * share / top for share in (bar.reference, bar.current))
        rows.append(
            f"<g><title>{escape(_spoken(bar))}</title>"
            f"{_rect('then', at * step + 1, _HEIGHT - then, step * 0.45, then)}"
            f"{_rect('now', at * step + 1 + step * 0.45, _HEIGHT - now, step * 0.45, now)}</g>"
        )
    middle = bars[len(bars) // 2].label
    axis = (
        f'<line class="axis" x1="0" y1="{_HEIGHT}" x2="{_WIDTH}" y2="{_HEIGHT}"/>'
        f'<text x="0" y="{_HEIGHT + 14}">{escape(bars[0].label)}</text>'
        f'<text x="{_WIDTH / 2:g}" y="{_HEIGHT + 14}" text-anchor="middle">{escape(middle)}</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT + 14}" text-anchor="end">{escape(bars[-1].label)}</text>'
    )
    return "".join(rows) + axis, _HEIGHT + 20


def _rect(kind: str, x: float, y: float, width: float, height: float) -> str:
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'
    )


def _spoken(bar: Bar) -> str:
    return f"{bar.label}: {_percent(bar.reference)} no treino, {_percent(bar.current)} agora"


def _change(bar: Bar) -> str:
    return escape(f"{_percent(bar.reference).removesuffix(' %')} → {_percent(bar.current)}")


def _percent(share: float) -> str:
    if 0 < share < 0.01:  # noqa: PLR2004
        return "< 1 %"
    return f"{share:.0%}".replace("%", " %")
