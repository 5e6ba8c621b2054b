"""What a candidate can do: the only thing the outcome of an application may depend on.

Drawn from a stream of its own, apart from the person's, and cheap, because the applications ask for
the traits of many candidates without ever writing their records.
"""

from datetime import date
from typing import NamedTuple

from praca.jobs.sample.catalogue import (
    OCCUPATION_BY_KEY,
    WHEEL,
    Occupation,
    Rung,
    Skill,
    schooling_rank,
)
from praca.kit.draw import Draw

__all__ = ["Traits", "traits"]

_FIRST_DAY = date(2019, 8, 1).toordinal()
_LAST_DAY = date(2024, 6, 30).toordinal()
_YEARS_BY_RANK = ((0, 0), (0, 3), (1, 5), (3, 8), (6, 14), (8, 19), (9, 22), (12, 26))
_LANGUAGE_BY_CHANCE = ((0, 0, 0, 0, 1, 1, 1, 2), (0, 1, 1, 2, 2, 3, 3, 4))
_SCHOOLING_RANK = {
    text: schooling_rank(text) for entry in OCCUPATION_BY_KEY.values() for text in entry.schooling
}


class Traits(NamedTuple):
    """The professional side of one candidate."""

    number: int
    occupation: Occupation
    rung: Rung
    years: int
    skills: tuple[Skill, ...]
    schooling: str
    schooling_rank: int
    english: int
    spanish: int
    registered: int
    """Day of registration, as a proleptic ordinal."""


def traits(seed: int, index: int) -> Traits:
    """Return the traits of candidate ``index``, whatever the size of the city."""
    draw = Draw(f"{seed}:candidate:{index}")
    occupation = WHEEL[index % len(WHEEL)]
    rung = draw.pick(occupation.rung_wheel)
    skills = draw.some(occupation.skills, draw.between(3 + rung.rank // 3, 6 + rung.rank // 2))
    if draw.chance(0.3):
        neighbour = OCCUPATION_BY_KEY[draw.pick(occupation.neighbours)]
        known = {skill.name for skill in skills}
        skills += [
            skill
            for skill in draw.some(neighbour.skills, draw.between(1, 3))
            if skill.name not in known
        ]
    schooling = draw.pick(occupation.schooling)
    english = draw.pick(_LANGUAGE_BY_CHANCE[draw.chance(0.2 + occupation.english_percent / 100)])
    return Traits(
        number=index,
        occupation=occupation,
        rung=rung,
        years=draw.between(*_YEARS_BY_RANK[rung.rank]),
        skills=tuple(skills),
        schooling=schooling,
        schooling_rank=_SCHOOLING_RANK[schooling],
        english=english,
        spanish=draw.pick(_LANGUAGE_BY_CHANCE[0]),
        registered=draw.between(_FIRST_DAY, _LAST_DAY),
    )
