"""What the index of people in each API process costs as a city grows.

    OMP_NUM_THREADS=1 uv run python benchmarks/index_growth.py [--people 10000 100000]

For every size, in a process of its own: encoding everybody from nothing (what a process does that
finds no saved index), memory, the size of the saved index, loading it, and one full ranking. Times
are the processor's, which another's load moves less than the wall's. Everything is invented; where
more people are asked for than ``--distinct``, these come again under other codes.
"""

import argparse
import multiprocessing
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice

import psutil

from praca.jobs.matching.index import CandidateIndex
from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.profiles import (
    CandidateProfile,
    candidate_from_record,
    vacancy_from_record,
)
from praca.jobs.sample import SampleCity

_BATCH = 2_000
_RANKINGS = 30
_SMALL = SampleCity(candidates=4_000, vacancies=2_400)


def main() -> None:
    """Print a line for each size."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--distinct", type=int, default=50_000)
    arguments = parser.parse_args()
    heads = ("people", "encode s", "arrays MB", "resident MB", "saved MB", "load s", "rank ms")
    print("".join(f"{head:>13}" for head in heads))
    context = multiprocessing.get_context("spawn")
    for count in arguments.people:
        process = context.Process(target=_measure, args=(count, arguments.distinct))
        process.start()
        process.join()
        if process.exitcode:
            raise SystemExit(f"the process for {count:,} people ended with {process.exitcode}")


def _measure(count: int, distinct: int) -> None:
    model = _trained()
    index = CandidateIndex(model)
    seconds = 0.0
    people = _people(count, distinct)
    while batch := list(islice(people, _BATCH)):
        started = time.process_time()
        index.upsert(batch)
        seconds += time.process_time() - started
    resident = psutil.Process().memory_info().rss / 1e6
    files = index.to_files()
    started = time.process_time()
    CandidateIndex.from_files(files, model)
    loading = time.process_time() - started
    saved = sum(map(len, files.values())) / 1e6
    figures = (seconds, index.nbytes / 1e6, resident, saved, loading, _ranking_ms(index))
    print(f"{count:13,}" + "".join(f"{figure:13,.1f}" for figure in figures), flush=True)


def _trained() -> MatchModel:
    people = [candidate_from_record(record, int(code)) for code, record in _SMALL.applicants()]
    offers = [vacancy_from_record(record, int(code)) for code, record in _SMALL.vagas()]
    pairs = [
        Pair(int(one["codigo"]), int(code), one["situacao_candidado"], one["data_candidatura"])
        for code, group in _SMALL.prospects()
        for one in group["prospects"]
    ]
    model = MatchModel()
    model.fit(people, offers, pairs)
    return model


def _people(count: int, distinct: int) -> Iterator[CandidateProfile]:
    city = SampleCity(candidates=min(count, distinct), vacancies=1)
    known = [candidate_from_record(record, int(code)) for code, record in city.applicants()]
    for code, person in enumerate(islice(cycle(known), count), 1):
        yield replace(person, codigo=code)


def _ranking_ms(index: CandidateIndex) -> float:
    times = []
    for code, record in islice(_SMALL.vagas(), _RANKINGS):
        started = time.process_time()
        index.rank(vacancy_from_record(record, int(code)), 20)
        times.append((time.process_time() - started) * 1e3)
    return statistics.median(times)


if __name__ == "__main__":
    main()
