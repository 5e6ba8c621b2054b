"""Are the figures of the library's models honest? On the real catalogue of 1,000 books.

    uv run python -m benchmarks.book_models [--seeds 5] [--shuffles 200] [--planted 20]

On real data, read in place (``PRACA_REAL_DATA`` or ``../shared/data``). It prints

* every model beside both baselines, on several ways to split the books, and whether it is said to
  have a signal;
* what the old system does: the rating as a feature of whether the rating is high;
* false alarms: ratings are shuffled among the books, so that nothing can tell them, and the whole
  evaluation runs on each shuffle, of all books and of 80 of them. How often is a signal spoken of,
  and how often would it be if accuracy had to be above both baselines, too?
* power: a share of the books gets a high rating if it is dear, the others keep a shuffled one. From
  which share on is the signal found?
"""

import argparse
import csv
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, f1_score

from praca.library.ml.data import Books, Examples
from praca.library.ml.evaluation import Judgement, assess
from praca.library.ml.features import Featurizer
from praca.library.ml.fitting import SEED, split
from praca.library.ml.names import ModelKind, Target
from praca.library.ml.training import baselines, cross_validate

_DATA = Path(os.environ.get("PRACA_REAL_DATA", Path(__file__).parents[2] / "shared/data"))
_FOLDS = 5
_OFTEN = 25
_FEW = 80


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="ways to split the books")
    parser.add_argument("--shuffles", type=int, default=200, help="of the ratings")
    parser.add_argument("--planted", type=int, default=20, help="trials of each share")
    parser.add_argument("--trees", type=int, default=100)
    arguments = parser.parse_args()
    books = load_books()
    for target in Target:
        _real(books.examples(target), arguments.seeds, arguments.trees)
    _old_way(books)
    examples = books.examples(Target.RATING)
    for size in (len(examples.fields), _FEW):
        _false_alarms(examples, size, arguments.shuffles, arguments.trees)
    _power(examples, arguments.planted, arguments.trees)


def load_books() -> Books:
    """Return the real catalogue; without it the benchmark ends."""
    path = _DATA / "books" / "books.csv"
    if not path.exists():
        sys.exit(f"The real data is not here: {path} (PRACA_REAL_DATA names its folder).")
    with path.open(newline="") as file:
        return Books.of(
            [
                (
                    row["slug"],
                    row["title"],
                    row["description"],
                    round(float(row["price_gbp"]) * 100),
                    row["in_stock"] == "True",
                    row["category"],
                    int(row["rating"]),
                )
                for row in csv.DictReader(file)
            ]
        )


def _judged(
    examples: Examples, terms: Sequence[list[str]], seed: int, trees: int
) -> dict[str, Judgement]:
    splits = split(examples.labels, examples.groups, _FOLDS, seed=seed)
    found = cross_validate(
        examples, terms, splits, [*ModelKind], trees, labels=examples.labels, with_final=False
    )
    return assess(
        examples.labels,
        {kind: one.predictions for kind, (one, _) in found.items()},
        baselines(examples.labels, splits, len(examples.classes)),
        examples.groups,
        classes=len(examples.classes),
        seed=SEED,
    )


def _terms(examples: Examples) -> list[list[str]]:
    return [Featurizer.terms(examples.target, book) for book in examples.fields]


def _real(examples: Examples, seeds: int, trees: int) -> None:
    left_out = sum(examples.left_out.values())
    print(
        f"\nalvo={examples.target}: {len(examples.fields)} books in {len(examples.classes)} classes"
        f" ({left_out} books left out), {_FOLDS} folds, 95 % intervals"
    )
    print(f"{'':22}{'split':>6}  {'accuracy':22}{'macro F1':22}signal")
    terms = _terms(examples)
    for seed in range(SEED, SEED + seeds):
        judged = _judged(examples, terms, seed, trees)
        first = next(iter(judged.values()))
        rows = {f"({name})": (one, "") for name, one in first.baselines.items()} | {
            name: (one.figures, "há sinal" if one.has_signal else "sem sinal")
            for name, one in judged.items()
        }
        for name, (figures, signal) in rows.items():
            print(
                f"{name:22}{seed:>6}  {figures.accuracy!s:22}{figures.f1_macro!s:22}{signal}",
                flush=True,
            )


def _old_way(books: Books) -> None:
    """Print what the rating as a feature of itself gives: the old system's features, its split."""
    examples = books.examples(Target.RATING)
    features = Featurizer.fit(Target.RATING, examples.fields).matrix(examples.fields).toarray()
    leaking = np.column_stack([features, books.ratings])
    order = np.random.default_rng(SEED).permutation(len(leaking))
    test, train = order[: len(order) // 5], order[len(order) // 5 :]
    print("\nrandom forest, 80/20, features learned from all books, as in the old system:")
    for name, matrix in (("with the rating as a feature", leaking), ("without it", features)):
        model = RandomForestClassifier(100, class_weight="balanced", random_state=SEED)
        said = model.fit(matrix[train], examples.labels[train]).predict(matrix[test])
        truth = examples.labels[test]
        f1 = f1_score(truth, said, average="macro")
        print(f"  {name:30} accuracy {accuracy_score(truth, said):.3f}, macro F1 {f1:.3f}")


def _by_both(judgement: Judgement) -> bool:
    return all(gain.low > 0 for gains in judgement.gains.values() for gain in gains.values())


def _shuffled(examples: Examples, size: int, generator: np.random.Generator) -> Examples:
    """Return so many of the books, each with the class of another one."""
    rows = np.sort(generator.choice(len(examples.fields), size, replace=False))
    return replace(
        examples,
        fields=tuple(examples.fields[row] for row in rows),
        labels=generator.permutation(examples.labels[rows]),
        groups=examples.groups[rows],
        marks=examples.marks[rows],
    )


def _false_alarms(examples: Examples, size: int, shuffles: int, trees: int) -> None:
    generator = np.random.default_rng(1)
    alarms = dict.fromkeys([*ModelKind, "any of the three"], 0)
    by_both = dict(alarms)
    began = time.perf_counter()
    for done in range(1, shuffles + 1):
        shuffled = _shuffled(examples, size, generator)
        judged = _judged(shuffled, _terms(shuffled), int(generator.integers(2**31)), trees)
        for counts, rule in ((alarms, _has_signal), (by_both, _by_both)):
            found = {name: rule(one) for name, one in judged.items()}
            for name, is_found in {**found, "any of the three": any(found.values())}.items():
                counts[name] += is_found
        if done == shuffles or done % _OFTEN == 0:
            taken_s = time.perf_counter() - began
            print(f"\nfalse alarms in {done} shuffles of {size} books ({taken_s:.0f} s):")
            print(f"{'':22}{'there is a signal':>20}{'by both figures':>20}")
            for name, count in alarms.items():
                print(f"{name:22}{count / done:>20.1%}{by_both[name] / done:>20.1%}", flush=True)


def _has_signal(judgement: Judgement) -> bool:
    return judgement.has_signal


def _power(examples: Examples, trials: int, trees: int) -> None:
    terms, generator = _terms(examples), np.random.default_rng(2)
    prices = np.array([book.preco for book in examples.fields])
    dear = (prices > np.quantile(prices, 1 - examples.labels.mean())).astype(np.int64)
    print(f"\npower, {trials} trials each: share of books whose price decides -> signal found")
    for share in (0.1, 0.2, 0.3, 0.4, 0.6):
        found = []
        for _ in range(trials):
            labels = _planted(examples.labels, dear, share, generator)
            judged = _judged(replace(examples, labels=labels), terms, SEED, trees).values()
            found.append([any(map(rule, judged)) for rule in (_has_signal, _by_both)])
        ours, both = np.mean(found, axis=0)
        print(f"  {share:.0%}: {ours:.0%} (by both figures {both:.0%})", flush=True)


def _planted(
    labels: NDArray[np.int64],
    dear: NDArray[np.int64],
    share: float,
    generator: np.random.Generator,
) -> NDArray[np.int64]:
    decided = generator.random(labels.size) < share
    return np.where(decided, dear, generator.permutation(labels))


if __name__ == "__main__":
    main()
