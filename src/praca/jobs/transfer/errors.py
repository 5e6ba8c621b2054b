"""What can go wrong with a file of the job centre.

DomainError
├── BrokenFileError      the file is not the JSON that the job centre reads; nothing was changed
├── FileKeyMissingError  no file was named
└── FileKeyOutsideError  the file named is not one for imports
"""

from typing import ClassVar

from praca.kit.errors import DomainError, ErrorKind, FieldError

__all__ = [
    "BrokenFileError",
    "FileKeyMissingError",
    "FileKeyOutsideError",
    "RejectedRecordError",
]


class BrokenFileError(DomainError):
    """The file to import is cut short, is not JSON, or is not an object of records.

    Nothing was changed.
    """

    code: ClassVar[str] = "broken_file"
    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    title: ClassVar[str] = "The file cannot be read"
    sample: ClassVar[tuple[str]] = ("ele não é JSON válido",)

    def __init__(self, reason: str, *, position: int | None = None) -> None:
        where = "" if position is None else f" (byte {position})"
        super().__init__(
            f"O arquivo não pode ser importado: {reason}{where}. Nada foi alterado.",
            extra={} if position is None else {"position": position},
        )
        self.position = position


class RejectedRecordError(Exception):
    """One record breaks a rule; it is reported and left out. Never leaves this package."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class FileKeyMissingError(DomainError):
    """An import does not say which file to read."""

    code: ClassVar[str] = "file_key_missing"
    kind: ClassVar[ErrorKind] = ErrorKind.BAD_REQUEST
    title: ClassVar[str] = "file_key is required"

    def __init__(self) -> None:
        message = "O campo 'file_key' é obrigatório."
        super().__init__(message, errors=[FieldError(("body", "file_key"), message, "missing")])


class FileKeyOutsideError(DomainError):
    """An import names a file outside of ``raw/`` and ``exports/``."""

    code: ClassVar[str] = "file_key_outside"
    kind: ClassVar[ErrorKind] = ErrorKind.BAD_REQUEST
    title: ClassVar[str] = "Not a file for imports"

    def __init__(self) -> None:
        message = "Só arquivos em 'raw/' e 'exports/' podem ser importados."
        super().__init__(message, errors=[FieldError(("body", "file_key"), message)])
