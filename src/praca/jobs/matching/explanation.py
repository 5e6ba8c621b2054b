"""Why a score is what it is, in words that a recruiter and a candidate can check."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from praca.jobs.matching.encoding import CandidateVector, Encoder, VacancyVector
from praca.jobs.matching.profiles import VacancyProfile
from praca.jobs.matching.scales import LANGUAGE, LEVEL, SCHOOLING, Scale

__all__ = ["Explanation", "explain"]

_MOST_SKILLS: Final = 12
_TITLE_WEIGHT: Final = 2.0


@dataclass(frozen=True, slots=True)
class Explanation:
    """A probability and what it rests on.

    Attributes:
        probability: as :meth:`MatchModel.probability` gives it.
        met: asked skills that the person's text names, most telling first, as the vacancy
            writes them.
        missing: asked skills that it does not name.
        reasons: Portuguese sentences.
        contributions: feature -> what it adds to the log-odds, relative to the mean pair.
    """

    probability: float
    met: tuple[str, ...]
    missing: tuple[str, ...]
    reasons: tuple[str, ...]
    contributions: Mapping[str, float]


def explain(
    encoder: Encoder,
    candidate: CandidateVector,
    vacancy: tuple[VacancyProfile, VacancyVector],
    *,
    probability: float,
    contributions: Mapping[str, float],
) -> Explanation:
    """Put the comparison of one pair into words."""
    profile, vector = vacancy
    asked = _asked_skills(encoder, profile)
    named = set(candidate.terms.tolist())
    met = tuple(word for number, word in asked if number in named)
    missing = tuple(word for number, word in asked if number not in named)
    reasons = []
    if met:
        reasons.append(f"Atende: {', '.join(met)}.")
    if missing:
        reasons.append(f"Não encontrado no currículo: {', '.join(missing)}.")
    scales = (
        ("Nível profissional", LEVEL),
        ("Formação", SCHOOLING),
        ("Inglês", LANGUAGE),
        ("Espanhol", LANGUAGE),
    )
    for (name, scale), has, asks in zip(scales, candidate.levels, vector.levels, strict=True):
        if sentence := _level_reason(name, scale, has, asks):
            reasons.append(sentence)
    if candidate.areas and vector.areas:
        shared = candidate.areas & vector.areas
        reasons.append(
            "Área de atuação coincide com a da vaga."
            if shared
            else "Área de atuação diferente da pedida."
        )
    return Explanation(probability, met, missing, tuple(reasons), dict(contributions))


def _asked_skills(encoder: Encoder, profile: VacancyProfile) -> list[tuple[int, str]]:
    """Return (term number, word as written) of the skills asked, the rarest first."""
    weights: dict[int, float] = {}
    words: dict[int, str] = {}
    fields = (
        (profile.titulo, _TITLE_WEIGHT),
        (profile.competencias, 1.0),
        (profile.atividades, 1.0),
    )
    for text, weight in fields:
        for number, word in encoder.words(text):
            if encoder.is_skill(number):
                words.setdefault(number, word)
                weights.setdefault(number, weight * encoder.rarity(number))
    ordered = sorted(weights, key=lambda number: (-weights[number], number))
    return [(number, words[number]) for number in ordered[:_MOST_SKILLS]]


def _level_reason(name: str, scale: Scale, has: int, asks: int) -> str:
    nothing_asked = asks == 0 or (scale is LANGUAGE and asks == 1)
    if nothing_asked:
        return ""
    if has == 0:
        return f"{name}: a vaga pede {scale.labels[asks]}; não informado pelo candidato."
    verdict = "atende" if has >= asks else "abaixo do pedido"
    return f"{name}: {scale.labels[has]}; a vaga pede {scale.labels[asks]} ({verdict})."
