from praca.jobs.matching.holdout import Assessment, Holdout, is_held_out, without_held_out
from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.profiles import candidate_from_record, vacancy_from_record
from praca.jobs.sample import SampleCity


def city() -> tuple[list, list, list[Pair]]:  # type: ignore[type-arg]
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
    return people, offers, pairs


def test_one_vacancy_in_five_is_held_out_for_good() -> None:
    held = [code for code in range(10_000) if is_held_out(code)]
    assert 1_800 < len(held) < 2_200
    assert held == [code for code in range(10_000) if is_held_out(code)]


def test_nothing_that_is_learned_from_is_evaluated_on() -> None:
    people, offers, pairs = city()
    learned = without_held_out(pairs)
    holdout = Holdout.of(people, offers, pairs)
    assert holdout.vacancies
    assert learned
    assert not {p.codigo_vaga for p in learned} & {v.codigo for v in holdout.vacancies}
    assert {p.codigo_vaga for p in pairs if is_held_out(p.codigo_vaga)} == {
        v.codigo for v in holdout.vacancies
    }


def test_equal_data_give_equal_figures_above_chance() -> None:
    people, offers, pairs = city()
    holdout = Holdout.of(people, offers, pairs)
    model = MatchModel().fit(people, offers, without_held_out(pairs))
    assessment = Assessment(model, holdout)
    first = assessment.figures()
    second = Assessment(model, Holdout.of(people, offers, pairs)).figures()
    assert first == second
    assert first["holdout_mrr"] > first["holdout_mrr_chance"]
    assert first["holdout_mrr_low"] <= first["holdout_mrr"] <= first["holdout_mrr_high"]
    evaluation = assessment.evaluation()
    assert evaluation.count == len(holdout.vacancies)
    assert evaluation.labels.shape == evaluation.probabilities.shape == evaluation.weights.shape


def test_without_held_out_vacancies_nothing_is_compared() -> None:
    people, offers, pairs = city()
    holdout = Holdout.of(people, offers, without_held_out(pairs))
    model = MatchModel().fit(people, offers, pairs)
    assessment = Assessment(model, holdout)
    assert assessment.figures() == {}
    assert assessment.plots() == {}
    assert assessment.evaluation().count == 0


def test_plots_are_drawn_for_people() -> None:
    people, offers, pairs = city()
    model = MatchModel().fit(people, offers, without_held_out(pairs))
    plots = Assessment(model, Holdout.of(people, offers, pairs)).plots()
    assert set(plots) == {"ranking.svg", "reliability.svg", "scores.svg"}
    assert all(content.startswith(b"<svg") for content in plots.values())
