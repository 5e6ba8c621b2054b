from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pytest

from praca.jobs.matching.hired import COLUMNS, HiredModel, hired_row, within_vacancy_auc
from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.learning.artifacts import ArtifactError, json_from_bytes, json_to_bytes
from praca.learning.linear import sigmoid

STATE = "match-model.json"


class Market(Protocol):
    candidates: list[CandidateProfile]
    vacancies: list[VacancyProfile]
    pairs: list[Pair]


@dataclass
class Decided:
    candidates: list[CandidateProfile]
    vacancies: list[VacancyProfile]
    pairs: list[Pair]


def drawn(signal: float, *, vacancies: int = 120, seed: int = 4) -> HiredModel:
    """Fit on invented applications whose first column tells as much as ``signal`` says."""
    generator = np.random.default_rng(seed)
    rows = generator.normal(size=(vacancies * 5, len(COLUMNS)))
    hired = generator.random(len(rows)) < sigmoid(signal * rows[:, 0] - 1)
    return HiredModel().fit(rows, hired, np.repeat(np.arange(vacancies), 5))


def test_without_signal_it_answers_the_base_rate_and_says_so() -> None:
    model = drawn(0.0)
    one, other = (model.estimate(np.full(len(COLUMNS), value)) for value in (-1.0, 1.0))
    assert one == other
    assert not one.has_signal
    assert one.probability == one.base_rate == model.base_rate_
    assert 0 < one.low < one.base_rate < one.high < 1
    assert model.figures_["auc_within_low"] <= 0.5


def test_with_signal_it_tells_people_apart_and_is_calibrated() -> None:
    model = drawn(1.5)
    row = np.zeros(len(COLUMNS))
    low, high = (
        model.estimate(np.where(np.arange(row.size) == 0, value, row)) for value in (-1.0, 1.0)
    )
    assert model.has_signal_
    assert model.figures_["auc_within_low"] > 0.5
    assert low.probability < low.base_rate < high.probability
    assert high.low < high.probability < high.high
    assert model.figures_["slope"] == pytest.approx(1, abs=0.15)
    assert model.figures_["ece"] <= model.figures_["ece_band"]


def test_what_all_people_of_a_vacancy_share_is_no_signal() -> None:
    generator = np.random.default_rng(1)
    groups = np.repeat(np.arange(120), 5)
    rows = np.zeros((600, len(COLUMNS)))
    rows[:, -1] = generator.normal(size=120)[groups]
    hired = generator.random(600) < sigmoid(2 * rows[:, -1])
    model = HiredModel().fit(rows, hired, groups)
    assert model.figures_["auc"] > 0.7
    assert model.figures_["auc_within"] == 0.5
    assert not model.has_signal_


def test_auc_within_vacancies_by_hand() -> None:
    hired = np.array([True, False, False, True, True])
    scores = np.array([2.0, 1.0, 3.0, 1.0, 0.0])
    # Vacancy 0: one of two rejections stands below; vacancy 1 has hires only.
    assert within_vacancy_auc(hired, scores, np.array([0, 0, 0, 1, 1])).tolist() == [0.5]


@pytest.mark.parametrize(("count", "expected"), [(0, 0.5), (4, 0.5)])
def test_too_few_decisions_give_a_wide_interval_and_no_signal(count: int, expected: float) -> None:
    hired = np.arange(count) % 2 == 0
    rows = np.ones((count, len(COLUMNS)))
    model = HiredModel().fit(rows, hired, np.arange(count))
    estimate = model.estimate(np.zeros(len(COLUMNS)))
    assert estimate.probability == expected
    assert not estimate.has_signal
    assert estimate.high - estimate.low > 0.6


def test_it_comes_back_from_its_state() -> None:
    model = drawn(1.5)
    restored = HiredModel.from_state(json_from_bytes(json_to_bytes(model.to_state())))
    row = np.linspace(-1, 1, len(COLUMNS))
    assert restored.estimate(row) == model.estimate(row)
    assert restored.to_state() == model.to_state()


@pytest.mark.parametrize(
    "change",
    [{"columns": ["x"]}, {"slopes": [1.0]}, {"scale": [0.0] * len(COLUMNS)}, {"interval": [1]}],
)
def test_an_altered_state_is_refused(change: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError)):
        HiredModel.from_state(drawn(0.0).to_state() | change)


@pytest.fixture(scope="module")
def decided_market(market: Market) -> Decided:
    """The invented market with a third of the applications decided."""
    outcomes = ("Contratado pela Decision", "Não Aprovado pelo Cliente", "Prospect")
    pairs = [
        replace(pair, situacao=outcomes[at % 3 if at % 2 else 2])
        for at, pair in enumerate(market.pairs)
    ]
    return Decided(market.candidates, market.vacancies, pairs)


@pytest.fixture(scope="module")
def decided_model(decided_market: Decided) -> MatchModel:
    market = decided_market
    return MatchModel(dimensions=16).fit(market.candidates, market.vacancies, market.pairs)


def test_undecided_applications_are_not_rejections(
    decided_model: MatchModel, decided_market: Decided
) -> None:
    statuses = [pair.situacao for pair in decided_market.pairs]
    hired = statuses.count("Contratado pela Decision")
    rejected = statuses.count("Não Aprovado pelo Cliente")
    assert hired > 0
    assert decided_model.hired_.figures_["decided"] == hired + rejected
    assert decided_model.hired_.base_rate_ == pytest.approx(hired / (hired + rejected))


def test_the_model_answers_for_a_pair_and_after_a_round_trip(
    decided_model: MatchModel, decided_market: Decided
) -> None:
    pair = (decided_market.candidates[0], decided_market.vacancies[0])
    estimate = decided_model.hired(*pair)
    assert 0 <= estimate.low <= estimate.probability <= estimate.high <= 1
    restored = MatchModel.from_files(decided_model.to_files())
    assert restored.hired(*pair) == estimate
    assert restored.to_files() == decided_model.to_files()


def test_a_model_of_the_first_format_is_read_without_the_second_stage(
    model: MatchModel, market: Market
) -> None:
    files = model.to_files()
    document = json_from_bytes(files[STATE])
    del document["hired"]
    old = MatchModel.from_files({**files, STATE: json_to_bytes({**document, "format": 1})})
    pair = (market.candidates[0], market.vacancies[0])
    assert old.probability(*pair) == model.probability(*pair)
    assert not old.hired(*pair).has_signal
    assert old.hired(*pair).probability == 0.5


def test_a_second_stage_that_was_altered_is_refused(model: MatchModel) -> None:
    files = model.to_files()
    document = json_from_bytes(files[STATE])
    document["hired"]["slopes"] = ["a"]
    with pytest.raises(ArtifactError, match="alterado"):
        MatchModel.from_files({**files, STATE: json_to_bytes(document)})


def test_the_row_tells_what_the_vacancy_states(model: MatchModel) -> None:
    offer = VacancyProfile(
        tipo_contratacao="CLT Full, PJ/Autônomo", vaga_sap="Sim", nivel_profissional="Sênior"
    )
    row = dict(zip(COLUMNS, hired_row(model.scorer_, None, offer).tolist(), strict=True))
    assert (row["clt"], row["pj"], row["cooperado"], row["sap"]) == (1, 1, 0, 1)
    assert row["level_asked"] > 0
    assert row["log_odds"] == 0
