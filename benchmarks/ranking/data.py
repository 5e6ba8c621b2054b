"""The real recruitment files, read in place, and trials in which nobody can fool themselves."""

import gzip
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from praca.jobs.matching.model import Pair
from praca.jobs.matching.profiles import (
    CandidateProfile,
    VacancyProfile,
    candidate_from_record,
    vacancy_from_record,
)

__all__ = ["Data", "Trial", "by_time", "cross_fit", "extra_people", "load", "real_data_folder"]

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Data:
    """The usable part of the real files.

    Attributes:
        candidates: people with a CV, by code; the extra ones are among them.
        vacancies: all vacancies, by code.
        pairs: applications that join them.
        elsewhere: applications for known vacancies by people of whom no CV is here.
        registered: code of a person -> day of registration, where known.
        requested: code of a vacancy -> day of the request, where known.
        extra: codes of people who are held out of all learning.
    """

    candidates: dict[int, CandidateProfile]
    vacancies: dict[int, VacancyProfile]
    pairs: list[Pair]
    elsewhere: list[Pair]
    registered: dict[int, date]
    requested: dict[int, date]
    extra: frozenset[int]

    @cached_property
    def put_forward(self) -> dict[int, frozenset[int]]:
        """Code of a vacancy -> codes of everyone with a CV who was put forward for it."""
        groups: dict[int, set[int]] = {}
        for pair in self.pairs:
            groups.setdefault(pair.codigo_vaga, set()).add(pair.codigo_candidato)
        return {code: frozenset(people) for code, people in groups.items()}

    @property
    def given(self) -> frozenset[int]:
        """The codes of the people who may be learned from."""
        return frozenset(self.candidates) - self.extra


@dataclass(frozen=True)
class Trial:
    """What one training may see, and what is ranked afterwards.

    Attributes:
        people: codes of the people learned from.
        offers: codes of the vacancies learned from.
        held_out: codes of the vacancies of the fold; never learned from.
        queries: those of them for which people are ranked.
        unseen: codes of the people who count as relevant; never learned from.
        applicants: codes of the people whose decided applications are tested.
        pool: codes of everyone who is ranked, seen people too.
    """

    people: frozenset[int]
    offers: frozenset[int]
    held_out: frozenset[int]
    queries: tuple[int, ...]
    unseen: frozenset[int]
    applicants: frozenset[int]
    pool: tuple[int, ...]


def real_data_folder() -> Path | None:
    """Return the folder of the real files, or None."""
    root = Path(__file__).resolve().parents[2]
    given = os.environ.get("PRACA_REAL_DATA")
    bases = [Path(given)] if given else [root.parent / "shared" / "data"]
    folders = [folder for base in bases for folder in (base, base / "decision")]
    return next((f for f in folders if (f / "applicants.json.gz").is_file()), None)


def load(
    folder: Path, extra_applicants: Path | None = None, extra_prospects: Path | None = None
) -> Data:
    """Read candidates with a CV, all vacancies, and the applications that join them.

    Everyone in ``extra_applicants`` is extra, also if the folder's file holds them too. Files may
    be compressed with gzip or not.
    """
    people, offers = _read(folder / "applicants.json.gz"), _read(folder / "vagas.json.gz")
    groups = [_read(folder / "prospects.json.gz")]
    further = _read(extra_applicants) if extra_applicants else {}
    if extra_prospects:
        groups.append(_read(extra_prospects))
    people |= further
    profiles = (candidate_from_record(people[code], int(code)) for code in sorted(people, key=int))
    candidates = {profile.codigo or 0: profile for profile in profiles if profile.cv.strip()}
    found = {
        (pair.codigo_vaga, pair.codigo_candidato): pair
        for group in groups
        for pair in _pairs(group)
        if str(pair.codigo_vaga) in offers
    }
    joined = [found[key] for key in sorted(found) if key[1] in candidates]
    codes = [int(code) for code in offers]  # the halves follow the order of the file
    return Data(
        candidates=candidates,
        vacancies={code: vacancy_from_record(offers[str(code)], code) for code in codes},
        pairs=joined,
        elsewhere=[found[key] for key in sorted(found) if key[1] not in candidates],
        registered=_dates(people, "infos_basicas", "data_criacao"),
        requested=_dates(offers, "informacoes_basicas", "data_requicisao"),
        extra=frozenset(int(code) for code in further) & frozenset(candidates),
    )


def cross_fit(data: Data, tested: frozenset[int], *, folds: int, seed: int) -> Iterator[Trial]:
    """Part people and vacancies into folds, each on its own; every pair of folds is one trial.

    Every application for a vacancy of ``tested`` is tested once, by models that saw neither the
    person nor the vacancy. Everyone given is ranked.
    """
    generator = np.random.default_rng(seed)
    person_fold = _folds(sorted(data.given), folds, generator)
    offer_fold = _folds(list(data.vacancies), folds, generator)
    for i in range(folds):
        for j in range(folds):
            unseen = frozenset(code for code, fold in person_fold.items() if fold == j)
            held_out = frozenset(code for code, fold in offer_fold.items() if fold == i)
            yield _trial(
                data,
                people=data.given - unseen,
                offers=frozenset(data.vacancies) - held_out,
                held_out=held_out,
                unseen=unseen,
                tested=tested,
                pool=data.given,
            )


def extra_people(data: Data, tested: frozenset[int], *, folds: int, seed: int) -> Iterator[Trial]:
    """Learn from all given people, but not from the vacancies asked; rank everyone, extra too."""
    offer_fold = _folds(list(data.vacancies), folds, np.random.default_rng(seed))
    for i in range(folds):
        held_out = frozenset(code for code, fold in offer_fold.items() if fold == i)
        yield _trial(
            data,
            people=data.given,
            offers=frozenset(data.vacancies) - held_out,
            held_out=held_out,
            unseen=data.extra,
            tested=tested,
            pool=frozenset(data.candidates),
        )


def by_time(data: Data, *, share: float = 0.7) -> tuple[date, Trial]:
    """Learn from the earlier vacancies; rank for the later ones.

    Unseen are the people who were never put forward before that day.
    """
    days = sorted(
        data.requested[pair.codigo_vaga]
        for pair in data.pairs
        if pair.codigo_vaga in data.requested and pair.codigo_candidato not in data.extra
    )
    border = days[int(len(days) * share)]
    early = frozenset(code for code, day in data.requested.items() if day < border)
    late = frozenset(code for code, day in data.requested.items() if day >= border)
    before = frozenset(p.codigo_candidato for p in data.pairs if p.codigo_vaga in early)
    before &= data.given
    trial = _trial(
        data,
        people=before,
        offers=early,
        held_out=late,
        unseen=data.given - before,
        tested=late,
        pool=data.given,
    )
    return border, replace(trial, applicants=data.given)


def _trial(
    data: Data,
    *,
    people: frozenset[int],
    offers: frozenset[int],
    held_out: frozenset[int],
    unseen: frozenset[int],
    tested: frozenset[int],
    pool: frozenset[int],
) -> Trial:
    asked = sorted(held_out & tested)
    queries = tuple(code for code in asked if data.put_forward.get(code, frozenset()) & unseen)
    return Trial(people, offers, held_out, queries, unseen, unseen, tuple(sorted(pool)))


def _folds(codes: Sequence[int], count: int, generator: np.random.Generator) -> dict[int, int]:
    drawn = generator.integers(0, count, len(codes)).tolist()
    return dict(zip(codes, drawn, strict=True))


def _read(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    if content.startswith(_GZIP):
        content = gzip.decompress(content)
    records: dict[str, Any] = json.loads(content)
    return records


def _pairs(groups: Mapping[str, Any]) -> Iterator[Pair]:
    for code, group in groups.items():
        for one in group["prospects"]:
            status = one.get("situacao_candidado") or one.get("situacao_candidato") or ""
            yield Pair(int(one["codigo"]), int(code), status, one.get("data_candidatura") or "")


def _dates(records: Mapping[str, Any], section: str, key: str) -> dict[int, date]:
    found = {}
    for code, record in records.items():
        text = (record.get(section, {}).get(key) or "")[:10]
        try:
            found[int(code)] = datetime.strptime(text, "%d-%m-%Y").date()  # noqa: DTZ007  # a day
        except ValueError:
            continue
    return found
