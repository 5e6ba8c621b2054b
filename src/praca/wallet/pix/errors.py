"""What can go wrong with charges.

DomainError
├── ChargeNotFoundError        404  no charge of the person has this id
├── ChargeNotOpenError         409  it has been paid, cancelled, or its time is over
├── TooManyChargesError        409  the person has as many unpaid charges as he may
├── PixOffError                503  this city has no provider
├── ProviderUnavailableError   503  the provider does not answer
├── InvalidSignatureError      401  a notice that the provider has not signed, or long ago
├── InvalidBRCodeError         422  the text is no BR Code of Pix
├── CodeNotPayableError        409  the simulated provider takes no payment for the code
└── SimulatorOffError          404  this city has no simulated provider
"""

from typing import ClassVar

from praca.kit.errors import DomainError, ErrorKind, FieldError

__all__ = [
    "ChargeNotFoundError",
    "ChargeNotOpenError",
    "CodeNotPayableError",
    "InvalidBRCodeError",
    "InvalidSignatureError",
    "PixOffError",
    "ProviderUnavailableError",
    "SimulatorOffError",
    "TooManyChargesError",
]


class ChargeNotFoundError(DomainError):
    """No Pix charge of the caller has this id."""

    code: ClassVar[str] = "pix_charge_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Pix charge not found"

    def __init__(self) -> None:
        super().__init__("Cobrança Pix não encontrada.")


class ChargeNotOpenError(DomainError):
    """The charge has been paid or cancelled, or its time is over."""

    code: ClassVar[str] = "pix_charge_not_open"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Pix charge not open"

    def __init__(self) -> None:
        super().__init__("A cobrança já foi paga ou cancelada, ou venceu.")


class TooManyChargesError(DomainError):
    """The person has as many unpaid Pix charges as he may."""

    code: ClassVar[str] = "pix_too_many_charges"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Too many Pix charges"
    sample: ClassVar[tuple[int]] = (10,)

    def __init__(self, most: int) -> None:
        super().__init__(
            f"Você já tem {most} cobranças por pagar; pague ou cancele uma delas antes."
        )


class PixOffError(DomainError):
    """No provider takes Pix payments for this city."""

    code: ClassVar[str] = "pix_off"
    kind: ClassVar[ErrorKind] = ErrorKind.UNAVAILABLE
    title: ClassVar[str] = "Pix switched off"

    def __init__(self) -> None:
        super().__init__("Esta cidade ainda não recebe por Pix.")


class ProviderUnavailableError(DomainError):
    """The Pix provider does not answer. Try again in a moment."""

    code: ClassVar[str] = "pix_provider_unavailable"
    kind: ClassVar[ErrorKind] = ErrorKind.UNAVAILABLE
    title: ClassVar[str] = "Pix provider unavailable"

    def __init__(self) -> None:
        super().__init__(
            "O provedor de Pix não respondeu; tente de novo em instantes.",
            headers={"Retry-After": "5"},
        )


class InvalidSignatureError(DomainError):
    """A notice of the Pix provider whose signature is wrong or too old."""

    code: ClassVar[str] = "pix_invalid_signature"
    kind: ClassVar[ErrorKind] = ErrorKind.UNAUTHENTICATED
    title: ClassVar[str] = "Invalid signature"

    def __init__(self) -> None:
        super().__init__(
            "A assinatura do aviso não confere.", headers={"WWW-Authenticate": "Pix-Signature"}
        )


class InvalidBRCodeError(DomainError):
    """The text is no BR Code of Pix, or a character of it has changed."""

    code: ClassVar[str] = "invalid_br_code"
    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    title: ClassVar[str] = "Invalid BR Code"

    def __init__(self) -> None:
        message = "O código Pix está incompleto ou foi alterado."
        super().__init__(message, errors=[FieldError(("body", "br_code"), message)])


class CodeNotPayableError(DomainError):
    """The simulated provider does not know the code, or takes no payment for it any more."""

    code: ClassVar[str] = "pix_code_not_payable"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Pix code not payable"

    def __init__(self) -> None:
        super().__init__("Este código não existe, já foi pago ou venceu.")


class SimulatorOffError(DomainError):
    """This city has no simulated Pix provider."""

    code: ClassVar[str] = "pix_simulator_off"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Pix simulator switched off"

    def __init__(self) -> None:
        super().__init__("O simulador de Pix está desligado.")
