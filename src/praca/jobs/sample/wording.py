"""Portuguese wording: gender markup, plain (accentless) spelling and typing slips.

``"Cozinheir[o|a]"`` reads Cozinheiro, Cozinheira or, addressed to anyone, Cozinheiro(a).
"""

import re
from typing import NamedTuple

from praca.kit.draw import Draw

__all__ = ["Worded", "capitalized", "listed", "plain", "slipped", "split_items", "worded"]

_GENDERED = re.compile(r"\[([^|\]]*)\|([^\]]*)\]")
_ACCENTS = str.maketrans(
    "áàâãäéèêëíîïóòôõöúùûüçñÁÀÂÃÉÊÍÓÔÕÚÜÇ", "aaaaaeeeeiiiooooouuuucnAAAAEEIOOOUUC"
)
_SHORT_WORD = 5


class Worded(NamedTuple):
    """One text in its masculine, feminine and neutral reading."""

    masculine: str
    feminine: str
    neutral: str


def worded(markup: str) -> Worded:
    """Read gender markup once, so that no record has to."""
    return Worded(
        _GENDERED.sub(r"\1", markup),
        _GENDERED.sub(r"\2", markup),
        _GENDERED.sub(r"\1(\2)", markup),
    )


def split_items(text: str, separator: str = ";") -> tuple[str, ...]:
    """Split a catalogue string into its trimmed, non-empty items."""
    return tuple(" ".join(item.split()) for item in text.split(separator) if item.strip())


def plain(text: str) -> str:
    """Return the text without Portuguese accents."""
    return text.translate(_ACCENTS)


def capitalized(text: str) -> str:
    """Return the text with a capital first letter and everything else as it was."""
    return text[:1].upper() + text[1:]


def listed(items: list[str]) -> str:
    """Join items as Portuguese does: ``a, b e c``."""
    if not items:
        return ""
    if len(items) == 1:
        return items[0]
    return f"{', '.join(items[:-1])} e {items[-1]}"


def slipped(text: str, draw: Draw, slips: int) -> str:
    """Swap or drop a letter inside a few longer words, as hurried typing does."""
    words = text.split(" ")
    for _ in range(slips):
        place = draw.below(len(words))
        word = words[place]
        if len(word) < _SHORT_WORD or not word.isalpha():
            continue
        at = draw.between(1, len(word) - 3)
        if draw.chance(0.6):
            words[place] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        else:
            words[place] = word[:at] + word[at + 1 :]
    return " ".join(words)
