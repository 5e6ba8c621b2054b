"""What can go wrong between the dashboard and the API, said for people.

::

    ApiProblem
    ├── ApiAwayError        nobody answers
    ├── SignedOutError      the session has ended
    ├── NotAllowedError     the account may not see this
    ├── NotThereError       404: nothing there yet
    ├── RefusedError        any other refusal, or 503, with the API's own sentence
    └── BrokenAnswerError   another 5xx, or an answer of another shape
"""

__all__ = [
    "ApiAwayError",
    "ApiProblem",
    "BrokenAnswerError",
    "NotAllowedError",
    "NotThereError",
    "RefusedError",
    "SignedOutError",
]


class ApiProblem(Exception):  # noqa: N818  # the root of a tree of errors
    """A call did not bring what was asked; ``str()`` of it is for people."""

    sentence = "Algo deu errado ao falar com a API."

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or self.sentence)


class ApiAwayError(ApiProblem):
    """Nobody answers, or not in time."""

    sentence = (
        "A API não está respondendo. Confira se o serviço está no ar e tente de novo em instantes."
    )


class SignedOutError(ApiProblem):
    """Neither token is valid any more."""

    sentence = "Sua sessão terminou. Entre de novo para continuar."


class NotAllowedError(ApiProblem):
    """The account lacks the role."""

    sentence = "Esta conta não tem permissão para ver isto."


class NotThereError(ApiProblem):
    """The API knows no such thing."""

    sentence = "Ainda não há nada aqui."


class RefusedError(ApiProblem):
    """The API refused, and said why."""

    sentence = "A API recusou o pedido."


class BrokenAnswerError(ApiProblem):
    """The API failed, or answered in a shape that is not expected."""

    sentence = "A API falhou ao responder. O erro foi registrado do lado dela; tente de novo."
