from dataclasses import dataclass

import pytest

from praca.jobs.matching.holdout import Assessment, Holdout, is_held_out, without_held_out
from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.profiles import (
    CandidateProfile,
    VacancyProfile,
    candidate_from_record,
    vacancy_from_record,
)
from praca.jobs.sample import SampleCity


@dataclass(frozen=True)
class Town:
    people: list[CandidateProfile]
    offers: list[VacancyProfile]
    pairs: list[Pair]
    model: MatchModel

    def holdout(self) -> Holdout:
        return Holdout.of(self.people, self.offers, self.pairs)


@pytest.fixture(scope="module")
def town() -> Town:
    """A city whose model has learned from no vacancy of the hold-out."""
    sample = SampleCity(candidates=50, vacancies=60, seed=2)
    people = [candidate_from_record(record, int(code)) for code, record in sample.applicants()]
    offers = [
        vacancy_from_record({"infos_basicas": record["informacoes_basicas"], **record}, int(code))
        for code, record in sample.vagas()
    ]
    pairs = [
        Pair(int(row["codigo"]), int(code))
        for code, group in sample.prospects()
        for row in group["prospects"]
    ]
    return Town(people, offers, pairs, MatchModel().fit(people, offers, without_held_out(pairs)))


def test_one_vacancy_in_five_is_held_out_for_good() -> None:
    held = [code for code in range(10_000) if is_held_out(code)]
    assert 1_800 < len(held) < 2_200
    assert held[:5] == [code for code in range(held[4] + 1) if is_held_out(code)]


def test_nothing_that_is_learned_from_is_evaluated_on(town: Town) -> None:
    learned = without_held_out(town.pairs)
    tested = {profile.codigo for profile in town.holdout().vacancies}
    assert tested
    assert learned
    assert not {pair.codigo_vaga for pair in learned} & tested
    assert {pair.codigo_vaga for pair in town.pairs if is_held_out(pair.codigo_vaga)} == tested


def test_equal_data_give_equal_figures_above_chance(town: Town) -> None:
    assessment = Assessment(town.model, town.holdout())
    first = assessment.figures()
    assert first == Assessment(town.model, town.holdout()).figures()
    assert first["holdout_mrr"] > first["holdout_mrr_chance"]
    assert first["holdout_mrr_low"] <= first["holdout_mrr"] <= first["holdout_mrr_high"]
    evaluation = assessment.evaluation()
    assert evaluation.count == len(town.holdout().vacancies)
    assert evaluation.labels.shape == evaluation.probabilities.shape == evaluation.weights.shape


def test_without_held_out_vacancies_nothing_is_compared(town: Town) -> None:
    empty = Holdout.of(town.people, town.offers, without_held_out(town.pairs))
    assessment = Assessment(town.model, empty)
    assert assessment.figures() == {}
    assert assessment.plots() == {}
    assert assessment.evaluation().count == 0


def test_plots_are_drawn_for_people(town: Town) -> None:
    plots = Assessment(town.model, town.holdout()).plots()
    assert set(plots) == {"ranking.svg", "reliability.svg", "scores.svg"}
    assert all(content.startswith(b"<svg") for content in plots.values())
