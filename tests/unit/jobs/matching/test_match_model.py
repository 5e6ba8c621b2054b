from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from praca.jobs.matching.errors import NotEnoughDataError
from praca.jobs.matching.features import FEATURES
from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.profiles import (
    CandidateProfile,
    VacancyProfile,
    candidate_from_request,
    vacancy_from_request,
)
from praca.jobs.matching.protected import PROTECTED_WORDS
from praca.jobs.matching.scoring import features_of_pair, pair_features
from praca.learning.artifacts import ArtifactError, pack, verify


class Market(Protocol):
    candidates: list[CandidateProfile]
    vacancies: list[VacancyProfile]
    pairs: list[Pair]


PAYLOAD = {
    "sexo": "Feminino",
    "estado_civil": "Casada",
    "pcd": "Não",
    "vaga_especifica_para_pcd": "Não",
    "pais_vaga": "Brasil",
    "nivel_academico": "Ensino Superior Completo",
    "tipo_contratacao": "CLT",
    "cidade": "Recife",
    "cidade_vaga": "Olinda",
    "nivel_profissional": "Pleno",
    "nivel_profissional_vaga": "Pleno",
    "ingles": "Básico",
    "nivel_ingles_vaga": "Avançado",
    "espanhol": "Nenhum",
    "nivel_espanhol_vaga": "Nenhum",
    "outros_idiomas": "",
    "titulo_profissional": "Desenvolvedora Java",
    "titulo_vaga": "Desenvolvedor Java",
    "conhecimentos_tecnicos": "java sql",
    "certificacoes": "",
    "outras_certificacoes": "",
    "area_atuacao": "",
    "areas_atuacao_vaga": "TI - Desenvolvimento/Programação-",
    "competencia_tecnicas_e_comportamentais": "java, spring, docker",
    "cv_candidato": "Cinco anos com spring e kafka.",
}
NO_INFLUENCE = (
    "sexo",
    "estado_civil",
    "pcd",
    "vaga_especifica_para_pcd",
    "cidade",
    "cidade_vaga",
    "pais_vaga",
)
EVERY_EXAMPLE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def answer(model: MatchModel, payload: dict[str, str]) -> float:
    return model.probability(candidate_from_request(payload), vacancy_from_request(payload))


def features(
    model: MatchModel, candidate: CandidateProfile, vacancy: VacancyProfile
) -> dict[str, float]:
    values = pair_features([model.encode(candidate)], [model.encoder_.vacancy(vacancy)])[0, 0]
    return dict(zip(FEATURES, values.tolist(), strict=True))


def test_it_learns_who_fits(model: MatchModel) -> None:
    assert model.metrics_["auc"] > 0.9
    fit = answer(model, PAYLOAD)
    misfit = answer(
        model,
        PAYLOAD
        | {
            "titulo_profissional": "Enfermeira",
            "conhecimentos_tecnicos": "uti triagem",
            "cv_candidato": "plantão em uti",
        },
    )
    assert fit > 0.5 > misfit


@EVERY_EXAMPLE
@given(st.fixed_dictionaries(dict.fromkeys(NO_INFLUENCE, st.text(max_size=30))))
@example(dict.fromkeys(NO_INFLUENCE, "java spring docker"))
@example(dict.fromkeys(NO_INFLUENCE, ""))
def test_protected_fields_and_places_have_no_influence(
    model: MatchModel, swapped: dict[str, str]
) -> None:
    assert answer(model, PAYLOAD | swapped) == answer(model, PAYLOAD)


@EVERY_EXAMPLE
@given(st.lists(st.sampled_from(sorted(PROTECTED_WORDS)), max_size=12))
def test_words_that_disclose_are_not_read(model: MatchModel, words: list[str]) -> None:
    disclosed = PAYLOAD | {"cv_candidato": f"{' '.join(words)} {PAYLOAD['cv_candidato']}"}
    assert answer(model, disclosed) == answer(model, PAYLOAD)


@EVERY_EXAMPLE
@given(st.data())
def test_a_further_met_skill_never_lowers_an_overlap(
    model: MatchModel, market: Market, data: st.DataObject
) -> None:
    candidate = data.draw(st.sampled_from(market.candidates))
    vacancy = data.draw(st.sampled_from(market.vacancies))
    skill = data.draw(st.sampled_from(vacancy.competencias.split()))
    before = features(model, candidate, vacancy)
    after = features(model, replace(candidate, cv=f"{candidate.cv} {skill}"), vacancy)
    for name in FEATURES:
        if name.startswith("overlap"):
            assert after[name] >= before[name]


def test_no_coefficient_rewards_a_worse_fit(model: MatchModel) -> None:
    assert model.scorer_.coef.min() >= 0


@pytest.mark.parametrize("field", ["ingles", "espanhol", "nivel_academico"])
def test_more_than_asked_is_never_worse(model: MatchModel, field: str) -> None:
    steps = {
        "nivel_academico": ("Ensino Médio Completo", "Ensino Superior Completo", "Mestrado"),
    }.get(field, ("Nenhum", "Básico", "Intermediário", "Avançado", "Fluente"))
    scores = [answer(model, PAYLOAD | {field: step}) for step in steps]
    assert scores == sorted(scores)


ABSURD = (
    "",
    "\x00" * 50,
    "".join(map(chr, range(32))),
    "😀" * 1000,
    "\ud800 \udfff",
    "\u202e\u0301" * 100,
    "a" * 1_000_000,
    "java " * 200_000,
    "'; DROP TABLE vagas; --",
    "9" * 5000,
)


@pytest.mark.parametrize("text", ABSURD, ids=range(len(ABSURD)))
def test_absurd_text_is_survived(model: MatchModel, text: str) -> None:
    payload = dict.fromkeys(PAYLOAD, text)
    assert 0 <= answer(model, payload) <= 1
    assert 0 <= answer(model, PAYLOAD | {"cv_candidato": text}) <= 1
    candidate, vacancy = candidate_from_request(payload), vacancy_from_request(payload)
    assert model.explain(candidate, vacancy).probability == answer(model, payload)


@EVERY_EXAMPLE
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_has_a_probability(model: MatchModel, cv: str, asked: str) -> None:
    payload = PAYLOAD | {"cv_candidato": cv, "competencia_tecnicas_e_comportamentais": asked}
    assert 0 < answer(model, payload) < 1


def test_empty_profiles_are_below_the_prior(model: MatchModel) -> None:
    assert model.probability(CandidateProfile(), VacancyProfile()) < model.prior


def test_explanations_are_portuguese(model: MatchModel) -> None:
    candidate = candidate_from_request(PAYLOAD)
    vacancy = vacancy_from_request(PAYLOAD)
    explanation = model.explain(candidate, vacancy)
    assert "java" in [word.lower() for word in explanation.met]
    assert "docker" in explanation.missing
    assert any("Inglês: básico; a vaga pede avançado" in reason for reason in explanation.reasons)
    assert any("Inglês: avançado (candidato: básico)" in gap for gap in explanation.missing)
    assert {one.feature for one in explanation.contributions} == set(FEATURES)


def test_the_same_data_gives_the_same_bytes(model: MatchModel, market: Market) -> None:
    again = MatchModel(dimensions=16).fit(
        market.candidates[::-1], market.vacancies[::-1], market.pairs[::-1]
    )
    assert again.to_files() == model.to_files()
    assert again.fingerprint == model.fingerprint


def test_a_round_trip_scores_exactly_the_same(model: MatchModel, market: Market) -> None:
    packed = pack(model.to_files(), name="match", version="1", created_at=datetime.now(UTC))
    again = MatchModel.from_files(verify(packed).files)
    assert again.to_files() == model.to_files()
    assert again.metrics_ == model.metrics_
    for candidate in market.candidates[:5]:
        for vacancy in market.vacancies[:5]:
            assert again.probability(candidate, vacancy) == model.probability(candidate, vacancy)


def altered(model: MatchModel, **changes: Any) -> dict[str, bytes]:
    files = model.to_files()
    document = orjson.loads(files["match-model.json"])
    for path, value in changes.items():
        at = document
        *parents, last = path.split("__")
        for parent in parents:
            at = at[parent]
        at[last] = value
    return files | {"match-model.json": orjson.dumps(document)}


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 99},
        {"params": {"nonsense": 1}},
        {"params": []},
        {"encoder__skills": [10**9]},
        {"encoder__vocabulary__terms": ["b", "a"]},
        {"encoder__vocabulary__document_frequency": []},
        {"encoder__mean_length": "x"},
        {"scorer__features": []},
        {"scorer__coef": [1.0]},
        {"scorer__scale": [0.0] * len(FEATURES)},
        {"scorer__intercept": None},
    ],
)
def test_an_altered_model_is_refused(model: MatchModel, changes: dict[str, Any]) -> None:
    with pytest.raises(ArtifactError):
        MatchModel.from_files(altered(model, **changes))


def test_an_incomplete_model_is_refused(model: MatchModel) -> None:
    files = model.to_files()
    for name in files:
        with pytest.raises(ArtifactError):
            MatchModel.from_files({k: v for k, v in files.items() if k != name})
        with pytest.raises(ArtifactError):
            MatchModel.from_files(files | {name: files[name][:-3]})


def test_too_few_pairs_are_refused(market: Market) -> None:
    with pytest.raises(NotEnoughDataError, match="há 29"):
        MatchModel().fit(market.candidates, market.vacancies, market.pairs[:29])
    strangers = [replace(pair, codigo_candidato=-1) for pair in market.pairs]
    with pytest.raises(NotEnoughDataError, match="há 0"):
        MatchModel().fit(market.candidates, market.vacancies, strangers)


def test_texts_that_are_all_empty_still_give_a_model(market: Market) -> None:
    silent = MatchModel(dimensions=4).fit(
        [CandidateProfile(codigo=c.codigo) for c in market.candidates],
        [VacancyProfile(codigo=v.codigo) for v in market.vacancies],
        market.pairs,
    )
    assert answer(silent, PAYLOAD) == pytest.approx(silent.prior, abs=0.05)
    assert MatchModel.from_files(silent.to_files()).to_files() == silent.to_files()


def test_training_reports_its_progress_and_bounds_its_sample(market: Market) -> None:
    steps: list[tuple[int, int, str]] = []
    small = MatchModel(dimensions=4, max_vacancies=20, negatives=5).fit(
        market.candidates, market.vacancies, market.pairs, lambda *step: steps.append(step)
    )
    assert small.metrics_["vacancies"] == 20
    done = [step[0] for step in steps]
    assert done == sorted(done)
    assert done[-1] == steps[-1][1] == 100


def test_a_prior_must_be_a_share() -> None:
    with pytest.raises(ValueError, match="prior"):
        MatchModel(prior=1)


def test_features_of_many_are_those_of_each(model: MatchModel, market: Market) -> None:
    def encoded(people: Sequence[CandidateProfile], offers: Sequence[VacancyProfile]) -> np.ndarray:
        return pair_features(
            [model.encode(p) for p in people], [model.encoder_.vacancy(v) for v in offers]
        )

    many = encoded(market.candidates[:7], market.vacancies[:4])
    for row, vacancy in enumerate(market.vacancies[:4]):
        for column, candidate in enumerate(market.candidates[:7]):
            one = encoded([candidate], [vacancy])[0, 0]
            np.testing.assert_allclose(many[row, column], one, rtol=1e-4, atol=1e-6)
            quick = features_of_pair(model.encode(candidate), model.encoder_.vacancy(vacancy))
            np.testing.assert_allclose(quick.values, one, rtol=1e-4, atol=1e-6)
