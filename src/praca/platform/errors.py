"""Errors of the platform.

DomainError
├── TaskNotFoundError        404  no such task, or not the caller's
├── TaskAlreadyRunningError  409  an exclusive kind is queued or running
├── TaskFinishedError        409  a finished task cannot be cancelled
├── RequestTooLargeError     413  the body is over the limit
├── ObjectNotFoundError      404  no such file in the object store
└── ServiceUnavailableError  503  the database or a model is not there
"""

from uuid import UUID

from praca.kit.errors import DomainError, ErrorKind

__all__ = [
    "ObjectNotFoundError",
    "RequestTooLargeError",
    "ServiceUnavailableError",
    "TaskAlreadyRunningError",
    "TaskFinishedError",
    "TaskNotFoundError",
]


class TaskNotFoundError(DomainError):
    """No task has this id, or it belongs to somebody else."""

    code = "task_not_found"
    kind = ErrorKind.NOT_FOUND
    title = "Task not found"

    def __init__(self) -> None:
        super().__init__("Tarefa não encontrada.")


class TaskAlreadyRunningError(DomainError):
    """A task of this exclusive kind is queued or running; ``task_id`` names it."""

    code = "task_already_running"
    kind = ErrorKind.CONFLICT
    title = "Task already running"

    def __init__(self, task_id: UUID, kind: str) -> None:
        super().__init__(
            f"Já existe uma tarefa '{kind}' em andamento (ID: {task_id}).",
            extra={"task_id": str(task_id)},
        )


class TaskFinishedError(DomainError):
    """The task has ended; there is nothing to cancel."""

    code = "task_finished"
    kind = ErrorKind.CONFLICT
    title = "Task already finished"

    def __init__(self) -> None:
        super().__init__("A tarefa já terminou.")


class RequestTooLargeError(DomainError):
    """The request's body is larger than ``PRACA_MAX_BODY_BYTES``."""

    code = "request_too_large"
    kind = ErrorKind.TOO_LARGE
    title = "Request too large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"O corpo da requisição passa do limite de {limit} bytes.")


class ObjectNotFoundError(DomainError):
    """The object store has no such file."""

    code = "object_not_found"
    kind = ErrorKind.NOT_FOUND
    title = "File not found"

    def __init__(self, key: str) -> None:
        super().__init__(f"Arquivo não encontrado: {key}")


class ServiceUnavailableError(DomainError):
    """Something this answer needs is not there at the moment."""

    code = "service_unavailable"
    kind = ErrorKind.UNAVAILABLE
    title = "Service unavailable"
