"""An explanation adds up, names its terms, and quotes what is really written."""

import math
from collections import Counter
from typing import Protocol

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from praca.jobs.matching import passages
from praca.jobs.matching.explanation import LABELS, Explanation
from praca.jobs.matching.features import FEATURES, FIT_FEATURES
from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.jobs.matching.protected import PROTECTED_WORDS
from praca.jobs.matching.scoring import features_of_pair

EXACT = 1e-6
HUGE = "java spring kafka " * 12_000
WORDS = (
    "java", "Java,", "SQL", "spring.", "docker", "kafka;", "uti", "triagem", "Ação", "pleno",
    "inglês", "avançado", "c++", "node.js", "sap-abap", "\n", ". ", "casada", "İstanbul", "😀",
    "desconhecidíssima", "2019", "mestrado", "que", "de", "Ac\u0327a\u0303o",
)  # fmt: skip
texts = st.one_of(
    st.text(max_size=120),
    st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join),
    st.sampled_from(["", " ", "java", " ".join(sorted(PROTECTED_WORDS)), "a" * 5000]),
)
levels = st.sampled_from(["", "Júnior", "Pleno", "Sênior", "qualquer"])
commands = st.sampled_from(["", "Nenhum", "Básico", "Avançado", "Fluente"])
areas = st.sampled_from(["", "TI - SAP-", "Saúde-TI - Projetos-"])
candidates = st.builds(
    CandidateProfile,
    titulo=texts,
    objetivo=texts,
    area=areas,
    conhecimentos=texts,
    certificacoes=texts,
    nivel_profissional=levels,
    ingles=commands,
    cv=texts,
)
vacancies = st.builds(
    VacancyProfile,
    titulo=texts,
    areas=areas,
    atividades=texts,
    competencias=texts,
    nivel_profissional=levels,
    nivel_academico=st.sampled_from(["", "Mestrado"]),
    ingles=commands,
)
PAIRS = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Market(Protocol):
    candidates: list[CandidateProfile]
    vacancies: list[VacancyProfile]
    pairs: list[Pair]


def minding(model: MatchModel, feature: str) -> MatchModel:
    """The model with a feature that may be of no weight in the invented market."""
    files = model.to_files()
    document = orjson.loads(files["match-model.json"])
    document["scorer"]["coef"][FEATURES.index(feature)] = 0.5
    return MatchModel.from_files(files | {"match-model.json": orjson.dumps(document)})


def check_sums(model: MatchModel, candidate: CandidateProfile, vacancy: VacancyProfile) -> None:
    found = model.explain(candidate, vacancy)
    total = found.intercept + sum(one.value for one in found.contributions)
    assert total == pytest.approx(found.logit, abs=EXACT)
    assert found.logit == model.score(candidate, vacancy)
    assert found.probability == model.probability(candidate, vacancy)
    assert found.probability == pytest.approx(1 / (1 + math.exp(-found.logit)), abs=EXACT)
    assert {one.feature for one in found.contributions} == set(FEATURES)
    weights = [abs(one.value) for one in found.contributions]
    assert weights == sorted(weights, reverse=True)
    for one in found.contributions:
        if one.feature in FIT_FEATURES:
            assert not one.terms
        else:
            shares = sum(term.share for term in one.terms) + one.other_share
            assert shares == pytest.approx(one.value, abs=EXACT)
            assert one.other_terms or one.other_share == pytest.approx(0, abs=EXACT)


def check_passages(candidate: CandidateProfile, found: Explanation, most: int = 10) -> None:
    assert len(found.passages) <= most
    for passage in found.passages:
        text = getattr(candidate, passage.field)
        assert text[passage.start : passage.end] == passage.excerpt
        assert 0 < len(passage.excerpt) <= 200
        assert set(passage.features) <= set(FEATURES)
        assert passage.features
        assert all(term[:60] in passage.excerpt for term in passage.terms if len(term) <= 60)


@PAIRS
@given(candidates, vacancies)
@example(CandidateProfile(), VacancyProfile())
@example(CandidateProfile(cv="java"), VacancyProfile(titulo="java"))
@example(CandidateProfile(cv=HUGE), VacancyProfile(titulo="java", competencias=HUGE))
@example(CandidateProfile(cv="Casada, mãe, 40 anos"), VacancyProfile(titulo="mulher jovem"))
@example(CandidateProfile(cv="\ud800 \udfff"), VacancyProfile(titulo="\ud800"))
def test_contributions_add_up_to_the_score(
    model: MatchModel, candidate: CandidateProfile, vacancy: VacancyProfile
) -> None:
    check_sums(model, candidate, vacancy)
    check_passages(candidate, model.explain(candidate, vacancy))


def test_they_add_up_for_every_pair_of_a_market(model: MatchModel, market: Market) -> None:
    for candidate in market.candidates[::2]:
        for vacancy in market.vacancies[::4]:
            check_sums(model, candidate, vacancy)


def test_every_feature_has_a_name_of_its_own() -> None:
    assert set(LABELS) == set(FEATURES)
    assert len(set(LABELS.values())) == len(FEATURES)


def test_the_words_of_a_dense_similarity_are_its_parts(model: MatchModel, market: Market) -> None:
    person = model.encode(market.candidates[0])
    offer = model.encoder_.vacancy(market.vacancies[0])
    pair = features_of_pair(person, offer, model.encoder_.lsa_.components_)
    dense = slice(len(FEATURES) - len(FIT_FEATURES) - 2, len(FEATURES) - len(FIT_FEATURES))
    assert pair.by_word.sum(axis=0) == pytest.approx(pair.values[dense], abs=EXACT)
    assert abs(pair.values[dense]).max() > 0.1


def test_a_passage_is_the_sentence_as_written(model: MatchModel) -> None:
    cv = (
        "Resumo: gosto de viajar. Trabalhei cinco anos com JAVA e Spring na prefeitura!\n"
        "Também pintei quadros."
    )
    vacancy = VacancyProfile(titulo="Desenvolvedor Java", competencias="java spring")
    (passage,) = model.explain(CandidateProfile(cv=cv), vacancy, passages=1).passages
    assert passage.excerpt == "Trabalhei cinco anos com JAVA e Spring na prefeitura!"
    assert set(passage.terms) >= {"JAVA", "Spring"}
    assert "overlap_title" in passage.features
    (share,) = [
        one.terms
        for one in model.explain(CandidateProfile(cv=cv), vacancy).contributions
        if one.feature == "overlap_title"
    ]
    assert [term.word for term in share] == ["JAVA"]


def test_a_long_line_is_cut_at_words(model: MatchModel) -> None:
    cv = "palavra " * 100 + "Java" + " outra" * 100
    vacancy = VacancyProfile(titulo="Desenvolvedor Java")
    passage = model.explain(CandidateProfile(cv=cv), vacancy, passages=1).passages[0]
    assert "Java" in passage.excerpt
    assert 100 < len(passage.excerpt) <= 200
    assert set(passage.excerpt.split()) == {"palavra", "Java", "outra"}


def test_different_passages_support_different_words(model: MatchModel) -> None:
    cv = "Java.\nJava e Java.\nDocker em casa.\nJava, outra vez."
    vacancy = VacancyProfile(titulo="Java", competencias="docker")
    passages = model.explain(CandidateProfile(cv=cv), vacancy, passages=2).passages
    assert any("Docker" in passage.excerpt for passage in passages)
    assert any("Java" in passage.excerpt for passage in passages)


def test_what_the_headline_does_not_read_does_not_support_it(model: MatchModel) -> None:
    cv = " ".join(f"termo{'x' * (n % 7)}" for n in range(60)) + ".\nSei Java."
    vacancy = VacancyProfile(titulo="Java")
    for passage in model.explain(CandidateProfile(cv=cv), vacancy).passages:
        if "Java" in passage.excerpt:
            assert not any(feature.startswith("headline") for feature in passage.features)
    early = model.explain(CandidateProfile(titulo="Java"), vacancy).passages[0]
    assert early.field == "titulo"
    assert "headline_title" in early.features


LISTED = ", ".join([f"ferramenta {n}" for n in range(89)] + ["java spring hibernate sql docker"])
ASKED = VacancyProfile(titulo="Desenvolvedor Java", competencias="java spring hibernate sql docker")
COPIED = VacancyProfile(
    titulo="Desenvolvedor Java",
    atividades="Manter sistemas de estoque, compras e carga; vacinação, triagem e medicação.",
    competencias="java spring hibernate sql kafka docker git microsserviços sap abap idoc s4hana",
)


def test_what_an_endless_list_says_is_not_quoted(model: MatchModel) -> None:
    skills = ("java", "spring", "hibernate", "sql", "docker")
    own = [f"Usei {skill} na prefeitura por mais de dez anos." for skill in skills]
    candidate = CandidateProfile(cv="\n".join([*own, LISTED]))
    found = model.explain(candidate, ASKED)
    assert {passage.excerpt for passage in found.passages} <= set(own)
    assert len(found.passages) > 1
    check_passages(candidate, found)


@pytest.mark.parametrize("is_cv", [True, False])
def test_the_headline_is_counted_in_what_is_read(model: MatchModel, *, is_cv: bool) -> None:
    """After a list of which twenty items are read, the next words still lie in the headline."""
    words = ", ".join(f"x{n}" for n in range(120))
    text = f"{words}\nque\nTrabalhei com java durante muitos anos na prefeitura daqui mesmo."
    candidate = CandidateProfile(cv=text) if is_cv else CandidateProfile(conhecimentos=text)
    found = model.explain(candidate, VacancyProfile(titulo="Java"))
    (passage,) = found.passages
    assert "headline_title" in passage.features
    check_passages(candidate, found)


@PAIRS
@given(candidates, vacancies)
@example(CandidateProfile(cv=HUGE), VacancyProfile(titulo="java", competencias=HUGE))
@example(CandidateProfile(cv=LISTED, conhecimentos=f"sql {LISTED}", titulo="java"), ASKED)
@example(CandidateProfile(titulo="java", cv="uti sql " * 30), ASKED)
@example(CandidateProfile(cv=f"{LISTED},{'a' * 200}" * 2000), ASKED)
@example(CandidateProfile(cv="Sei motorista.\n" + COPIED.atividades + COPIED.competencias), COPIED)
@example(CandidateProfile(cv="\x1cjava\u2028ΑΣ ΑΣ. \u200bsql\xa0git", area="TI"), ASKED)
def test_what_is_found_is_exactly_what_is_scored(
    model: MatchModel, candidate: CandidateProfile, vacancy: VacancyProfile
) -> None:
    """Every place that counts, once, and none that does not: as many of each term as scored."""
    encoder, asked = model.encoder_, model.encoder_.vacancy(vacancy).terms
    scored = Counter(model._own_words(candidate, model.fold(vacancy)).sequence.tolist())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passages, "_MENTIONS_PER_TERM", 10**9)
        found = passages.find_mentions(encoder, candidate, scored.keys(), asked)
    assert Counter(mention.number for mention in found) == scored


def test_words_of_the_vacancy_that_do_not_count_are_not_found(model: MatchModel) -> None:
    own = "Trabalhei cinco anos com java na prefeitura de casa."
    cv = f"{own}\n{COPIED.atividades} {COPIED.competencias}"
    candidate, terms = CandidateProfile(cv=cv), model.encoder_.vacancy(COPIED).terms
    assert model.copies(candidate, COPIED)
    wanted = set(terms.tolist())
    found = passages.find_mentions(model.encoder_, candidate, wanted, terms)
    assert [cv[one.start : one.end] for one in found] == ["java"]
    assert len(passages.find_mentions(model.encoder_, candidate, wanted)) > 20


@pytest.mark.parametrize(
    ("candidate", "excerpt"),
    [
        (CandidateProfile(ingles="Avançado"), "Avançado"),
        (CandidateProfile(cv="Nada.\nInglês fluente, e viagens."), "Inglês fluente, e viagens."),
    ],
)  # fmt: skip
def test_a_level_is_supported_by_where_it_was_read(
    model: MatchModel, candidate: CandidateProfile, excerpt: str
) -> None:
    found = minding(model, "english_fit").explain(
        candidate, VacancyProfile(titulo="Motorista", ingles="Avançado")
    )
    support = [p.excerpt for p in found.passages if "english_fit" in p.features]
    assert support == [excerpt]
    assert found.missing == ("Motorista",)


def test_a_long_cv_does_not_crowd_out_what_a_field_states(model: MatchModel) -> None:
    skills = ("java", "spring", "docker", "kafka", "git", "sql", "hibernate", "uti", "sap", "cnh")
    asked = (*skills, "frota", "icms", "triagem")
    cv = "\n".join(f"Aprendi {skill} trabalhando em equipes grandes." for skill in asked)
    candidate = CandidateProfile(cv=cv, nivel_profissional="Sênior")
    vacancy = VacancyProfile(competencias=", ".join(asked), nivel_profissional="Pleno")
    found = minding(model, "level_fit").explain(candidate, vacancy)
    assert len(found.passages) == 10
    assert found.passages[-1].excerpt == "Sênior"
    check_passages(candidate, found)


def test_no_protected_word_carries_or_is_wanted(model: MatchModel) -> None:
    words = " ".join(sorted(PROTECTED_WORDS))
    found = model.explain(CandidateProfile(cv=words), VacancyProfile(titulo=words))
    assert found.passages == ()
    assert not any(one.terms for one in found.contributions)


def test_words_taken_from_the_vacancy_are_not_quoted(model: MatchModel, market: Market) -> None:
    """What is pasted from the vacancy does not count, so it is no reason for the score."""
    vacancy = max(market.vacancies, key=lambda one: len(one.atividades + one.competencias))
    pasted = f"{vacancy.titulo}. {vacancy.atividades}. {vacancy.competencias}"
    found = model.explain(CandidateProfile(cv=pasted), vacancy)
    assert found.passages == ()
    assert model.explain(CandidateProfile(cv=vacancy.titulo), vacancy).passages
