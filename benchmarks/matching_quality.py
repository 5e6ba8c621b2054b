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
from collections.abc import Iterable, Iterator
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
from benchmarks.ranking.measures import Results, View, print_differences, print_table, record
from benchmarks.ranking.ours import ours, trained
from benchmarks.ranking.outcomes import (
    decided,
    print_first_stage_probability,
    print_second_stage,
    print_vacancy_part,
)

_HALVES = ("held-back", "development", "all")


def half_of(data: Data, name: str) -> frozenset[int]:
    """Return the codes of the vacancies of one half; choices were made on ``development``."""
    codes = np.array(list(data.vacancies))
    chosen = np.random.default_rng(0).random(codes.size) < 0.5
    kept = {"development": chosen, "held-back": ~chosen, "all": np.ones(codes.size, np.bool_)}
    return frozenset(codes[kept[name]].tolist())


def run(data: Data, trials: Iterable[Trial], options: argparse.Namespace) -> Results:
    """Return the figures of every scorer on every query of the trials."""
    results = Results()
    options.decided = []
    for trial in trials:
        started = time.perf_counter()
        parts = list(_scorers(data, trial, options))
        for code, scored in zip(trial.queries, zip(*parts, strict=True), strict=True):
            everyone = {name: scores for part in scored for name, scores in part.items()}
            record(results, data, trial, code, everyone)
        seconds = time.perf_counter() - started
        print(f"{len(trial.queries)} vacancies: {seconds:.0f} s", file=sys.stderr)
    return results


def _scorers(
    data: Data, trial: Trial, options: argparse.Namespace
) -> Iterator[Iterator[dict[str, baselines.Scores]]]:
    yield baselines.chance(trial, options.seed)
    yield baselines.lexical(data, trial)
    if not options.quick:
        yield baselines.system_2(data, trial, options.seed)
    if options.encoder:
        yield options.encoder.scores(data, trial)
    model = trained(data, trial)
    options.decided += decided(data, trial, model)
    yield ours(data, trial, model, ablations=not options.quick, seed=options.seed)


def report(title: str, results: Results, options: argparse.Namespace) -> None:
    """Print the tables of one evaluation."""
    seed = options.seed
    print(
        f"\n## {title}\n{len(set(results.queries))} vacancies, {len(results.queries)} rankings of"
        f" {results.pool_size} people, {results.applications} relevant pairs\n"
    )
    for view in View:
        print_table(results, view, seed=seed)
        print()
    print_differences(results, seed=seed)
    print_first_stage_probability(results)
    print_second_stage(options.decided, seed=seed)


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
    parser.add_argument("--half", choices=_HALVES, default="held-back", help="of the vacancies")
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
    options.encoder = _encoder(options.neural)
    data = load(folder, options.extra_applicants, options.extra_prospects)
    print(
        f"{len(data.given)} people with a CV, {len(data.extra)} extra people held out,"
        f" {len(data.vacancies)} vacancies, {len(data.pairs)} applications that join them"
    )
    seed, folds = options.seed, options.folds
    if data.extra:
        results = run(data, extra_people(data, folds=folds, seed=seed), options)
        report("extra people, all vacancies", results, options)
    if options.only_extra:
        return
    tested = half_of(data, options.half)
    results = run(data, cross_fit(data, tested, folds=folds, seed=seed), options)
    report(f"cross-fit, {options.half} vacancies", results, options)
    if options.half != "development":
        border, trial = by_time(data)
        report(f"by time: learned before {border}", run(data, [trial], options), options)
        print_vacancy_part(data, trial, seed=seed)


if __name__ == "__main__":
    main()
