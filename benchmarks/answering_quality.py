"""Does the help desk find the right service, and does it know when there is none?

    uv run python benchmarks/answering_quality.py [--questions FILE] [--services FILE]
        [--neural NAME_OR_PATH] [--out-of-scope FILE]

Reads the real services and questions in place (``../shared/data/rio-services`` beside the project,
or ``rio-services/`` in the folder ``PRACA_REAL_DATA``); nothing is copied.

Each question is about one of the services; all services are ranked. A third of the questioned
services, by a hash of their id, is *held back*: nothing was chosen by them. The rest is for
*tuning*; "ours, cross-fitted" learns its only learned part, the table of question frames, without
the fold of the service asked about. Intervals are 95 % bootstrap, resampling services.

``--questions`` takes questions never seen, in the same layout, and measures all of them as one
part; ``--services`` takes other services. Latency and building are measured in this process's own
CPU time.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # it is run as a script as well

from benchmarks.answering import rankers
from benchmarks.answering.data import (
    OUT_OF_SCOPE,
    Question,
    is_held_back,
    read_out_of_scope,
    read_questions,
    read_services,
    real_services_folder,
)
from benchmarks.answering.measures import (
    Answered,
    answered,
    print_curve,
    print_differences,
    print_table,
    ranks_of,
)
from sklearn.linear_model import LogisticRegression

from praca.helpdesk.answering.confidence import Evidence
from praca.helpdesk.answering.index import ArticleIndex
from praca.helpdesk.records import Article
from praca.learning.evaluation import (
    adaptive_calibration_error,
    auc,
    brier_score,
    consistency_band,
)


def main() -> None:
    """Print every table."""
    given = _arguments()
    if not given.services.is_file() or not given.questions.is_file():
        sys.exit(f"skipped: {given.services} or {given.questions} is not there")
    articles = read_services(given.services)
    questions = read_questions(given.questions)
    outside = read_out_of_scope(given.out_of_scope)
    if given.questions == real_services_folder() / "questions.jsonl":
        tuning = [one for one in questions if not is_held_back(one.key)]
        held = [one for one in questions if is_held_back(one.key)]
        parts = {"Tuning": tuning, "Held back": held}
    else:
        parts = {f"Questions of {given.questions.name}": questions}
    for name, part in parts.items():
        print(f"## {name}\n")
        _quality(articles, part, cross_fit=name == "Tuning", model=given.neural)
    index = ArticleIndex.build(articles)
    for name, part in parts.items():
        others = [one for one in outside if is_held_back(one.key) != (name == "Tuning")]
        print(f"## Abstaining: {name.lower()}, and {len(others)} questions out of scope\n")
        _abstaining(answered(index, part, others))
        if name == "Tuning":
            _refit(index, part, others)
    _speed(articles, questions)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    folder = real_services_folder()
    parser.add_argument("--questions", type=Path, default=folder / "questions.jsonl")
    parser.add_argument("--services", type=Path, default=folder / "services.jsonl")
    parser.add_argument("--out-of-scope", type=Path, default=OUT_OF_SCOPE)
    parser.add_argument("--neural", default=rankers.DEFAULT_MODEL, help="name or folder")
    return parser.parse_args()


def _quality(
    articles: Sequence[Article], questions: Sequence[Question], *, cross_fit: bool, model: str
) -> None:
    keys = [article.key for article in articles]
    compared = rankers.baselines(articles)
    name = f"{rankers.OURS}, cross-fitted" if cross_fit else rankers.OURS
    if cross_fit:
        compared[name] = rankers.cross_fitted(articles, questions)
    else:
        compared[name] = rankers.ours(articles)
    if not rankers.installed():
        print("praca[neural]: skipped, sentence-transformers is not installed\n")
    else:
        try:
            compared[f"praca[neural], {model}"] = rankers.neural(articles, model)
        except (OSError, ValueError) as error:
            print(f"praca[neural]: skipped, {model} could not be loaded ({type(error).__name__})\n")
    ranks = {name: ranks_of(ranker, questions, keys) for name, ranker in compared.items()}
    print_table(ranks, questions)
    print_differences(ranks, questions, name)


def _abstaining(said: Answered) -> None:
    print_curve(said)
    low, high = consistency_band(said.confidence, seed=7)
    error = adaptive_calibration_error(said.is_right, said.confidence)
    print(
        f"AUC {auc(said.is_right, said.confidence):.3f}, "
        f"Brier {brier_score(said.is_right, said.confidence):.3f}, calibration error {error:.3f} "
        f"({low:.3f} to {high:.3f} if every stated probability were true)\n"
    )


def _refit(index: ArticleIndex, inside: Sequence[Question], outside: Sequence[Question]) -> None:
    """Print the coefficients that this part would give the confidence now."""
    said = answered(index, inside, outside)
    found = [index.evidence(question.text) for question in (*inside, *outside)]
    rows = np.array([one or (0.0,) * len(Evidence._fields) for one in found])
    model = LogisticRegression(C=10, max_iter=1_000).fit(rows, said.is_right)
    weights = zip(Evidence._fields, model.coef_[0], strict=True)
    shown = ", ".join(f"{name} {weight:.1f}" for name, weight in weights)
    print(f"Learned anew on it: intercept {model.intercept_[0]:.1f}, {shown}\n")


def _speed(articles: Sequence[Article], questions: Sequence[Question]) -> None:
    builds = []
    for _ in range(3):
        start = time.process_time()
        index = ArticleIndex.build(articles)
        builds.append(time.process_time() - start)
    took = []
    for question in [*questions, *questions, *questions]:
        start = time.process_time()
        index.search(question.text)
        took.append(time.process_time() - start)
    p50, p99 = np.percentile(np.array(took) * 1e3, [50, 99])
    print(
        f"## Speed\n\n{len(articles)} articles: built in {np.median(builds):.2f} s (first time "
        f"{builds[0]:.2f} s); a search takes p50 {p50:.1f} ms, p99 {p99:.1f} ms of one core "
        f"({len(took)} searches)"
    )


if __name__ == "__main__":
    main()
