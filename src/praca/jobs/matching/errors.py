"""What can go wrong in matching.

DomainError
├── NotEnoughDataError       too few applications to learn from
├── MatchModelMissingError   nothing has been trained yet
├── VacancyUnknownError      no vacancy has this code
├── DriftReportMissingError  no report has been made
└── (learning) ArtifactError   the files of a model are refused
"""

from typing import ClassVar

from praca.kit.errors import DomainError, ErrorKind

__all__ = [
    "DriftReportMissingError",
    "MatchModelMissingError",
    "NotEnoughDataError",
    "VacancyUnknownError",
]


class NotEnoughDataError(DomainError):
    """There are too few applications with both a candidate and a vacancy to train on."""

    code: ClassVar[str] = "not_enough_training_data"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Not enough data to train"
    sample: ClassVar[tuple[str]] = ("Há candidaturas de menos para treinar.",)


class MatchModelMissingError(DomainError):
    """No match model has been trained and promoted yet."""

    code = "match_model_missing"
    kind = ErrorKind.UNAVAILABLE
    title = "No match model"

    def __init__(self) -> None:
        super().__init__("O modelo de compatibilidade ainda não foi treinado.")


class VacancyUnknownError(DomainError):
    """No vacancy has this code."""

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
