"""What can go wrong in matching.

DomainError
├── NotEnoughDataError       too few applications to learn from
├── MatchModelMissingError   nothing has been trained yet
├── VacancyUnknownError      no vacancy has this code
├── DriftReportMissingError  no report has been made
├── SnapshotNotFoundError    this score was not kept
├── ModelVersionUnreadableError  an older version cannot be loaded any more
├── DriftReferenceMissingError  the version was trained without a reference
└── (learning) ArtifactError   the files of a model are refused
"""

from typing import ClassVar

from praca.kit.errors import DomainError, ErrorKind

__all__ = [
    "DriftReferenceMissingError",
    "DriftReportMissingError",
    "MatchModelMissingError",
    "ModelVersionUnreadableError",
    "NotEnoughDataError",
    "SnapshotNotFoundError",
    "VacancyUnknownError",
]


class NotEnoughDataError(DomainError):
    """There are too few applications with a known candidate and vacancy to train on."""

    code: ClassVar[str] = "not_enough_training_data"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Not enough data to train"
    sample: ClassVar[tuple[str]] = ("Há candidaturas de menos para treinar.",)


class MatchModelMissingError(DomainError):
    """No match model has been trained yet."""

    code = "match_model_missing"
    kind = ErrorKind.UNAVAILABLE
    title = "No match model"

    def __init__(self) -> None:
        super().__init__("O modelo de compatibilidade ainda não foi treinado.")


class VacancyUnknownError(DomainError):
    """The vacancy whose candidates shall be ranked does not exist."""

    code = "match_vacancy_not_found"
    kind = ErrorKind.NOT_FOUND
    title = "Vacancy not found"
    sample = (5185,)

    def __init__(self, codigo: int) -> None:
        super().__init__(f"Vaga com código {codigo} não encontrada.")


class DriftReportMissingError(DomainError):
    """No drift report has been made."""

    code = "drift_report_missing"
    kind = ErrorKind.NOT_FOUND
    title = "No drift report"

    def __init__(self) -> None:
        super().__init__("Relatório de drift não encontrado.")


class SnapshotNotFoundError(DomainError):
    """The score was not kept under this id, or is of another pair."""

    code = "score_snapshot_not_found"
    kind = ErrorKind.NOT_FOUND
    title = "Score snapshot not found"

    def __init__(self) -> None:
        super().__init__("Este instantâneo não foi guardado para esta vaga e este candidato.")


class ModelVersionUnreadableError(DomainError):
    """The files of an older version of the model are gone or were altered.

    So a score cannot be reproduced with it.
    """

    code = "model_version_unreadable"
    kind = ErrorKind.UNAVAILABLE
    title = "Model version unreadable"
    sample = (7,)

    def __init__(self, version: int) -> None:
        super().__init__(f"A versão {version} do modelo não pode mais ser lida como foi publicada.")


class DriftReferenceMissingError(DomainError):
    """The version of the model that answers was trained without a reference for drift.

    Train again.
    """

    code = "drift_reference_missing"
    kind = ErrorKind.CONFLICT
    title = "No reference for drift"
    sample = (7,)

    def __init__(self, version: int) -> None:
        super().__init__(
            f"A versão {version} do modelo não guarda a referência de drift; treine de novo."
        )
