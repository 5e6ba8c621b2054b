"""The fairness audit of a match model: whom it puts first, by sex, disability and both.

This is the one place of the matcher that reads protected values, and it reads them only to count.
They never reach a profile, a feature or a file of the model other than the report.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from sqlalchemy import text

from praca.jobs.matching.index import CandidateIndex
from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.kit.text import fold, squeeze
from praca.learning.artifacts import json_to_bytes
from praca.learning.evaluation import Interval
from praca.learning.fairness import (
    FEWEST_JUDGED,
    FEWEST_SHOWN,
    FOUR_FIFTHS,
    Decisions,
    GroupFigures,
    compare,
)
from praca.platform.database import Database

__all__ = [
    "AttributeFigures",
    "FairnessReport",
    "audit",
    "known_values",
    "report",
]

RowT = TypeVar("RowT")
_FORMAT: Final = 1
_MOST_VACANCIES: Final = 300
_MOST_PEOPLE: Final = 2_000
_TOP: Final = 10
_TOP_SHARE: Final = 0.2
_SEX: Final = {"feminino": "Feminino", "f": "Feminino", "masculino": "Masculino", "m": "Masculino"}
_DISABLED: Final = {"sim": "Sim", "s": "Sim", "nao": "Não", "n": "Não"}


@dataclass(frozen=True, slots=True)
class AttributeFigures:
    """The groups of one attribute under one rule of selection.

    Attributes:
        attribute: ``sexo``, ``pcd`` or ``sexo x pcd``.
        selection: who counts as selected: ``10 primeiros`` or ``20 % primeiros``.
        groups: those that may be shown, the largest first.
    """

    attribute: str
    selection: str
    groups: Sequence[GroupFigures]


@dataclass(frozen=True, slots=True)
class FairnessReport:
    """What an audit found.

    Attributes:
        format: of the file.
        people: how many were ranked for each vacancy.
        vacancies: how many they were ranked for.
        figures: by attribute and rule of selection.
        summary: Portuguese sentences.
    """

    format: int
    people: int
    vacancies: int
    figures: Sequence[AttributeFigures]
    summary: Sequence[str]

    def to_bytes(self) -> bytes:
        """Return the report as a JSON file."""
        return json_to_bytes(self)


async def audit(
    city: Database,
    model: MatchModel,
    candidates: Sequence[CandidateProfile],
    vacancies: Sequence[VacancyProfile],
    pairs: Sequence[Pair],
    *,
    seed: int = 0,
) -> FairnessReport:
    """Rank people for vacancies that had applications, and compare who comes first.

    At most 300 vacancies and 2,000 people with a text are drawn. A person put forward for a vacancy
    counts as fitting it.

    Args:
        city: where the protected values are.
        model: fitted.
        candidates: with codes.
        vacancies: with codes.
        pairs: applications.
        seed: of the draws.
    """
    draw = np.random.default_rng(seed)
    applied = {pair.codigo_vaga for pair in pairs}
    offers = _drawn(draw, [v for v in vacancies if v.codigo in applied], _MOST_VACANCIES)
    people = _drawn(draw, [c for c in candidates if c.cv or c.titulo], _MOST_PEOPLE)
    values = await _protected_values(city, [profile.codigo or 0 for profile in people])
    return await asyncio.to_thread(report, model, people, offers, pairs, values, seed=seed)


def known_values(sex: str | None, disability: str | None) -> tuple[str, str]:
    """Return what a record says of both, normalised; ``""`` where not known."""
    return _known(sex, _SEX), _known(disability, _DISABLED)


def report(
    model: MatchModel,
    people: Sequence[CandidateProfile],
    offers: Sequence[VacancyProfile],
    pairs: Sequence[Pair],
    values: Mapping[int, tuple[str, str]],
    *,
    seed: int = 0,
) -> FairnessReport:
    """Rank all people for all vacancies, and compare who comes first.

    Args:
        model: fitted.
        people: with codes.
        offers: the vacancies, with codes.
        pairs: applications; others than of these people for these vacancies are left out.
        values: code of a person -> sex and disability, as ``known_values`` returns them.
        seed: of the resampling.
    """
    known = [values.get(profile.codigo or 0, ("", "")) for profile in people]
    attributes = {
        "sexo": [sex for sex, _ in known],
        "pcd": [pcd for _, pcd in known],
        "sexo x pcd": _crossed(known),
    }
    figures = [
        AttributeFigures(
            attribute, selection, compare(decisions, groups, seed=seed) if groups else []
        )
        for selection, decisions in _decisions(model, people, offers, pairs).items()
        for attribute, groups in attributes.items()
    ]
    summary = [s for f in figures for s in _sentences(f, len(people))]
    return FairnessReport(_FORMAT, len(people), len(offers), figures, summary)


def _drawn(draw: np.random.Generator, rows: Sequence[RowT], most: int) -> list[RowT]:
    chosen = draw.permutation(len(rows))[:most]
    return [rows[at] for at in np.sort(chosen).tolist()]


async def _protected_values(city: Database, codes: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return code -> (sex, disability), normalised, ``""`` where not known."""
    async with city.read() as session:
        rows = await session.execute(
            text(
                "SELECT codigo_profissional, informacoes_pessoais->>'sexo',"
                " informacoes_pessoais->>'pcd' FROM jobs.candidates"
                " WHERE codigo_profissional = ANY(:codes)"
            ),
            {"codes": list(codes)},
        )
        return {code: known_values(sex, pcd) for code, sex, pcd in rows}


def _known(value: str | None, names: Mapping[str, str]) -> str:
    return names.get(squeeze(fold(value or "")), "")


def _crossed(known: Sequence[tuple[str, str]]) -> list[str]:
    """Return each person's group in the crossing; empty if the crossing may not be shown.

    Beside both single tables, any one small cell of it, also of those of whom one value is not
    known, would be a difference of figures shown.
    """
    if min(Counter(known).values(), default=0) < FEWEST_SHOWN:
        return []
    return [f"{sex}, {pcd}" if sex and pcd else "" for sex, pcd in known]


def _decisions(
    model: MatchModel,
    people: Sequence[CandidateProfile],
    offers: Sequence[VacancyProfile],
    pairs: Sequence[Pair],
) -> dict[str, Decisions]:
    """Return who comes first for each vacancy, by rule of selection."""
    index = CandidateIndex(model)
    index.upsert(people)
    column = {profile.codigo: at for at, profile in enumerate(people)}
    line = {profile.codigo: at for at, profile in enumerate(offers)}
    places = np.full((len(offers), len(people)), len(people), np.int32)
    share = max(_TOP, round(_TOP_SHARE * len(people)))
    for row, profile in zip(places, offers, strict=True):
        ranked = [column[item.codigo] for item in index.rank(profile, share)]
        row[ranked] = np.arange(len(ranked))
    relevant = np.zeros(places.shape, np.bool_)
    for pair in pairs:
        if pair.codigo_vaga in line and pair.codigo_candidato in column:
            relevant[line[pair.codigo_vaga], column[pair.codigo_candidato]] = True
    return {
        f"{_TOP} primeiros": Decisions(places < _TOP, relevant),
        f"{_TOP_SHARE:.0%} primeiros".replace("%", " %"): Decisions(places < share, relevant),
    }


def _sentences(figures: AttributeFigures, people: int) -> list[str]:
    """Return what the comparison with the group of the highest rate says."""
    title = f"{figures.attribute}, {figures.selection}"
    judged = [g for g in figures.groups if g.group and g.people >= FEWEST_JUDGED]
    highest = max(judged, key=lambda group: group.selection_rate, default=None)
    sentences = []
    for group in figures.groups:
        ratio = group.against_highest
        if ratio is None or highest is None:
            continue
        numbers = f"{ratio.estimate:.2f} [{ratio.low:.2f}; {ratio.high:.2f}]".replace(".", ",")
        sentences.append(
            f"{title}: {group.group} ({group.people} pessoas) é escolhido {numbers} vezes tanto"
            f" quanto {highest.group}; {_verdict(group, ratio)}."
        )
    if sum(group.people for group in figures.groups) < people:
        sentences.append(
            f"{title}: grupos de menos de {FEWEST_SHOWN} pessoas, e os que os revelariam,"
            " não são mostrados."
        )
    return sentences


def _verdict(group: GroupFigures, ratio: Interval) -> str:
    if group.is_adverse:
        return "abaixo de quatro quintos: investigue antes de usar"
    if group.people < FEWEST_JUDGED:
        return "pessoas de menos para um juízo"
    if ratio.low < FOUR_FIFTHS:
        return "inconclusivo, o intervalo contém quatro quintos"
    return "sem indício de impacto adverso"
