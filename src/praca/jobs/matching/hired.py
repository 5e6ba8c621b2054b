"""The second stage: how likely is a hire, given that a person is put forward and decided on.

A small ridge logistic regression on the comparison of the pair, the first stage's log-odds and
what the vacancy states of itself, all known on the day of the application. It never sees protected
fields, anything filled in after the decision, or the history of statuses. Undecided applications
are not rejections: they are left out (see ``outcomes``).

Texts hardly tell who is hired among those put forward. So the model is asked first whether it
tells people apart *within* a vacancy, on vacancies it did not learn from. Unless the lower end of
that figure's interval lies above chance, it says so and answers the base rate.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from praca.jobs.matching.features import FEATURES
from praca.jobs.matching.profiles import VacancyProfile
from praca.jobs.matching.scales import LANGUAGE, LEVEL, SCHOOLING
from praca.jobs.matching.scoring import Scorer
from praca.kit.text import fold
from praca.learning.evaluation import (
    adaptive_calibration_error,
    auc,
    calibration_line,
    consistency_band,
    group_bootstrap,
)
from praca.learning.linear import PlattScaling, RidgeLogit, sigmoid

__all__ = ["COLUMNS", "HiredEstimate", "HiredModel", "hired_row", "within_vacancy_auc"]

COLUMNS: Final = (
    *FEATURES,
    "log_odds",
    "clt",
    "pj",
    "cooperado",
    "sap",
    "level_asked",
    "schooling_asked",
    "english_asked",
)
"""What a row holds, in order."""

_MIN_ROWS: Final = 60
_MIN_MIXED: Final = 10
_FOLDS: Final = 5
_NORMAL_95: Final = 1.959964


@dataclass(frozen=True, slots=True)
class HiredEstimate:
    """How likely a hire is, if the person is put forward and the application decided.

    Attributes:
        probability: between 0 and 1; the base rate if the model carries no signal.
        base_rate: share of hires among all decided applications learned from.
        low: lower end of the 95 % interval of ``probability``.
        high: upper end.
        has_signal: whether the model tells people apart within a vacancy.
    """

    probability: float
    base_rate: float
    low: float
    high: float
    has_signal: bool


def hired_row(
    scorer: Scorer, features: NDArray[np.float64] | None, vacancy: VacancyProfile
) -> NDArray[np.float64]:
    """Return the row of one application, shape (columns,); what is unknown is 0, the mean.

    Args:
        scorer: the first stage.
        features: of the pair, as the first stage sees it; None if nothing is known of the person.
        vacancy: what is asked.
    """
    row = np.zeros(len(COLUMNS))
    if features is not None:
        standard = np.nan_to_num((features - scorer.mean) / scorer.scale)
        row[: len(FEATURES)] = np.clip(standard, -4, 4)
        row[len(FEATURES)] = float(standard @ scorer.coef + scorer.intercept)
    contract = fold(vacancy.tipo_contratacao)
    level = LEVEL.level(vacancy.nivel_profissional)
    schooling = SCHOOLING.level(vacancy.nivel_academico)
    english = LANGUAGE.level(vacancy.ingles)
    row[len(FEATURES) + 1 :] = (
        "clt" in contract,
        "pj" in contract,
        "cooperado" in contract,
        fold(vacancy.vaga_sap).startswith("s"),
        level / (LEVEL.size - 1),
        schooling / (SCHOOLING.size - 1),
        english / (LANGUAGE.size - 1),
    )
    return row


class HiredModel:
    """P(hired | put forward and decided), shrunk towards the base rate and calibrated.

    Equal data give equal numbers.

    Args:
        penalty: ridge penalty on the coefficients of standardised columns.
        seed: of the folds and the bootstrap.

    Attributes:
        base_rate_: share of hires; 0.5 if nothing was decided.
        has_signal_: whether the lower end of ``auc_within`` lies above 0.5.
        figures_: on held-out vacancies, as far as they can be computed: ``decided``, ``hired``,
            ``vacancies``, ``mixed`` (vacancies with both outcomes), ``auc``, ``auc_within`` with
            ``_low`` and ``_high``, ``slope``, ``ece`` (adaptive) and ``ece_band`` (what chance
            alone shows at most).
    """

    base_rate_: float
    has_signal_: bool
    figures_: dict[str, float]

    def __init__(self, *, penalty: float = 30.0, seed: int = 0) -> None:
        self.penalty = penalty
        self.seed = seed

    def fit(
        self,
        rows: NDArray[np.float64],
        hired: NDArray[np.bool_],
        vacancies: NDArray[np.int64],
    ) -> Self:
        """Learn from decided applications.

        Args:
            rows: as :func:`hired_row` makes them, shape (n, columns).
            hired: shape (n,).
            vacancies: code of each row's vacancy, shape (n,); folds never part a vacancy.
        """
        count, total = int(hired.sum()), hired.size
        self.base_rate_ = count / total if total else 0.5
        self._interval = _wilson(count, total)
        self.figures_ = {"decided": float(total), "hired": float(count)}
        self.has_signal_ = False
        self._mean = rows.mean(axis=0) if total else np.zeros(len(COLUMNS))
        self._scale = np.maximum(rows.std(axis=0), 1e-6) if total else np.ones(len(COLUMNS))
        self._slopes = np.zeros(len(COLUMNS))
        self._intercept = _logit(self.base_rate_)
        self._covariance = np.zeros((len(COLUMNS) + 1, len(COLUMNS) + 1))
        codes, groups = np.unique(vacancies, return_inverse=True)
        mixed = _mixed(hired, groups)
        self.figures_ |= {"vacancies": float(codes.size), "mixed": float(mixed.size)}
        if total >= _MIN_ROWS and mixed.size >= _MIN_MIXED:
            self._learn((rows - self._mean) / self._scale, hired, groups)
        return self

    def nothing_known(self) -> Self:
        """Return the model as it is before any decision: it answers 0.5, and how little that is."""
        width = len(COLUMNS)
        return self.fit(np.empty((0, width)), np.empty(0, np.bool_), np.empty(0, np.int64))

    def _learn(
        self, standard: NDArray[np.float64], hired: NDArray[np.bool_], groups: NDArray[np.int64]
    ) -> None:
        folds = self._folds(hired, groups)
        scores = self._held_out(standard, hired, folds)
        self._measure(hired, scores, _calibrated(scores, hired, folds), groups)
        platt = PlattScaling().fit(scores, hired, np.ones(hired.size))
        learner = RidgeLogit(penalty=self.penalty).fit(standard, hired)
        self._slopes = platt.slope_ * learner.coef_
        self._intercept = platt.slope_ * learner.intercept_ + platt.intercept_
        self._covariance = platt.slope_**2 * learner.covariance_

    def _folds(self, hired: NDArray[np.bool_], groups: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return each row's fold: vacancies stay whole, those with both outcomes are spread."""
        count = int(groups.max()) + 1
        generator = np.random.default_rng(self.seed)
        mixed = _mixed(hired, groups)
        others = np.setdiff1d(np.arange(count), mixed)
        order = np.concatenate([generator.permutation(mixed), generator.permutation(others)])
        fold_of = np.empty(count, dtype=np.int64)
        fold_of[order] = np.arange(count) % _FOLDS
        return fold_of[groups]

    def _held_out(
        self, standard: NDArray[np.float64], hired: NDArray[np.bool_], folds: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        scores = np.zeros(hired.size)
        for held_out in range(_FOLDS):
            test = folds == held_out
            learner = RidgeLogit(penalty=self.penalty).fit(standard[~test], hired[~test])
            scores[test] = standard[test] @ learner.coef_ + learner.intercept_
        return scores

    def _measure(
        self,
        hired: NDArray[np.bool_],
        scores: NDArray[np.float64],
        stated: NDArray[np.float64],
        groups: NDArray[np.int64],
    ) -> None:
        within = group_bootstrap(within_vacancy_auc(hired, scores, groups), seed=self.seed)
        self.has_signal_ = within.low > 0.5  # noqa: PLR2004  # chance
        self.figures_ |= {
            "auc": auc(hired, scores),
            "auc_within": within.estimate,
            "auc_within_low": within.low,
            "auc_within_high": within.high,
            "slope": calibration_line(hired, stated).slope,
            "ece": adaptive_calibration_error(hired, stated),
            "ece_band": consistency_band(stated, seed=self.seed)[1],
        }

    def estimate(self, row: NDArray[np.float64]) -> HiredEstimate:
        """Return the estimate for one application, from :func:`hired_row`."""
        if not self.has_signal_:
            low, high = self._interval
            return HiredEstimate(self.base_rate_, self.base_rate_, low, high, has_signal=False)
        return self.by_model(row)

    def by_model(self, row: NDArray[np.float64]) -> HiredEstimate:
        """Return what the regression says, signal or not; for evaluation.

        The interval is that of the coefficients' normal approximation. Source: Laplace's method as
        in Bishop, "Pattern recognition and machine learning" (2006), section 4.5.
        """
        standard = np.clip((row - self._mean) / self._scale, -4, 4)
        log_odds = float(standard @ self._slopes + self._intercept)
        lever = np.append(standard, 1.0)
        spread = _NORMAL_95 * math.sqrt(max(0.0, float(lever @ self._covariance @ lever)))
        low, middle, high = sigmoid(np.array([log_odds - spread, log_odds, log_odds + spread]))
        return HiredEstimate(
            float(middle), self.base_rate_, float(low), float(high), self.has_signal_
        )

    def to_state(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        return {
            "columns": list(COLUMNS),
            "penalty": self.penalty,
            "seed": self.seed,
            "base_rate": self.base_rate_,
            "interval": list(self._interval),
            "has_signal": self.has_signal_,
            "figures": self.figures_,
            "mean": self._mean.tolist(),
            "scale": self._scale.tolist(),
            "slopes": self._slopes.tolist(),
            "intercept": self._intercept,
            "covariance": self._covariance.tolist(),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Rebuild from :meth:`to_state`.

        Raises:
            KeyError, TypeError, ValueError: the state is not of that form or of other columns.
        """
        if state["columns"] != list(COLUMNS):
            raise ValueError("the second stage was trained on other columns")
        self = cls(penalty=float(state["penalty"]), seed=int(state["seed"]))
        self.base_rate_ = float(state["base_rate"])
        low, high = state["interval"]
        self._interval = (float(low), float(high))
        self.has_signal_ = bool(state["has_signal"])
        self.figures_ = {str(name): float(value) for name, value in state["figures"].items()}
        width = len(COLUMNS)
        self._mean = _numbers(state["mean"], (width,))
        self._scale = _numbers(state["scale"], (width,))
        self._slopes = _numbers(state["slopes"], (width,))
        self._intercept = float(state["intercept"])
        self._covariance = _numbers(state["covariance"], (width + 1, width + 1))
        if self._scale.min() <= 0:
            raise ValueError("a deviation must be above 0")
        return self


def _calibrated(
    scores: NDArray[np.float64], hired: NDArray[np.bool_], folds: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the probabilities of held-out scores, calibrated on the other folds."""
    stated = np.zeros(scores.size)
    for held_out in range(_FOLDS):
        test = folds == held_out
        platt = PlattScaling().fit(scores[~test], hired[~test], np.ones(int((~test).sum())))
        stated[test] = sigmoid(platt.slope_ * scores[test] + platt.intercept_)
    return stated


def within_vacancy_auc(
    hired: NDArray[np.bool_], scores: NDArray[np.float64], groups: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the AUC of each vacancy with both outcomes, in order of group; 0.5 is chance.

    It is blind to what all people of a vacancy share, which an AUC over all rows rewards.
    """
    return np.array(
        [auc(hired[groups == group], scores[groups == group]) for group in _mixed(hired, groups)]
    )


def _mixed(hired: NDArray[np.bool_], groups: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the groups with both outcomes."""
    if groups.size == 0:
        return np.empty(0, np.intp)
    sizes = np.bincount(groups)
    wins = np.bincount(groups, weights=hired)
    return np.flatnonzero((wins > 0) & (wins < sizes))


def _wilson(count: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share.

    Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA
    22 (1927).
    """
    if total == 0:
        return 0.0, 1.0
    share, squared = count / total, _NORMAL_95**2
    middle = (share + squared / (2 * total)) / (1 + squared / total)
    half = _NORMAL_95 / (1 + squared / total)
    half *= math.sqrt(share * (1 - share) / total + squared / (4 * total**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def _logit(probability: float) -> float:
    clipped = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(clipped / (1 - clipped))


def _numbers(values: Sequence[Any], shape: tuple[int, ...]) -> NDArray[np.float64]:
    numbers = np.array(values, dtype=np.float64)
    if numbers.shape != shape or not np.isfinite(numbers).all():
        raise ValueError("an array of the second stage has another shape or holds no numbers")
    return numbers
