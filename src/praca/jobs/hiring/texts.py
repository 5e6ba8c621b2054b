"""What the model reads of a text: in training and in a prediction the same."""

from typing import Final

from praca.kit.text import bounded, fold

__all__ = ["LONGEST_READ", "WORD", "readable"]

LONGEST_READ: Final = 100_000
"""Characters; what comes after them changes nothing."""

WORD: Final = r"(?u)\b(?![\d_]+\b)\w\w+\b"
"""Words of two letters or more. Numbers are none: they are telephones, documents and dates."""


def readable(text: str) -> str:
    """Return the start of ``text`` without accents and addresses, in linear time and space.

    A character can stand for 18 others, so that the length is bounded before and after. Whatever
    has an ``@`` in it names one person, and nothing that counts for others.
    """
    folded = fold(bounded(text, LONGEST_READ))[:LONGEST_READ]
    if "@" not in folded:
        return folded
    return " ".join(word for word in folded.split() if "@" not in word)
