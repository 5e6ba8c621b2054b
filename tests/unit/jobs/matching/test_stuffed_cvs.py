"""CVs stuffed with words gain no places: a suite over the invented city, and the rules alone."""

import numpy as np
import pytest
from benchmarks.stuffed_cvs import Market, gains, sample_market
from benchmarks.stuffing_attacks import ATTACKS
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from praca.jobs.matching import encoding
from praca.jobs.matching import model as model_module
from praca.jobs.matching.model import MatchModel
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.jobs.matching.stuffing import borrowed, credited, repeated, unlisted

EACH = 7
# What a single claim brings, true or not, is not stuffing: see docs/explain/fairness-and-abuse.md.
CLAIMS = {
    "300 skills in a line",
    "300 skills, one a line, first",
    "order that names the vacancy",
    "vacancy's lines between own",
}
PASTED = {name: ATTACKS[name] for name in ("vacancy pasted", "vacancy title 100 times")}


@pytest.fixture(scope="module")
def city() -> Market:
    return sample_market(320, 120)


@pytest.fixture(scope="module")
def trained(city: Market) -> MatchModel:
    return MatchModel(dimensions=16, negatives=40).fit(city.people, city.offers, city.pairs)


def test_stuffing_gains_no_places(trained: MatchModel, city: Market) -> None:
    found = gains(trained, city, each=EACH, seed=4)
    everything = np.concatenate(list(found.values()))
    assert len(city.people) >= 300
    assert everything.size >= 200
    assert np.median(everything) <= 1
    assert np.median(np.concatenate([found[name] for name in found.keys() - CLAIMS])) <= 1
    assert everything.mean() < 10


def test_the_suite_sees_what_stuffing_gains_without_the_rules(
    trained: MatchModel, city: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    defended = gains(trained, city, each=EACH, seed=4, attacks=PASTED)
    monkeypatch.setattr(encoding, "credited", lambda ids, headline, _asked: (ids, headline))
    monkeypatch.setattr(model_module, "borrowed", lambda ids, _asked: np.zeros(ids.size, np.bool_))
    naked = MatchModel.from_files(trained.to_files())
    open_to_it = gains(naked, city, each=EACH, seed=4, attacks=PASTED)
    for name in PASTED:
        assert np.median(defended[name]) <= 1
        assert np.median(open_to_it[name]) > 20


def numbers(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (range(30), 30),
        ([*range(20), *range(20)], 20),
        ([*range(20), 99, *range(5, 15)], 21),
        ([7] * 100, 0),
        ([1, 2, 3] * 40, 0),
        ([*range(20), *[5, 6] * 30], 20),
        ([1, 2, 3, 4, 5, 6, 7], 7),
        ([], 0),
    ],
)
def test_what_stands_again_does_not_count_again(text: list[int], kept: int) -> None:
    assert np.count_nonzero(~repeated(numbers(*text))) == kept


def test_a_copy_of_the_vacancy_does_not_count() -> None:
    asked, own = np.arange(40), np.arange(1000, 1060)
    for copy in (asked, asked[::-1], asked[5:30]):
        text = np.concatenate([own, copy, own[:30]])
        marked = borrowed(text, asked)
        assert marked[60 : 60 + copy.size].all()
        assert not marked[: 60 - 1].any()
    woven = np.concatenate(
        [[*own[3 * n : 3 * n + 3], *asked[2 * n : 2 * n + 2]] for n in range(20)]
    )
    assert set(woven[borrowed(woven, asked)]) == set(asked.tolist())


def test_words_that_the_vacancy_asks_for_count() -> None:
    asked = np.arange(40)
    for share in (2, 3, 10):
        text = np.where(np.arange(200) % share == 0, np.arange(200) % 40, 1000 + np.arange(200))
        assert not borrowed(text, asked).any()
    assert not borrowed(np.arange(3), np.arange(3)).any(), "a short vacancy may be met word by word"


@given(st.lists(st.integers(0, 6), max_size=60), st.integers(0, 20))
def test_what_counts_is_a_part_of_the_text_in_its_order(ids: list[int], headline: int) -> None:
    headline = min(headline, len(ids))
    kept, first = credited(ids, headline)
    remaining = iter(ids)
    assert all(any(one == other for other in remaining) for one in kept)
    assert 0 <= first <= min(headline, len(kept))
    assert credited(kept, first)[0] == kept or len(credited(kept, first)[0]) < len(kept)


def test_only_enumerations_beyond_reason_are_cut() -> None:
    skills = [f"skill{n}" for n in range(300)]
    assert unlisted(", ".join(skills[:80])) == ", ".join(skills[:80])
    assert unlisted("Sobre mim\n" + "; ".join(skills)).split()[-1] == "skill18"
    sentence = "Atendi pacientes na unidade básica de saúde do bairro por cinco anos"
    prose = "\n".join([sentence] * 200)
    assert unlisted(prose) == prose
    a_word_a_line = "\n".join(" ".join([sentence] * 30).split())
    assert unlisted(a_word_a_line) == a_word_a_line


def test_a_copied_vacancy_brings_a_pair_nothing(trained: MatchModel, city: Market) -> None:
    vacancy = max(city.offers, key=lambda offer: len(offer.atividades))
    honest = CandidateProfile(titulo="Jardineira", cv="Podo árvores e cuido de canteiros.")
    text = f"{vacancy.titulo}\n{vacancy.atividades}\n{vacancy.competencias}"
    copied = CandidateProfile(titulo="Jardineira", cv=f"{honest.cv}\n{text}")
    assert trained.copies(copied, vacancy)
    assert not trained.copies(honest, vacancy)
    assert trained.probability(copied, vacancy) < trained.probability(honest, vacancy) + 0.05
    assert trained.explain(copied, vacancy).met == trained.explain(honest, vacancy).met
    other = VacancyProfile(titulo="Motorista", atividades="Dirigir ônibus urbanos.")
    assert not trained.copies(copied, other)
