"""Figures of every scorer on every query, their intervals, and the tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from benchmarks.ranking.baselines import FLOOR, Scores
from benchmarks.ranking.data import Data, Trial
from numpy.typing import NDArray

from praca.learning.evaluation import (
    auc,
    group_bootstrap,
    ndcg_at,
    paired_bootstrap,
    recall_at,
    reciprocal_rank,
)

__all__ = [
    "FRESHNESS",
    "OURS",
    "Results",
    "View",
    "print_differences",
    "print_edge",
    "print_table",
    "record",
]

OURS = "ours"
FRESHNESS = "ours + freshness"
MEASURES = ("MRR", "recall@10", "nDCG@10", "AUC in vacancy")


class View(StrEnum):
    """Who stands in the ranking, and who counts as relevant: always unseen people only."""

    FILTERED = "everyone but the seen people who were put forward for the vacancy too"
    RAW = "everyone; seen people who were put forward for it stand in the way"
    UNSEEN = "the unseen people only: a smaller pool, so an easier one"


@dataclass
class Results:
    """What was measured, query by query.

    Attributes:
        queries: code of the vacancy of each query.
        figures: view -> scorer -> one row of ``MEASURES`` per query.
        applications: unseen people put forward, over all queries.
        edge: scorer -> per query, the chance that an unseen person stands above a seen one,
            neither put forward: 0.5 is fair. A scorer that lifts all unseen people gains in a pool
            of both without ranking anyone better.
        pooled: our (log-odds, labels) of each query over unseen people.
        pool_size: people ranked per query.
    """

    queries: list[int] = field(default_factory=list)
    figures: dict[View, dict[str, list[tuple[float, ...]]]] = field(default_factory=dict)
    edge: dict[str, list[float]] = field(default_factory=dict)
    applications: int = 0
    pooled: list[tuple[Scores, NDArray[np.bool_]]] = field(default_factory=list)
    pool_size: int = 0

    def take(self, other: "Results") -> None:
        """Add the queries of another trial."""
        self.queries += other.queries
        self.pooled += other.pooled
        self.applications += other.applications
        self.pool_size = other.pool_size
        for view, table in other.figures.items():
            for name, rows in table.items():
                self.figures.setdefault(view, {}).setdefault(name, []).extend(rows)
        for name, chances in other.edge.items():
            self.edge.setdefault(name, []).extend(chances)

    def column(self, name: str, measure: str, view: View = View.FILTERED) -> NDArray[np.float64]:
        """Return one scorer's figures, one per query."""
        rows = np.array(self.figures[view][name])
        return np.asarray(rows[:, MEASURES.index(measure)], dtype=np.float64)


def record(
    results: Results, data: Data, trial: Trial, code: int, everyone: Mapping[str, Scores]
) -> None:
    """Add one query: every scorer's scores of the trial's pool."""
    pool = np.array(trial.pool)
    put_forward = np.isin(pool, list(data.put_forward[code]))
    unseen = np.isin(pool, list(trial.unseen))
    wanted = put_forward & unseen
    shown = {
        View.FILTERED: unseen | ~put_forward,
        View.RAW: np.ones(pool.size, np.bool_),
        View.UNSEEN: unseen,
    }
    results.queries.append(code)
    results.pool_size = pool.size
    for view, rows in shown.items():
        table = results.figures.setdefault(view, {})
        for name, scores in everyone.items():
            table.setdefault(name, []).append(_figures(wanted[rows], scores[rows]))
    others = ~put_forward
    if unseen[others].any() and not unseen[others].all():
        for name, scores in everyone.items():
            results.edge.setdefault(name, []).append(auc(unseen[others], scores[others]))
    ours = everyone[OURS]
    results.pooled.append((ours[unseen], wanted[unseen]))
    results.applications += int(wanted.sum())


def _figures(wanted: NDArray[np.bool_], scores: Scores) -> tuple[float, ...]:
    ordered = wanted[np.argsort(-scores, kind="stable")]
    return (
        reciprocal_rank(ordered),
        recall_at(ordered, 10),
        ndcg_at(ordered, 10),
        auc(wanted, scores) if not wanted.all() else 1.0,
    )


def print_table(results: Results, view: View, *, seed: int) -> None:
    """Print the scorers' figures with 95 % intervals from resampling vacancies.

    All scorers in the filtered view; in the others ours and the floor.
    """
    names = list(results.figures[View.FILTERED])
    if view is not View.FILTERED:
        names = [name for name in names if name in {FLOOR, OURS, FRESHNESS}]
    print(f"{view.name.lower()}: {view}")
    print(f"{'':34}" + "".join(f"{measure:>23}" for measure in MEASURES))
    for name in names:
        cells = (
            group_bootstrap(
                results.column(name, measure, view), results.queries, seed=seed, resamples=1000
            )
            for measure in MEASURES
        )
        print(f"{name:34}" + "".join(f"{cell!s:>23}" for cell in cells))


def print_edge(results: Results) -> None:
    """Print whether unseen people as such are lifted above seen ones."""
    chances = {name: float(np.mean(rows)) for name, rows in results.edge.items()}
    text = ", ".join(f"{name} {chance:.3f}" for name, chance in chances.items())
    print(f"unseen above seen, neither put forward (0.5 is fair): {text}")


def print_differences(results: Results, *, seed: int) -> None:
    """Print ours minus every other scorer: an interval above 0 is a gain, below 0 a loss."""
    print("ours minus:")
    for name in results.figures[View.FILTERED]:
        if name == OURS:
            continue
        cells = (
            paired_bootstrap(
                results.column(OURS, measure),
                results.column(name, measure),
                results.queries,
                seed=seed,
                resamples=1000,
            )
            for measure in MEASURES
        )
        print(f"  {name:32}" + "".join(f"{cell!s:>23}" for cell in cells))
