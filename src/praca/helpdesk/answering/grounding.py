"""Whether a text says only what the passages that it cites say.

Strict, and blind to meaning: it compares facts and words. What it sees is every number, date,
time, price, share, phone, address and link that the cited passages do not hold, a name that is
not in them, a bound ("menos de 16 anos") that is not theirs, and a "não" that the nearest sentence
of theirs does not have, or has, or has before another word. What it cannot see is a sentence of the
passages' own words that says something else.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from praca.helpdesk.answering.facts import facts, vouched
from praca.helpdesk.answering.names import unnamed
from praca.helpdesk.answering.plain import has_hidden
from praca.helpdesk.answering.sentences import spans
from praca.helpdesk.records import Citation, Passage
from praca.kit.text import fold
from praca.learning.text import Tokenizer

__all__ = ["Fault", "Ground", "evidence", "is_founded", "leaks", "unfounded"]

_tokenize: Final = Tokenizer(max_chars=20_000)
_SHARED: Final = 0.6
"""This part of the words of a sentence is in what it cites."""
_FEWEST: Final = 3
"""Of so few words of content no share is taken: all of them but one are to be there."""
_SHINGLE: Final = 6
_WORDS: Final = re.compile(r"\w+")
_NEGATION: Final = re.compile(
    r"\b(?:nao|nunca|jamais|nem|sem|nenhum\w*|proibid\w*|vedad\w*|exceto|salvo|impedid\w*"
    r"|ninguem|nada|tampouco|impossive\w+|dispens\w+|desnecessari\w+|deixam? de)\b"
)
_FREE: Final = re.compile(
    r"\b(?:sem|nao (?:ha|tem)) (?:custos?|taxas?)\b"
    r"|\bnao (?:se )?(?:paga|custa|cobra)m?\b(?: nada)?"
)
"""Denies nothing, but says that it is free: so do others without a "não"."""
_DENIED_WITHIN: Final = re.compile(r"[^.,;:!?\n]{0,80}")
_HELPERS: Final = frozenset(_tokenize("pode podem deve devem precisa precisam ter haver vai será"))
"""Of "não pode multar" it is the fine that is denied."""
_MOSTLY: Final = 0.75


class Fault(StrEnum):
    """Why a sentence is not said."""

    HIDDEN = "hidden"
    UNCITED = "uncited"
    FACTS = "facts"
    NAMES = "names"
    WORDS = "words"
    LEAK = "leak"
    NEGATION = "negation"
    LENGTH = "length"
    EMPTY = "empty"


def unfounded(text: str, passages: Iterable[str]) -> frozenset[str]:
    """Return the facts of ``text`` that are in none of ``passages``."""
    own = facts(text)
    if not own:
        return own
    return own.difference(*(vouched(passage) for passage in passages))


def is_founded(text: str, citations: Sequence[Citation]) -> bool:
    """Tell whether every fact of a quoted ``text`` is in what it cites.

    What is cited is taken out where it stands in the text word by word; what is left are the
    few sentences around it, which are the same in most answers.
    """
    cited = [one.passage for one in citations]
    left = text
    for passage in sorted(cited, key=len, reverse=True):
        left = left.replace(passage, "\n")
    return vouched(left) <= frozenset().union(*map(vouched, cited)) if vouched(left) else True


def evidence(passage: Passage) -> tuple[str, ...]:
    """Return what a citation of ``passage`` shows: itself, the article's title and address."""
    return (passage.text, passage.article.title, *passage.article.links[:1])


def leaks(text: str, instructions: str, passages: Iterable[str] = ()) -> bool:
    """Tell whether six words in a row of ``text`` are the instructions', and no passage's."""
    said = _shingles(text) & _shingles(instructions)
    return bool(said.difference(*map(_shingles, passages)))


class Ground:
    """The passages that a model was given, and what may be said of them.

    Args:
        passages: as they were numbered, from 1.
        instructions: that are not to be repeated.
    """

    def __init__(self, passages: Sequence[Passage], instructions: str) -> None:
        self._evidence = [evidence(passage) for passage in passages]
        self._terms = [
            frozenset(_tokenize("\n".join(texts))) | {fold(texts[1])} for texts in self._evidence
        ]
        self._sentences = [_sentences(texts) for texts in self._evidence]
        self._instructions = instructions

    def fault(self, sentence: str, cited: Iterable[int]) -> Fault | None:
        """Return why ``sentence`` is not said; none: it may be.

        Args:
            sentence: without the marks of its citations.
            cited: numbers of the passages it cites.
        """
        numbers = sorted(set(cited))
        if not numbers or not all(1 <= one <= len(self._evidence) for one in numbers):
            return Fault.UNCITED
        if has_hidden(sentence):
            return Fault.HIDDEN
        texts = [text for one in numbers for text in self._evidence[one - 1]]
        checks: tuple[tuple[Fault, Callable[[], object]], ...] = (
            (Fault.FACTS, lambda: unfounded(sentence, texts)),
            (Fault.NAMES, lambda: unnamed(sentence, texts)),
            (Fault.WORDS, lambda: not self._shares_words(sentence, numbers)),
            (Fault.LEAK, lambda: leaks(sentence, self._instructions, texts)),
            (Fault.NEGATION, lambda: not self._agrees(sentence, numbers)),
        )
        return next((fault for fault, is_wrong in checks if is_wrong()), None)

    def _shares_words(self, sentence: str, numbers: Sequence[int]) -> bool:
        words = frozenset(_tokenize(sentence))
        known = frozenset().union(*(self._terms[one - 1] for one in numbers))
        foreign = len(words - known)
        if len(words) <= _FEWEST:
            return foreign <= 1 < len(words) or not foreign
        return foreign <= (1 - _SHARED) * len(words)

    def _agrees(self, sentence: str, numbers: Sequence[int]) -> bool:
        """Tell whether one of the nearest sentences that are cited denies or affirms alike.

        Nor may a sentence be turned around that stands in this one nearly whole.
        """
        said = _Denial.of(sentence)
        cited = [one for number in numbers for one in self._sentences[number - 1]]
        shared = [len(said.words & one.words) for one in cited]
        most = max(shared, default=0)
        near = [one for count, one in zip(shared, cited, strict=True) if count == most]
        within = [
            one
            for count, one in zip(shared, cited, strict=True)
            if one.words and count >= _MOSTLY * len(one.words)
        ]
        return any(one.is_denial == said.is_denial and said.fits(one) for one in near) and all(
            said.fits(one) for one in within
        )


@dataclass(frozen=True, slots=True)
class _Denial:
    """What a sentence says no to.

    Attributes:
        words: of the sentence, stemmed.
        denied: those of them that follow a "não".
        is_denial: whether it says no to anything.
    """

    words: frozenset[str]
    denied: frozenset[str]
    is_denial: bool

    @classmethod
    def of(cls, text: str) -> Self:
        words = frozenset(_tokenize(_NEGATION.sub(" ", fold(text))))
        return cls(words, frozenset(_denied(text)), _denies(text))

    def fits(self, cited: Self) -> bool:
        """Tell whether neither denies what the other says."""
        return not (
            (cited.denied & self.words) - self.denied or (self.denied & cited.words) - cited.denied
        )


def _sentences(texts: Sequence[str]) -> list[_Denial]:
    return [_Denial.of(text[start:end]) for text in texts for start, end in spans(text)]


def _denied(text: str) -> Iterator[str]:
    """Yield the first word after each "não" that is not a helper of the next."""
    folded = fold(text)
    for found in _NEGATION.finditer(folded):
        after = _DENIED_WITHIN.match(folded, found.end())
        words = [one for one in _tokenize(after[0] if after else "") if one not in _HELPERS]
        yield from words[:1]


def _denies(text: str) -> bool:
    return _NEGATION.search(_FREE.sub("", fold(text))) is not None


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = _WORDS.findall(fold(text))
    return frozenset(tuple(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1))
