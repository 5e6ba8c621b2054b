"""What the old model server answers, with the figures that were added."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["ConfusionMatrix", "PredictionAnswer", "TrainingResult", "TrainingStarted"]


class PredictionAnswer(BaseModel):
    """How likely the application ends in a hire."""

    model_config = ConfigDict(
        protected_namespaces=(),
        json_schema_extra={
            "example": {
                "probability": 0.87,
                "prediction": "Contratado",
                "confidence": 0.74,
                "model_version": 3,
            }
        },
    )

    probability: float = Field(ge=0, le=1, description="Of a hire.")
    prediction: Literal["Contratado", "Não contratado"] = Field(
        description="`Contratado` if the probability is above one half."
    )
    confidence: float = Field(
        ge=0, le=1, description="How far the probability lies from one half, times two."
    )
    model_version: int = Field(ge=1, description="Version that answered; it grows.")


class ConfusionMatrix(BaseModel):
    """Counts of decisions on the test rows."""

    true_negatives: int
    false_positives: int
    false_negatives: int
    true_positives: int


class TrainingResult(BaseModel):
    """The documented figures of a training, and beside them what they are worth."""

    model_config = ConfigDict(
        extra="allow",
        protected_namespaces=(),
        json_schema_extra={
            "example": {
                "status": "Training completed successfully!",
                "model_version": 3,
                "auc": 0.68,
                "best_c": 0.1,
                "best_cv_score": 0.6,
                "mean_cv_score": 0.6,
                "std_cv_score": 0.08,
                "precision": 0.25,
                "recall": 0.05,
                "f1_score": 0.08,
                "accuracy": 0.94,
                "confusion_matrix": {
                    "true_negatives": 383,
                    "false_positives": 3,
                    "false_negatives": 20,
                    "true_positives": 1,
                },
                "class_distribution": {"Prospect": 0.6, "Contratado pela Decision": 0.4},
            }
        },
    )

    status: str
    model_version: int = Field(
        ge=1,
        description="The version that was published. `promoted` tells whether it answers from now "
        "on, `reasons` why.",
    )
    auc: float = Field(
        description="On test rows drawn by row: their vacancies and people are in the training "
        "rows, too. `auc_unseen` is that on vacancies and people that are not."
    )
    best_c: float = Field(description="The C that was chosen.")
    best_cv_score: float = Field(description="Its mean score over the folds.")
    mean_cv_score: float = Field(description="Mean of the mean scores of every C.")
    std_cv_score: float = Field(
        description="Mean over every C of the standard deviation over the folds."
    )
    precision: float
    recall: float
    f1_score: float
    accuracy: float
    confusion_matrix: ConfusionMatrix
    class_distribution: dict[str, float] = Field(description="Share of each status.")


class TrainingStarted(BaseModel):
    """The task that trains; follow it at `/api/v1/tasks/{task_id}`."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "message": "Treino em andamento.",
                "task_id": "01936b1e-0c7a-7c3e-8d4f-5a6b7c8d9e0f",
            }
        }
    )

    message: str
    task_id: UUID
