"""What of a CV counts: words stuffed into it to climb in rankings do not.

A score that rests on shared words can be pushed by writing more of them. Three rules, on the term
numbers of a text in their order, take the gain away and leave honest CVs alone (figures:
``benchmarks/stuffed_cvs.py``, ``docs/explain/fairness-and-abuse.md``):

1. a passage that stands in the text again counts once, a few words in a loop not at all;
2. of an enumeration too long for a person's skills, only the beginning counts;
3. for one vacancy, a passage written in the vacancy's own words does not count.

The first two need the CV alone. The third needs the pair: it is applied wherever one pair is
scored, and to the rows of a ranking that are shown.
"""

import re
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from praca.learning.text import STOP_WORDS

__all__ = ["NOTHING_ASKED", "borrowed", "credited", "repeated", "unlisted", "unlisted_spans"]

_PASSAGE: Final = 8
# The longest enumeration of 99.5 % of real CVs has 69 items.
_ITEM: Final = re.compile(r"[^,;|•\n\t]+")
_ITEM_BLANKS: Final = 5
_MOST_ITEMS: Final = 80
_ITEMS_READ: Final = 20
# 20 terms of which 19 are the vacancy's: so of 1 in 1,000 real applications.
_BORROWED_WINDOW: Final = 20
_BORROWED_TERMS: Final = 19
_BORROWED_DISTINCT: Final = 12
# No real application brings more than 70 % of so many different terms in pieces of two.
_PIECE: Final = 2
_PIECED_TERMS: Final = 20
_PIECED_SHARE: Final = 0.92

NOTHING_ASKED: Final = np.zeros(0, np.int64)
"""No vacancy: the rules that need the pair do not apply."""


def credited(
    ids: list[int],
    headline: int,
    asked: NDArray[np.int64] = NOTHING_ASKED,
) -> tuple[list[int], int]:
    """Return the terms that count, in order, and how many of them are the headline's.

    Args:
        ids: term numbers in the order of the text.
        headline: how many of the first terms are the headline.
        asked: distinct term numbers of the vacancy, ascending.
    """
    numbers = np.array(ids, np.int64)
    dropped = repeated(numbers)
    dropped |= borrowed(numbers, asked)
    if not dropped.any():
        return ids, headline
    return numbers[~dropped].tolist(), int(np.count_nonzero(~dropped[:headline]))


def unlisted(text: str) -> str:
    """Return ``text`` without what an enumeration of more than 80 short items says after 20.

    An item that is a stop word by itself ends an enumeration: text that was extracted with one word
    on each line is not one.
    """
    spans = unlisted_spans(text)
    if spans == [(0, len(text))]:
        return text
    return "\n".join(text[start:end] for start, end in spans)


def unlisted_spans(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of the parts of ``text`` that :func:`unlisted` joins, in their order."""
    everything = [(0, len(text))]
    if sum(map(text.count, ",;|•\n\t")) < _MOST_ITEMS:
        return everything
    found = [match.span() for match in _ITEM.finditer(text) if not match.group().isspace()]
    items = [text[start:end].strip() for start, end in found]
    is_short = [
        item.count(" ") <= _ITEM_BLANKS and item.lower() not in STOP_WORDS for item in items
    ]
    kept: list[tuple[int, int]] = []
    for short, run in groupby(zip(is_short, found, strict=True), itemgetter(0)):
        members = [span for _, span in run]
        too_many = short and len(members) > _MOST_ITEMS
        kept += members[:_ITEMS_READ] if too_many else members
    return everything if len(kept) == len(found) else kept


def repeated(numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which terms repeat what stands in the text already, shape (n,).

    A passage of eight terms that stood before counts the first time only. The same few words over
    and over, eight terms that recur within eight, do not count at all.

    Args:
        numbers: term numbers in the order of the text, shape (n,).
    """
    grams = _passages(numbers)
    order = grams.argsort(kind="stable")
    ascending = grams[order]
    same = ascending[1:] == ascending[:-1]
    again = np.zeros(grams.size, np.bool_)
    if same.any():
        again[order[1:]] = same
        again[order[:-1][same & (np.diff(order) <= _PASSAGE)]] = True
    return _covered(again, _PASSAGE, numbers.size)


def borrowed(numbers: NDArray[np.integer[Any]], asked: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which terms stand in passages written in a vacancy's words, shape (n,).

    Such a passage is twenty terms of which nineteen are the vacancy's. Where short pieces, two
    terms in a row, bring together all or nearly all that the vacancy says, each is one, too.

    Args:
        numbers: term numbers of a CV in the order of the text, shape (n,).
        asked: distinct term numbers of the vacancy, ascending.
    """
    nothing = np.zeros(numbers.size, np.bool_)
    if asked.size < _BORROWED_DISTINCT or numbers.size < _BORROWED_WINDOW:
        return nothing
    at = np.searchsorted(asked, numbers)
    at[at == asked.size] = 0
    shared = asked[at] == numbers
    counts = np.concatenate([_ZERO, np.cumsum(shared)])
    found = _dense(counts, _BORROWED_WINDOW, _BORROWED_TERMS)
    if np.unique(numbers[found & shared]).size < _BORROWED_DISTINCT:
        found = nothing  # one word again and again is not a copy
    pieces = _dense(counts, _PIECE, _PIECE)
    is_long = asked.size >= _PIECED_TERMS
    if is_long and np.unique(numbers[pieces]).size >= _PIECED_SHARE * asked.size:
        found = found | pieces
    return found


def _dense(counts: NDArray[np.int64], width: int, least: int) -> NDArray[np.bool_]:
    """Return which terms lie in a window with so many shared ones, from their running count."""
    return _covered(counts[width:] - counts[:-width] >= least, width, counts.size - 1)


_ZERO: Final = np.zeros(1, np.int64)
_FACTORS: Final = np.random.default_rng(0).integers(1, 2**62, _PASSAGE, dtype=np.uint64) | 1


def _passages(numbers: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return a hash of each run of eight terms, shape (n - 7,)."""
    count = max(0, numbers.size - _PASSAGE + 1)
    scattered = (numbers.astype(np.uint64) + 1) * _FACTORS[0]
    scattered ^= scattered >> np.uint64(29)
    result = np.zeros(count, np.uint64)
    for at in range(_PASSAGE):
        result += scattered[at : at + count] * _FACTORS[at]
    return result


def _covered(starts: NDArray[np.bool_], width: int, size: int) -> NDArray[np.bool_]:
    """Return which of ``size`` places lie within ``width`` from a true start."""
    begins = np.flatnonzero(starts)
    if begins.size == 0:
        return np.zeros(size, np.bool_)
    steps = np.zeros(size + 1, np.int64)
    steps[begins] += 1
    steps[begins + width] -= 1
    return np.asarray(np.cumsum(steps[:-1]) > 0)
