"""What is said of a version: its figures beside those of the baselines, and what was left out."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from praca.learning.artifacts import ArtifactError

__all__ = ["Figure", "Report", "Signal", "TwoFigures", "signal_of"]

Signal = Literal["há sinal", "sem sinal"]

Figure = tuple[float, float, float]
"""Estimate, lower and upper bound."""


class TwoFigures(BaseModel):
    """Accuracy and macro F1, each with its 95 % interval."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    acuracia: Figure
    f1_score_macro: Figure


class Report(BaseModel):
    """The evaluation of a version, kept in its artefact so that a restart forgets nothing.

    Attributes:
        has_signal: as :attr:`praca.library.ml.evaluation.Judgement.has_signal`.
        figures: of the model.
        baselines: of each baseline.
        gains: by figure and baseline, the model's less the baseline's, at the corrected level.
        calibration_error: of the probabilities, out of fold; None: there are none.
        books: how many it learned from.
        folds: in how many parts they were split.
        left_out: how many books of which shelf were in no class.
        trained_at: when.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    has_signal: bool
    figures: TwoFigures
    baselines: dict[str, TwoFigures]
    gains: dict[str, dict[str, Figure]]
    calibration_error: float | None
    books: int = Field(ge=1)
    folds: int = Field(ge=2)
    left_out: dict[str, int]
    trained_at: datetime

    @classmethod
    def read(cls, told: Any) -> Self:
        """Read what was written into an artefact.

        Raises:
            ArtifactError: it is not such a report.
        """
        try:
            return cls.model_validate(told)
        except ValidationError as error:
            raise ArtifactError("O relatório do modelo de livros não pode ser lido.") from error


def signal_of(*, has_signal: bool) -> Signal:
    """Return how the wire says whether there is a signal."""
    return "há sinal" if has_signal else "sem sinal"
