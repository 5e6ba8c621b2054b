from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest

from praca.jobs.sample import SampleCity
from praca.jobs.sample.applications import HIRED_STATUSES, REJECTED_STATUSES, fit
from praca.jobs.sample.people import FEMALE, Person, person
from praca.jobs.sample.traits import Traits, traits
from praca.jobs.sample.vacancies import vacancy

CITY = SampleCity(candidates=6_000, vacancies=6_000)
FIRST_CANDIDATE = 9_000_001
FIRST_VACANCY = 9_000_001


@dataclass(frozen=True)
class Outcome:
    status: str
    fit: float
    who: Person
    applied: date
    updated: date
    opened: int
    registered: int

    @property
    def hired(self) -> bool:
        return self.status in HIRED_STATUSES


def day(text: str) -> date:
    return datetime.strptime(text, "%d-%m-%Y").date()  # noqa: DTZ007


@pytest.fixture(scope="module")
def groups() -> dict[str, dict[str, Any]]:
    return dict(CITY.prospects())


@pytest.fixture(scope="module")
def outcomes(groups: dict[str, dict[str, Any]]) -> list[Outcome]:
    found = []
    for code, group in groups.items():
        wanted = vacancy(CITY.seed, int(code) - FIRST_VACANCY)
        for row in group["prospects"]:
            candidate = traits(CITY.seed, int(row["codigo"]) - FIRST_CANDIDATE)
            found.append(
                Outcome(
                    status=row["situacao_candidado"],
                    fit=fit(candidate, wanted),
                    who=person(CITY.seed, candidate),
                    applied=day(row["data_candidatura"]),
                    updated=day(row["ultima_atualizacao"]),
                    opened=wanted.opened,
                    registered=candidate.registered,
                )
            )
    return found


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def test_groups_have_the_real_keys_and_sizes(groups: dict[str, dict[str, Any]]) -> None:
    for group in groups.values():
        assert list(group) == ["titulo", "modalidade", "prospects"]
        assert len(group["prospects"]) <= 8
        codes = [row["codigo"] for row in group["prospects"]]
        assert len(set(codes)) == len(codes)
        for row in group["prospects"]:
            assert list(row) == [
                "nome",
                "codigo",
                "situacao_candidado",
                "data_candidatura",
                "ultima_atualizacao",
                "comentario",
                "recrutador",
            ]


def test_some_vacancies_have_no_group_and_some_groups_are_empty(
    groups: dict[str, dict[str, Any]],
) -> None:
    assert 0.03 < 1 - len(groups) / CITY.vacancies < 0.07
    empty = [group for group in groups.values() if not group["prospects"]]
    assert 0.08 < len(empty) / len(groups) < 0.13


def test_groups_agree_with_the_other_two_files() -> None:
    city = SampleCity(candidates=200, vacancies=60)
    names = {code: record["infos_basicas"]["nome"] for code, record in city.applicants()}
    titles = {code: record["informacoes_basicas"]["titulo_vaga"] for code, record in city.vagas()}
    for code, group in city.prospects():
        assert group["titulo"] == titles[code]
        for row in group["prospects"]:
            assert row["nome"] == names[row["codigo"]]


def test_status_shares_are_like_real_ones(outcomes: list[Outcome]) -> None:
    shares = Counter(outcome.status for outcome in outcomes)
    total = len(outcomes)
    hired = sum(shares[status] for status in HIRED_STATUSES) / total
    rejected = sum(shares[status] for status in REJECTED_STATUSES) / total
    undecided = ("Prospect", "Inscrito", "Encaminhado ao Requisitante", "Em avaliação pelo RH")
    assert 0.05 < hired < 0.13
    assert 0.08 < rejected < 0.22
    assert 0.6 < sum(shares[status] for status in undecided) / total < 0.75


def test_hired_candidates_fit_better_than_rejected_ones(outcomes: list[Outcome]) -> None:
    hired = mean([outcome.fit for outcome in outcomes if outcome.hired])
    rejected = mean([outcome.fit for outcome in outcomes if outcome.status in REJECTED_STATUSES])
    assert hired > rejected + 0.1


def test_chance_keeps_the_outcome_from_being_trivial(outcomes: list[Outcome]) -> None:
    weakest_hired = sorted(outcome.fit for outcome in outcomes if outcome.hired)[10]
    passed_over = [
        outcome
        for outcome in outcomes
        if outcome.status in REJECTED_STATUSES and outcome.fit > weakest_hired
    ]
    assert len(passed_over) > 100


def test_dates_follow_each_other(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        assert outcome.applied.toordinal() >= max(outcome.opened, outcome.registered)
        assert outcome.updated >= outcome.applied


def test_fit_rewards_the_same_occupation() -> None:
    wanted = vacancy(1, 3)
    people = [traits(1, number) for number in range(1_000)]
    same = [fit(one, wanted) for one in people if one.occupation is wanted.occupation]
    other = [fit(one, wanted) for one in people if one.occupation is not wanted.occupation]
    assert all(0 <= score <= 1.0001 for score in same + other)
    assert mean(same) > mean(other) + 0.3


def test_traits_hold_nothing_personal() -> None:
    assert not set(Traits._fields) & set(Person._fields)


def test_personal_attributes_do_not_move_the_outcome(outcomes: list[Outcome]) -> None:
    hired = [outcome for outcome in outcomes if outcome.hired]
    assert len(hired) > 1_000

    def gap(values: list[list[float]]) -> float:
        return abs(mean(values[0]) - mean(values[1]))

    both = [hired, outcomes]
    assert gap([[float(one.who.sex == FEMALE) for one in part] for part in both]) < 0.04
    assert gap([[float(one.who.disabled) for one in part] for part in both]) < 0.02
    assert (
        gap([[float(one.who.marital_status == "Casado") for one in part] for part in both]) < 0.04
    )
    assert gap([[one.who.age for one in part] for part in both]) < 1
    assert gap([[float("Centro" in one.who.neighbourhood) for one in part] for part in both]) < 0.04
