"""From a book's words to terms: in training, in a prediction and in a feature row the same."""

import re
from itertools import pairwise
from typing import Final

from praca.kit.text import bounded, fold
from praca.learning.text import STOP_WORDS

__all__ = ["LONGEST_READ", "terms_of"]

LONGEST_READ: Final = 20_000
"""Characters of a text; what comes after them changes nothing."""

_WORD: Final = re.compile(r"\b[^\W\d_]\w+")


def terms_of(text: str) -> list[str]:
    """Return the words of ``text`` without stop words, and then its pairs of neighbours.

    Words have two characters or more and begin with a letter: the number of a volume says nothing
    of another book. Takes linear time, whatever the text.
    """
    folded = fold(bounded(text, LONGEST_READ))[:LONGEST_READ]
    words = [word for word in _WORD.findall(folded) if word not in STOP_WORDS]
    return words + [f"{first} {second}" for first, second in pairwise(words)]
