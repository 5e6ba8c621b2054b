"""What can be wrong with a document, its file, or a share of it.

DomainError
├── DocumentNotFoundError      404  there is none, or it is somebody else's
├── DocumentFileNotFoundError  404  the document has no file
├── DocumentFileRefusedError   422  no PDF, JPEG or PNG, or one that cannot be kept
├── DocumentFileTooLargeError  413  the file has too many bytes
├── DocumentLimitError         409  the owner keeps as many as one may
├── DocumentConflictError      409  what was being written was removed meanwhile
├── ShareNotFoundError         404  there is no such share
├── ShareGoneError             410  expired, revoked, used, or its document deleted
├── ShareLimitError            409  the document has as many open shares as one may
└── ShareGuessingError         429  too many unknown links from one address
"""

from typing import Any, ClassVar, Final

from praca.kit.errors import DomainError, ErrorKind, FieldError

__all__ = [
    "DocumentConflictError",
    "DocumentFileNotFoundError",
    "DocumentFileRefusedError",
    "DocumentFileTooLargeError",
    "DocumentLimitError",
    "DocumentNotFoundError",
    "ShareGoneError",
    "ShareGuessingError",
    "ShareLimitError",
    "ShareNotFoundError",
]

_REASONS: Final = {
    "type": "O arquivo deve ser um PDF, JPEG ou PNG.",
    "broken": "O arquivo está danificado ou incompleto.",
    "locked": "O PDF é protegido por senha; envie um sem senha.",
    "pixels": "A imagem tem dimensões grandes demais.",
    "pages": "O PDF tem páginas demais, ou nenhuma.",
    "active": "O PDF contém programas, formulários de envio ou arquivos anexos.",
}
_GONE: Final = {
    "expirado": "Este compartilhamento expirou; peça outro ao dono do documento.",
    "revogado": "O dono do documento revogou este compartilhamento.",
    "usado": "Este compartilhamento valia uma única vez e já foi aberto.",
    "documento_excluido": "O documento deste compartilhamento foi excluído.",
}


class DocumentNotFoundError(DomainError):
    """No document has this id, or it is somebody else's; which of the two is not told."""

    code: ClassVar[str] = "document_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Document not found"

    def __init__(self) -> None:
        super().__init__("Documento não encontrado.")


class DocumentFileNotFoundError(DomainError):
    """The document has no file, or its file is not shared."""

    code: ClassVar[str] = "document_file_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Document has no file"

    def __init__(self) -> None:
        super().__init__("O documento não tem arquivo.")


class DocumentFileRefusedError(DomainError):
    """The file is no PDF, JPEG or PNG, or one that is not kept; ``motivo`` says why.

    It is broken, has too many pixels or pages, or is a PDF with a password, scripts or other files
    in it.
    """

    code: ClassVar[str] = "document_file_refused"
    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    title: ClassVar[str] = "File refused"
    sample: ClassVar[tuple[str]] = ("type",)

    def __init__(self, reason: str) -> None:
        detail = _REASONS[reason]
        super().__init__(
            detail,
            errors=[FieldError(("body", "file"), detail, f"file_{reason}")],
            extra={"motivo": reason},
        )


class DocumentFileTooLargeError(DomainError):
    """The file of a document is larger than ``PRACA_DOCUMENT_MAX_BYTES``."""

    code: ClassVar[str] = "document_file_too_large"
    kind: ClassVar[ErrorKind] = ErrorKind.TOO_LARGE
    title: ClassVar[str] = "File too large"
    sample: ClassVar[tuple[int]] = (10 * 1024 * 1024,)

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"O arquivo é grande demais (máximo de {max_bytes} bytes).")


class DocumentLimitError(DomainError):
    """The person keeps ``PRACA_DOCUMENT_MAX_PER_PERSON`` documents already."""

    code: ClassVar[str] = "document_limit"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Too many documents"
    sample: ClassVar[tuple[int]] = (100,)

    def __init__(self, most: int) -> None:
        super().__init__(f"Você já guarda {most} documentos; exclua um para guardar outro.")


class DocumentConflictError(DomainError):
    """A document's upload was given up; nothing was changed.

    It took too long, or its owner's data were erased meanwhile.
    """

    code: ClassVar[str] = "document_conflict"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Changed meanwhile"

    def __init__(self) -> None:
        super().__init__("O documento mudou durante o envio; tente de novo.")


class ShareNotFoundError(DomainError):
    """No shared document has this link, or the document has no such share."""

    code: ClassVar[str] = "share_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Share not found"

    def __init__(self) -> None:
        super().__init__("Compartilhamento não encontrado; confira o endereço.")


class ShareGoneError(DomainError):
    """A link to a shared document that shows nothing any more; ``motivo`` says why.

    It expired, was revoked, was used, or its document was deleted.
    """

    code: ClassVar[str] = "share_gone"
    kind: ClassVar[ErrorKind] = ErrorKind.GONE
    title: ClassVar[str] = "Share no longer valid"
    sample: ClassVar[tuple[Any, ...]] = ("expirado",)

    def __init__(self, reason: str) -> None:
        super().__init__(_GONE[reason], extra={"valido": False, "motivo": reason})


class ShareLimitError(DomainError):
    """The document has 50 open shares already."""

    code: ClassVar[str] = "share_limit"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Too many shares"
    sample: ClassVar[tuple[int]] = (50,)

    def __init__(self, most: int) -> None:
        super().__init__(
            f"Este documento já tem {most} compartilhamentos abertos; revogue um para criar outro."
        )


class ShareGuessingError(DomainError):
    """Too many links that lead nowhere were opened from one network.

    ``Retry-After`` says when to try again.
    """

    code: ClassVar[str] = "share_guessing"
    kind: ClassVar[ErrorKind] = ErrorKind.LIMIT
    title: ClassVar[str] = "Too many unknown links"
    sample: ClassVar[tuple[int]] = (900,)

    def __init__(self, wait_s: int) -> None:
        super().__init__(
            "Muitas tentativas com endereços que não existem; tente de novo mais tarde.",
            headers={"Retry-After": str(wait_s)},
        )
