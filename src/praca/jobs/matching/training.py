"""Learning the coefficients: which pairs are shown to the learner, and how it is calibrated.

A pair is *relevant* if the person was put forward for the vacancy, whatever came of it (which is
hardly visible in the texts). For each vacancy the relevant people are ranked against a
uniform sample of others; a conditional logit learns coefficients that put the relevant first.
Scores on held-out vacancies are then calibrated by Platt scaling to a stated prior: with prior 0.2
the probability is that of "this person was put forward, and is not one of four drawn at random".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from praca.jobs.matching.encoding import CandidateVector, VacancyVector
from praca.jobs.matching.features import FEATURES
from praca.jobs.matching.scoring import Scorer, pair_features
from praca.learning.evaluation import (
    auc,
    brier_score,
    expected_calibration_error,
    log_loss,
    rank_of,
)
from praca.learning.linear import ConditionalLogit, PlattScaling, sigmoid

__all__ = ["Examples", "examples", "prior_weights", "reciprocal_ranks", "train"]

_BLOCK: Final = 64
_MIN_KNOWN: Final = 30
_FOLDS: Final = 5

Progress: TypeAlias = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Rows of (vacancy, candidate) pairs, grouped by vacancy.

    Attributes:
        features: float32, shape (rows, features), NaN where unknown.
        relevant: bool, shape (rows,).
        starts: int64, shape (vacancies,), first row of each vacancy.
    """

    features: NDArray[np.float32]
    relevant: NDArray[np.bool_]
    starts: NDArray[np.int64]

    @property
    def groups(self) -> NDArray[np.int64]:
        """The position of each row's vacancy, shape (rows,)."""
        sizes = np.diff(np.append(self.starts, self.relevant.size))
        return np.repeat(np.arange(self.starts.size), sizes)


def examples(
    candidates: Sequence[CandidateVector],
    vacancies: Sequence[VacancyVector],
    relevant: Mapping[int, Sequence[int]],
    *,
    negatives: int,
    seed: int,
    on_progress: Progress = lambda _done, _total: None,
) -> Examples:
    """Compare each vacancy with its relevant candidates and a sample of others.

    Args:
        candidates: encoded people.
        vacancies: encoded vacancies.
        relevant: position of a vacancy -> positions of the people put forward for it.
        negatives: how many others are sampled per vacancy (all of them if there are fewer).
        seed: of the sample.
        on_progress: called with (vacancies done, total).
    """
    generator = np.random.default_rng(seed)
    wanted = sorted(at for at, people in relevant.items() if people)
    features, labels, sizes = [], [], []
    for begin in range(0, len(wanted), _BLOCK):
        block = wanted[begin : begin + _BLOCK]
        # One sample serves the whole block: the pairs stay uniform and the products are shared.
        others = generator.choice(len(candidates), min(negatives, len(candidates)), replace=False)
        own = {person for at in block for person in relevant[at]}
        pool = np.array(sorted(own | set(others.tolist())))
        sampled = np.isin(pool, others)
        block_features = pair_features(
            [candidates[person] for person in pool], [vacancies[at] for at in block]
        )
        for row, at in enumerate(block):
            mine = np.isin(pool, np.array(relevant[at]))
            shown = sampled | mine
            features.append(block_features[row, shown])
            labels.append(mine[shown])
            sizes.append(int(shown.sum()))
        on_progress(min(begin + _BLOCK, len(wanted)), len(wanted))
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    return Examples(np.concatenate(features), np.concatenate(labels), starts)


def train(
    data: Examples, *, prior: float, penalty: float, seed: int
) -> tuple[Scorer, dict[str, float]]:
    """Return a calibrated scorer and its figures on held-out vacancies.

    Coefficients for the figures and the calibration are learned on the other folds of vacancies;
    the coefficients returned are learned on all.
    """
    mean, scale = _standards(data.features)
    standard = np.nan_to_num((data.features - mean) / scale).astype(np.float32)
    scores = _held_out_scores(data, standard, penalty, seed)
    weights = prior_weights(data.relevant, prior)
    platt = PlattScaling().fit(scores, data.relevant, weights)
    coef = ConditionalLogit(penalty=penalty).fit(standard, data.relevant, data.starts).coef_
    scorer = Scorer(platt.slope_ * coef, mean, scale, platt.intercept_)
    probabilities = sigmoid(platt.slope_ * scores + platt.intercept_)
    figures = {
        "auc": auc(data.relevant, scores),
        "brier": brier_score(data.relevant, probabilities, weights),
        "log_loss": log_loss(data.relevant, probabilities, weights),
        "ece": expected_calibration_error(data.relevant, probabilities, weights),
        "mrr": float(reciprocal_ranks(data, scores).mean()),
        "pairs": float(data.relevant.sum()),
        "vacancies": float(data.starts.size),
    }
    return scorer, figures


def _standards(
    features: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and deviation of the known values; a feature hardly known gets no scale."""
    mean = np.zeros(len(FEATURES))
    scale = np.ones(len(FEATURES))
    for at in range(len(FEATURES)):
        known = features[:, at][~np.isnan(features[:, at])].astype(np.float64)
        if known.size >= _MIN_KNOWN:
            mean[at] = known.mean()
            scale[at] = max(float(known.std()), 1e-6)
    return mean, scale


def _held_out_scores(
    data: Examples, standard: NDArray[np.float32], penalty: float, seed: int
) -> NDArray[np.float64]:
    count = data.starts.size
    fold_of_vacancy = np.random.default_rng(seed).permutation(count) % min(_FOLDS, count)
    fold = fold_of_vacancy[data.groups]
    scores = np.zeros(data.relevant.size)
    for held_out in range(int(fold.max()) + 1):
        train_rows = fold != held_out
        sizes = np.bincount(data.groups[train_rows], minlength=count)
        sizes = sizes[sizes > 0]
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        learner = ConditionalLogit(penalty=penalty)
        learner.fit(standard[train_rows], data.relevant[train_rows], starts)
        scores[~train_rows] = standard[~train_rows] @ learner.coef_
    return scores


def prior_weights(relevant: NDArray[np.bool_], prior: float) -> NDArray[np.float64]:
    """Return weights, shape (rows,), under which the relevant are a share ``prior`` of all."""
    share = relevant.mean()
    return np.asarray(np.where(relevant, prior / share, (1 - prior) / (1 - share)), np.float64)


def reciprocal_ranks(data: Examples, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 / rank of the best relevant person among those shown, shape (vacancies,)."""
    ends = np.append(data.starts[1:], data.relevant.size)
    ranks = []
    for begin, end in zip(data.starts.tolist(), ends.tolist(), strict=True):
        mine = np.where(data.relevant[begin:end], scores[begin:end], -np.inf)
        ranks.append(1 / rank_of(scores[begin:end], int(mine.argmax())))
    return np.array(ranks)
