"""The quality benchmark learns from nobody and nothing that it tests."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.ranking.data import Data, Trial, by_time, cross_fit, extra_people, load
from benchmarks.ranking.measures import OURS, Results, View, record

from praca.jobs.sample import SampleCity


def write(path: Path, records: Iterator[tuple[str, Any]] | dict[str, Any]) -> Path:
    content = json.dumps(dict(records)).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    folder = tmp_path_factory.mktemp("decision")
    city = SampleCity(candidates=90, vacancies=60)
    people = dict(city.applicants())
    groups = dict(city.prospects())
    write(folder / "applicants.json.gz", people)
    write(folder / "vagas.json.gz", city.vagas())
    write(folder / "prospects.json.gz", groups)
    # Every third person is extra, and stands in the folder's own files all the same.
    extra = set(list(people)[::3])
    theirs = {
        code: {**group, "prospects": [p for p in group["prospects"] if p["codigo"] in extra]}
        for code, group in groups.items()
    }
    applicants = write(folder / "extra.json", {code: people[code] for code in extra})
    return load(folder, applicants, write(folder / "their-prospects.json", theirs))


def trials(data: Data) -> list[Trial]:
    everything = frozenset(data.vacancies)
    return [
        *cross_fit(data, everything, folds=2, seed=1),
        *extra_people(data, everything, folds=2, seed=1),
        by_time(data)[1],
    ]


def test_extra_people_are_read_once_and_held_out(data: Data) -> None:
    assert len(data.extra) == 30
    assert 50 < len(data.given) <= 60  # a few have no CV
    keys = [(pair.codigo_vaga, pair.codigo_candidato) for pair in data.pairs]
    assert len(keys) == len(set(keys)) > 50


def test_nobody_and_nothing_tested_was_learned_from(data: Data) -> None:
    for trial in trials(data):
        assert trial.queries
        assert not trial.people & (trial.unseen | data.extra)
        assert not trial.offers & set(trial.queries)
        assert trial.unseen <= set(trial.pool)
        assert all(data.put_forward[code] & trial.unseen for code in trial.queries)


def test_extra_people_are_looked_for_among_everyone(data: Data) -> None:
    for trial in extra_people(data, frozenset(data.vacancies), folds=2, seed=1):
        assert set(trial.pool) == set(data.candidates)
        assert trial.unseen == data.extra


def test_every_application_is_tested_once(data: Data) -> None:
    tested = [
        (code, person)
        for trial in cross_fit(data, frozenset(data.vacancies), folds=2, seed=1)
        for code in trial.queries
        for person in data.put_forward[code] & trial.unseen
    ]
    given = [p for p in data.pairs if p.codigo_candidato in data.given]
    assert len(tested) == len(set(tested)) == len(given)


def test_known_people_put_forward_too_are_filtered_or_in_the_way() -> None:
    trial = Trial(
        people=frozenset({1, 3}),
        offers=frozenset(),
        held_out=frozenset({9}),
        queries=(9,),
        unseen=frozenset({2}),
        applicants=frozenset({2}),
        pool=(1, 2, 3),
    )
    data = Data({}, {}, [], [], {}, {}, frozenset())
    data.__dict__["put_forward"] = {9: frozenset({1, 2})}
    results = Results()
    # The known person 1, put forward as well, stands first; the unseen one second.
    record(results, data, trial, 9, {OURS: np.array([3.0, 2.0, 1.0])})
    assert results.column(OURS, "MRR", View.FILTERED).tolist() == [1.0]
    assert results.column(OURS, "MRR", View.RAW).tolist() == [0.5]
    assert results.applications == 1


def test_a_lift_of_all_unseen_people_shows_as_an_edge() -> None:
    trial = Trial(
        people=frozenset({1, 2}),
        offers=frozenset(),
        held_out=frozenset({9}),
        queries=(9,),
        unseen=frozenset({3, 4, 5}),
        applicants=frozenset(),
        pool=(1, 2, 3, 4, 5),
    )
    data = Data({}, {}, [], [], {}, {}, frozenset())
    data.__dict__["put_forward"] = {9: frozenset({5})}
    results = Results()
    fair, lifted = np.array([1.0, 4.0, 2.0, 3.0, 5.0]), np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    record(results, data, trial, 9, {OURS: fair, "lifted": lifted})
    assert results.edge == {OURS: [0.5], "lifted": [1.0]}
