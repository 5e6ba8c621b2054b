"""Sequence diagrams as SVG, so that the site needs no program of somebody else's to draw them.

Understands what our pages use of Mermaid's language: participants, messages with a full or a dashed
line, and nothing else.
"""

import re
import textwrap
from html import escape
from typing import Final

__all__ = ["drawn"]

_PARTICIPANT: Final = re.compile(r"^ *participant (\w+)(?: as (.+))?$")
_MESSAGE: Final = re.compile(r"^ *(\w+)(-{1,2})>>(\w+): (.+)$")
_COLUMN: Final = 215
_ROW: Final = 58
_TOP: Final = 60
_LETTERS: Final = 28
_STYLE: Final = 'font-family="system-ui, sans-serif" font-size="13"'
_INK: Final = "currentColor"


def drawn(text: str) -> str:
    """Return a diagram as a figure of HTML.

    Raises:
        ValueError: a line that is none of those that are understood.
    """
    names: dict[str, str] = {}
    messages: list[tuple[str, str, str, str]] = []
    first, *lines = [line for line in text.splitlines() if line.strip()]
    if first.strip() != "sequenceDiagram":
        raise ValueError(f"cannot draw {first.strip()!r}")
    for line in lines:
        if found := _PARTICIPANT.match(line):
            names[found[1]] = found[2] or found[1]
        elif found := _MESSAGE.match(line):
            messages.append((found[1], found[2], found[3], found[4]))
        else:
            raise ValueError(f"cannot draw {line.strip()!r}")
    at = {name: _COLUMN // 2 + _COLUMN * number for number, name in enumerate(names)}
    height = _TOP + _ROW * len(messages) + 20
    parts = [_lane(at[name], label, height) for name, label in names.items()]
    parts += [
        _arrow(at[start], at[end], _TOP + _ROW * (number + 1), label, dashed=line == "--")
        for number, (start, line, end, label) in enumerate(messages)
    ]
    told = escape("; ".join(f"{names[a]} → {names[b]}: {label}" for a, _, b, label in messages))
    # One line: Markdown takes a blank one for the end of the figure. It scrolls on a telephone.
    return (
        '<figure class="sequence" style="overflow-x:auto;margin:1em 0"><svg role="img" '
        f'viewBox="0 0 {_COLUMN * len(names)} {height}" '
        f'style="width:100%;min-width:680px;height:auto" {_STYLE} aria-label="{told}">'
        f"{''.join(parts)}</svg></figure>"
    )


def _lane(x: int, label: str, height: int) -> str:
    words = "".join(
        f'<tspan x="{x}" dy="{0 if number == 0 else 15}">{escape(line)}</tspan>'
        for number, line in enumerate(label.split(", "))
    )
    return (
        f'<line x1="{x}" y1="44" x2="{x}" y2="{height}" stroke="{_INK}" opacity="0.35"/>'
        f'<rect x="{x - 104}" y="4" width="208" height="40" rx="5" fill="none" stroke="{_INK}"/>'
        f'<text x="{x}" y="{20 if ", " in label else 28}" text-anchor="middle" fill="{_INK}" '
        f'font-size="11">{words}</text>'
    )


def _arrow(start: int, end: int, y: int, label: str, *, dashed: bool) -> str:
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    way = 1 if end > start else -1
    head = f"{end},{y} {end - 9 * way},{y - 5} {end - 9 * way},{y + 5}"
    middle = (start + end) // 2
    lines = textwrap.wrap(label, _LETTERS)
    words = "".join(
        f'<tspan x="{middle}" y="{y - 7 - 15 * (len(lines) - 1 - number)}">{escape(line)}</tspan>'
        for number, line in enumerate(lines)
    )
    return (
        f'<text text-anchor="middle" fill="{_INK}">{words}</text>'
        f'<line x1="{start}" y1="{y}" x2="{end}" y2="{y}" stroke="{_INK}"{dash}/>'
        f'<polygon points="{head}" fill="{_INK}"/>'
    )
