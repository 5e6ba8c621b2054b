"""What can be wrong with asking for an answer.

DomainError
└── TooManyAnswersError    429
"""

from typing import ClassVar

from praca.kit.errors import DomainError, ErrorKind

__all__ = ["TooManyAnswersError"]


class TooManyAnswersError(DomainError):
    """Many questions were asked from this address within a minute.

    ``Retry-After`` says when to try again.
    """

    code: ClassVar[str] = "too_many_answers"
    kind: ClassVar[ErrorKind] = ErrorKind.LIMIT
    title: ClassVar[str] = "Too many questions"
    sample: ClassVar[tuple[int]] = (60,)

    def __init__(self, wait_s: int) -> None:
        super().__init__(
            f"Muitas perguntas a partir desta rede. Tente de novo em {wait_s} segundos.",
            headers={"Retry-After": str(wait_s)},
        )
