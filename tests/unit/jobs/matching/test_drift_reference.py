"""What is stored at the training against people and vacancies that the model has not seen."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from praca.jobs.matching.drift.reference import Reference, drawn, reference_files
from praca.jobs.matching.drift.watched import COLUMNS, Offers, People, prediction_column
from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.profiles import (
    CandidateProfile,
    VacancyProfile,
    candidate_from_record,
    vacancy_from_record,
)
from praca.jobs.sample import SampleCity
from praca.kit.clock import utc_now
from praca.learning.artifacts import ArtifactError, json_from_bytes, json_to_bytes
from praca.learning.drift import VectorSample, Watched, judged, judged_domain

_CITY = SampleCity(candidates=240, vacancies=140, seed=5)


def halves(items: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    order = np.random.default_rng(1).permutation(len(items)).tolist()
    middle = len(items) // 2
    return [items[at] for at in order[:middle]], [items[at] for at in order[middle:]]


PEOPLE = halves([candidate_from_record(r, int(code)) for code, r in _CITY.applicants()])
OFFERS = halves([vacancy_from_record(r, int(code)) for code, r in _CITY.vagas()])
PAIRS = [
    Pair(int(one["codigo"]), int(code), one["situacao_candidado"])
    for code, group in _CITY.prospects()
    for one in group["prospects"]
]


@pytest.fixture(scope="module")
def model() -> MatchModel:
    return MatchModel(dimensions=32, negatives=50).fit(PEOPLE[0], OFFERS[0], PAIRS)


@pytest.fixture(scope="module")
def files(model: MatchModel) -> dict[str, bytes]:
    return reference_files(model, PEOPLE[0], OFFERS[0], PAIRS, utc_now())


def alarms(
    model: MatchModel,
    files: dict[str, bytes],
    candidates: Sequence[CandidateProfile],
    vacancies: Sequence[VacancyProfile],
) -> set[str]:
    reference = Reference.from_files(files)
    assert reference is not None
    people, offers = People.encoded(model, candidates), Offers.encoded(model, vacancies)
    counters = {
        **people.counters(model),
        **offers.counters(model),
        **prediction_column(model, people, offers),
    }
    columns = [
        Watched(name, name, "", reference.sketches[name], count(reference.sketches[name]))
        for name, count in counters.items()
    ]
    now = {"candidatos": people.projections(model), "vagas": offers.projections(model)}
    domains = [
        judged_domain(side, side, reference.vectors[side].vectors, VectorSample.of(new).vectors)
        for side, new in now.items()
    ]
    return {item.name for item in judged(columns) if item.alarm} | {
        item.name for item in domains if item.alarm
    }


def test_unseen_people_of_the_same_city_are_no_drift(
    model: MatchModel, files: dict[str, bytes]
) -> None:
    """Whatever the model learned from its own texts fits those best, and must not alarm."""
    assert alarms(model, files, PEOPLE[1], OFFERS[1]) == set()


def test_people_of_another_trade_are(model: MatchModel, files: dict[str, bytes]) -> None:
    changed = [
        replace(profile, cv="Observatório, telescópio e espectroscopia " + "estelar " * (at % 9))
        for at, profile in enumerate(PEOPLE[1])
    ]
    found = alarms(model, files, changed, OFFERS[1])
    assert {"candidatos.texto.length", "candidatos.texto.terms", "candidatos"} <= found
    assert not {name for name in found if name.startswith("vagas")}


def test_the_reference_is_read_back_as_written(files: dict[str, bytes]) -> None:
    reference = Reference.from_files(files)
    assert reference is not None
    assert set(reference.sketches) == set(COLUMNS)
    assert reference.to_files() == files
    assert Reference.from_files({"match-model.json": b"{}"}) is None


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"taken_at": "yesterday"},
        {"taken_at": "2026-11-22T05:00:00"},
        {"sketches": {"vagas.area": {"kind": "pickle"}}},
        {"sketches": {"vagas.area": {"kind": "numeric", "edges": [2, 1], "counts": [1]}}},
        {"sketches": []},
    ],
)
def test_a_damaged_reference_is_refused(files: dict[str, bytes], change: dict[str, Any]) -> None:
    state = json_from_bytes(files["drift-reference.json"]) | change
    with pytest.raises(ArtifactError):
        Reference.from_files({**files, "drift-reference.json": json_to_bytes(state)})


def test_a_missing_array_is_refused(files: dict[str, bytes]) -> None:
    with pytest.raises(ArtifactError):
        Reference.from_files({"drift-reference.json": files["drift-reference.json"]})


def test_many_rows_are_drawn_from() -> None:
    items = list(range(5_000))
    found = drawn(items, 3, most=100)
    assert found == drawn(items, 3, most=100) != drawn(items, 4, most=100)
    assert len(set(found)) == 100
    assert drawn(items, 3) is items
