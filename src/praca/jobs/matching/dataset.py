"""What a version is trained on, and the moment it stands for."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from praca.jobs.matching import repository
from praca.jobs.matching.model import Pair
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.jobs.matching.repository import CANDIDATES, VACANCIES
from praca.kit.clock import utc_now
from praca.platform.resources import Resources

__all__ = ["Dataset", "read_dataset"]


@dataclass(frozen=True, slots=True)
class Dataset:
    """What there is to learn from, and the moment it stands for.

    Attributes:
        position: the transactions whose rows are in it, as the live indexes take it.
        taken_at: when it was read.
        pairs: applications whose candidate and vacancy are known.
        candidates: in order of code.
        vacancies: in order of code.
    """

    position: str
    taken_at: datetime
    pairs: list[Pair]
    candidates: list[CandidateProfile]
    vacancies: list[VacancyProfile]

    def digest(self) -> str:
        """Return the SHA-256 of the data: equal data have equal digests."""
        digest = hashlib.sha256()
        parts: tuple[Sequence[Any], ...] = (self.pairs, self.candidates, self.vacancies)
        for part in parts:
            for item in part:
                digest.update(orjson.dumps(item))
        return digest.hexdigest()


async def read_dataset(resources: Resources) -> Dataset:
    """Read all there is to learn from."""
    # Before the rows: what commits while they are read is read again later, not lost.
    position, taken_at = await repository.position(resources.databases.city), utc_now()
    async with resources.databases.city.read() as session:
        pairs = await repository.pairs(session)
        candidates = [item async for item in repository.all_profiles(session, CANDIDATES)]
        vacancies = [item async for item in repository.all_profiles(session, VACANCIES)]
    return Dataset(
        position,
        taken_at,
        pairs,
        sorted(candidates, key=lambda item: item.codigo or 0),
        sorted(vacancies, key=lambda item: item.codigo or 0),
    )
