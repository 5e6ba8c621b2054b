"""Where a person's own text says what a score rests on.

A score is carried by terms; here they are found again in the text as it is stored, and the few
sentences that hold most of the weight are chosen. ``field[start:end]`` is always the excerpt.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import groupby
from typing import Final, TypeAlias
from unicodedata import is_normalized, normalize

from praca.jobs.matching.encoding import (
    DECLARED_FIELDS,
    DECLARED_TERMS,
    HEADLINE_TERMS,
    Encoder,
)
from praca.jobs.matching.features import TEXT_FEATURES, Channel
from praca.jobs.matching.profiles import CandidateProfile
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
    encoder: Encoder, profile: CandidateProfile, wanted: AbstractSet[int]
) -> list[Mention]:
    """Return where the wanted terms are written, in the order in which the matcher reads."""
    scan = _Scan(encoder, wanted)
    left, order = encoder.tokenizer.max_chars, 0
    for field in DECLARED_FIELDS:
        text = getattr(profile, field)
        order = scan.read(field, text[: max(left, 0)], order, DECLARED_TERMS)
        left -= len(text) + 1
    scan.read("cv", profile.cv[: encoder.tokenizer.max_chars], 0, HEADLINE_TERMS)
    return scan.found


class _Scan:
    def __init__(self, encoder: Encoder, wanted: AbstractSet[int]) -> None:
        self._encoder = encoder
        self._wanted = frozenset(wanted)
        self._mentions: Counter[tuple[str, int]] = Counter()
        self.found: list[Mention] = []

    def read(self, field: str, text: str, order: int, headline: int) -> int:
        """Note the mentions in ``text``, whose first term is the ``order``-th; return the next."""
        wanted, numbers_of = self._wanted, self._encoder.numbers_of
        folded = str.lower if is_normalized("NFC", text) else _composed_lower
        for match in CHUNK.finditer(text):
            chunk = match.group()
            numbers = numbers_of[folded(chunk)]
            if not wanted.isdisjoint(numbers):
                for at, (number, start, end) in enumerate(self._encoder.spans(chunk), order):
                    if number in wanted:
                        self._note(field, number, match.start(), (start, end), at < headline)
            order += len(numbers)
        return order

    def _note(
        self, field: str, number: int, begin: int, span: tuple[int, int], is_headline: bool
    ) -> None:
        self._mentions[field, number] += 1
        if self._mentions[field, number] <= _MENTIONS_PER_TERM:
            start, end = begin + span[0], begin + span[1]
            self.found.append(Mention(number, field, start, end, is_headline))


def _composed_lower(chunk: str) -> str:
    return normalize("NFC", chunk).lower()


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
