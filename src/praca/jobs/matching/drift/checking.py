"""One check: the rows of a window against the reference of the version that answers."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from praca.jobs.matching.drift import rows
from praca.jobs.matching.drift.reference import Reference, drawn
from praca.jobs.matching.drift.watched import (
    COLUMNS,
    MOST_PAIRS,
    Learn,
    Offers,
    People,
    outcome_columns,
    prediction_column,
    with_applications,
)
from praca.jobs.matching.errors import DriftReferenceMissingError
from praca.jobs.matching.model import MatchModel
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.jobs.matching.repository import CANDIDATES, VACANCIES, Source, profiles_of
from praca.jobs.matching.snapshots import MODEL_NAME
from praca.kit.clock import BRASILIA, utc_now
from praca.learning.artifacts import verify
from praca.learning.drift import (
    DomainDrift,
    DriftReport,
    FeatureDrift,
    VectorSample,
    Watched,
    Window,
    judged,
    judged_domain,
)
from praca.learning.drift.report import MIN_ROWS
from praca.learning.store import Champion
from praca.platform.database import ReadSession
from praca.platform.resources import Resources

__all__ = ["Scope", "checked"]

Progress = Callable[[int, int, str], None]
Profile = TypeVar("Profile", CandidateProfile, VacancyProfile)
_Findings: TypeAlias = tuple[tuple[FeatureDrift, ...], tuple[DomainDrift, ...]]
_DOMAINS: Final = {
    "candidatos": ("candidatos.vetores", "Textos dos candidatos em conjunto"),
    "vagas": ("vagas.vetores", "Textos das vagas em conjunto"),
}


class Scope(StrEnum):
    """Which rows are compared with the reference."""

    NEW = "new"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class _Rows:
    """What was read: the window's rows, and others to make pairs with where it has too few."""

    candidates: Sequence[CandidateProfile]
    vacancies: Sequence[VacancyProfile]
    statuses: Sequence[str]
    applied: set[int]
    counts: Mapping[str, int]
    other_candidates: Sequence[CandidateProfile]
    other_vacancies: Sequence[VacancyProfile]


async def checked(
    resources: Resources,
    champion: Champion,
    *,
    scope: Scope,
    days: int,
    on_progress: Progress,
) -> DriftReport:
    """Compare the window's rows with the reference of ``champion``.

    Args:
        resources: where rows and files are.
        champion: the version.
        scope: NEW: rows written after the reference was taken, ALL: every row.
        days: of the new rows, only those of so many last days.
        on_progress: called with (done, total, message in Portuguese).

    Raises:
        DriftReferenceMissingError: the version was trained without a reference.
        ArtifactError: its files are missing or were altered.
    """
    on_progress(0, 4, "Lendo o modelo")
    files = await asyncio.to_thread(resources.objects.read_all, champion.object_key)
    model, reference = await asyncio.to_thread(_opened, files)
    if reference is None:
        raise DriftReferenceMissingError(champion.version)
    on_progress(1, 4, "Lendo as linhas")
    now = utc_now()
    since = None
    if scope is Scope.NEW:
        since = max(reference.taken_at, now - timedelta(days=days))
    found = await _read(resources, model.seed, since)
    on_progress(2, 4, "Comparando")
    features, domains = await asyncio.to_thread(_compare, model, reference, found)
    on_progress(3, 4, "Escrevendo o relatório")
    window = Window(since, now, _description(since, reference.taken_at), found.counts)
    return DriftReport(MODEL_NAME, champion.version, reference.taken_at, window, features, domains)


def _opened(files: Mapping[str, bytes]) -> tuple[MatchModel, Reference | None]:
    verified = verify(files).files
    return MatchModel.from_files(verified), Reference.from_files(verified)


async def _read(resources: Resources, seed: int, since: datetime | None) -> _Rows:
    async with resources.databases.city.read() as session:
        people = await rows.written_codes(session, CANDIDATES, since)
        offers = await rows.written_codes(session, VACANCIES, since)
        candidates = await _profiles(session, CANDIDATES, drawn(people, seed))
        vacancies = await _profiles(session, VACANCIES, drawn(offers, seed))
        statuses = await rows.statuses(session, since)
        applied = await rows.applied_vacancies(session, [each.codigo or 0 for each in vacancies])
        other_candidates, other_vacancies = candidates, vacancies
        # A prediction needs both sides: new people are paired with any vacancies, if few are new.
        if len(candidates) < MIN_ROWS <= len(vacancies):
            codes = drawn(await rows.written_codes(session, CANDIDATES, None), seed, MOST_PAIRS)
            other_candidates = await _profiles(session, CANDIDATES, codes)
        elif len(vacancies) < MIN_ROWS <= len(candidates):
            codes = drawn(await rows.written_codes(session, VACANCIES, None), seed, MOST_PAIRS)
            other_vacancies = await _profiles(session, VACANCIES, codes)
    counts = {"candidatos": len(people), "vagas": len(offers), "candidaturas": len(statuses)}
    return _Rows(
        candidates, vacancies, statuses, applied, counts, other_candidates, other_vacancies
    )


async def _profiles(
    session: ReadSession, source: Source[Profile], codes: Sequence[int]
) -> list[Profile]:
    """Return the profiles in the order of their codes, so that equal tables give equal pairs."""
    found = await profiles_of(session, source, codes)
    return sorted(found, key=lambda profile: profile.codigo or 0)


def _compare(model: MatchModel, reference: Reference, found: _Rows) -> _Findings:
    people = People.encoded(model, found.candidates)
    offers = Offers.encoded(model, found.vacancies)
    counters = _counters(model, people, offers, found)
    watched = [
        Watched(name, column.label, column.group, then, counters[name](then), column.may_alarm)
        for name, column in COLUMNS.items()
        if (then := reference.sketches.get(name)) is not None
    ]
    vectors = {"candidatos": people.projections(model), "vagas": offers.projections(model)}
    domains = tuple(
        judged_domain(*_DOMAINS[side], reference.vectors[side].vectors, _sampled(vectors[side]))
        for side in _DOMAINS
    )
    return judged(watched), domains


def _counters(model: MatchModel, people: People, offers: Offers, found: _Rows) -> dict[str, Learn]:
    all_people, all_offers = people, offers
    if found.other_candidates is not found.candidates:
        all_people = People.encoded(model, found.other_candidates)
    if found.other_vacancies is not found.vacancies:
        all_offers = Offers.encoded(model, found.other_vacancies)
    return {
        **people.counters(model),
        **offers.counters(model),
        **prediction_column(model, all_people, all_offers),
        **outcome_columns(found.statuses),
        **with_applications(offers, found.applied),
    }


def _sampled(vectors: NDArray[np.float32]) -> NDArray[np.float16]:
    return VectorSample.of(vectors).vectors if vectors.size else np.empty((0, 1), np.float16)


def _description(since: datetime | None, taken_at: datetime) -> str:
    if since is None:
        return "Todas as linhas da base, como estão agora."
    moment = f"{since.astimezone(BRASILIA):%d/%m/%Y às %H:%M}"
    if since == taken_at:
        return f"Linhas criadas ou alteradas desde o treino do modelo, em {moment}."
    return f"Linhas criadas ou alteradas desde {moment}; o modelo foi treinado antes disso."
