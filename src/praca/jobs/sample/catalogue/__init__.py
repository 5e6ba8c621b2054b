"""The occupations of the sample city, and who sits where on the occupation wheel."""

from praca.jobs.sample.catalogue.care import CARE
from praca.jobs.sample.catalogue.model import (
    LEVEL_RANK,
    SCHOOLING_RANK,
    Occupation,
    Rung,
    Skill,
    courses_at,
    schooling_rank,
)
from praca.jobs.sample.catalogue.office import OFFICE
from praca.jobs.sample.catalogue.technology import TECHNOLOGY
from praca.jobs.sample.catalogue.trades import TRADES
from praca.kit.draw import Draw

__all__ = [
    "LEVEL_RANK",
    "OCCUPATIONS",
    "OCCUPATION_BY_KEY",
    "SCHOOLING_RANK",
    "WHEEL",
    "WHEEL_PLACES",
    "Occupation",
    "Rung",
    "Skill",
    "courses_at",
    "schooling_rank",
]

OCCUPATIONS: tuple[Occupation, ...] = (*TECHNOLOGY, *OFFICE, *CARE, *TRADES)
OCCUPATION_BY_KEY: dict[str, Occupation] = {entry.key: entry for entry in OCCUPATIONS}


def _wheel() -> tuple[Occupation, ...]:
    places = [entry for entry in OCCUPATIONS for _ in range(entry.weight)]
    return tuple(Draw("occupation-wheel").some(places, len(places)))


# Candidate i has the occupation at place i modulo the wheel, so all candidates of an occupation can
# be counted and reached by arithmetic, however large the city is.
WHEEL: tuple[Occupation, ...] = _wheel()
WHEEL_PLACES: dict[str, tuple[int, ...]] = {
    entry.key: tuple(place for place, other in enumerate(WHEEL) if other.key == entry.key)
    for entry in OCCUPATIONS
}
