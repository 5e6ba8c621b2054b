"""Measures of rankings and probabilities, and how sure they are."""

from praca.learning.evaluation.bootstrap import (
    Interval,
    Statistic,
    difference,
    group_bootstrap,
    paired_bootstrap,
)
from praca.learning.evaluation.calibration import (
    CalibrationLine,
    adaptive_calibration_error,
    calibration_line,
    consistency_band,
)
from praca.learning.evaluation.probability import (
    auc,
    brier_score,
    expected_calibration_error,
    log_loss,
)
from praca.learning.evaluation.ranking import ndcg_at, rank_of, recall_at, reciprocal_rank

__all__ = [
    "CalibrationLine",
    "Interval",
    "Statistic",
    "adaptive_calibration_error",
    "auc",
    "brier_score",
    "calibration_line",
    "consistency_band",
    "difference",
    "expected_calibration_error",
    "group_bootstrap",
    "log_loss",
    "ndcg_at",
    "paired_bootstrap",
    "rank_of",
    "recall_at",
    "reciprocal_rank",
]
