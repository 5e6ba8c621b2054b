from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.jobs.matching.remembered import Remembered

Array = np.ndarray


def counting(most_bytes: int) -> tuple[Remembered[CandidateProfile, Array], list[str]]:
    calls: list[str] = []

    def encode(profile: CandidateProfile) -> Array:
        calls.append(profile.cv)
        return np.zeros(len(profile.cv), np.uint8)

    return Remembered(encode, lambda value: value.nbytes, most_bytes), calls


def test_equal_profiles_are_computed_once() -> None:
    remembered, calls = counting(1_000)
    first = remembered(CandidateProfile(cv="abc"))
    assert remembered(CandidateProfile(cv="abc")) is first
    remembered(CandidateProfile(cv="abd"))
    assert calls == ["abc", "abd"]


def test_fields_are_told_apart() -> None:
    remembered, calls = counting(1_000)
    remembered(CandidateProfile(cv="ab", titulo="c"))
    remembered(CandidateProfile(cv="ab", objetivo="c"))
    assert len(calls) == 2


def test_large_values_never_hold_more_than_the_bound() -> None:
    remembered, _ = counting(1_000)
    for size in range(300, 3_000, 7):
        remembered(CandidateProfile(cv="x" * size))
        assert remembered.nbytes <= 1_000


def test_texts_that_no_encoding_holds_are_remembered_too() -> None:
    remembered, calls = counting(1_000)
    for _ in range(2):
        remembered(CandidateProfile(cv="\ud800"))
    assert len(calls) == 1


def test_many_threads_may_ask_at_once() -> None:
    remembered, _ = counting(500)
    with ThreadPoolExecutor(8) as pool:
        sizes = list(range(1, 200)) * 4
        found = list(pool.map(lambda n: remembered(CandidateProfile(cv="y" * n)).size, sizes))
    assert found == sizes
    assert remembered.nbytes <= 500


@pytest.mark.parametrize("profile", [CandidateProfile(cv="a"), VacancyProfile(titulo="a")])
def test_both_kinds_of_profiles_have_keys(profile: CandidateProfile | VacancyProfile) -> None:
    remembered: Remembered[CandidateProfile | VacancyProfile, bytes] = Remembered(
        lambda _: b"value", len, 100
    )
    assert remembered(profile) is remembered(profile)
