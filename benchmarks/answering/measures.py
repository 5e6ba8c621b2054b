"""Figures of rankings and of abstaining, with intervals that resample services."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from benchmarks.answering.data import Question
from benchmarks.answering.rankers import Ranker
from numpy.typing import NDArray

from praca.helpdesk.answering.index import ArticleIndex
from praca.learning.evaluation import group_bootstrap, paired_bootstrap, rank_of

__all__ = ["Answered", "answered", "print_curve", "print_differences", "print_table", "ranks_of"]

Vector: TypeAlias = NDArray[np.float64]

_SEED: Final = 7
_MEASURES: Final = ("R@1", "R@5", "MRR@10")
THRESHOLDS: Final = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


def ranks_of(ranker: Ranker, questions: Sequence[Question], keys: Sequence[str]) -> Vector:
    """Return the rank of each question's own article among all; ties share the mean rank."""
    at = {key: position for position, key in enumerate(keys)}
    return np.array([rank_of(ranker(one.text), at[one.key]) for one in questions])


def print_table(ranks: Mapping[str, Vector], questions: Sequence[Question]) -> None:
    """Print one row per ranker: figures with 95 % intervals."""
    groups = [question.key for question in questions]
    print(f"| {len(questions)} questions, {len(set(groups))} services | {' | '.join(_MEASURES)} |")
    print("|---|---|---|---|")
    for name, row in ranks.items():
        cells = [str(group_bootstrap(v, groups, seed=_SEED)) for v in _figures(row)]
        print(f"| {name} | {' | '.join(cells)} |")
    print()


def print_differences(
    ranks: Mapping[str, Vector], questions: Sequence[Question], ours: str
) -> None:
    """Print by how much ``ours`` is better than each other ranker, paired."""
    groups = [question.key for question in questions]
    print(f"| {ours} minus | {' | '.join(_MEASURES)} |")
    print("|---|---|---|---|")
    for name, row in ranks.items():
        if name == ours:
            continue
        pairs = zip(_figures(ranks[ours]), _figures(row), strict=True)
        cells = [str(paired_bootstrap(one, two, groups, seed=_SEED)) for one, two in pairs]
        print(f"| {name} | {' | '.join(cells)} |")
    print()


@dataclass(frozen=True, slots=True)
class Answered:
    """What the help desk says to questions, at any threshold.

    Attributes:
        confidence: shape (n,).
        is_right: whether the first article is the one meant.
        is_in_scope: whether there is one.
    """

    confidence: Vector
    is_right: NDArray[np.bool_]
    is_in_scope: NDArray[np.bool_]


def answered(
    index: ArticleIndex, inside: Sequence[Question], outside: Sequence[Question]
) -> Answered:
    """Ask everything."""
    confidence, right = [], []
    for question in (*inside, *outside):
        hits = index.search(question.text, 1)
        confidence.append(hits[0].confidence if hits else 0.0)
        right.append(bool(hits) and hits[0].article.key == question.key)
    scope = np.arange(len(confidence)) < len(inside)
    return Answered(np.array(confidence), np.array(right), scope)


def print_curve(said: Answered) -> None:
    """Print what each threshold would answer, and how much of that is false.

    *Coverage* is the share of the questions in scope that are answered, *precision* the share of
    those whose first article is the one meant, *false answers* the share of questions out of scope
    that are answered at all, *wrong of all* the share of everything asked that is answered wrong.
    """
    inside, outside = said.is_in_scope, ~said.is_in_scope
    print("| threshold | coverage | precision | false answers | wrong of all |")
    print("|---|---|---|---|---|")
    for threshold in THRESHOLDS:
        given = said.confidence >= threshold
        right = said.is_right[given & inside]
        cells = (
            given[inside].mean(),
            right.mean() if right.size else float("nan"),
            given[outside].mean() if outside.any() else float("nan"),
            (given & ~said.is_right).mean(),
        )
        print(f"| {threshold:.1f} | {' | '.join(f'{cell:.3f}' for cell in cells)} |")
    print()


def _figures(ranks: Vector) -> tuple[Vector, Vector, Vector]:
    return (
        (ranks <= 1).astype(np.float64),
        (ranks <= 5).astype(np.float64),
        np.where(ranks <= 10, 1 / ranks, 0.0),
    )
