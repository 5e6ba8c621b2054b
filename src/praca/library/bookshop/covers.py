"""Covers: a drawing per book, made from its title and number, a few hundred bytes of SVG."""

from hashlib import sha256
from html import escape

__all__ = ["cover_path", "cover_svg"]

_WIDTH, _HEIGHT = 200, 280
_LINE_LETTERS = 16
_LINES = 5


def cover_path(upc: str) -> str:
    """Return where the cover of the book with this code lies, spread over folders."""
    name = sha256(upc.encode()).hexdigest()[:32]
    return f"media/cache/{name[:2]}/{name[2:4]}/{name}.svg"


def cover_svg(title: str, number: int) -> bytes:
    """Return the cover of a book."""
    hue = number * 137 % 360  # neighbours on a page get hues far apart
    lines = "".join(
        f'<text x="100" y="{90 + 26 * place}">{escape(line)}</text>'
        for place, line in enumerate(_wrapped(title))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}">'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="hsl({hue},45%,32%)"/>'
        f'<rect x="12" y="12" width="176" height="256" fill="none" stroke="hsl({hue},60%,80%)"/>'
        f'<circle cx="100" cy="238" r="{8 + number % 9}" fill="hsl({hue},60%,80%)"/>'
        '<g fill="#fff" font-family="serif" font-size="19" text-anchor="middle">'
        f"{lines}</g></svg>"
    ).encode()


def _wrapped(title: str) -> list[str]:
    lines = [""]
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and len(longer) > _LINE_LETTERS:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines if len(lines) <= _LINES else [*lines[: _LINES - 1], "…"]
