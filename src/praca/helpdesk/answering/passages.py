"""Which sentences of an article answer a question."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from praca.helpdesk.answering.sentences import spans
from praca.helpdesk.answering.wants import Want, asked_for, cues_of, field_text, is_asking
from praca.helpdesk.records import Article, Passage
from praca.kit.text import fold
from praca.learning.text import Tokenizer

__all__ = ["FIELDS", "Reading", "Sentence"]

FIELDS: Final = ("summary", "body", "steps", "more", "cost", "deadline", "agency")
"""Fields that are quoted, in the order in which an article is read."""
_SHORT: Final = frozenset({"cost", "deadline", "agency"})
"""Said only where they are asked for."""
_PRIOR: Final = {"summary": 0.6, "body": 0.3, "steps": 0.3, "more": 0.0}
_CUE: Final = 1.0
_IN_TITLE: Final = 0.3
"""What a word of the title counts: all sentences of the article are about it."""
_FEWEST_TERMS: Final = 2
"""A line of fewer is a heading."""
_OF_A_FIELD: Final = 2
_OF_STEPS: Final = 4
_OF_A_STORY: Final = 2
"""Sentences before the steps, where somebody tells what has happened and asks for nothing."""
_NOT_AN_END: Final = (";", "?")
"""What ends a sentence that says little without the next: "Esqueceu a senha?"."""
_JOINED_CHARS: Final = 300
_LIST_NUMBER: Final = re.compile(r"\d{1,2}[.)]\s+")
_LONG_ENOUGH: Final = 300
"""Characters after which nothing is added that was not asked for."""
_WINDOW_CHARS: Final = 900
_NEW_WORD: Final = 3.0


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an article: ``article.field[start:end]``.

    Attributes:
        place: how many sentences come before it in the article.
        terms: its words, stemmed.
        folded: lower-cased, without accents.
        cues: what it looks as if it told.
    """

    field: str
    start: int
    end: int
    place: int
    terms: frozenset[str]
    folded: str
    cues: frozenset[Want]


class Reading:
    """Articles cut into sentences, and how rare each word is among them.

    Immutable once it is made; may be used from many threads.

    Args:
        articles: to read.
    """

    def __init__(self, articles: Sequence[Article]) -> None:
        tokenize = Tokenizer(max_chars=20_000)
        self._tokenize = tokenize
        self._sentences = {one.id: _read(one, tokenize) for one in articles}
        self._titles = {one.id: frozenset(tokenize(one.title)) for one in articles}
        self._rarity = _rarities(self._sentences.values())

    def sentences(self, article: Article) -> tuple[Sentence, ...]:
        """Return the sentences of an article, in its order."""
        return self._sentences[article.id]

    def select(self, question: str, article: Article, most: int = 4) -> list[Passage]:
        """Return what of ``article`` answers ``question``, in the order in which to say it.

        What the question asks for decides: its field first, or, where that is empty, the
        sentences that look like it. Then what shares rare words with the question, unless enough
        is said. Who asks for nothing ("esqueci minha senha") is told what it is, and the steps.
        Neighbours become one passage.

        Args:
            question: as it was asked.
            article: one of those read.
            most: sentences, at most.
        """
        scores = self._scores(question, article)
        chosen: list[Sentence] = []
        wants = asked_for(question)
        if not wants and article.steps.strip() and not is_asking(question):
            self._take(chosen, self._what_it_is(article, scores), _OF_A_STORY)
            self._take(chosen, self._wanted(Want.STEPS, article, scores), most + _OF_STEPS)
            return _merged(article, chosen, scores)
        for want in wants:
            self._take(chosen, self._wanted(want, article, scores), most)
        if _length(chosen) < _LONG_ENOUGH:
            self._take(chosen, self._related(article, scores, bool(chosen)), most)
        if not chosen:
            self._take(chosen, self._first(article), 2)
        return _merged(article, chosen, scores)

    def windows(self, question: str, article: Article, most_chars: int) -> list[Passage]:
        """Return longer pieces of ``article``, the best first, of ``most_chars`` together.

        Each is a run of sentences of one field.
        """
        scores = self._scores(question, article)
        wanted = {want.value for want in asked_for(question)}
        found = [_merge(article, run, scores) for run in _runs(self.sentences(article))]
        found.sort(key=lambda one: (one.field not in wanted | _SHORT, -one.score))
        kept, left = [], most_chars
        for passage in found:
            if len(passage.text) <= left:
                kept.append(passage)
                left -= len(passage.text)
        return kept

    def _scores(self, question: str, article: Article) -> dict[int, float]:
        """Return how well each sentence fits, by its place.

        The sum of the rarity of the words it shares with the question, over the square root of
        its length, so that long ones do not win by their length alone.
        """
        title = self._titles[article.id]
        weights = {
            term: self._rarity.get(term, _NEW_WORD) * (_IN_TITLE if term in title else 1.0)
            for term in self._tokenize(question)
        }
        asked, wants = frozenset(weights), frozenset(asked_for(question))
        scores = {}
        for sentence in self.sentences(article):
            shared = sum(weights[term] for term in asked & sentence.terms)
            score = shared / math.sqrt(4 + len(sentence.terms)) + _PRIOR.get(sentence.field, 0.0)
            scores[sentence.place] = score + _CUE * len(sentence.cues & wants)
        return scores

    def _wanted(self, want: Want, article: Article, scores: dict[int, float]) -> list[Sentence]:
        """Return what says what is wanted: the field, or sentences that look like it."""
        sentences = self.sentences(article)
        if field_text(want, article).strip():
            of_field = [one for one in sentences if one.field == want.value]
            if want is Want.STEPS:
                return _around_best(of_field, scores, _OF_STEPS)
            return of_field[:_OF_A_FIELD]
        looking = [one for one in _of_content(sentences) if want in one.cues]
        looking.sort(key=lambda one: -scores[one.place])
        return sorted(looking[:_OF_A_FIELD], key=lambda one: one.place)

    def _related(
        self, article: Article, scores: dict[int, float], has_wanted: bool
    ) -> list[Sentence]:
        ranked = sorted(_of_content(self.sentences(article)), key=lambda one: -scores[one.place])
        best = [one for one in ranked if scores[one.place] > _PRIOR["summary"]]
        best = best or [one for one in ranked if one.field in {"summary", "body"}]
        return sorted(best[: 1 if has_wanted else 3], key=lambda one: one.place)

    def _what_it_is(self, article: Article, scores: dict[int, float]) -> list[Sentence]:
        content = [one for one in _of_content(self.sentences(article)) if one.field != "steps"]
        best = sorted(content, key=lambda one: -scores[one.place])[:_OF_A_STORY]
        return sorted(best, key=lambda one: one.place)

    def _first(self, article: Article) -> list[Sentence]:
        return list(self.sentences(article))

    @staticmethod
    def _take(chosen: list[Sentence], more: Iterable[Sentence], most: int) -> None:
        """Add those of ``more`` that are new: another place, and not the same words again."""
        for sentence in more:
            is_said = any(
                sentence.folded in one.folded or one.folded in sentence.folded for one in chosen
            )
            if len(chosen) < most and not is_said:
                chosen.append(sentence)


def _read(article: Article, tokenize: Tokenizer) -> tuple[Sentence, ...]:
    found: list[Sentence] = []
    for field in FIELDS:
        text = getattr(article, field)
        for start, end in _whole(text):
            sentence = text[start:end]
            terms = frozenset(tokenize(sentence))
            found.append(
                Sentence(field, start, end, len(found), terms, fold(sentence), cues_of(sentence))
            )
    return tuple(found)


def _whole(text: str) -> list[tuple[int, int]]:
    """Return the sentences of ``text`` as they may stand alone.

    What ends in a semicolon goes on in the next, and a question is answered there.
    """
    found: list[tuple[int, int]] = []
    for start, end in spans(text):
        if found and _goes_on(text, found[-1], start) and end - found[-1][0] <= _JOINED_CHARS:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _goes_on(text: str, sentence: tuple[int, int], following: int) -> bool:
    return text[: sentence[1]].endswith(_NOT_AN_END) and "\n" not in text[sentence[1] : following]


def _rarities(articles: Iterable[tuple[Sentence, ...]]) -> dict[str, float]:
    """Return the inverse frequency of each word among the articles."""
    seen = [frozenset().union(*(one.terms for one in sentences)) for sentences in articles]
    counts = Counter(term for terms in seen for term in terms)
    return {term: math.log(1 + len(seen) / count) for term, count in counts.items()}


def _of_content(sentences: Iterable[Sentence]) -> list[Sentence]:
    return [one for one in sentences if one.field not in _SHORT and len(one.terms) >= _FEWEST_TERMS]


def _around_best(sentences: list[Sentence], scores: dict[int, float], most: int) -> list[Sentence]:
    """Return the run of ``most`` sentences that fits best; steps are told in their order."""
    starts = range(max(1, len(sentences) - most + 1))
    totals = [sum(scores[one.place] for one in sentences[at : at + most]) for at in starts]
    # The beginning unless another run is clearly better: it says how to begin.
    best = max(starts, key=lambda at: (totals[at] - 0.05 * at, -at))
    return sentences[best : best + most]


def _length(sentences: Iterable[Sentence]) -> int:
    return sum(one.end - one.start for one in sentences)


def _merged(article: Article, sentences: list[Sentence], scores: dict[int, float]) -> list[Passage]:
    runs: list[list[Sentence]] = []
    for sentence in sentences:
        last = runs[-1][-1] if runs else None
        if last and last.field == sentence.field and last.place + 1 == sentence.place:
            runs[-1].append(sentence)
        else:
            runs.append([sentence])
    return [_merge(article, run, scores) for run in runs]


def _merge(article: Article, run: list[Sentence], scores: dict[int, float]) -> Passage:
    text = getattr(article, run[0].field)[run[0].start : run[-1].end]
    if len(run) == 1:
        # "2. Espere a vistoria." alone would make one look for the first.
        text = _LIST_NUMBER.sub("", text, count=1) if _LIST_NUMBER.match(text) else text
    return Passage(article, run[0].field, text, max(scores[one.place] for one in run))


def _runs(sentences: Iterable[Sentence]) -> list[list[Sentence]]:
    """Return the sentences in runs of one field and bounded length."""
    runs: list[list[Sentence]] = []
    for sentence in sentences:
        first = runs[-1][0] if runs else None
        if (
            first is not None
            and first.field == sentence.field
            and sentence.end - first.start <= _WINDOW_CHARS
        ):
            runs[-1].append(sentence)
        else:
            runs.append([sentence])
    return runs
