"""What can be wrong with keys.

DomainError
└── EncryptionUnavailableError  503  the key that a data key is kept under cannot be had
"""

from praca.kit.errors import DomainError, ErrorKind

__all__ = ["EncryptionUnavailableError"]


class EncryptionUnavailableError(DomainError):
    """The key that a person's data key is kept under is not to be had.

    It is not in the settings, or the service that keeps it does not answer.
    """

    code = "encryption_unavailable"
    kind = ErrorKind.UNAVAILABLE
    title = "Encryption unavailable"

    def __init__(self) -> None:
        super().__init__(
            "Os documentos estão temporariamente indisponíveis. Tente de novo em instantes.",
            headers={"Retry-After": "10"},
        )
