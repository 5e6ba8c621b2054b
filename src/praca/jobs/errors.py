"""What can be wrong with a request to the job centre's data."""

from collections.abc import Sequence
from typing import ClassVar

from praca.kit.errors import DomainError, ErrorKind, FieldError

__all__ = [
    "CandidateErasedError",
    "CandidateNotFoundError",
    "DuplicateProspectError",
    "InvalidCursorError",
    "InvalidRecordError",
    "ProspectNotFoundError",
    "VacancyNotFoundError",
]

_SHOWN = 40


class CandidateErasedError(DomainError):
    """The code was that of a person whose data were erased; it is not given again."""

    code: ClassVar[str] = "candidate_erased"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Candidate was erased"

    def __init__(self) -> None:
        super().__init__(
            "Os dados desta pessoa foram apagados a pedido. Para um novo cadastro, não informe o"
            " código: outro será dado."
        )


class CandidateNotFoundError(DomainError):
    """No candidate has this code."""

    code: ClassVar[str] = "candidate_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Candidate not found"
    sample: ClassVar[tuple[str]] = ("31000",)

    def __init__(self, code: str) -> None:
        super().__init__(f"Candidato com código {code[:_SHOWN]} não encontrado.")


class VacancyNotFoundError(DomainError):
    """No vacancy has this code."""

    code: ClassVar[str] = "vacancy_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Vacancy not found"
    sample: ClassVar[tuple[str]] = ("5185",)

    def __init__(self, code: str) -> None:
        super().__init__(f"Vaga com código {code[:_SHOWN]} não encontrada.")


class ProspectNotFoundError(DomainError):
    """The vacancy has no applications, or not this one."""

    code: ClassVar[str] = "prospect_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Prospect not found"
    sample: ClassVar[tuple[str]] = ("Prospect não encontrado para a vaga informada.",)


class DuplicateProspectError(DomainError):
    """The candidate is on the vacancy's list already."""

    code: ClassVar[str] = "prospect_exists"
    kind: ClassVar[ErrorKind] = ErrorKind.BAD_REQUEST
    title: ClassVar[str] = "Prospect already exists"

    def __init__(self) -> None:
        super().__init__("O candidato já está associado a esta vaga.")


class InvalidRecordError(DomainError):
    """A candidate or vacancy that cannot be stored; ``errors`` names every field at fault."""

    code: ClassVar[str] = "invalid_record"
    kind: ClassVar[ErrorKind] = ErrorKind.BAD_REQUEST
    title: ClassVar[str] = "Invalid record"
    sample: ClassVar[tuple[list[FieldError]]] = (
        [FieldError(("body", "infos_basicas", "nome"), "O campo 'nome' é obrigatório.", "missing")],
    )

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("Dados inválidos: " + errors[0].msg, errors=errors)


class InvalidCursorError(DomainError):
    """The ``cursor`` is not one that this list, in this order, handed out."""

    code: ClassVar[str] = "invalid_cursor"
    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    title: ClassVar[str] = "Invalid cursor"

    def __init__(self) -> None:
        message = "Cursor inválido para esta lista e ordenação."
        super().__init__(message, errors=[FieldError(("query", "cursor"), message)])
