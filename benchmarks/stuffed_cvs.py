"""How many places does a stuffed CV gain?

    uv run python -m benchmarks.stuffed_cvs [--each 12] [--seed 1] [--people 400]

A match model learns from the sample city and, if they are here, from the real recruitment files
(see ``matching_quality.py``; read in place, nothing is copied). For every attack of
``stuffing_attacks.py``, people and vacancies are drawn at random; the CV is stuffed for the
vacancy, and the person's place among all people is compared with that of the honest CV. A gain is
places climbed; a loss is negative. Printed by attack: median, mean, 90th percentile, most; and the
median over all. Nobody stuffs but the one: the others keep their scores.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from benchmarks.ranking.data import load, real_data_folder
from benchmarks.stuffing_attacks import ATTACKS, Attack, stuffed
from numpy.typing import NDArray

from praca.jobs.matching.index import CandidateIndex
from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.profiles import (
    CandidateProfile,
    VacancyProfile,
    candidate_from_record,
    vacancy_from_record,
)
from praca.jobs.sample import SampleCity

__all__ = ["Market", "gains", "sample_market"]


@dataclass(frozen=True)
class Market:
    """People with a CV, vacancies, and who was put forward for what."""

    people: list[CandidateProfile]
    offers: list[VacancyProfile]
    pairs: list[Pair]


def sample_market(people: int, offers: int) -> Market:
    """Return the invented city."""
    city = SampleCity(candidates=people, vacancies=offers)
    persons = [candidate_from_record(record, int(code)) for code, record in city.applicants()]
    pairs = [
        Pair(int(one["codigo"]), int(code))
        for code, group in city.prospects()
        for one in group["prospects"]
    ]
    return Market(
        [profile for profile in persons if profile.cv],
        [vacancy_from_record(record, int(code)) for code, record in city.vagas()],
        pairs,
    )


def gains(
    model: MatchModel,
    market: Market,
    *,
    each: int,
    seed: int,
    attacks: Mapping[str, Attack] = ATTACKS,
) -> dict[str, NDArray[np.int64]]:
    """Return the places gained by every attack in ``each`` pairs drawn at random."""
    index = CandidateIndex(model)
    index.upsert(market.people)
    draw = np.random.default_rng(seed)
    found = {}
    for name, attack in attacks.items():
        climbed = []
        for person, vacancy in _pairs(market, draw, each):
            others = _scores(index, person, vacancy, len(market.people))
            honest, dressed = (
                1 + int(np.count_nonzero(others > model.probability(profile, vacancy)))
                for profile in (person, stuffed(person, vacancy, attack))
            )
            climbed.append(honest - dressed)
        found[name] = np.array(climbed)
    return found


def _pairs(
    market: Market, draw: np.random.Generator, count: int
) -> Iterator[tuple[CandidateProfile, VacancyProfile]]:
    for _ in range(count):
        yield (
            market.people[draw.integers(len(market.people))],
            market.offers[draw.integers(len(market.offers))],
        )


def _scores(
    index: CandidateIndex, person: CandidateProfile, vacancy: VacancyProfile, size: int
) -> NDArray[np.float64]:
    ranked = index.rank(vacancy, size)
    return np.array([row.probability for row in ranked if row.codigo != person.codigo])


def _report(title: str, size: int, found: Mapping[str, NDArray[np.int64]]) -> None:
    everything = np.concatenate(list(found.values()))
    print(f"\n{title}: places gained among {size} people, {everything.size} stuffed CVs")
    print(f"{'':34}{'median':>8}{'mean':>8}{'p90':>8}{'most':>8}")
    for name, climbed in [*found.items(), ("all", everything)]:
        p50, p90, most = np.percentile(climbed, [50, 90, 100])
        print(f"{name:34}{p50:>8.1f}{climbed.mean():>8.1f}{p90:>8.1f}{most:>8.0f}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--each", type=int, default=12, help="stuffed CVs per attack")
    parser.add_argument("--people", type=int, default=400, help="people of the sample city")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    markets = {"sample city": sample_market(options.people, options.people // 2)}
    folder = real_data_folder()
    if folder is None:
        print("The real data is not here (PRACA_REAL_DATA): the sample city only.")
    else:
        data = load(folder)
        applied = {pair.codigo_vaga for pair in data.pairs}
        offers = [profile for code, profile in data.vacancies.items() if code in applied]
        markets["real files"] = Market(list(data.candidates.values()), offers, data.pairs)
    for title, market in markets.items():
        model = MatchModel().fit(market.people, market.offers, market.pairs)
        found = gains(model, market, each=options.each, seed=options.seed)
        _report(title, len(market.people), found)


if __name__ == "__main__":
    main()
