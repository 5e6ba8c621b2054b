from collections import Counter

from praca.jobs.sample.catalogue import (
    LEVEL_RANK,
    OCCUPATION_BY_KEY,
    OCCUPATIONS,
    WHEEL,
    WHEEL_PLACES,
    schooling_rank,
)
from praca.jobs.sample.place import NEIGHBOURHOODS, employer
from praca.jobs.sample.wording import listed, plain, slipped, worded
from praca.kit.draw import Draw


def test_the_catalogue_covers_a_whole_city() -> None:
    assert 30 <= len(OCCUPATIONS) <= 45
    assert len(OCCUPATION_BY_KEY) == len(OCCUPATIONS)
    assert len({entry.area for entry in OCCUPATIONS}) > 15
    assert len(NEIGHBOURHOODS) == 12


def test_every_occupation_is_complete() -> None:
    for entry in OCCUPATIONS:
        assert 10 <= len(entry.skills) <= 18, entry.key
        assert len({skill.name for skill in entry.skills}) == len(entry.skills), entry.key
        assert len(entry.activities) >= 7, entry.key
        assert len(entry.behaviours) >= 3, entry.key
        assert len(entry.rungs) >= 3, entry.key
        assert entry.certificates, entry.key
        assert entry.courses, entry.key
        ranks = [LEVEL_RANK[rung.level] for rung in entry.rungs]
        assert ranks == sorted(ranks), entry.key
        assert all(schooling_rank(text) >= -1 for text in entry.schooling), entry.key
        assert employer(Draw("any"), entry.sector)


def test_neighbours_exist_and_some_share_skills() -> None:
    sharing = 0
    for entry in OCCUPATIONS:
        names = {skill.name for skill in entry.skills}
        assert entry.neighbours
        assert entry.key not in entry.neighbours
        for key in entry.neighbours:
            sharing += bool(names & {skill.name for skill in OCCUPATION_BY_KEY[key].skills})
    assert sharing > 60


def test_the_wheel_holds_each_occupation_by_its_weight() -> None:
    counted = Counter(entry.key for entry in WHEEL)
    assert counted == {entry.key: entry.weight for entry in OCCUPATIONS}
    for key, places in WHEEL_PLACES.items():
        assert list(places) == sorted(places)
        assert all(WHEEL[place].key == key for place in places)


def test_the_vacancies_step_reaches_every_place_of_the_wheel() -> None:
    assert len({index * 37 % len(WHEEL) for index in range(len(WHEEL))}) == len(WHEEL)


def test_gender_markup() -> None:
    assert worded("Engenheir[o|a] e Autor[|a]") == (
        "Engenheiro e Autor",
        "Engenheira e Autora",
        "Engenheiro(a) e Autor(a)",
    )


def test_small_wording() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b e c"
    assert plain("Coração à Época") == "Coracao a Epoca"


def test_slips_change_letters_inside_words_only() -> None:
    text = "atendimento cuidadoso de todos os pacientes internados"
    changed = slipped(text, Draw("slips"), 6)
    assert changed != text
    assert len(changed.split(" ")) == len(text.split(" "))


def test_draws_stay_within_their_bounds() -> None:
    draw = Draw("bounds")
    assert {draw.between(2, 4) for _ in range(200)} == {2, 3, 4}
    assert {draw.below(3) for _ in range(200)} == {0, 1, 2}
    some = draw.some(range(10), 4)
    assert len(set(some)) == 4
    assert sorted(draw.some(range(5), 9)) == [0, 1, 2, 3, 4]
