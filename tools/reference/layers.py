"""The picture of the rooms, from the layers that the import linter enforces."""

import tomllib
from html import escape
from pathlib import Path
from typing import Final

__all__ = ["layers"]

_PROJECT: Final = Path(__file__).parents[2] / "pyproject.toml"
_HOLDS: Final = {
    "entrypoints": ("HTTP API, command line, worker, dashboard",),
    "helpdesk": ("articles, answers that quote them, questions, chatbot",),
    "jobs": ("candidates, vacancies,", "matching, reviews"),
    "library": ("catalogue, scraper,", "models of books"),
    "wallet": ("documents, cards,", "the ledger, Pix"),
    "identity": ("accounts, roles, sign-in, recovery, personal data",),
    "learning": ("text retrieval, evaluation, the life of models",),
    "platform": ("settings, database, tasks, files, errors, audit",),
    "kit": ("pure building blocks",),
}
_NOT_SHOWN: Final = {"migrations"}
_COLOURS: Final = ("#0f766e", "#0e7490", "#1d4ed8", "#4338ca", "#6d28d9", "#7e22ce", "#475569")
_WIDTH: Final = 720
_GAP: Final = 14
_BOX: Final = 54


def layers() -> str:
    """Return the picture: a box per room, the upper ones import the lower.

    Every box has a colour of its own with white letters, and what is between them is grey, so it
    reads on a white page and on a black one.
    """
    rows = [_rooms(layer) for layer in _enforced()]
    shown = [rooms for rooms in rows if rooms]
    parts = []
    y = 0
    for number, rooms in enumerate(shown):
        width = (_WIDTH - _GAP * (len(rooms) - 1)) // len(rooms)
        for place, room in enumerate(rooms):
            x = place * (width + _GAP)
            parts.append(_box(x, y, width, room, _HOLDS[room], _COLOURS[number]))
        y += _BOX + (16 if len(rooms) > 1 else 0)
        parts.append(_arrow(y))
        y += 2 * _GAP
    half = (_WIDTH - _GAP) // 2
    parts.append(_box(0, y, half, "PostgreSQL", ("embedded, or yours",), "#334155"))
    parts.append(_box(half + _GAP, y, half, "Files", ("a folder, or S3",), "#334155"))
    told = "; ".join(f"{room}: {' '.join(_HOLDS[room])}" for rooms in shown for room in rooms)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y + _BOX}" role="img" '
        'font-family="system-ui, sans-serif" text-anchor="middle">\n'
        "<title>The rooms of Praça, from the top down</title>\n"
        f"<desc>{escape(told)}</desc>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def _enforced() -> list[str]:
    project = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))
    contract = project["tool"]["importlinter"]["contracts"][0]
    return [str(layer) for layer in contract["layers"]]


def _rooms(layer: str) -> list[str]:
    rooms = [room.strip().removeprefix("praca.") for room in layer.split("|")]
    return [room for room in rooms if room not in _NOT_SHOWN]


def _box(x: int, y: int, width: int, name: str, told: tuple[str, ...], colour: str) -> str:
    middle = x + width // 2
    height = _BOX + 16 * (len(told) - 1)
    lines = "".join(
        f'<text x="{middle}" y="{y + 41 + 17 * number}" font-size="13">{escape(line)}</text>'
        for number, line in enumerate(told)
    )
    return (
        f'<g fill="#ffffff"><rect x="{x}" y="{y}" width="{width}" height="{height}" rx="7" '
        f'fill="{colour}"/><text x="{middle}" y="{y + 22}" font-size="15" font-weight="700">'
        f"{escape(name)}</text>{lines}</g>"
    )


def _arrow(y: int) -> str:
    x = _WIDTH // 2
    return (
        f'<path d="M{x} {y + 3}V{y + 18}" stroke="#808080" stroke-width="2"/>'
        f'<path d="M{x - 6} {y + 15}L{x} {y + 25}L{x + 6} {y + 15}z" fill="#808080"/>'
    )
