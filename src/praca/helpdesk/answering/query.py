"""A question as the index asks it: corrected, weighed and expanded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from praca.helpdesk.answering.expansion import SYNONYMS, expanded
from praca.helpdesk.answering.spelling import Speller
from praca.helpdesk.answering.words import readable, terms_of, weighted_pairs, weighted_pieces

__all__ = ["Query"]

_CORRECTED: Final = 0.8
"""Of a word that was probably meant, beside one that is written so."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question, in the units of the signals.

    Attributes:
        text: as much of it as is read.
        terms: stemmed words, misspelt ones as they were probably meant, with their weights.
        expanded: ``terms`` and what else they may be called.
        pieces: runs of characters of all words.
        pairs: neighbouring words and numbers.
    """

    text: str
    terms: Mapping[str, float]
    expanded: Mapping[str, float]
    pieces: Mapping[str, float]
    pairs: Mapping[str, float]

    @classmethod
    def of(cls, question: str, frames: Mapping[str, float], speller: Speller) -> Self:
        """Analyse ``question``; ``frames`` weighs the words that all questions are made of."""
        text = readable(question)
        terms: dict[str, float] = {}
        for written in dict.fromkeys(terms_of(text)):
            term, weight = _meant(written, frames, speller)
            terms[term] = max(weight, terms.get(term, 0.0))
        return cls(
            text=text,
            terms=terms,
            expanded=expanded(terms),
            pieces=weighted_pieces(text, frames),
            pairs=weighted_pairs(text, frames),
        )


def _meant(written: str, frames: Mapping[str, float], speller: Speller) -> tuple[str, float]:
    if written in frames or written in speller or written in SYNONYMS:
        return written, frames.get(written, 1.0)
    nearest = speller.nearest(written)
    if nearest is None:
        return written, 1.0
    return nearest, _CORRECTED * frames.get(nearest, 1.0)
