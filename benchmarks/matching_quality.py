"""How well does the matcher rank, on real data, without fooling ourselves?

    uv run python benchmarks/matching_quality.py [--quick] [--half held-back|development|all]
        [--extra-applicants FILE --extra-prospects FILE] [--neural NAME_OR_PATH]

Reads the real recruitment files in place (``../shared/data/decision`` beside the project, or the
folder ``PRACA_REAL_DATA``, which may hold them itself or in ``decision/``); nothing is copied.

What is measured. *Relevant* means: the person was put forward for the vacancy. Vacancies and
candidates are split into folds, each on its own; for every pair of folds everything that learns
(vocabulary, rarities, LSA, coefficients, the baselines too) learns from the other folds only, and
then ranks *all* people for the held-out vacancies. Only the held-out people count as relevant, so
nobody and nothing that is looked for was seen. The others stand in the ranking as well, which
makes it as hard as it will be in service; those of them who were put forward for the same vacancy
are right answers of another kind and are taken out (*filtered*), or left in the way (*raw*).
``by time`` learns from the earlier 70 % of the applied-for vacancies and looks for people who were
never put forward in that time. ``--extra-applicants`` and ``--extra-prospects`` (files of the same
formats) hold out those people from all learning and look for them among everyone, vacancy by
vacancy, each held out too. Intervals are 95 % bootstrap, resampling vacancies.

How choices were made: see ``docs/explain/matching-quality.md``. Features, the learner and its
settings were chosen on a random half of the vacancies (``--half development``); the tables are of
the other half unless asked otherwise.

Baselines use our tokeniser, except system 2's, which is built as its documents describe it.
"""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # it is run as a script as well

from benchmarks.ranking import baselines, neural
from benchmarks.ranking.data import (
    Data,
    Trial,
    by_time,
    cross_fit,
    extra_people,
    load,
    real_data_folder,
)
from benchmarks.ranking.measures import (
    Results,
    View,
    print_differences,
    print_edge,
    print_table,
    record,
)
from benchmarks.ranking.ours import ours, trained
from benchmarks.ranking.outcomes import (
    Decided,
    decided,
    print_first_stage_probability,
    print_second_stage,
    print_vacancy_part,
)

from praca.jobs.matching.model import MatchModel

_HALVES = ("held-back", "development", "all")


def half_of(data: Data, name: str) -> frozenset[int]:
    """Return the codes of the vacancies of one half; choices were made on ``development``."""
    codes = np.array(list(data.vacancies))
    chosen = np.random.default_rng(0).random(codes.size) < 0.5
    kept = {"development": chosen, "held-back": ~chosen, "all": np.ones(codes.size, np.bool_)}
    return frozenset(codes[kept[name]].tolist())


@dataclass(frozen=True)
class Bench:
    """What every trial needs: it is handed to the processes that run them."""

    data: Data
    seed: int
    quick: bool
    encoder: neural.Neural | None

    def __call__(self, trial: Trial) -> tuple[Results, list[Decided]]:
        """Return the figures of every scorer on every query of a trial."""
        started = time.perf_counter()
        results, model = Results(), trained(self.data, trial)
        parts = list(self._scorers(trial, model))
        for code, scored in zip(trial.queries, zip(*parts, strict=True), strict=True):
            everyone = {name: scores for part in scored for name, scores in part.items()}
            record(results, self.data, trial, code, everyone)
        seconds = time.perf_counter() - started
        print(f"{len(trial.queries)} vacancies: {seconds:.0f} s", file=sys.stderr, flush=True)
        return results, decided(self.data, trial, model)

    def _scorers(
        self, trial: Trial, model: MatchModel
    ) -> Iterator[Iterator[dict[str, baselines.Scores]]]:
        yield baselines.chance(trial, self.seed)
        yield baselines.lexical(self.data, trial)
        if not self.quick:
            yield baselines.system_2(self.data, trial, self.seed)
        if self.encoder:
            yield self.encoder.scores(self.data, trial)
        yield ours(self.data, trial, model, ablations=not self.quick, seed=self.seed)


def run(bench: Bench, trials: Iterable[Trial], processes: int) -> tuple[Results, list[Decided]]:
    """Run the trials, in processes of their own if more than one is asked, and add them up."""
    total, rows = Results(), []
    with ExitStack() as stack:
        each: Iterable[tuple[Results, list[Decided]]] = map(bench, trials)
        if processes > 1:
            pool = stack.enter_context(ProcessPoolExecutor(processes))
            each = pool.map(bench, trials)
        for results, decided_rows in each:
            total.take(results)
            rows += decided_rows
    return total, rows


def report(title: str, results: Results, rows: Sequence[Decided], *, seed: int) -> None:
    """Print the tables of one evaluation."""
    print(
        f"\n## {title}\n{len(set(results.queries))} vacancies, {len(results.queries)} rankings of"
        f" {results.pool_size} people, {results.applications} relevant pairs\n"
    )
    for view in View:
        print_table(results, view, seed=seed)
        print()
    print_differences(results, seed=seed)
    print_edge(results)
    print_first_stage_probability(results)
    print_second_stage(rows, seed=seed)


def _encoder(name: str | None) -> neural.Neural | None:
    if not neural.installed():
        if name:
            sys.exit("sentence-transformers is not installed: uv sync --extra neural")
        print("sentence-transformers is not installed (uv sync --extra neural): no neural row")
        return None
    try:
        return neural.load(name or neural.DEFAULT_MODEL)
    except (OSError, ValueError) as error:
        if name:
            sys.exit(f"The model {name} cannot be loaded: {error}")
        print(f"{neural.DEFAULT_MODEL} cannot be loaded here (name one by --neural): no neural row")
        return None


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folds", type=int, default=3, help="folds of vacancies and of people")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--half",
        choices=_HALVES,
        help="of the vacancies (default: held-back; all for the extra people)",
    )
    parser.add_argument("--processes", type=int, default=1, help="trials at a time")
    parser.add_argument("--quick", action="store_true", help="no ablations, no system 2")
    parser.add_argument("--extra-applicants", type=Path, help="people held out of all learning")
    parser.add_argument("--extra-prospects", type=Path, help="what they were put forward for")
    parser.add_argument("--only-extra", action="store_true", help="the extra people's part alone")
    parser.add_argument("--neural", metavar="NAME_OR_PATH", help="of a sentence-transformer")
    options = parser.parse_args()
    if bool(options.extra_applicants) != bool(options.extra_prospects):
        parser.error("--extra-applicants and --extra-prospects belong together")
    return options


def main() -> None:
    """Run the evaluation and print the tables."""
    options = _options()
    folder = real_data_folder()
    if folder is None:
        sys.exit(
            "The real data is not here: set PRACA_REAL_DATA to the folder that holds"
            " applicants.json.gz, prospects.json.gz and vagas.json.gz."
        )
    data = load(folder, options.extra_applicants, options.extra_prospects)
    print(
        f"{len(data.given)} people with a CV, {len(data.extra)} extra people held out,"
        f" {len(data.vacancies)} vacancies, {len(data.pairs)} applications that join them"
    )
    seed, folds, processes = options.seed, options.folds, options.processes
    bench = Bench(data, seed, options.quick, _encoder(options.neural))
    if data.extra:
        half = options.half or "all"
        trials = extra_people(data, half_of(data, half), folds=folds, seed=seed)
        results, rows = run(bench, trials, processes)
        report(f"extra people, vacancies: {half}", results, rows, seed=seed)
    if options.only_extra:
        return
    half = options.half or "held-back"
    trials = cross_fit(data, half_of(data, half), folds=folds, seed=seed)
    results, rows = run(bench, trials, processes)
    report(f"cross-fit, vacancies: {half}", results, rows, seed=seed)
    if half != "development":
        border, trial = by_time(data)
        results, rows = run(bench, [trial], 1)
        report(f"by time: learned before {border}", results, rows, seed=seed)
        print_vacancy_part(data, trial, seed=seed)


if __name__ == "__main__":
    main()
