"""Whether a text says only what the passages that it cites say.

Strict, and blind to meaning: it compares facts and words. What it sees is every number, date,
time, price, share, phone, address and link that the cited passages do not hold, and a "não" that
the nearest sentence of theirs does not have, or has. What it cannot see is a sentence of the
passages' own words that says something else.
"""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

from praca.helpdesk.answering.facts import facts, vouched
from praca.helpdesk.answering.plain import has_hidden
from praca.helpdesk.answering.sentences import spans
from praca.helpdesk.records import Citation, Passage
from praca.kit.text import fold
from praca.learning.text import Tokenizer

__all__ = ["Fault", "Ground", "evidence", "is_founded", "leaks", "unfounded"]

_SHARED: Final = 0.6
"""This part of the words of a sentence is in what it cites."""
_FEWEST: Final = 3
"""Of so few words of content no share is taken: all of them but one are to be there."""
_SHINGLE: Final = 6
_WORDS: Final = re.compile(r"\w+")
_NEGATION: Final = re.compile(
    r"\b(?:nao|nunca|jamais|nem|sem|nenhum\w*|proibid\w*|vedad\w*|exceto|salvo|impedid\w*)\b"
)
_tokenize: Final = Tokenizer(max_chars=20_000)


class Fault(StrEnum):
    """Why a sentence is not said."""

    HIDDEN = "hidden"
    UNCITED = "uncited"
    FACTS = "facts"
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
        if unfounded(sentence, texts):
            return Fault.FACTS
        if not self._shares_words(sentence, numbers):
            return Fault.WORDS
        if not self._agrees(sentence, numbers):
            return Fault.NEGATION
        return Fault.LEAK if leaks(sentence, self._instructions, texts) else None

    def _shares_words(self, sentence: str, numbers: Sequence[int]) -> bool:
        words = frozenset(_tokenize(sentence))
        known = frozenset().union(*(self._terms[one - 1] for one in numbers))
        foreign = len(words - known)
        if len(words) <= _FEWEST:
            return foreign <= 1 < len(words) or not foreign
        return foreign <= (1 - _SHARED) * len(words)

    def _agrees(self, sentence: str, numbers: Sequence[int]) -> bool:
        """Tell whether one of the nearest sentences that are cited denies or affirms alike."""
        words, denies = frozenset(_tokenize(sentence)), _denies(sentence)
        cited = [one for number in numbers for one in self._sentences[number - 1]]
        shared = [len(words & known) for known, _ in cited]
        most = max(shared, default=0)
        return any(
            is_denial == denies
            for count, (_, is_denial) in zip(shared, cited, strict=True)
            if count == most
        )


def _sentences(texts: Sequence[str]) -> list[tuple[frozenset[str], bool]]:
    cut = [text[start:end] for text in texts for start, end in spans(text)]
    return [(frozenset(_tokenize(one)), _denies(one)) for one in cut]


def _denies(text: str) -> bool:
    return _NEGATION.search(fold(text)) is not None


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = _WORDS.findall(fold(text))
    return frozenset(tuple(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1))
