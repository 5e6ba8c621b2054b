"""The one error of the house, and the closed list of its kinds.

Every room derives its own errors from :class:`DomainError`; the edges (HTTP, command line)
translate a *kind* into a status or an exit code in one table each.

    DomainError
    ├── platform.errors   TaskNotFoundError, TaskAlreadyRunningError, ...
    ├── identity.errors   InvalidCredentialsError, ...
    └── jobs.errors       CandidateNotFoundError, ...
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Self

__all__ = ["DomainError", "ErrorKind", "FieldError"]


class ErrorKind(StrEnum):
    """What went wrong, seen from the caller."""

    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    GONE = "gone"
    PRECONDITION = "precondition"
    FORBIDDEN = "forbidden"
    UNAUTHENTICATED = "unauthenticated"
    BAD_REQUEST = "bad_request"
    INVALID = "invalid"
    LIMIT = "limit"
    TOO_LARGE = "too_large"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that was refused: where (``loc``), why in Portuguese (``msg``), and the rule."""

    loc: tuple[str | int, ...]
    msg: str
    type: str = "value_error"


class DomainError(Exception):
    """Something a user did, or asked for, that cannot be.

    Attributes:
        code: stable, unique, machine-readable name; it is part of the API.
        kind: which class of answer it becomes.
        title: short English summary that never changes for a code.
        sample: arguments of an instance that the documentation can show.
        detail: Portuguese sentence for the person who asked.
        errors: fields that were refused, if the payload was at fault.
        extra: further members of the problem document (for example ``task_id``).
        headers: further headers of the HTTP answer (for example ``Retry-After``).
    """

    code: ClassVar[str] = "error"
    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    title: ClassVar[str] = "Error"
    sample: ClassVar[tuple[Any, ...]] = ()

    @classmethod
    def example(cls) -> Self:
        """Return one such error, as it is documented."""
        return cls(*cls.sample)

    def __init__(
        self,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})
