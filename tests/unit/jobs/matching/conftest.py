"""A small invented labour market that the matching tests share."""

import random
from dataclasses import dataclass

import pytest

from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile

TRADES = {
    "Desenvolvedor Java": "java spring hibernate sql kafka docker git microsserviços",
    "Consultor SAP MM": "sap mm wm compras estoque abap idoc s4hana",
    "Enfermeiro": "uti plantão curativo triagem vacinação prontuário medicação coren",
    "Analista Contábil": "contabilidade fiscal balanço impostos sped conciliação icms auditoria",
    "Motorista": "cnh carreta entrega rota frota carga logística manutenção",
}
LEVELS = ("Júnior", "Pleno", "Sênior")
COMMANDS = ("Nenhum", "Básico", "Intermediário", "Avançado", "Fluente")
FILLER = "experiência trabalho equipe cliente projeto curso empresa atividades responsável"


@dataclass(frozen=True)
class Market:
    candidates: list[CandidateProfile]
    vacancies: list[VacancyProfile]
    pairs: list[Pair]


def build_market(seed: int = 7, people: int = 80, offers: int = 40) -> Market:
    draw = random.Random(seed)  # noqa: S311
    trades = list(TRADES)

    def words(trade: str, count: int) -> str:
        return " ".join(draw.sample(TRADES[trade].split(), count) + draw.sample(FILLER.split(), 5))

    candidates = [
        CandidateProfile(
            codigo=1000 + n,
            titulo=trades[n % 5] if n % 3 else "",
            conhecimentos=words(trades[n % 5], 4),
            nivel_profissional=draw.choice(LEVELS),
            nivel_academico="Ensino Superior Completo" if n % 2 else "",
            ingles=draw.choice(COMMANDS),
            cv=f"{trades[n % 5]}\n{words(trades[n % 5], 6)}\n{words(draw.choice(trades), 2)}",
        )
        for n in range(people)
    ]
    vacancies = [
        VacancyProfile(
            codigo=1 + n,
            titulo=trades[n % 5],
            atividades=words(trades[n % 5], 4),
            competencias=words(trades[n % 5], 4),
            nivel_profissional=draw.choice(LEVELS),
            nivel_academico="Ensino Superior Completo",
            ingles=draw.choice(COMMANDS),
        )
        for n in range(offers)
    ]
    pairs = [
        Pair(1000 + n, 1 + offer, "Prospect", "01-02-2021")
        for offer in range(offers)
        for n in draw.sample(range(offer % 5, people, 5), 3)
    ]
    return Market(candidates, vacancies, pairs)


@pytest.fixture(scope="session")
def market() -> Market:
    return build_market()


@pytest.fixture(scope="session")
def model(market: Market) -> MatchModel:
    return MatchModel(dimensions=16).fit(market.candidates, market.vacancies, market.pairs)
