"""The gate: may a new version of a model answer?

A challenger is let through only if it is not worse than the champion on rows that neither was
trained on, its probabilities can be taken at their word, and it is quick and small enough. Whatever
comes of it, the verdict says why, and is kept with the version.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from praca.learning.evaluation import Statistic, difference, expected_calibration_error
from praca.platform.settings import LearningSettings

__all__ = ["Check", "Evaluation", "Verdict", "judge"]

_FEWEST: Final = 10
_SIMULATIONS: Final = 400
_MEGABYTE: Final = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """How one version did on rows that it was not trained on.

    Attributes:
        metric: name of the figure on which versions are compared; higher is better.
        count: number of independent units (for example vacancies) behind the figure.
        figure: the metric over units; two versions that are compared share the units' order.
        labels: bool, shape (rows,), what was true.
        probabilities: shape (rows,), what the version said.
        weights: shape (rows,), how much each row counts for calibration.
        latency_ms: p99 of one prediction.
    """

    metric: str
    count: int
    figure: Statistic
    labels: NDArray[np.bool_]
    probabilities: NDArray[np.float64]
    weights: NDArray[np.float64]
    latency_ms: float


@dataclass(frozen=True, slots=True)
class Check:
    """One question of the gate.

    Attributes:
        name: ``not_worse``, ``calibrated``, ``latency`` or ``size``.
        passed: None: it could not be asked, which does not stop a version.
        reason: a Portuguese sentence.
        figures: what the answer rests on.
    """

    name: str
    passed: bool | None
    reason: str
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """All answers; a version is accepted if none is no."""

    checks: tuple[Check, ...]

    @property
    def accepted(self) -> bool:
        """Whether the version may answer."""
        return all(check.passed is not False for check in self.checks)

    @property
    def reasons(self) -> list[str]:
        """What speaks against the version; if nothing does, what was found."""
        against = [check.reason for check in self.checks if check.passed is False]
        return against or [check.reason for check in self.checks]

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as JSON values."""
        return {"accepted": self.accepted, "checks": [asdict(check) for check in self.checks]}


def judge(
    challenger: Evaluation,
    champion: Evaluation | None,
    *,
    size_bytes: int,
    limits: LearningSettings,
    seed: int,
) -> Verdict:
    """Return whether ``challenger`` may take the place of ``champion``.

    Args:
        challenger: the new version's evaluation.
        champion: that of the version that answers, on the same units; None: there is none that
            could be evaluated.
        size_bytes: size of the challenger's files.
        limits: what is demanded.
        seed: of the resampling.
    """
    return Verdict(
        (
            _not_worse(challenger, champion, limits, seed),
            _calibrated(challenger, limits, seed),
            _latency(challenger, limits),
            _size(size_bytes, limits),
        )
    )


def _not_worse(
    challenger: Evaluation, champion: Evaluation | None, limits: LearningSettings, seed: int
) -> Check:
    """Compare by a paired bootstrap.

    Worse is a version whose interval lies below 0 as a whole, however small the loss, and one that
    loses more than the margin, however unsure. To demand an interval above the margin would let
    no version of a small city through: its hold-out is too small to show so much.
    """
    metric = challenger.metric
    if champion is None:
        return Check("not_worse", None, "Não há versão em uso com a qual comparar.")
    if challenger.count < _FEWEST or champion.count != challenger.count:
        reason = f"Há exemplos de menos para comparar {metric} ({challenger.count})."
        return Check("not_worse", None, reason)
    try:
        gain = difference(challenger.figure, champion.figure, challenger.count, seed=seed)
    except ValueError:
        return Check("not_worse", None, f"{metric} não está definida nos exemplos de avaliação.")
    figures = {
        "estimate": gain.estimate,
        "low": gain.low,
        "high": gain.high,
        "margin": limits.gate_margin,
        "units": float(challenger.count),
    }
    span = f"{gain.estimate:+.3f} (95 %: {gain.low:+.3f} a {gain.high:+.3f})"
    if gain.high >= 0 and gain.estimate >= -limits.gate_margin:
        return Check("not_worse", True, f"{metric} não é pior: {span}.", figures)
    reason = (
        f"{metric} é pior que a da versão em uso: {span};"
        f" tolera-se uma perda incerta de até {limits.gate_margin:g}."
    )
    return Check("not_worse", False, reason, figures)


def _calibrated(challenger: Evaluation, limits: LearningSettings, seed: int) -> Check:
    labels, stated = challenger.labels, challenger.probabilities
    if challenger.count < _FEWEST or labels.all() or not labels.any():
        return Check("calibrated", None, "Há exemplos de menos para conferir as probabilidades.")
    found = expected_calibration_error(labels, stated, challenger.weights)
    chance = _chance_error(stated, challenger.weights, seed)
    allowed = max(limits.gate_max_ece, chance)
    figures = {"ece": found, "allowed": allowed, "by_chance": chance}
    verb = "conferem" if found <= allowed else "não conferem"
    reason = f"As probabilidades {verb}: erro {found:.3f}, aceita-se até {allowed:.3f}."
    return Check("calibrated", found <= allowed, reason, figures)


def _chance_error(stated: NDArray[np.float64], weights: NDArray[np.float64], seed: int) -> float:
    """Return the error that a perfectly calibrated model exceeds one time in twenty.

    Few rows show an error even where there is none. The weighted rows stand for as many equal ones
    as Kish's effective sample size. Source: Bröcker, Smith, "Increasing the reliability of
    reliability diagrams", Weather and Forecasting 22 (2007): resampling under consistency.
    """
    generator = np.random.default_rng(seed)
    share = weights / weights.sum()
    size = max(1, int(1 / np.sum(share**2)))
    errors = []
    for _ in range(_SIMULATIONS):
        drawn = stated[generator.choice(stated.size, size, p=share)]
        errors.append(expected_calibration_error(generator.random(size) < drawn, drawn))
    return float(np.quantile(errors, 0.95))


def _latency(challenger: Evaluation, limits: LearningSettings) -> Check:
    taken, allowed = challenger.latency_ms, limits.gate_max_latency_ms
    reason = f"Uma previsão leva {taken:.1f} ms (p99); o limite é {allowed:g} ms."
    return Check("latency", taken <= allowed, reason, {"p99_ms": taken, "allowed_ms": allowed})


def _size(size_bytes: int, limits: LearningSettings) -> Check:
    reason = (
        f"Os arquivos têm {size_bytes / _MEGABYTE:.1f} MB;"
        f" o limite é {limits.gate_max_bytes / _MEGABYTE:.0f} MB."
    )
    figures = {"bytes": float(size_bytes), "allowed_bytes": float(limits.gate_max_bytes)}
    return Check("size", size_bytes <= limits.gate_max_bytes, reason, figures)
