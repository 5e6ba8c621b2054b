"""How fast is the matcher, in process, on one core?

    OMP_NUM_THREADS=1 uv run python benchmarks/matching_speed.py [--candidates 50000]

The aims are: rank 50,000 people p99 <= 50 ms, recommend among 15,000 vacancies p99 <= 20 ms, a
saved CV findable within 1 s, at most 500 MB in a process that serves both. The last is measured in
a process of its own, which loads the model and both indexes from files as the API does.

Everything is invented (the sample city), so this runs anywhere. CVs for the single prediction are
padded to 400 words; every request brings a CV that was not seen before ("cold") or repeats one
("warm": what remains when both sides are remembered).
"""

import argparse
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import cycle, islice
from multiprocessing.connection import Connection
from pathlib import Path
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
RANK_MS, RECOMMEND_MS, FINDABLE_MS, SERVING_MB = 50, 20, 1000, 500


def measure(
    name: str, run: Callable[[T], object], inputs: Sequence[T], aim_ms: float | None = None
) -> None:
    """Print median, 99th percentile and rate of ``run`` over the inputs."""
    times = []
    for value in inputs:
        started = time.perf_counter()
        run(value)
        times.append(time.perf_counter() - started)
    in_ms = np.array(times) * 1e3
    p99 = float(np.quantile(in_ms, 0.99))
    print(
        f"{name:52}{np.median(in_ms):9.3f}{p99:9.3f}{1e3 / in_ms.mean():12,.0f}"
        + ("" if aim_ms is None else verdict(p99, aim_ms, "ms"))
    )


def verdict(figure: float, aim: float, unit: str) -> str:
    """Return whether an aim was met."""
    return f"  aim {aim:g} {unit}: {'met' if figure <= aim else 'MISSED'}"


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


def serving(folder: str, pipe: Connection) -> None:
    """Load what an API process holds, and send its memory before and after, in MB."""
    before = resident_mb()
    parts = {
        name: {path.name: path.read_bytes() for path in (Path(folder) / name).iterdir()}
        for name in ("model", "candidates", "vacancies")
    }
    model = MatchModel.from_files(parts["model"])
    candidates = CandidateIndex.from_files(parts["candidates"], model)
    vacancies = VacancyIndex.from_files(parts["vacancies"], model)
    del parts
    candidates.rank(VacancyProfile(titulo="Analista"), 5)
    vacancies.recommend(CandidateProfile(cv="Analista"), 5)
    pipe.send((before, resident_mb(), (candidates.nbytes + vacancies.nbytes) / 1e6))


def measure_serving(model: MatchModel, candidates: CandidateIndex, vacancies: VacancyIndex) -> None:
    """Print the memory of a process that loads the model and both indexes."""
    with tempfile.TemporaryDirectory() as folder:
        parts = {
            "model": model.to_files(),
            "candidates": candidates.to_files(),
            "vacancies": vacancies.to_files(),
        }
        for name, files in parts.items():
            (Path(folder) / name).mkdir()
            for file, content in files.items():
                (Path(folder) / name / file).write_bytes(content)
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=serving, args=(folder, theirs))
        process.start()
        theirs.close()
        before, after, arrays = ours.recv()
        process.join()
    print(
        f"\nserving process: {after:,.0f} MB resident, of which {before:,.0f} MB the interpreter"
        f" and libraries, {arrays:,.0f} MB arrays of both indexes"
        + verdict(after, SERVING_MB, "MB")
    )


def main() -> None:
    """Build a model and two indexes, and time them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--candidates", type=int, default=50_000)
    parser.add_argument("--vacancies", type=int, default=15_000)
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

    by_code = {profile.codigo: profile for profile in people}
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
        offers[:1000],
        RANK_MS,
    )
    for top in (10, 100):
        measure(
            f"rank and explain the best {top}",
            lambda offer, top=top: [  # type: ignore[misc]  # a loop's value
                model.explain(by_code[row.codigo], offer) for row in candidates.rank(offer, top)
            ],
            offers[300:320],
        )
    measure(
        f"recommend among {len(offers):,} vacancies",
        lambda person: vacancies.recommend(person, 5),
        long[:1000],
        RECOMMEND_MS,
    )
    measure(
        "add one candidate to the index", lambda person: candidates.upsert([person]), long[:300]
    )
    newest = (codigo for codigo in range(10**9, 10**9 + 200))
    saved = [replace(long[at], codigo=codigo) for at, codigo in enumerate(newest)]

    def findable(person: CandidateProfile) -> None:
        candidates.upsert([person])
        ranked = candidates.rank(offers[0], len(candidates))
        assert any(row.codigo == person.codigo for row in ranked)

    measure("saved in the index and found in a full ranking", findable, saved, FINDABLE_MS)
    measure_serving(model, candidates, vacancies)


if __name__ == "__main__":
    main()
