"""What can go wrong with questions.

DomainError
├── QuestionTokenMissingError     401  no token
├── QuestionTokenFormatError      401  no bearer token
├── QuestionTokenInvalidError     401  of no session and no account
├── QuestionSessionNotFoundError  404  none, or somebody else's
├── QuestionNotFoundError         404
├── InvalidQuestionError          422  empty, too long, or no text
├── TooManyWaitingError           429  of one session
├── TooManyQuestionsError         429  of one session, within an hour
└── TooManyListenersError         429  of one session
"""

from typing import ClassVar

from praca.kit.errors import DomainError, ErrorKind, FieldError

__all__ = [
    "InvalidQuestionError",
    "QuestionNotFoundError",
    "QuestionSessionNotFoundError",
    "QuestionTokenFormatError",
    "QuestionTokenInvalidError",
    "QuestionTokenMissingError",
    "TooManyListenersError",
    "TooManyQuestionsError",
    "TooManyWaitingError",
]

_CHALLENGE = {"WWW-Authenticate": "Bearer"}


class QuestionTokenMissingError(DomainError):
    """A question without a token; as in system 5."""

    code: ClassVar[str] = "question_token_missing"
    kind: ClassVar[ErrorKind] = ErrorKind.UNAUTHENTICATED
    title: ClassVar[str] = "No question session"

    def __init__(self) -> None:
        super().__init__("Token não fornecido", headers=_CHALLENGE)


class QuestionTokenFormatError(DomainError):
    """The header of a question is not ``Bearer`` and a token; as in system 5."""

    code: ClassVar[str] = "question_token_malformed"
    kind: ClassVar[ErrorKind] = ErrorKind.UNAUTHENTICATED
    title: ClassVar[str] = "Malformed question token"

    def __init__(self) -> None:
        super().__init__("Formato do token inválido", headers=_CHALLENGE)


class QuestionTokenInvalidError(DomainError):
    """The token of a question is neither an open session's id nor an access token that counts.

    As in system 5.
    """

    code: ClassVar[str] = "question_token_invalid"
    kind: ClassVar[ErrorKind] = ErrorKind.UNAUTHENTICATED
    title: ClassVar[str] = "Invalid question token"

    def __init__(self) -> None:
        super().__init__("Token inválido ou expirado", headers=_CHALLENGE)


class QuestionSessionNotFoundError(DomainError):
    """There is no such question session, or it is another account's.

    Which of the two is not told.
    """

    code: ClassVar[str] = "question_session_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Question session not found"

    def __init__(self) -> None:
        super().__init__("Sessão de perguntas não encontrada.")


class QuestionNotFoundError(DomainError):
    """No question has this id."""

    code: ClassVar[str] = "question_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Question not found"

    def __init__(self) -> None:
        super().__init__("Pergunta não encontrada.")


class InvalidQuestionError(DomainError):
    """A question is empty, too long, or holds characters that no text can.

    ``PRACA_QUESTION_MAX_CHARS`` says how long it may be.
    """

    code: ClassVar[str] = "invalid_question"
    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    title: ClassVar[str] = "Invalid question"
    sample: ClassVar[tuple[str]] = ("A pergunta está vazia.",)

    def __init__(self, message: str) -> None:
        super().__init__(message, errors=[FieldError(("body", "question"), message)])


class TooManyWaitingError(DomainError):
    """``PRACA_QUESTION_MAX_PENDING`` questions of the session wait for their answers.

    ``Retry-After`` says when to try again.
    """

    code: ClassVar[str] = "too_many_waiting_questions"
    kind: ClassVar[ErrorKind] = ErrorKind.LIMIT
    title: ClassVar[str] = "Too many waiting questions"

    def __init__(self) -> None:
        super().__init__(
            "Muitas perguntas suas ainda esperam resposta. Aguarde um pouco.",
            headers={"Retry-After": "5"},
        )


class TooManyQuestionsError(DomainError):
    """The session has asked ``PRACA_QUESTION_MAX_PER_HOUR`` questions within an hour.

    ``Retry-After`` says when to try again.
    """

    code: ClassVar[str] = "too_many_questions"
    kind: ClassVar[ErrorKind] = ErrorKind.LIMIT
    title: ClassVar[str] = "Too many questions"
    sample: ClassVar[tuple[int]] = (600,)

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            "Muitas perguntas nesta sessão. Tente novamente mais tarde.",
            headers={"Retry-After": str(retry_after_s)},
        )


class TooManyListenersError(DomainError):
    """Too many connections wait for the session's answers already, or for anybody's.

    ``PRACA_QUESTION_LISTENERS_PER_SESSION`` and ``PRACA_QUESTION_LISTENERS`` say how many may.
    ``Retry-After`` says when to try again.
    """

    code: ClassVar[str] = "too_many_listeners"
    kind: ClassVar[ErrorKind] = ErrorKind.LIMIT
    title: ClassVar[str] = "Too many listeners"

    def __init__(self) -> None:
        super().__init__(
            "Muitas conexões já esperam por respostas. Feche outras, ou consulte a lista.",
            headers={"Retry-After": "30"},
        )
