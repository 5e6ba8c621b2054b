"""What can go wrong with signing in by way of other providers.

DomainError
├── UnknownProviderError        404  no such provider, or it is not configured
├── SocialLinkNotFoundError     404  the account is not linked to this provider
├── InvalidSocialStateError     400  unknown, expired or used state, or another browser
├── SocialRefusedError          400  the person or the provider refused
├── InvalidProviderAnswerError  400  an ID token that proves nothing
├── InvalidRegistrationError    400  unknown, expired or used registration token
├── EmailNeededError            422  the provider vouched for none, and none was given
├── InactiveAccountError        401  the linked account is switched off
├── SocialAccountExistsError    409  CPF or e-mail taken: sign in and link
├── SocialLinkTakenError        409  linked already, here or to another account
├── LastSignInError             409  nothing would be left to sign in with
└── ProviderUnreachableError    503
"""

from typing import ClassVar

from praca.kit.errors import DomainError, ErrorKind, FieldError

__all__ = [
    "EmailNeededError",
    "InactiveAccountError",
    "InvalidProviderAnswerError",
    "InvalidRegistrationError",
    "InvalidSocialStateError",
    "LastSignInError",
    "ProviderUnreachableError",
    "SocialAccountExistsError",
    "SocialLinkNotFoundError",
    "SocialLinkTakenError",
    "SocialRefusedError",
    "UnknownProviderError",
]


class UnknownProviderError(DomainError):
    """No provider of this name is configured."""

    code: ClassVar[str] = "social_provider_unknown"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Provider not configured"

    def __init__(self) -> None:
        super().__init__("O acesso por este provedor não está configurado.")


class SocialLinkNotFoundError(DomainError):
    """The caller's account is not linked to this provider."""

    code: ClassVar[str] = "social_link_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Account not linked"

    def __init__(self) -> None:
        super().__init__("Sua conta não está vinculada a este provedor.")


class InvalidSocialStateError(DomainError):
    """Somebody comes back from a provider with a state that does not count.

    It is unknown, older than 10 minutes, was used, or was given to another browser.
    """

    code: ClassVar[str] = "social_state_invalid"
    kind: ClassVar[ErrorKind] = ErrorKind.BAD_REQUEST
    title: ClassVar[str] = "Invalid or expired state"

    def __init__(self) -> None:
        super().__init__(
            "Este acesso expirou, já foi usado ou começou em outro navegador. Comece de novo."
        )


class SocialRefusedError(DomainError):
    """The person did not agree, or the provider did not take the code."""

    code: ClassVar[str] = "social_sign_in_refused"
    kind: ClassVar[ErrorKind] = ErrorKind.BAD_REQUEST
    title: ClassVar[str] = "Refused by the provider"

    def __init__(self) -> None:
        super().__init__("O provedor não autorizou o acesso. Comece de novo.")


class InvalidProviderAnswerError(DomainError):
    """What the provider says does not prove who is asking.

    Its ID token is not signed by it, not for us, not for this sign-in, or too old.
    """

    code: ClassVar[str] = "social_answer_invalid"
    kind: ClassVar[ErrorKind] = ErrorKind.BAD_REQUEST
    title: ClassVar[str] = "Answer of the provider not accepted"

    def __init__(self) -> None:
        super().__init__("A resposta do provedor não pôde ser confirmada. Comece de novo.")


class InvalidRegistrationError(DomainError):
    """The registration token is unknown, older than 30 minutes, or was used."""

    code: ClassVar[str] = "social_registration_invalid"
    kind: ClassVar[ErrorKind] = ErrorKind.BAD_REQUEST
    title: ClassVar[str] = "Invalid registration token"

    def __init__(self) -> None:
        super().__init__("Este cadastro expirou ou já foi usado. Entre de novo pelo provedor.")


class EmailNeededError(DomainError):
    """The provider vouched for no e-mail, so the registration needs one."""

    code: ClassVar[str] = "social_email_needed"
    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    title: ClassVar[str] = "E-mail needed"

    def __init__(self) -> None:
        message = "Informe um e-mail: o provedor não confirmou nenhum."
        super().__init__(message, errors=[FieldError(("body", "email"), message, "missing")])


class InactiveAccountError(DomainError):
    """Another provider names somebody whose account is switched off."""

    code: ClassVar[str] = "account_inactive"
    kind: ClassVar[ErrorKind] = ErrorKind.UNAUTHENTICATED
    title: ClassVar[str] = "Account inactive"

    def __init__(self) -> None:
        super().__init__("Esta conta está desativada.", headers={"WWW-Authenticate": "Bearer"})


class SocialAccountExistsError(DomainError):
    """``POST /auth/social/register``: an account has the CPF or e-mail already.

    Its owner signs in with the password and calls ``POST /auth/social/link``.
    """

    code: ClassVar[str] = "social_account_exists"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Account exists"

    def __init__(self) -> None:
        super().__init__(
            "Já existe uma conta com este CPF ou e-mail. Entre com a senha e depois vincule o "
            "provedor com POST /auth/social/link."
        )


class SocialLinkTakenError(DomainError):
    """Whom the registration token stands for has another account.

    Or the account is linked to somebody else at this provider.
    """

    code: ClassVar[str] = "social_link_taken"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Already linked"

    def __init__(self) -> None:
        super().__init__(
            "Este acesso já está vinculado a uma conta, ou a sua conta a outro acesso do provedor."
        )


class LastSignInError(DomainError):
    """The link is the only way to sign in to the account: it has no password."""

    code: ClassVar[str] = "social_last_sign_in"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Last way to sign in"

    def __init__(self) -> None:
        super().__init__("Esta é a única forma de entrar nesta conta. Crie uma senha antes.")


class ProviderUnreachableError(DomainError):
    """The provider does not answer, not in time, or not in a way that can be read.

    ``Retry-After`` says when to try again.
    """

    code: ClassVar[str] = "social_provider_unreachable"
    kind: ClassVar[ErrorKind] = ErrorKind.UNAVAILABLE
    title: ClassVar[str] = "Provider unreachable"

    def __init__(self) -> None:
        super().__init__(
            "O provedor não está respondendo. Tente de novo em instantes.",
            headers={"Retry-After": "10"},
        )
