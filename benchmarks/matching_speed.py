"""How fast is the matcher, in process, on one core?

    OMP_NUM_THREADS=1 uv run python benchmarks/matching_speed.py [--candidates 50000]

Everything is invented (the sample city), so this runs anywhere. CVs for the single prediction are
padded to 400 words; every request brings a CV that was not seen before ("cold") or repeats one
("warm": what remains when both sides are remembered).
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import cycle, islice
from typing import TypeVar

import numpy as np
import psutil

from praca.jobs.matching.index import CandidateIndex, VacancyIndex
from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.profiles import (
    CandidateProfile,
    VacancyProfile,
    candidate_from_record,
    vacancy_from_record,
)
from praca.jobs.sample import SampleCity

T = TypeVar("T")
CV_WORDS = 400


def measure(name: str, run: Callable[[T], object], inputs: Sequence[T]) -> None:
    """Print median, 99th percentile and rate of ``run`` over the inputs."""
    times = []
    for value in inputs:
        started = time.perf_counter()
        run(value)
        times.append(time.perf_counter() - started)
    in_ms = np.array(times) * 1e3
    print(
        f"{name:52}{np.median(in_ms):9.3f}{np.quantile(in_ms, 0.99):9.3f}"
        f"{1e3 / in_ms.mean():12,.0f}"
    )


def build(name: str, run: Callable[[], object], count: int) -> None:
    """Print how long a bulk step took."""
    started = time.perf_counter()
    run()
    seconds = time.perf_counter() - started
    print(f"{name:52}{seconds:9.2f} s{count / seconds:18,.0f}")


def padded(profile: CandidateProfile, others: Sequence[CandidateProfile]) -> CandidateProfile:
    """Return the profile with a CV of 400 words, filled with the text of others."""
    words = profile.cv.split()
    for other in others:
        if len(words) >= CV_WORDS:
            break
        words += other.cv.split()
    return replace(profile, cv=" ".join(words[:CV_WORDS]))


def resident_mb() -> float:
    """Return the resident memory of this process in MB."""
    return float(psutil.Process().memory_info().rss / 1e6)


def main() -> None:
    """Build a model and two indexes, and time them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--candidates", type=int, default=50_000)
    parser.add_argument("--vacancies", type=int, default=14_000)
    arguments = parser.parse_args()
    city = SampleCity(candidates=arguments.candidates, vacancies=arguments.vacancies)
    small = SampleCity(
        candidates=min(4000, arguments.candidates), vacancies=min(2400, arguments.vacancies)
    )
    offers = [vacancy_from_record(r, int(code)) for code, r in city.vagas()]
    people = [candidate_from_record(r, int(code)) for code, r in city.applicants()]
    pairs = [
        Pair(int(one["codigo"]), int(code), one["situacao_candidado"], one["data_candidatura"])
        for code, group in small.prospects()
        for one in group["prospects"]
    ]
    model = MatchModel()
    known = people[: small.candidates]
    print(f"{'':52}{'':>9}  {'per second':>18}")
    build(
        f"train on {len(pairs):,} applications",
        lambda: model.fit(known, offers[:2400], pairs),
        len(pairs),
    )
    report(model, people, offers)


def report(model: MatchModel, people: list[CandidateProfile], offers: list[VacancyProfile]) -> None:
    """Time building, memory and queries."""
    candidates, vacancies = CandidateIndex(model), VacancyIndex(model)
    before = resident_mb()
    build(f"index {len(people):,} candidates", lambda: candidates.upsert(people), len(people))
    print(
        f"{'':4}{resident_mb() - before:,.0f} MB more resident,"
        f" {candidates.nbytes / 1e6:,.0f} MB of arrays"
    )
    build(f"index {len(offers):,} vacancies", lambda: vacancies.upsert(offers), len(offers))
    snapshot = vacancies.to_files()
    build(
        "load the vacancies' snapshot",
        lambda: VacancyIndex.from_files(snapshot, model),
        len(offers),
    )

    long = [padded(profile, people[at + 1 : at + 5]) for at, profile in enumerate(people[:3000])]
    print(f"\n{'ms':52}{'median':>9}{'p99':>9}{'per second':>12}")
    measure("encode a candidate, CV of 400 words", model.encoder_.candidate, long)
    measure("encode a vacancy", model.encoder_.vacancy, offers[:3000])
    both = list(zip(long, islice(cycle(offers[-2900:]), len(long)), strict=True))
    fresh = [(replace(c, objetivo="x"), replace(v, observacoes="x")) for c, v in both]
    measure("predict, both sides cold", lambda pair: model.probability(*pair), fresh)
    some = [(c, offers[at % 500]) for at, (c, _) in enumerate(both)]
    measure(
        "predict, CV cold, vacancy among 500",
        lambda pair: model.probability(replace(pair[0], objetivo="y"), pair[1]),
        some,
    )
    measure("predict, both warm", lambda pair: model.probability(*pair), both[:1] * 3000)
    measure("explain", lambda pair: model.explain(*pair), both[:300])
    measure(
        f"rank {len(people):,} candidates for a vacancy",
        lambda offer: candidates.rank(offer, 20),
        offers[:300],
    )
    measure(
        f"recommend among {len(offers):,} vacancies",
        lambda person: vacancies.recommend(person, 5),
        long[:1000],
    )
    measure(
        "add one candidate to the index", lambda person: candidates.upsert([person]), long[:300]
    )


if __name__ == "__main__":
    main()
