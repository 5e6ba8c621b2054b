"""What a vacancy asks and a person has or lacks, as sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from praca.jobs.matching.encoding import CandidateVector, Encoder, VacancyVector
from praca.jobs.matching.profiles import VacancyProfile
from praca.jobs.matching.scales import LANGUAGE, LEVEL, SCHOOLING, Scale

__all__ = ["Reasons", "Skill", "asked_skills", "reasons_of"]

_MOST_SKILLS: Final = 12
_TITLE_WEIGHT: Final = 2.0
_SCALES: Final = (
    ("Nível profissional", LEVEL),
    ("Formação", SCHOOLING),
    ("Inglês", LANGUAGE),
    ("Espanhol", LANGUAGE),
)


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill that a vacancy asks: the number of its term, and the word as written there."""

    number: int
    word: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """What was found and what was not; see :class:`Explanation`."""

    met: tuple[str, ...]
    missing: tuple[str, ...]
    sentences: tuple[str, ...]


def asked_skills(encoder: Encoder, profile: VacancyProfile) -> tuple[Skill, ...]:
    """Return the skills that a vacancy asks, the most telling first, a dozen at most."""
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
    return tuple(Skill(number, words[number]) for number in ordered[:_MOST_SKILLS])


def reasons_of(
    candidate: CandidateVector, vacancy: VacancyVector, asked: Sequence[Skill]
) -> Reasons:
    """Compare what a vacancy asks with what a person has."""
    named = set(candidate.terms.tolist())
    met = tuple(skill.word for skill in asked if skill.number in named)
    missing = [skill.word for skill in asked if skill.number not in named]
    sentences = []
    if met:
        sentences.append(f"Atende: {', '.join(met)}.")
    if missing:
        sentences.append(f"Não encontrado no currículo: {', '.join(missing)}.")
    levels = zip(_SCALES, candidate.levels, vacancy.levels, strict=True)
    for (name, scale), has, asks in levels:
        if asks == 0 or (scale is LANGUAGE and asks == 1):
            continue  # nothing is asked
        sentences.append(_sentence(name, scale, has, asks))
        if has < asks:
            missing.append(_gap(name, scale, has, asks))
    if candidate.areas and vacancy.areas:
        sentences.append(
            "Área de atuação coincide com a da vaga."
            if candidate.areas & vacancy.areas
            else "Área de atuação diferente da pedida."
        )
    return Reasons(met, tuple(missing), tuple(sentences))


def _sentence(name: str, scale: Scale, has: int, asks: int) -> str:
    if has == 0:
        return f"{name}: a vaga pede {scale.labels[asks]}; não informado pelo candidato."
    verdict = "atende" if has >= asks else "abaixo do pedido"
    return f"{name}: {scale.labels[has]}; a vaga pede {scale.labels[asks]} ({verdict})."


def _gap(name: str, scale: Scale, has: int, asks: int) -> str:
    return f"{name}: {scale.labels[asks]} (candidato: {scale.labels[has]})"
