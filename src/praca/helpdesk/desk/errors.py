"""What can be wrong at the desk.

DomainError
├── FeedbackLimitError           429  of one account or address, within an hour
├── FeedbackQuestionError        404  no such question, or somebody else's
├── FeedbackTooEarlyError        409  the question is not settled
├── TicketChangedError           409  somebody else was quicker
├── TicketClosedError            409  nobody writes in it any more
├── TicketFullError              409  its citizen has written as much as fits
├── TicketNotFoundError          404  none, or somebody else's
├── UnansweredClosedError        409  somebody else was quicker
└── UnansweredNotFoundError      404
"""

from typing import ClassVar

from praca.kit.errors import DomainError, ErrorKind

__all__ = [
    "FeedbackLimitError",
    "FeedbackQuestionError",
    "FeedbackTooEarlyError",
    "TicketChangedError",
    "TicketClosedError",
    "TicketFullError",
    "TicketNotFoundError",
    "UnansweredClosedError",
    "UnansweredNotFoundError",
]


class FeedbackLimitError(DomainError):
    """The account, or the network address, has judged many answers within an hour."""

    code: ClassVar[str] = "feedback_limit"
    kind: ClassVar[ErrorKind] = ErrorKind.LIMIT
    title: ClassVar[str] = "Too much feedback"
    sample: ClassVar[tuple[int]] = (1800,)

    def __init__(self, wait_s: int) -> None:
        super().__init__(
            "Você já avaliou muitas respostas; tente de novo mais tarde.",
            headers={"Retry-After": str(wait_s)},
        )


class FeedbackQuestionError(DomainError):
    """There is no such question, or it was asked with another token."""

    code: ClassVar[str] = "feedback_question_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Question not found"

    def __init__(self) -> None:
        super().__init__("Não encontramos esta pergunta entre as suas.")


class FeedbackTooEarlyError(DomainError):
    """The question has no answer that could be judged."""

    code: ClassVar[str] = "feedback_too_early"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Not answered yet"

    def __init__(self) -> None:
        super().__init__("Esta pergunta ainda não tem resposta; avalie quando ela chegar.")


class TicketChangedError(DomainError):
    """Somebody wrote in the ticket, or closed it, since the caller read it.

    ``version`` says which it is now.
    """

    code: ClassVar[str] = "ticket_changed"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Ticket changed meanwhile"
    sample: ClassVar[tuple[int]] = (3,)

    def __init__(self, version: int) -> None:
        super().__init__(
            "Alguém escreveu neste atendimento depois que você o leu; leia-o de novo.",
            extra={"version": version},
        )


class TicketClosedError(DomainError):
    """The ticket is closed; nobody writes in it any more."""

    code: ClassVar[str] = "ticket_closed"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Ticket closed"

    def __init__(self) -> None:
        super().__init__("Este atendimento foi encerrado; se precisar, abra outro.")


class TicketFullError(DomainError):
    """The ticket holds as many messages as fit; the city is to answer first."""

    code: ClassVar[str] = "ticket_full"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Ticket full"

    def __init__(self) -> None:
        super().__init__("Este atendimento está cheio; aguarde a resposta ou abra outro.")


class TicketNotFoundError(DomainError):
    """There is no such ticket, or it is somebody else's."""

    code: ClassVar[str] = "ticket_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Ticket not found"

    def __init__(self) -> None:
        super().__init__("Atendimento não encontrado.")


class UnansweredClosedError(DomainError):
    """Somebody has answered or dismissed the question, or written an article.

    ``question_status`` says what.
    """

    code: ClassVar[str] = "unanswered_closed"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Question dealt with"
    sample: ClassVar[tuple[str]] = ("respondida",)

    def __init__(self, status: str) -> None:
        what = {
            "respondida": "Outra pessoa já respondeu a esta pergunta.",
            "artigo": "Outra pessoa já escreveu um artigo sobre esta pergunta.",
            "dispensada": "Outra pessoa já dispensou esta pergunta.",
        }
        super().__init__(what[status], extra={"question_status": status})


class UnansweredNotFoundError(DomainError):
    """There is no such question in the queue of unanswered ones."""

    code: ClassVar[str] = "unanswered_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Unanswered question not found"

    def __init__(self) -> None:
        super().__init__("Não há esta pergunta na fila.")
