"""Why a score is what it is, in words that a recruiter and a candidate can check."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from praca.jobs.matching.encoding import CandidateVector, Encoder, VacancyVector
from praca.jobs.matching.features import DENSE_FEATURES, FIT_FEATURES, TEXT_FEATURES
from praca.jobs.matching.passages import Mention, Passage, choose_passages, find_mentions
from praca.jobs.matching.profiles import CandidateProfile
from praca.jobs.matching.reasons import Skill, reasons_of
from praca.jobs.matching.scales import LANGUAGE, LEVEL, SCHOOLING
from praca.jobs.matching.scoring import PairFeatures, Scorer, features_of_pair

__all__ = ["LABELS", "Contribution", "Explanation", "Offer", "TermShare", "explain"]

_MOST_TERMS: Final = 12
_LEAST_SHARE: Final = 1e-9
_MOST_STATED: Final = 200
_LEVEL_FIELDS: Final = (
    ("nivel_profissional", LEVEL),
    ("nivel_academico", SCHOOLING),
    ("ingles", LANGUAGE),
    ("espanhol", LANGUAGE),
)

LABELS: Final[Mapping[str, str]] = {
    "bm25_title": "Palavras do título da vaga no currículo, pela frequência",
    "bm25_activities": "Palavras das atividades da vaga no currículo, pela frequência",
    "bm25_competences": "Palavras das competências pedidas no currículo, pela frequência",
    "tfidf_title": "Semelhança do currículo com o título da vaga",
    "tfidf_full": "Semelhança do currículo com o texto da vaga",
    "overlap_title": "Título da vaga encontrado no currículo",
    "overlap_activities": "Atividades da vaga encontradas no currículo",
    "overlap_competences": "Competências pedidas encontradas no currículo",
    "overlap_skills": "Habilidades pedidas encontradas no currículo",
    "headline_title": "Semelhança do início do currículo com o título da vaga",
    "headline_full": "Semelhança do início do currículo com o texto da vaga",
    "lsa_title": "Assunto do currículo próximo do título da vaga",
    "lsa_full": "Assunto do currículo próximo do texto da vaga",
    "level_fit": "Nível profissional",
    "schooling_fit": "Formação",
    "english_fit": "Nível de inglês",
    "spanish_fit": "Nível de espanhol",
    "area_fit": "Área de atuação",
}
"""Feature -> what it is called for people."""


@dataclass(frozen=True, slots=True)
class TermShare:
    """A word, as the person wrote it, and its part of a contribution."""

    word: str
    share: float


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one feature adds to the log-odds.

    Attributes:
        feature: its stable name.
        label: its Portuguese name.
        value: what it adds.
        terms: the words that carry it, the weightiest first; none for levels.
        other_terms: how many further words carry it.
        other_share: their part; with the shares of ``terms`` it adds up to ``value``.
    """

    feature: str
    label: str
    value: float
    terms: tuple[TermShare, ...] = ()
    other_terms: int = 0
    other_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Explanation:
    """A score and what it rests on.

    Attributes:
        probability: as :meth:`MatchModel.probability` gives it.
        logit: its log-odds, as :meth:`MatchModel.score` gives them.
        intercept: log-odds of a pair that shares no word and of which no level is known; with all
            contributions it adds up to ``logit``.
        contributions: of every feature, those that matter most first.
        met: asked skills that the person's text names, most telling first, as the vacancy
            writes them.
        missing: asked skills that it does not name, and levels below what is asked.
        reasons: Portuguese sentences.
        passages: where the person's text says it, the strongest first.
    """

    probability: float
    logit: float
    intercept: float
    contributions: tuple[Contribution, ...]
    met: tuple[str, ...]
    missing: tuple[str, ...]
    reasons: tuple[str, ...]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """A vacancy as explanations need it: encoded, and with the skills it asks."""

    vector: VacancyVector
    skills: tuple[Skill, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Carried:
    """Which terms carry one feature: the weightiest, with their shares, and how many others."""

    shares: Mapping[int, float]
    others: int


def explain(
    encoder: Encoder,
    scorer: Scorer,
    person: tuple[CandidateProfile, CandidateVector],
    offer: Offer,
    *,
    score: tuple[float, float],
    passages: int,
) -> Explanation:
    """Put the comparison of one pair into words.

    Args:
        encoder: of the model.
        scorer: of the model.
        person: as written and as encoded.
        offer: the vacancy.
        score: (probability, log-odds) of the pair.
        passages: how many passages of the person's text are shown at most.
    """
    profile, vector = person
    pair = features_of_pair(vector, offer.vector, encoder.lsa_.components_)
    values = scorer.contributions(pair.values)
    carried = _carried(vector, pair, scorer.text_slopes)
    support = _support(carried)
    _add_clues(support, encoder, person, values)
    mentions = find_mentions(encoder, profile, support.keys(), offer.vector.terms)
    words = _words(profile, mentions)
    contributions = [
        _contribution(name, value, carried.get(name), words) for name, value in values.items()
    ]
    # Levels are stated in fields of their own, which no sentence of the CV may crowd out.
    stated = _stated(profile, values)[: passages // 3]
    found = choose_passages(profile, mentions, support, passages - len(stated))
    reasons = reasons_of(vector, offer.vector, offer.skills)
    return Explanation(
        probability=score[0],
        logit=score[1],
        intercept=scorer.baseline,
        contributions=tuple(sorted(contributions, key=lambda one: -abs(one.value))),
        met=reasons.met,
        missing=reasons.missing,
        reasons=reasons.sentences,
        passages=found + stated,
    )


def _carried(
    candidate: CandidateVector, pair: PairFeatures, slopes: NDArray[np.float64]
) -> dict[str, _Carried]:
    """Return feature -> the terms that carry it, for every feature of text."""
    texts = len(TEXT_FEATURES)
    by_shared = pair.by_shared * slopes[:texts]
    by_word = pair.by_word * slopes[texts:]
    found = {
        feature.name: _heaviest(pair.shared, by_shared[:, at])
        for at, feature in enumerate(TEXT_FEATURES)
    }
    for at, (name, _) in enumerate(DENSE_FEATURES):
        found[name] = _heaviest(candidate.terms, by_word[:, at])
    return found


def _heaviest(numbers: NDArray[np.int64], shares: NDArray[np.float64]) -> _Carried:
    order = np.argsort(-np.abs(shares), kind="stable")
    first = order[:_MOST_TERMS]
    first = first[np.abs(shares[first]) > _LEAST_SHARE]
    kept = dict(zip(numbers[first].tolist(), shares[first].tolist(), strict=True))
    carrying = int(np.count_nonzero(np.abs(shares) > _LEAST_SHARE))
    return _Carried(kept, carrying - len(kept))


def _support(carried: Mapping[str, _Carried]) -> dict[int, dict[str, float]]:
    support: dict[int, dict[str, float]] = {}
    for feature, one in carried.items():
        for number, share in one.shares.items():
            # A word that speaks against the match is told among the terms; it supports nothing.
            support.setdefault(number, {})
            if share > 0:
                support[number][feature] = share
    return support


def _add_clues(
    support: dict[int, dict[str, float]],
    encoder: Encoder,
    person: tuple[CandidateProfile, CandidateVector],
    values: Mapping[str, float],
) -> None:
    """Let the words from which a level was read, where no field states it, support its fit."""
    profile, vector = person
    naming = encoder.clues.words_naming(vector.levels)
    for at, (field, scale) in enumerate(_LEVEL_FIELDS):
        feature = FIT_FEATURES[at]
        if values[feature] and not scale.level(getattr(profile, field)):
            for number in naming[at].intersection(vector.terms.tolist()):
                support.setdefault(number, {})[feature] = abs(values[feature])


def _stated(profile: CandidateProfile, values: Mapping[str, float]) -> tuple[Passage, ...]:
    """Return the short fields that state what the fits are about, the weightiest first."""
    fields = [
        (name, field)
        for name, (field, scale) in zip(FIT_FEATURES, _LEVEL_FIELDS, strict=False)
        if scale.level(getattr(profile, field))
    ]
    passages = []
    fields.append((FIT_FEATURES[-1], "area"))
    for feature, field in sorted(fields, key=lambda one: -abs(values[one[0]])):
        text = getattr(profile, field)[:_MOST_STATED]
        if values[feature] and text:
            passages.append(Passage(field, 0, len(text), text, (), (feature,)))
    return tuple(passages)


def _words(profile: CandidateProfile, mentions: Sequence[Mention]) -> dict[int, str]:
    """Return how the person first wrote each term."""
    words: dict[int, str] = {}
    for mention in mentions:
        if mention.number not in words:
            text = getattr(profile, mention.field)
            words[mention.number] = text[mention.start : min(mention.end, mention.start + 60)]
    return words


def _contribution(
    name: str, value: float, carried: _Carried | None, words: Mapping[int, str]
) -> Contribution:
    if carried is None:
        return Contribution(name, LABELS[name], value)
    terms = tuple(
        TermShare(words[number], share)
        for number, share in carried.shares.items()
        if number in words
    )
    hidden = len(carried.shares) - len(terms)
    # The rest also takes what rounding leaves, so that the sum is the contribution itself.
    rest = value - sum(term.share for term in terms)
    return Contribution(name, LABELS[name], value, terms, carried.others + hidden, rest)
