"""What can go wrong with cards and their money.

DomainError
├── CardNotFoundError             404  no card has this number
├── NotCardOwnerError             403  it is somebody else's card
├── TooManyCardsError             409  the person has as many cards in use as he may
├── InsufficientFundsError        400  the debit is larger than the balance
├── InvalidAmountError            422  above the limit of one movement
├── BalanceLimitError             409  the card would hold more than it may
├── CardBlockedError              409  a blocked card takes and gives no money
├── CardCancelledError            409  a cancelled card never does again
├── CardNotEmptyError             409  a card is cancelled without money on it
├── CardStateError                409  it is not in the state that the change is made from
├── SameCardError                 422  a transfer from a card to itself
├── DirectRechargeOffError        403  this city takes money by Pix only
├── InvalidPeriodError            422  a statement that ends before it begins
├── MovementKeyReusedError        422  the ledger knows the key with another input
├── MovementKeyExpiredError       409  the key was used so long ago that its answer is gone
└── LedgerBusyError               503  more movements are waiting than may
"""

from typing import ClassVar

from praca.kit.errors import DomainError, ErrorKind, FieldError

__all__ = [
    "BalanceLimitError",
    "CardBlockedError",
    "CardCancelledError",
    "CardNotEmptyError",
    "CardNotFoundError",
    "CardStateError",
    "DirectRechargeOffError",
    "InsufficientFundsError",
    "InvalidAmountError",
    "InvalidPeriodError",
    "LedgerBusyError",
    "MovementKeyExpiredError",
    "MovementKeyReusedError",
    "NotCardOwnerError",
    "SameCardError",
    "TooManyCardsError",
]


def _reais(centavos: int) -> str:
    whole, cents = divmod(centavos, 100)
    return f"R$ {whole:,}".replace(",", ".") + f",{cents:02d}"


class CardNotFoundError(DomainError):
    """No transport card has this number."""

    code: ClassVar[str] = "card_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Card not found"

    def __init__(self) -> None:
        super().__init__("Cartão de transporte não encontrado")


class NotCardOwnerError(DomainError):
    """The transport card is somebody else's."""

    code: ClassVar[str] = "not_card_owner"
    kind: ClassVar[ErrorKind] = ErrorKind.FORBIDDEN
    title: ClassVar[str] = "Not the card's owner"

    def __init__(self) -> None:
        super().__init__("Usuário não é o proprietário do cartão")


class TooManyCardsError(DomainError):
    """The person has ``PRACA_WALLET_MAX_CARDS`` cards in use."""

    code: ClassVar[str] = "too_many_cards"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Too many cards"
    sample: ClassVar[tuple[int]] = (5,)

    def __init__(self, most: int) -> None:
        super().__init__(
            f"Você já tem {most} cartões em uso; cancele um deles antes de pedir outro."
        )


class InsufficientFundsError(DomainError):
    """The card holds less than the debit or transfer."""

    code: ClassVar[str] = "insufficient_funds"
    kind: ClassVar[ErrorKind] = ErrorKind.BAD_REQUEST
    title: ClassVar[str] = "Insufficient funds"

    def __init__(self) -> None:
        super().__init__("Saldo insuficiente para realizar o débito")


class InvalidAmountError(DomainError):
    """The amount is above ``PRACA_WALLET_MAX_AMOUNT_CENTAVOS``."""

    code: ClassVar[str] = "invalid_amount"
    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    title: ClassVar[str] = "Invalid amount"
    sample: ClassVar[tuple[int]] = (100_000,)

    def __init__(self, most: int) -> None:
        message = f"O valor máximo por operação é {_reais(most)}."
        super().__init__(message, errors=[FieldError(("body", "amount"), message)])


class BalanceLimitError(DomainError):
    """The card would hold more than ``PRACA_WALLET_MAX_BALANCE_CENTAVOS``."""

    code: ClassVar[str] = "balance_limit"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Balance limit"
    sample: ClassVar[tuple[int]] = (1_000_000,)

    def __init__(self, most: int) -> None:
        super().__init__(f"O saldo de um cartão não pode passar de {_reais(most)}.")


class CardBlockedError(DomainError):
    """A blocked card neither takes nor gives money, but to another card of its owner."""

    code: ClassVar[str] = "card_blocked"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Card blocked"

    def __init__(self) -> None:
        super().__init__("O cartão está bloqueado.")


class CardCancelledError(DomainError):
    """The card was cancelled; it never takes or gives money again."""

    code: ClassVar[str] = "card_cancelled"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Card cancelled"

    def __init__(self) -> None:
        super().__init__("O cartão foi cancelado.")


class CardNotEmptyError(DomainError):
    """There is money on the card; ``balance`` says how much. Transfer it to another card first."""

    code: ClassVar[str] = "card_not_empty"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Card not empty"
    sample: ClassVar[tuple[int]] = (1105,)

    def __init__(self, balance: int) -> None:
        super().__init__(
            f"Ainda há {_reais(balance)} de saldo; transfira-o para outro cartão antes.",
            extra={"balance": balance},
        )


class CardStateError(DomainError):
    """Blocking what is not active, or unblocking what is not blocked."""

    code: ClassVar[str] = "card_state"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Card in another state"

    def __init__(self) -> None:
        super().__init__("O cartão não está em um estado que permita isto.")


class SameCardError(DomainError):
    """A transfer from a card to itself."""

    code: ClassVar[str] = "same_card"
    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    title: ClassVar[str] = "Same card"

    def __init__(self) -> None:
        message = "O cartão de destino deve ser outro."
        super().__init__(message, errors=[FieldError(("body", "to_card_number"), message)])


class DirectRechargeOffError(DomainError):
    """``PRACA_WALLET_DIRECT_RECHARGE`` is off: recharge by Pix."""

    code: ClassVar[str] = "direct_recharge_off"
    kind: ClassVar[ErrorKind] = ErrorKind.FORBIDDEN
    title: ClassVar[str] = "Direct recharge switched off"

    def __init__(self) -> None:
        super().__init__("A recarga direta está desligada; use uma cobrança Pix.")


class InvalidPeriodError(DomainError):
    """A statement that ends before it begins."""

    code: ClassVar[str] = "invalid_period"
    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    title: ClassVar[str] = "Invalid period"

    def __init__(self) -> None:
        message = "O fim do período vem antes do início."
        super().__init__(message, errors=[FieldError(("query", "end"), message)])


class MovementKeyReusedError(DomainError):
    """The ledger knows this key with another input."""

    code: ClassVar[str] = "movement_key_reused"
    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    title: ClassVar[str] = "Key of a movement reused"

    def __init__(self) -> None:
        message = "Esta chave já foi usada em outra movimentação."
        super().__init__(
            message, errors=[FieldError(("header", "Idempotency-Key"), message, "key_reused")]
        )


class MovementKeyExpiredError(DomainError):
    """The movement was made under this key so long ago that its answer is gone; see the history."""

    code: ClassVar[str] = "movement_key_expired"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Key of a movement expired"

    def __init__(self) -> None:
        super().__init__(
            "Esta movimentação já foi feita, há tempo demais para que a resposta ainda exista;"
            " consulte o extrato."
        )


class LedgerBusyError(DomainError):
    """Too many movements are waiting. ``Retry-After`` says when to try again."""

    code: ClassVar[str] = "ledger_busy"
    kind: ClassVar[ErrorKind] = ErrorKind.UNAVAILABLE
    title: ClassVar[str] = "Ledger busy"

    def __init__(self) -> None:
        super().__init__(
            "Há movimentações demais em espera; tente de novo em instantes.",
            headers={"Retry-After": "1"},
        )
