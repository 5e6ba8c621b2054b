import threading
from dataclasses import replace
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from praca.jobs.matching import index as index_module
from praca.jobs.matching.index import CandidateIndex, VacancyIndex
from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.learning.artifacts import ArtifactError, array_to_bytes


class Market(Protocol):
    candidates: list[CandidateProfile]
    vacancies: list[VacancyProfile]
    pairs: list[Pair]


SOME = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def people(model: MatchModel, market: Market) -> CandidateIndex:
    index = CandidateIndex(model)
    index.upsert(market.candidates)
    return index


@pytest.fixture(scope="module")
def offers(model: MatchModel, market: Market) -> VacancyIndex:
    index = VacancyIndex(model)
    index.upsert(market.vacancies)
    return index


texts = st.text("javs pçmu+#. ", max_size=60)


@SOME
@given(st.builds(VacancyProfile, titulo=texts, competencias=texts, ingles=texts))
def test_a_ranking_gives_each_person_the_pairs_own_probability(
    model: MatchModel, market: Market, people: CandidateIndex, vacancy: VacancyProfile
) -> None:
    by_code = {profile.codigo: profile for profile in market.candidates}
    rows = people.rank(vacancy, 1000)
    assert len(rows) == len(market.candidates)
    for row in rows:
        expected = model.probability(by_code[row.codigo], vacancy)
        assert row.probability == pytest.approx(expected, abs=1e-6)


def test_real_vacancies_are_ranked_by_probability(
    model: MatchModel, market: Market, people: CandidateIndex
) -> None:
    vacancy = market.vacancies[3]
    expected = sorted(
        ((-model.probability(c, vacancy), c.codigo) for c in market.candidates), key=lambda x: x
    )
    rows = people.rank(vacancy, 10)
    assert [row.probability for row in rows] == sorted(
        (row.probability for row in rows), reverse=True
    )
    assert rows[0].probability == pytest.approx(-expected[0][0], abs=1e-6)
    assert rows[9].probability == pytest.approx(-expected[9][0], abs=1e-6)


@SOME
@given(st.builds(CandidateProfile, titulo=texts, cv=texts, area=texts, espanhol=texts))
def test_a_recommendation_gives_each_vacancy_the_pairs_own_probability(
    model: MatchModel, market: Market, offers: VacancyIndex, candidate: CandidateProfile
) -> None:
    by_code = {profile.codigo: profile for profile in market.vacancies}
    for row in offers.recommend(candidate, 1000):
        expected = model.probability(candidate, by_code[row.codigo])
        assert row.probability == pytest.approx(expected, abs=1e-6)


def test_ties_are_in_order_of_code(model: MatchModel, market: Market) -> None:
    twins = [replace(market.candidates[0], codigo=code) for code in (5, 3, 9, 1)]
    index = CandidateIndex(model)
    for twin in twins:
        index.upsert([twin])
    assert [row.codigo for row in index.rank(market.vacancies[0], 3)] == [1, 3, 5]


@SOME
@given(
    st.lists(
        st.tuples(st.booleans(), st.lists(st.integers(0, 29), max_size=12)),
        max_size=12,
    )
)
def test_any_history_of_changes_ends_like_a_fresh_index(
    model: MatchModel, market: Market, history: list[tuple[bool, list[int]]]
) -> None:
    index = CandidateIndex(model)
    expected: dict[int | None, CandidateProfile] = {}
    for step, (add, places) in enumerate(history):
        codes = [1000 + place for place in places]
        if add:
            rows = [replace(market.candidates[(code + step) % 80], codigo=code) for code in codes]
            index.upsert(rows)
            expected |= {row.codigo: row for row in rows}
        else:
            index.remove(codes)
            expected = {k: v for k, v in expected.items() if k not in codes}
    fresh = CandidateIndex(model)
    fresh.upsert(expected.values())
    assert len(index) == len(expected)
    assert all((code in index) == (code in expected) for code in range(1000, 1030))
    vacancy = market.vacancies[1]
    ours, theirs = index.rank(vacancy, 100), fresh.rank(vacancy, 100)
    assert {row.codigo for row in ours} == expected.keys()
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.probability == pytest.approx(other.probability, abs=1e-6)


def test_an_empty_index_ranks_nobody(model: MatchModel, market: Market) -> None:
    index = CandidateIndex(model)
    assert index.rank(market.vacancies[0], 5) == []
    assert len(index) == 0
    assert len(CandidateIndex.from_files(index.to_files(), model)) == 0


def test_nobody_is_asked_for(people: CandidateIndex, market: Market) -> None:
    assert people.rank(market.vacancies[0], 0) == []


def test_rows_need_a_code(model: MatchModel) -> None:
    with pytest.raises(ValueError, match="code"):
        CandidateIndex(model).upsert([CandidateProfile()])


def test_a_snapshot_ranks_the_same_and_can_be_changed(
    model: MatchModel, market: Market, people: CandidateIndex, offers: VacancyIndex
) -> None:
    again = CandidateIndex.from_files(people.to_files(), model)
    vacancy = market.vacancies[0]
    assert again.rank(vacancy, 50) == people.rank(vacancy, 50)
    again.remove([market.candidates[0].codigo or 0])
    again.upsert([replace(market.candidates[0], codigo=5)])
    assert len(again) == len(people)
    assert 5 in again
    other = VacancyIndex.from_files(offers.to_files(), model)
    assert other.recommend(market.candidates[0], 9) == offers.recommend(market.candidates[0], 9)


def test_large_additions_are_cut_into_blocks(
    model: MatchModel, market: Market, people: CandidateIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "_CHUNK", 7)
    index = CandidateIndex(model)
    index.upsert(iter(market.candidates))
    # Sums in single precision depend on the size of a block.
    for ours, whole in zip(
        index.rank(market.vacancies[0], 5), people.rank(market.vacancies[0], 5), strict=True
    ):
        assert ours.codigo == whole.codigo
        assert ours.probability == pytest.approx(whole.probability, abs=1e-6)
    assert index.to_files().keys() == people.to_files().keys()
    assert index.nbytes > 0


def test_a_snapshot_of_something_else_is_refused(
    model: MatchModel, market: Market, people: CandidateIndex
) -> None:
    files = people.to_files()
    other = MatchModel(dimensions=8).fit(market.candidates, market.vacancies, market.pairs)
    with pytest.raises(ArtifactError):
        CandidateIndex.from_files(files, other)
    with pytest.raises(ArtifactError):
        VacancyIndex.from_files(files, model)
    for name in files:
        with pytest.raises(ArtifactError):
            CandidateIndex.from_files({k: v for k, v in files.items() if k != name}, model)
        with pytest.raises(ArtifactError):
            CandidateIndex.from_files(files | {name: files[name][:-5]}, model)
    starts = array_to_bytes(people._blocks[0].block.postings.starts[::-1])
    with pytest.raises(ArtifactError):
        CandidateIndex.from_files(files | {"starts.npy": starts}, model)


def test_readers_never_see_half_a_change(model: MatchModel, market: Market) -> None:
    index = CandidateIndex(model)
    index.upsert(market.candidates)
    vacancy, errors, stop = market.vacancies[0], [], threading.Event()

    def read() -> None:
        while not stop.is_set():
            rows = index.rank(vacancy, 1000)
            if len({row.codigo for row in rows}) != len(market.candidates):
                errors.append(len(rows))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for start in range(60):
        index.upsert(market.candidates[start : start + 15])
    stop.set()
    for reader in readers:
        reader.join()
    assert errors == []
