"""The probabilities: put forward against random, and hired against rejected among those."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from benchmarks.ranking.data import Data, Trial
from benchmarks.ranking.measures import Results
from numpy.typing import NDArray

from praca.jobs.matching.hired import HiredModel, hired_row, within_vacancy_auc
from praca.jobs.matching.model import MatchModel
from praca.jobs.matching.outcomes import Outcome, outcome_of
from praca.jobs.matching.scoring import features_of_pair
from praca.learning.evaluation import (
    adaptive_calibration_error,
    auc,
    brier_score,
    calibration_line,
    consistency_band,
    expected_calibration_error,
    group_bootstrap,
    ndcg_at,
)
from praca.learning.linear import sigmoid

__all__ = [
    "Decided",
    "decided",
    "print_first_stage_probability",
    "print_second_stage",
    "print_vacancy_part",
]

_FOLDS = 5


@dataclass(frozen=True)
class Decided:
    """A decided application for an unseen vacancy, and what was said of it.

    Attributes:
        offer: code of the vacancy.
        hired: what came of it.
        first_stage: log-odds of being put forward.
        regression: the second stage's regression, whatever it is worth.
        served: what the second stage answers.
        has_signal: whether it says that it tells people apart.
    """

    offer: int
    hired: bool
    first_stage: float
    regression: float
    served: float
    has_signal: bool


def decided(data: Data, trial: Trial, model: MatchModel) -> list[Decided]:
    """Return what ``model`` says of every decided application that the trial holds out.

    Of unseen people; by time also of people known before, as there are few decisions of others.
    """
    rows = []
    for pair in data.pairs:
        outcome = outcome_of(pair.situacao)
        tested = pair.codigo_candidato in trial.applicants and pair.codigo_vaga in trial.held_out
        if outcome is Outcome.UNDECIDED or not tested:
            continue
        offer, person = data.vacancies[pair.codigo_vaga], data.candidates[pair.codigo_candidato]
        features = features_of_pair(model.encode(person), model.encoder_.vacancy(offer)).values
        row = hired_row(model.scorer_, features, offer)
        rows.append(
            Decided(
                offer=pair.codigo_vaga,
                hired=outcome is Outcome.HIRED,
                first_stage=model.scorer_.log_odds(model.encode(person), model.fold(offer)),
                regression=model.hired_.by_model(row).probability,
                served=model.hired(person, offer).probability,
                has_signal=model.hired_.has_signal_,
            )
        )
    return rows


def print_first_stage_probability(results: Results) -> None:
    """Print discrimination and calibration of put-forward against random over unseen people."""
    scores = np.concatenate([scores for scores, _ in results.pooled])
    labels = np.concatenate([labels for _, labels in results.pooled])
    prior = MatchModel().prior
    share = labels.mean()
    weights = np.where(labels, prior / share, (1 - prior) / (1 - share))
    probabilities = sigmoid(scores)
    print(
        f"\nput forward against random, pooled over vacancies: AUC {auc(labels, scores):.3f};"
        f" at prior {prior}: Brier {brier_score(labels, probabilities, weights):.4f}"
        f" (knowing only the prior {prior * (1 - prior):.4f}),"
        f" ECE {expected_calibration_error(labels, probabilities, weights):.4f}"
    )


def print_second_stage(rows: Sequence[Decided], *, seed: int) -> None:
    """Print discrimination and calibration of hired against rejected."""
    hired = np.array([row.hired for row in rows])
    _, groups = np.unique([row.offer for row in rows], return_inverse=True)
    claims = any(row.has_signal for row in rows)
    print(
        f"\nhired against rejected, given put forward: {hired.size} decided applications,"
        f" {hired.sum()} hires (base rate {hired.mean():.3f});"
        f" models that claim a signal: {'some' if claims else 'none'}"
    )
    print_hired("first stage's score", hired, np.array([r.first_stage for r in rows]), groups, seed)
    stated = np.array([row.regression for row in rows])
    print_hired("second stage's regression", hired, stated, groups, seed)
    print_calibration("second stage's regression", hired, stated, seed)
    print_calibration("second stage as served", hired, np.array([r.served for r in rows]), seed)


def print_hired(
    name: str,
    hired: NDArray[np.bool_],
    scores: NDArray[np.float64],
    groups: NDArray[np.int64],
    seed: int,
) -> None:
    """Print how a score orders hires before rejections: overall and within vacancies."""
    if hired.all() or not hired.any():
        print(f"  {name:28} hires or rejections only: nothing to order")
        return
    overall = group_bootstrap_auc(hired, scores, groups, seed)
    if within_vacancy_auc(hired, scores, groups).size == 0:
        print(f"  {name:28} AUC {overall}; no vacancy has both outcomes")
        return
    within = group_bootstrap(within_vacancy_auc(hired, scores, groups), seed=seed)
    lifts = [
        ndcg_lift(hired[groups == group], scores[groups == group], seed)
        for group in np.unique(groups)
        if 0 < hired[groups == group].sum() < (groups == group).sum()
    ]
    print(
        f"  {name:28} AUC {overall}; within vacancy {within};"
        f" nDCG@5 minus random {group_bootstrap(lifts, seed=seed)} on {len(lifts)} mixed vacancies"
    )


def print_calibration(
    name: str, hired: NDArray[np.bool_], stated: NDArray[np.float64], seed: int
) -> None:
    """Print whether stated probabilities come true."""
    low, high = consistency_band(stated, seed=seed)
    rate = hired.mean()
    try:
        line = calibration_line(hired, stated)
        slope = f"slope {line.slope:.2f}, intercept {line.intercept:+.2f}"
    except ValueError:
        slope = "slope not defined (one probability for all)"
    print(
        f"  {name:28} {slope};"
        f" adaptive ECE {adaptive_calibration_error(hired, stated):.3f}"
        f" (a perfect one of this size: {low:.3f} to {high:.3f});"
        f" Brier {brier_score(hired, stated):.4f} (base rate {rate * (1 - rate):.4f})"
    )


def print_vacancy_part(data: Data, trial: Trial, *, seed: int) -> None:
    """Print what the vacancy alone says, over all decided applications, with or without a CV.

    It cannot tell people of one vacancy apart; what it shows is which vacancies are filled.
    """
    model = MatchModel().fit(
        [data.candidates[code] for code in sorted(trial.people)],
        [data.vacancies[code] for code in sorted(trial.offers)],
        data.pairs,
    )
    pairs = [
        (pair.codigo_vaga, outcome is Outcome.HIRED)
        for pair in data.pairs + data.elsewhere
        if (outcome := outcome_of(pair.situacao)) is not Outcome.UNDECIDED
    ]
    rows = np.array([hired_row(model.scorer_, None, data.vacancies[offer]) for offer, _ in pairs])
    hired = np.array([label for _, label in pairs])
    offers = np.array([offer for offer, _ in pairs])
    _, groups = np.unique(offers, return_inverse=True)
    fold = np.random.default_rng(seed).permutation(groups.max() + 1)[groups] % _FOLDS
    stated = np.zeros(hired.size)
    for held_out in range(_FOLDS):
        test = fold == held_out
        learned = HiredModel(seed=seed).fit(rows[~test], hired[~test], offers[~test])
        stated[test] = [learned.by_model(row).probability for row in rows[test]]
    print(
        f"\nwhat the vacancy states of itself, on all {hired.size} decided applications"
        f" ({hired.sum()} hires), vacancies held out:"
        f" AUC {group_bootstrap_auc(hired, stated, groups, seed)}"
    )
    print_calibration("regression", hired, stated, seed)


def group_bootstrap_auc(
    hired: NDArray[np.bool_], scores: NDArray[np.float64], groups: NDArray[np.int64], seed: int
) -> str:
    """Return the AUC over all rows with a 95 % interval from resampling vacancies."""
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    generator = np.random.default_rng(seed)
    draws = []
    for _ in range(300):
        chosen = generator.integers(0, len(members), len(members))
        rows = np.concatenate([members[at] for at in chosen])
        if 0 < hired[rows].sum() < rows.size:
            draws.append(auc(hired[rows], scores[rows]))
    low, high = np.quantile(draws, [0.025, 0.975])
    return f"{auc(hired, scores):.3f} [{low:.3f}, {high:.3f}]"


def ndcg_lift(hired: NDArray[np.bool_], scores: NDArray[np.float64], seed: int) -> float:
    """Return nDCG@5 minus its expectation under a random order, of a vacancy with both outcomes.

    Ties are broken at random, many times over, so that a constant score gains nothing.
    """
    gains = hired.astype(np.float64)
    discounts = 1 / np.log2(np.arange(2, min(5, gains.size) + 2))
    ideal = discounts[: int(gains.sum())].sum()
    generator = np.random.default_rng(seed)
    reached = [
        ndcg_at(gains[np.lexsort((generator.random(gains.size), -scores))], 5) for _ in range(200)
    ]
    return float(np.mean(reached) - gains.mean() * discounts.sum() / ideal)
