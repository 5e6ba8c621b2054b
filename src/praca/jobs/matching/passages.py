"""Where a person's own text says what a score rests on.

A score is carried by terms; here they are found again in the text as it is stored, where they
count (see :mod:`praca.jobs.matching.stuffing`), and the few sentences that hold most of the weight
are chosen. ``field[start:end]`` is always the excerpt.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from itertools import accumulate, groupby
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from praca.jobs.matching.encoding import (
    DECLARED_FIELDS,
    DECLARED_TERMS,
    HEADLINE_TERMS,
    Encoder,
)
from praca.jobs.matching.features import TEXT_FEATURES, Channel
from praca.jobs.matching.profiles import CandidateProfile
from praca.jobs.matching.stuffing import NOTHING_ASKED, borrowed, repeated, unlisted_spans
from praca.learning.text import CHUNK

__all__ = ["Mention", "Passage", "Support", "choose_passages", "find_mentions"]

_EXCERPT: Final = 200
_MENTIONS_PER_TERM: Final = 20
_SENTENCE_END: Final = re.compile(r"[.!?;](?=\s)|[\r\n•●▪|]")
_HEADLINE_FEATURES: Final = frozenset(
    feature.name for feature in TEXT_FEATURES if feature.channel is Channel.HEADLINE
)

Support: TypeAlias = Mapping[int, Mapping[str, float]]
"""Term number -> feature -> how much the term carries of it (above 0)."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where a term is written.

    Attributes:
        number: of the term.
        field: of the profile.
        start, end: offsets in the field, in characters.
        is_headline: whether the features of the headline read it.
    """

    number: int
    field: str
    start: int
    end: int
    is_headline: bool


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence, or a part of a long one, that supports contributions.

    Attributes:
        field: of the candidate's profile.
        start, end: offsets in the field as it is stored, in characters.
        excerpt: what stands there, as written.
        terms: the words that count, as written, the weightiest first.
        features: names of the contributions supported.
    """

    field: str
    start: int
    end: int
    excerpt: str
    terms: tuple[str, ...]
    features: tuple[str, ...]


def find_mentions(
    encoder: Encoder,
    profile: CandidateProfile,
    wanted: AbstractSet[int],
    asked: NDArray[np.int64] = NOTHING_ASKED,
) -> list[Mention]:
    """Return where the wanted terms are written and count, field by field in the text's order.

    Args:
        encoder: of the model.
        profile: the person.
        wanted: term numbers.
        asked: distinct term numbers of the vacancy, ascending: passages in its words do not count.
    """
    texts = [getattr(profile, name) for name in DECLARED_FIELDS]
    begins = list(accumulate((len(text) + 1 for text in texts), initial=0))
    declared, cv = _read(encoder, "\n".join(texts)), _read(encoder, profile.cv)
    of_declared, of_cv = _counted(declared.numbers, cv.numbers, asked)
    found: list[Mention] = []
    for mention in declared.mentions(wanted, of_declared, DECLARED_TERMS):
        at = bisect_right(begins, mention.start) - 1
        start, end = mention.start - begins[at], mention.end - begins[at]
        found.append(replace(mention, field=DECLARED_FIELDS[at], start=start, end=end))
    return _first_of_each(found + cv.mentions(wanted, of_cv, HEADLINE_TERMS))


def _counted(
    declared: NDArray[np.int64], cv: NDArray[np.int64], asked: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which terms of the two texts count, shapes (n,) and (m,).

    The order, and the rules, are those of :meth:`Encoder.candidate` and of ``MatchModel``: the
    vacancy's words matter only if a copy of them is left once repetitions are gone.
    """
    first = min(declared.size, DECLARED_TERMS)
    numbers = np.concatenate([declared[:first], cv, declared[first:]])
    dropped = repeated(numbers)
    if borrowed(numbers[~dropped], asked).any():
        dropped |= borrowed(numbers, asked)
    begin, of_cv, end = np.split(~dropped, [first, first + cv.size])
    return np.concatenate([begin, end]), of_cv


def _first_of_each(mentions: Sequence[Mention]) -> list[Mention]:
    """Return the first mentions of each term in each field: a few serve to choose from."""
    seen: Counter[tuple[str, int]] = Counter()
    kept: list[Mention] = []
    for mention in mentions:
        seen[mention.field, mention.number] += 1
        if seen[mention.field, mention.number] <= _MENTIONS_PER_TERM:
            kept.append(mention)
    return kept


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    """A text as the matcher reads it.

    Attributes:
        encoder: whose terms they are.
        chunks: what stands between blanks, with where it starts and how many terms stand before.
        numbers: term numbers in the order of the text, shape (n,).
    """

    encoder: Encoder
    chunks: list[tuple[str, int, int]]
    numbers: NDArray[np.int64]

    def mentions(
        self, wanted: AbstractSet[int], counts: NDArray[np.bool_], headline: int
    ) -> list[Mention]:
        """Return the wanted terms that count; the first ``headline`` ones are the headline's."""
        hits = np.isin(self.numbers, np.array(sorted(wanted), np.int64)) & counts
        before = np.concatenate([[0], np.cumsum(hits)])
        edges = [first for _, _, first in self.chunks] + [hits.size]
        found: list[Mention] = []
        for here in np.flatnonzero(np.diff(before[edges])).tolist():
            chunk, begin, first = self.chunks[here]
            for at, (number, start, end) in enumerate(self.encoder.spans(chunk), first):
                if hits[at]:
                    found.append(Mention(number, "cv", begin + start, begin + end, at < headline))
        return found


def _read(encoder: Encoder, text: str) -> _Reading:
    """Read ``text`` as :meth:`Encoder.candidate` does, and remember where everything stands."""
    numbers_of = encoder.numbers_of
    chunks: list[tuple[str, int, int]] = []
    numbers: list[int] = []
    left = encoder.tokenizer.max_chars
    for start, end in unlisted_spans(text):
        if left <= 0:
            break
        for match in CHUNK.finditer(text, start, min(end, start + left)):
            chunk = match.group()
            chunks.append((chunk, match.start(), len(numbers)))
            numbers += numbers_of[chunk.lower()]
        left -= end - start + 1
    return _Reading(encoder, chunks, np.array(numbers, np.int64))


def choose_passages(
    profile: CandidateProfile, mentions: Sequence[Mention], support: Support, most: int
) -> tuple[Passage, ...]:
    """Return up to ``most`` passages that together support the most, the strongest first.

    Each next passage is the one that adds the most to those before it: words that were shown count
    once.
    """
    stretches = _stretches(profile, mentions)
    supported = [_supported(stretch, support) for stretch in stretches]
    # What a passage adds only shrinks as others are chosen, so a figure from before is a bound,
    # and only the best bound need be looked at anew ("lazy greedy", Minoux 1978).
    bounds = [(-sum(pairs.values()), at) for at, pairs in enumerate(supported)]
    heapify(bounds)
    chosen: list[Passage] = []
    shown: set[tuple[int, str]] = set()
    while bounds and len(chosen) < most:
        at = heappop(bounds)[1]
        pairs = supported[at]
        gain = sum(share for pair, share in pairs.items() if pair not in shown)
        if gain <= 0:
            continue
        if bounds and (-gain, at) > bounds[0]:
            heappush(bounds, (-gain, at))
            continue
        shown |= pairs.keys()
        chosen.append(_passage(getattr(profile, stretches[at][0].field), stretches[at], pairs))
    return tuple(chosen)


def _stretches(profile: CandidateProfile, mentions: Sequence[Mention]) -> list[list[Mention]]:
    """Group neighbouring mentions that stand in one sentence and fit into one excerpt."""
    stretches: list[list[Mention]] = []
    for field, group in groupby(mentions, key=lambda mention: mention.field):
        text: str = getattr(profile, field)
        current: list[Mention] = []
        for mention in group:
            if current and (
                mention.end - current[0].start > _EXCERPT
                or _SENTENCE_END.search(text, current[-1].end, mention.start)
            ):
                stretches.append(current)
                current = []
            current.append(mention)
        stretches.append(current)
    return stretches


def _supported(stretch: Sequence[Mention], support: Support) -> dict[tuple[int, str], float]:
    return {
        (mention.number, feature): share
        for mention in stretch
        for feature, share in support.get(mention.number, {}).items()
        if mention.is_headline or feature not in _HEADLINE_FEATURES
    }


def _passage(
    text: str, stretch: Sequence[Mention], pairs: Mapping[tuple[int, str], float]
) -> Passage:
    start, end = _bounds(text, stretch[0].start, stretch[-1].end)
    by_number: dict[int, float] = {}
    by_feature: dict[str, float] = {}
    for (number, feature), share in pairs.items():
        by_number[number] = by_number.get(number, 0.0) + share
        by_feature[feature] = by_feature.get(feature, 0.0) + share
    words: dict[int, str] = {}
    for mention in stretch:
        words.setdefault(mention.number, text[mention.start : mention.end][:_EXCERPT])
    heaviest = sorted(by_number, key=lambda number: (-by_number[number], number))
    return Passage(
        stretch[0].field,
        start,
        end,
        text[start:end],
        tuple(dict.fromkeys(words[number] for number in heaviest)),
        tuple(sorted(by_feature, key=lambda feature: (-by_feature[feature], feature))),
    )


def _bounds(text: str, first: int, last: int) -> tuple[int, int]:
    """Widen ``first``..``last`` to its sentence, or as far as an excerpt goes, at whole words."""
    last = min(last, first + _EXCERPT)
    start = max(0, first - max(0, _EXCERPT - (last - first)) // 2)
    breaks = [match.end() for match in _SENTENCE_END.finditer(text, start, first)]
    if breaks:
        start = breaks[-1]
    elif start > 0 and not text[start - 1].isspace():
        start = _after_blank(text, start, first)
    limit = min(len(text), start + _EXCERPT)
    ended = _SENTENCE_END.search(text, last, min(len(text), limit + 1))
    if ended is not None and ended.end() <= limit:
        end = ended.end()
    elif limit == len(text):
        end = limit
    else:
        end = _before_blank(text, last, limit)
    return _stripped(text, start, max(end, last))


def _after_blank(text: str, start: int, first: int) -> int:
    return next((at + 1 for at in range(start, first) if text[at].isspace()), first)


def _before_blank(text: str, last: int, limit: int) -> int:
    return next((at for at in range(limit, last, -1) if text[at].isspace()), last)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())
