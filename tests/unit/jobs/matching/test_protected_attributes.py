"""What the law protects has no influence: the difference is exactly zero, not small."""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from praca.jobs.matching.index import CandidateIndex
from praca.jobs.matching.model import MatchModel
from praca.jobs.matching.profiles import (
    CandidateProfile,
    VacancyProfile,
    candidate_from_record,
    candidate_from_request,
    vacancy_from_record,
    vacancy_from_request,
)
from praca.jobs.sample import SampleCity

Record = dict[str, Any]
SWAPPED_PAIRS = 10_000
ENCODED_ANEW_EACH = 50

VALUES = {
    "sexo": ("Feminino", "Masculino", "Outro", "", None),
    "estado_civil": ("Solteiro", "Casada", "Viúvo", "União Estável", ""),
    "pcd": ("Sim", "Não", "", None),
    "data_nascimento": ("01-01-1950", "31-12-2007", "0000-00-00", ""),
    "nome": ("Maria da Silva", "João Souza", "Aiyra Guajajara", "Java SQL Python"),
    "endereco": ("Rua das Flores, 1", "Favela do Moinho", ""),
    "cidade": ("Recife", "São Paulo", "Caracas", ""),
    "raca": ("preta", "branca", "indígena", ""),
    "cor": ("parda", "amarela", ""),
    "etnia": ("", "quilombola"),
    "religiao": ("evangélica", "umbandista", ""),
    "nacionalidade": ("brasileira", "haitiana", ""),
    "naturalidade": ("Salvador", "Porto Alegre"),
    "orientacao_sexual": ("", "gay"),
    "filhos": ("0", "3", ""),
    "idade": ("18", "67", 67, ""),
    "local": ("Recife, PE", ""),
    "email": ("maria@example.org", "joao@example.org"),
    "telefone": ("", "(81) 90000-0000"),
    "foto": ("", "iVBORw0KGgo="),
    "vaga_especifica_para_pcd": ("Sim", "Não", ""),
    "faixa_etaria": ("De: 18 Até: 25", "De: 50 Até: 70", ""),
    "cidade_vaga": ("Recife", "São Paulo", ""),
}
PERSONAL = ("infos_basicas", "informacoes_pessoais", "informacoes_profissionais")
VACANCY = ("informacoes_basicas", "perfil_vaga", "beneficios")

# What a CV may say of itself in passing; the lines of a group disclose different things.
DISCLOSURES = (
    ("Sexo: Masculino", "Sexo: Feminino", "Gênero: Feminino"),
    ("Solteiro", "casada", "Viúva", "Divorciado", "Em união estável"),
    ("42 anos", "24 anos", "67 anos de idade", "Idade: 19", "19anos"),
    ("Nascido em 12/03/1975", "nascida em 2001", "Nascimento: 1975-03-12"),
    ("Brasileiro", "brasileira", "Venezuelano", "haitiana", "Nacionalidade: argentina"),
    ("PCD: Sim", "PCD: Não", "PCD: com deficiência"),
    ("Raça: preta", "Raça: branca", "parda", "Indígena", "amarelo"),
    ("Pai de 3 filhos", "mãe de 1 filha", "grávida"),
    ("Católico", "evangélica", "Judia", "umbandista"),
    ("Sr.", "Sra."),
    ("Dr.", "Dra."),
)


def swapped(record: Record, draw: random.Random) -> Record:
    """Return the record with every protected field set to something drawn, in every section."""
    changed = {key: dict(part) if isinstance(part, dict) else part for key, part in record.items()}
    sections = PERSONAL if "informacoes_pessoais" in record else VACANCY
    for section in sections:
        fields = changed.setdefault(section, {})
        for name in draw.sample(sorted(VALUES), 12):
            fields[name] = draw.choice(VALUES[name])
    return changed


@pytest.fixture(scope="module")
def people() -> list[Record]:
    return [record for _, record in SampleCity(candidates=120, vacancies=0).applicants()]


@pytest.fixture(scope="module")
def offers() -> list[Record]:
    return [record for _, record in SampleCity(candidates=0, vacancies=60).vagas()]


def request_of(person: CandidateProfile, offer: VacancyProfile) -> dict[str, str]:
    return {
        "titulo_profissional": person.titulo,
        "conhecimentos_tecnicos": person.conhecimentos,
        "nivel_profissional": person.nivel_profissional,
        "cv_candidato": person.cv,
        "titulo_vaga": offer.titulo,
        "competencia_tecnicas_e_comportamentais": offer.competencias,
        "principais_atividades": offer.atividades,
    }


def log_odds(model: MatchModel, person: CandidateProfile, offer: VacancyProfile) -> float:
    """Return the score computed anew, past everything that is remembered."""
    encoder, scorer = model.encoder_, model.scorer_
    return scorer.log_odds(encoder.candidate(person), scorer.fold(encoder.vacancy(offer)))


Profiles = tuple[CandidateProfile, VacancyProfile]


def pairs(people: list[Record], offers: list[Record]) -> Iterator[tuple[Profiles, Profiles]]:
    """Yield profiles of a person and a vacancy before and after a swap, by records and requests."""
    draw = random.Random(20)  # noqa: S311
    for number in range(SWAPPED_PAIRS):
        person, offer = draw.choice(people), draw.choice(offers)
        other, elsewhere = swapped(person, draw), swapped(offer, draw)
        before = candidate_from_record(person, 1), vacancy_from_record(offer, 1)
        after = candidate_from_record(other, 1), vacancy_from_record(elsewhere, 1)
        if number % 2:
            asked, again = request_of(*before), request_of(*after)
            again |= {name: str(draw.choice(values)) for name, values in VALUES.items()}
            before = candidate_from_request(asked), vacancy_from_request(asked)
            after = candidate_from_request(again), vacancy_from_request(again)
        yield before, after


def test_ten_thousand_swapped_pairs_differ_by_exactly_nothing(
    model: MatchModel, people: list[Record], offers: list[Record]
) -> None:
    count = 0
    for count, (before, after) in enumerate(pairs(people, offers), start=1):
        assert model.probability(*before) - model.probability(*after) == 0.0
        if count % ENCODED_ANEW_EACH == 0:
            assert log_odds(model, *before) - log_odds(model, *after) == 0.0
            assert model.explain(*before) == model.explain(*after)
    assert count == SWAPPED_PAIRS


def test_a_ranking_of_swapped_people_is_the_same(
    model: MatchModel, people: list[Record], offers: list[Record]
) -> None:
    draw = random.Random(21)  # noqa: S311
    rankings = []
    for records in (people, [swapped(record, draw) for record in people]):
        index = CandidateIndex(model)
        index.upsert(candidate_from_record(record, n) for n, record in enumerate(records))
        rankings.append(
            [index.rank(vacancy_from_record(swapped(offer, draw)), 120) for offer in offers]
        )
    assert rankings[0] == rankings[1]


@pytest.mark.parametrize("lines", DISCLOSURES, ids=lambda lines: lines[0])
def test_what_a_cv_discloses_in_passing_changes_nothing(
    model: MatchModel, people: list[Record], offers: list[Record], lines: tuple[str, ...]
) -> None:
    for number, record in enumerate(people[:25]):
        person = candidate_from_record(record)
        offer = vacancy_from_record(offers[number])
        scores = {
            log_odds(model, replace(person, cv=f"{line}\n{person.cv}"), offer) for line in lines
        }
        assert len(scores) == 1


def test_the_property_can_fail(model: MatchModel, people: list[Record]) -> None:
    """A field that is read does move the score: the comparison above is not blind."""
    person = candidate_from_record(people[0])
    offer = VacancyProfile(titulo="Desenvolvedor Java", competencias="java spring sql")
    assert log_odds(model, person, offer) != log_odds(model, replace(person, cv="java"), offer)
