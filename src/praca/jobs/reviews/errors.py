"""What can be wrong with a review.

DomainError
├── AccountNotLinkedError    the caller is no candidate
├── OpenReviewError          one is open for this pair already
├── ReviewLimitError         the candidate has asked for many
├── ReviewNotFoundError      there is none, or it is somebody else's
├── ReviewOwnCaseError       nobody reviews his own score
└── ReviewStateError         it is not in a state that allows this
"""

from typing import ClassVar

from praca.kit.errors import DomainError, ErrorKind

__all__ = [
    "AccountNotLinkedError",
    "OpenReviewError",
    "ReviewLimitError",
    "ReviewNotFoundError",
    "ReviewOwnCaseError",
    "ReviewStateError",
]


class AccountNotLinkedError(DomainError):
    """A review is requested by an account that is linked to no candidate.

    And not on somebody's behalf, as staff may.
    """

    code: ClassVar[str] = "account_not_linked"
    kind: ClassVar[ErrorKind] = ErrorKind.FORBIDDEN
    title: ClassVar[str] = "Account not linked to a candidate"

    def __init__(self) -> None:
        super().__init__(
            "Sua conta não está vinculada a um candidato; peça o vínculo na central de empregos"
            " ou, se for da equipe, informe o candidato."
        )


class OpenReviewError(DomainError):
    """A review of this candidate's score for this vacancy is open."""

    code: ClassVar[str] = "review_already_open"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Review already open"

    def __init__(self) -> None:
        super().__init__("Já há uma revisão aberta desta nota para esta vaga.")


class ReviewLimitError(DomainError):
    """A candidate has 20 reviews that are open or were requested within 24 hours."""

    code: ClassVar[str] = "review_limit"
    kind: ClassVar[ErrorKind] = ErrorKind.LIMIT
    title: ClassVar[str] = "Too many reviews"
    sample: ClassVar[tuple[int]] = (20,)

    def __init__(self, most: int) -> None:
        super().__init__(
            f"Você já tem {most} revisões abertas ou pedidas nas últimas 24 horas; aguarde as"
            " decisões ou tente de novo amanhã.",
            headers={"Retry-After": "3600"},
        )


class ReviewNotFoundError(DomainError):
    """There is no such review, or it is somebody else's."""

    code: ClassVar[str] = "review_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Review not found"

    def __init__(self) -> None:
        super().__init__("Revisão não encontrada.")


class ReviewOwnCaseError(DomainError):
    """The reviewer's account is linked to the candidate, or was when the review was requested."""

    code: ClassVar[str] = "review_own_case"
    kind: ClassVar[ErrorKind] = ErrorKind.FORBIDDEN
    title: ClassVar[str] = "Own case"

    def __init__(self) -> None:
        super().__init__("Ninguém pode revisar a própria nota.")


class ReviewStateError(DomainError):
    """The review is decided, cancelled or in a colleague's hands; ``situacao`` says which."""

    code: ClassVar[str] = "review_state"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Review in another state"
    sample: ClassVar[tuple[str]] = ("decidida",)

    def __init__(self, status: str) -> None:
        text = {
            "pendente": "A revisão ainda está pendente.",
            "em_analise": "A revisão já está em análise por outra pessoa.",
            "decidida": "A revisão já foi decidida.",
            "cancelada": "A revisão foi cancelada.",
        }
        super().__init__(text[status], extra={"situacao": status})
