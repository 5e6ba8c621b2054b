"""Normalisation of Portuguese text for search and matching."""

import re
import unicodedata
from typing import Final

__all__ = ["bounded", "fold", "squeeze"]

_MOST_MARKS: Final = 30
# No character below U+0300 is a mark, so that ordinary Portuguese text is not looked at further.
_MAY_BE_MARKS: Final = re.compile(rf"[\u0300-\U0010ffff]{{{_MOST_MARKS + 1},}}")


def fold(text: str) -> str:
    """Return ``text`` lower-cased, without accents or other combining marks.

    ``"Ação"`` becomes ``"acao"``: people type queries without accents, so both sides of every
    comparison go through this function.
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def squeeze(text: str) -> str:
    """Return ``text`` with every run of white space replaced by one blank, ends stripped."""
    return " ".join(text.split())


def bounded(text: str, most: int) -> str:
    """Return the first ``most`` characters with at most 30 combining marks in a row.

    Normalising the result takes linear time; that of a run of marks takes the square of its
    length, and nothing else in the process runs meanwhile. No writing needs more than 30, the
    limit of the stream-safe text format. Source: Unicode Standard Annex #15, section 13.
    """
    return _MAY_BE_MARKS.sub(_with_few_marks, text[:most])


def _with_few_marks(found: re.Match[str]) -> str:
    kept, marks = [], 0
    for char in found[0]:
        marks = marks + 1 if _is_mark(char) else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def _is_mark(char: str) -> bool:
    """Tell whether ``char`` continues a run of marks, itself or by what it is decomposed into.

    Three Tibetan vowel signs and the half-width sound marks of Japanese are of combining class 0,
    and are decomposed into marks alone.
    """
    return unicodedata.combining(unicodedata.normalize("NFKD", char)[0]) != 0
