"""What can go wrong with the hiring model.

DomainError
├── HiringModelMissingError    503  nothing has been trained yet
├── MissingTextsError          400  a text of a prediction is missing or empty
├── TrainingFailedError        409  the training that was waited for failed
├── (matching) NotEnoughDataError   too few applications to learn from
├── (learning) ClusterUnavailableError   the Dask cluster does not answer
└── (learning) ArtifactError   the files of a model are refused

The routes of the old model server repeat each error as ``error``, in the English it used.
"""

from typing import ClassVar
from uuid import UUID

from praca.kit.errors import DomainError, ErrorKind

__all__ = ["HiringModelMissingError", "MissingTextsError", "TrainingFailedError"]


class HiringModelMissingError(DomainError):
    """``POST /predict``: no hiring model has been trained yet."""

    code: ClassVar[str] = "hiring_model_missing"
    kind: ClassVar[ErrorKind] = ErrorKind.UNAVAILABLE
    title: ClassVar[str] = "No hiring model"

    def __init__(self) -> None:
        super().__init__(
            "Ainda não há modelo de contratação em uso.",
            extra={"error": "Model not found. Run /train first."},
        )


class MissingTextsError(DomainError):
    """``POST /predict`` without one of its three texts, or with one that is empty."""

    code: ClassVar[str] = "missing_texts"
    kind: ClassVar[ErrorKind] = ErrorKind.BAD_REQUEST
    title: ClassVar[str] = "Missing texts"

    def __init__(self) -> None:
        fields = "principais_atividades, competencia_tecnicas_e_comportamentais, cv_pt"
        super().__init__(
            f"Todos os campos são obrigatórios: {fields}.",
            extra={"error": f"All fields ({fields}) are required"},
        )


class TrainingFailedError(DomainError):
    """``GET /train``: the training that was waited for failed or was cancelled.

    ``detail`` says why, ``task_id`` names it.
    """

    code: ClassVar[str] = "training_failed"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Training failed"
    sample: ClassVar[tuple[str, UUID]] = (
        "Há candidaturas de menos para treinar.",
        UUID("01936b1e-0c7a-7c3e-8d4f-5a6b7c8d9e0f"),
    )

    def __init__(self, reason: str, task_id: UUID) -> None:
        super().__init__(reason, extra={"task_id": str(task_id)})
