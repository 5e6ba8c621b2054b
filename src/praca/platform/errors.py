"""Errors of the platform.

DomainError
├── TaskNotFoundError          404  no such task, or not the caller's
├── TaskAlreadyRunningError    409  an exclusive kind is queued or running
├── TaskFinishedError          409  a finished task cannot be cancelled
├── ConfirmationRequiredError  409  what cannot be undone was not confirmed, or something else was
├── RequestTooLargeError       413  the body is over the limit
├── OriginNotAllowedError      403  a page of another origin opens a WebSocket
├── IdempotencyKeyReusedError  422  the caller has used the key for another request
├── InvalidRequestError        422  a parameter or the body does not fit
├── ObjectNotFoundError        404  no such file in the object store
└── DatabaseUnavailableError   503  the database does not answer
"""

from collections.abc import Sequence
from uuid import UUID

from praca.kit.errors import DomainError, ErrorKind, FieldError

__all__ = [
    "ConfirmationRequiredError",
    "DatabaseUnavailableError",
    "IdempotencyKeyReusedError",
    "InvalidRequestError",
    "ObjectNotFoundError",
    "OriginNotAllowedError",
    "RequestTooLargeError",
    "TaskAlreadyRunningError",
    "TaskFinishedError",
    "TaskNotFoundError",
]


class TaskNotFoundError(DomainError):
    """No task has this id, or it is somebody else's."""

    code = "task_not_found"
    kind = ErrorKind.NOT_FOUND
    title = "Task not found"

    def __init__(self) -> None:
        super().__init__("Tarefa não encontrada.")


class TaskAlreadyRunningError(DomainError):
    """A task of this kind is queued or running; ``task_id`` names it."""

    code = "task_already_running"
    kind = ErrorKind.CONFLICT
    title = "Task already running"
    sample = (UUID("01936b1e-0c7a-7c3e-8d4f-5a6b7c8d9e0f"), "jobs.import_vagas")

    def __init__(self, task_id: UUID, kind: str) -> None:
        super().__init__(
            f"Já existe uma tarefa '{kind}' em andamento (ID: {task_id}).",
            extra={"task_id": str(task_id)},
        )


class TaskFinishedError(DomainError):
    """The task has ended and cannot be cancelled."""

    code = "task_finished"
    kind = ErrorKind.CONFLICT
    title = "Task already finished"

    def __init__(self) -> None:
        super().__init__("A tarefa já terminou.")


class ConfirmationRequiredError(DomainError):
    """What cannot be undone was not confirmed, or another number was.

    ``linhas`` says how many rows would go, ``confirmar`` what to send.

    Args:
        what: that goes, with its number, in Portuguese.
        rows: how many rows go; ``linhas`` says it.
        value: what is to be sent as ``confirmar``; by default that number.
    """

    code = "confirmation_required"
    kind = ErrorKind.CONFLICT
    title = "Confirmation required"
    sample = ("1000 livros", 1000)

    def __init__(self, what: str, rows: int, value: int | None = None) -> None:
        value = rows if value is None else value
        super().__init__(
            f"Isto apaga {what} e não pode ser desfeito. Para confirmar, repita o pedido com"
            f" 'confirmar={value}'.",
            extra={"linhas": rows, "confirmar": value},
        )


class RequestTooLargeError(DomainError):
    """The body is larger than ``PRACA_MAX_BODY_BYTES``."""

    code = "request_too_large"
    kind = ErrorKind.TOO_LARGE
    title = "Request too large"
    sample = (10 * 1024 * 1024,)

    def __init__(self, limit: int) -> None:
        super().__init__(f"O corpo da requisição passa do limite de {limit} bytes.")


class OriginNotAllowedError(DomainError):
    """A page of an origin that ``PRACA_CORS_ORIGINS`` does not name opens a WebSocket."""

    code = "origin_not_allowed"
    kind = ErrorKind.FORBIDDEN
    title = "Origin not allowed"

    def __init__(self) -> None:
        super().__init__("Páginas desta origem não podem abrir conexões aqui.")


class ObjectNotFoundError(DomainError):
    """The store has no such file."""

    code = "object_not_found"
    kind = ErrorKind.NOT_FOUND
    title = "File not found"
    sample = ("raw/vagas.json",)

    def __init__(self, key: str) -> None:
        super().__init__(f"Arquivo não encontrado: {key}")


class InvalidRequestError(DomainError):
    """A parameter or the body does not fit, or the body cannot be read.

    ``errors`` says which field and why.
    """

    code = "validation_error"
    kind = ErrorKind.INVALID
    title = "Invalid request"
    sample = ([FieldError(("query", "limit"), "Deve ser um número inteiro.", "int_parsing")],)

    def __init__(self, errors: Sequence[FieldError]) -> None:
        where = ".".join(str(part) for part in errors[0].loc[1:]) if errors else ""
        super().__init__(f"Dados inválidos: {where or 'corpo da requisição'}.", errors=errors)


class DatabaseUnavailableError(DomainError):
    """The database does not answer, or has no connection free for too long.

    ``Retry-After`` says when to try again.
    """

    code = "database_unavailable"
    kind = ErrorKind.UNAVAILABLE
    title = "Database unavailable"

    def __init__(self) -> None:
        super().__init__(
            "O serviço está temporariamente indisponível. Tente de novo em instantes.",
            headers={"Retry-After": "2"},
        )


class IdempotencyKeyReusedError(DomainError):
    """The caller has used this ``Idempotency-Key`` for another request."""

    code = "idempotency_key_reused"
    kind = ErrorKind.INVALID
    title = "Idempotency key reused"

    def __init__(self) -> None:
        message = "Esta chave já foi usada em outra requisição; escolha uma nova."
        super().__init__(
            message, errors=[FieldError(("header", "Idempotency-Key"), message, "key_reused")]
        )
