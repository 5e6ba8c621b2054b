"""What a fairness report may show of small groups."""

import pytest
from tests.unit.jobs.matching.conftest import Market

from praca.jobs.matching.fairness import FairnessReport, known_values, report
from praca.jobs.matching.model import MatchModel

SIZES = {("Feminino", "Não"): 30, ("Masculino", "Não"): 25, ("Masculino", "Sim"): 10, ("", ""): 10}


def audited(market: Market, model: MatchModel, sizes: dict[tuple[str, str], int]) -> FairnessReport:
    assert sum(sizes.values()) == len(market.candidates)
    drawn = [value for value, size in sizes.items() for _ in range(size)]
    codes = [profile.codigo or 0 for profile in market.candidates]
    values = dict(zip(codes, drawn, strict=True))
    return report(model, market.candidates, market.vacancies, market.pairs, values)


def shown(found: FairnessReport) -> dict[str, dict[str, int]]:
    return {f.attribute: {g.group: g.people for g in f.groups} for f in found.figures[:3]}


def test_a_crossing_without_small_cells_is_shown(market: Market, model: MatchModel) -> None:
    found = audited(market, model, SIZES | {("Feminino", "Sim"): 5})
    crossing = {"Feminino, Não": 30, "Masculino, Não": 25, "Masculino, Sim": 10}
    assert shown(found)["sexo x pcd"] == crossing | {"Feminino, Sim": 5, "": 10}
    assert not any("não são mostrados" in sentence for sentence in found.summary)


@pytest.mark.parametrize(
    "small",
    [
        {("Feminino", "Sim"): 2, ("Feminino", "Não"): 33},
        {("Feminino", ""): 2, ("Feminino", "Não"): 33},
        {("", "Sim"): 4, ("Feminino", "Sim"): 5, ("", ""): 6},
        {("Feminino", "Sim"): 3, ("Masculino", "Sim"): 12},
    ],
)
def test_no_small_group_is_the_difference_of_others(
    market: Market, model: MatchModel, small: dict[tuple[str, str], int]
) -> None:
    sizes = SIZES | small
    sizes["Masculino", "Não"] += len(market.candidates) - sum(sizes.values())
    found = audited(market, model, sizes)
    groups = shown(found)
    assert groups["sexo x pcd"] == {}
    assert {attribute: sum(table.values()) for attribute, table in groups.items()} == {
        "sexo": found.people,
        "pcd": found.people,
        "sexo x pcd": 0,
    }
    assert any(s.startswith("sexo x pcd") and "não são mostrados" in s for s in found.summary)


def test_one_person_alone_is_not_the_total_less_the_rest(market: Market, model: MatchModel) -> None:
    sizes = {("Feminino", "Não"): 30, ("Masculino", "Não"): 29, ("Feminino", "Sim"): 1}
    found = audited(market, model, sizes | {("", ""): 20})
    groups = shown(found)
    assert groups["sexo"] == {"Feminino": 31, "Masculino": 29, "": 20}
    assert groups["pcd"] == {"Não": 59}, "not known goes with the one"


def test_values_are_read_as_people_write_them() -> None:
    assert known_values(" FEMININO", "Sim") == ("Feminino", "Sim")
    assert known_values("m", "nao") == ("Masculino", "Não")
    assert known_values(None, "talvez") == ("", "")
