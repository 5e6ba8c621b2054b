import numpy as np
import pytest

from praca.jobs.matching.encoding import Encoder, balanced
from praca.jobs.matching.model import MatchModel
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile


def test_what_all_people_share_is_taken_out_of_their_directions() -> None:
    shared = "disponibilidade comunicação dinamismo organização"
    people = [
        CandidateProfile(codigo=n, cv=f"{shared} {trade}")
        for n, trade in enumerate(["java spring kafka", "contábil fiscal sped"] * 20)
    ]
    offers = [VacancyProfile(codigo=1, titulo="Desenvolvedor java spring")] * 3
    encoder = Encoder(dimensions=4, seed=1).fit(people, offers)
    dense = np.stack([encoder.candidate(person).dense for person in people])
    assert np.linalg.norm(encoder.centre_) > 0.5
    assert np.linalg.norm(dense.mean(axis=0)) < 0.05
    assert dense[0] @ dense[2] == pytest.approx(1, abs=1e-5)
    assert dense[0] @ dense[1] < 0  # shared words no longer make them neighbours


def test_a_direction_has_unit_length_or_none(model: MatchModel) -> None:
    known = model.encoder_.candidate(CandidateProfile(cv="java spring sql"))
    unknown = model.encoder_.candidate(CandidateProfile(cv="xyzzy"))
    assert np.linalg.norm(known.dense) == pytest.approx(1, abs=1e-5)
    assert not unknown.dense.any()


def test_people_and_vacancies_weigh_alike_in_the_decomposition() -> None:
    one = (np.array([0]), np.ones((1, 1), np.float32))
    vectors = balanced([one] * 100, people=4)
    squares = [float((weights**2).sum()) for _, weights in vectors]
    assert sum(squares[:4]) == pytest.approx(50)
    assert sum(squares[4:]) == pytest.approx(50)


def test_a_side_without_anyone_leaves_the_other_alone() -> None:
    one = (np.array([0]), np.ones((1, 1), np.float32))
    for people in (0, 3):
        squares = [float((weights**2).sum()) for _, weights in balanced([one] * 3, people=people)]
        assert squares == pytest.approx([0.5] * 3)
