"""What the catalogue says about one occupation, and how its compact text is read."""

from dataclasses import dataclass
from typing import NamedTuple

from praca.jobs.sample.wording import Worded, split_items, worded

__all__ = [
    "LEVEL_RANK",
    "SCHOOLING_RANK",
    "Occupation",
    "Rung",
    "Skill",
    "courses_at",
    "occupation",
    "schooling_rank",
]

# How far up the ladder a level stands; parallel names of one height share a rank.
LEVEL_RANK = {
    "Aprendiz": 0,
    "Auxiliar": 1,
    "Assistente": 2,
    "Júnior": 2,
    "Analista": 3,
    "Pleno": 3,
    "Sênior": 4,
    "Especialista": 5,
    "Líder": 5,
    "Supervisor": 5,
    "Coordenador": 6,
    "Gerente": 7,
}
_LEVEL_SHARE = {
    "Aprendiz": 2,
    "Auxiliar": 6,
    "Assistente": 6,
    "Júnior": 8,
    "Analista": 7,
    "Pleno": 12,
    "Sênior": 9,
    "Especialista": 3,
    "Líder": 3,
    "Supervisor": 3,
    "Coordenador": 3,
    "Gerente": 2,
}
SCHOOLING_RANK = {
    "Ensino Fundamental": 0,
    "Ensino Médio": 1,
    "Ensino Técnico": 2,
    "Ensino Superior": 3,
    "Pós Graduação": 4,
    "Mestrado": 5,
    "Doutorado": 6,
}


def schooling_rank(level: str) -> int:
    """Return the rank of a ``nivel_academico``; a course not finished counts half a step less.

    Ranks are doubled so that they stay whole numbers.
    """
    stage, _, status = level.rpartition(" ")
    return 2 * SCHOOLING_RANK[stage] - (status != "Completo")


class Skill(NamedTuple):
    """A skill under its main name, with the other ways people write it."""

    name: str
    spellings: tuple[str, ...]


class Rung(NamedTuple):
    """One level of an occupation and the titles it goes by."""

    level: str
    rank: int
    titles: tuple[Worded, ...]


@dataclass(frozen=True, slots=True)
class Occupation:
    """One occupation of the city. Sequences repeat an item to give it weight."""

    key: str
    name: str
    area: str
    sector: str
    weight: int
    neighbours: tuple[str, ...]
    rungs: tuple[Rung, ...]
    rung_wheel: tuple[Rung, ...]
    skills: tuple[Skill, ...]
    activities: tuple[str, ...]
    behaviours: tuple[str, ...]
    certificates: tuple[str, ...]
    schooling: tuple[str, ...]
    courses: tuple[str, ...]
    technical_courses: tuple[str, ...]
    english_percent: int
    pay: int


def courses_at(entry: Occupation, stage: str) -> tuple[str, ...]:
    """Return what people of the occupation study at a stage such as ``Ensino Técnico``."""
    return entry.technical_courses if stage == "Ensino Técnico" else entry.courses


def _skill(text: str) -> Skill:
    spellings = split_items(text, "|")
    return Skill(spellings[0], spellings)


def _rung(text: str) -> Rung:
    level, _, titles = text.partition(":")
    level = level.strip()
    return Rung(
        level, LEVEL_RANK[level], tuple(worded(title) for title in split_items(titles, "/"))
    )


def occupation(
    key: str,
    *,
    name: str,
    area: str,
    sector: str,
    neighbours: str,
    titles: str,
    skills: str,
    activities: str,
    behaviours: str,
    schooling: str,
    courses: str,
    pay: int,
    certificates: str = "",
    weight: int = 3,
    english_percent: int = 0,
) -> Occupation:
    """Build an occupation from ``;``-separated text.

    Args:
        key: short ASCII name, unique in the catalogue.
        name: the field as a noun phrase, in lower case ("experiência em ...").
        area: ``areas_atuacao`` without the trailing hyphen.
        sector: kind of employer, a key of the employers' catalogue.
        neighbours: keys of the occupations whose people also apply.
        titles: ``Level: title / title; Level: title``, with gender markup.
        skills: each may list spellings, ``Node.js|NodeJS``.
        activities: noun phrases in lower case.
        behaviours: behavioural competences, nouns in lower case.
        schooling: usual ``nivel_academico`` values; repeat one to make it commoner.
        courses: what such people study.
        pay: usual monthly pay of a mid-level professional, in reais.
        certificates: certificates people of the occupation hold.
        weight: share of the city's people, relative to the other occupations.
        english_percent: how often a vacancy of the occupation asks for English.
    """
    rungs = tuple(_rung(text) for text in split_items(titles))
    all_courses = split_items(courses)
    technical = tuple(name for name in all_courses if name.startswith("Técnico"))
    return Occupation(
        key=key,
        name=name,
        area=area,
        sector=sector,
        weight=weight,
        neighbours=split_items(neighbours),
        rungs=rungs,
        rung_wheel=tuple(rung for rung in rungs for _ in range(_LEVEL_SHARE[rung.level])),
        skills=tuple(_skill(text) for text in split_items(skills)),
        activities=split_items(activities),
        behaviours=split_items(behaviours),
        certificates=split_items(certificates),
        schooling=split_items(schooling),
        courses=tuple(name for name in all_courses if name not in technical) or all_courses,
        technical_courses=technical or all_courses,
        english_percent=english_percent,
        pay=pay,
    )
