"""What can go wrong with accounts and sign-in.

DomainError
├── NotAuthenticatedError            401  no token
├── InvalidTokenError                401  a token that does not count (any more)
├── InvalidCredentialsError          401  wrong name or password
├── InvalidRefreshTokenError         401  unknown, expired, revoked or reused
├── InvalidCpfError                  400  a sign-in by a CPF that is none (system 3)
├── ForbiddenError                   403  signed in, but not allowed
├── CpfChangeError                   403  only an admin changes a CPF
├── AccountNotFoundError             404
├── PersonNotFoundError              404  the same, in system 3's words
├── UserNotFoundError                404  the same, in system 4's words
├── AccountExistsError               400  name taken (sign-up and update, system 1)
├── PersonExistsError                400  CPF or e-mail taken (registration, system 3)
├── UsernameTakenError               409  name taken (system 4, command line)
├── ContactTakenError                409  CPF or e-mail taken
├── BalanceLeftError                 409  an erasure would lose money
├── LastAdminError                   409  nobody would be left to give roles
├── OwnAccountError                  409  an admin who would delete himself among the others
├── InvalidAccountError              422  name, CPF or e-mail that cannot be
├── WeakPasswordError                422
├── MissingJsonError                 400  POST /login of system 2
├── MissingCredentialsError          400  POST /login of system 2
├── RecoveryCodeInvalidError         400  wrong, used up, or never sent
├── RecoveryCodeExpiredError         400
├── TooManySignInsError              429
├── TooManySignUpsError              429
├── TooManyQuestionSessionsError     429
└── TooManyRecoveriesError           429
"""

from typing import ClassVar

from praca.kit.errors import DomainError, ErrorKind, FieldError

__all__ = [
    "AccountExistsError",
    "AccountNotFoundError",
    "BalanceLeftError",
    "ContactTakenError",
    "CpfChangeError",
    "ForbiddenError",
    "InvalidAccountError",
    "InvalidCpfError",
    "InvalidCredentialsError",
    "InvalidRefreshTokenError",
    "InvalidTokenError",
    "LastAdminError",
    "MissingCredentialsError",
    "MissingJsonError",
    "NotAuthenticatedError",
    "OwnAccountError",
    "PersonExistsError",
    "PersonNotFoundError",
    "RecoveryCodeExpiredError",
    "RecoveryCodeInvalidError",
    "TooManyQuestionSessionsError",
    "TooManyRecoveriesError",
    "TooManySignInsError",
    "TooManySignUpsError",
    "UserNotFoundError",
    "UsernameTakenError",
    "WeakPasswordError",
]

_CHALLENGE = {"WWW-Authenticate": "Bearer"}


class NotAuthenticatedError(DomainError):
    """The operation needs an access token and none was sent."""

    code: ClassVar[str] = "not_authenticated"
    kind: ClassVar[ErrorKind] = ErrorKind.UNAUTHENTICATED
    title: ClassVar[str] = "Not authenticated"

    def __init__(self) -> None:
        super().__init__("Não autenticado.", headers=_CHALLENGE)


class InvalidTokenError(DomainError):
    """The access token is malformed, expired or revoked, or its account is gone."""

    code: ClassVar[str] = "invalid_token"
    kind: ClassVar[ErrorKind] = ErrorKind.UNAUTHENTICATED
    title: ClassVar[str] = "Could not validate credentials"

    def __init__(self) -> None:
        super().__init__("Credenciais inválidas ou expiradas.", headers=_CHALLENGE)


class InvalidCredentialsError(DomainError):
    """Wrong user name or password; which of the two is not told."""

    code: ClassVar[str] = "invalid_credentials"
    kind: ClassVar[ErrorKind] = ErrorKind.UNAUTHENTICATED
    title: ClassVar[str] = "Wrong user name or password"

    def __init__(self, detail: str = "Usuário ou senha inválidos") -> None:
        super().__init__(detail, headers=_CHALLENGE)


class InvalidCpfError(DomainError):
    """A sign-in failed whose name is written like a CPF with wrong check digits, as in system 3."""

    code: ClassVar[str] = "invalid_cpf"
    kind: ClassVar[ErrorKind] = ErrorKind.BAD_REQUEST
    title: ClassVar[str] = "Invalid CPF"

    def __init__(self) -> None:
        super().__init__("CPF inválido.")


class InvalidRefreshTokenError(DomainError):
    """The refresh token is unknown, expired, revoked, or was used before."""

    code: ClassVar[str] = "invalid_refresh_token"
    kind: ClassVar[ErrorKind] = ErrorKind.UNAUTHENTICATED
    title: ClassVar[str] = "Invalid refresh token"

    def __init__(self) -> None:
        super().__init__("Refresh token inválido ou expirado", headers=_CHALLENGE)


class ForbiddenError(DomainError):
    """The caller is signed in, but the role does not allow this, or it is somebody else's."""

    code: ClassVar[str] = "forbidden"
    kind: ClassVar[ErrorKind] = ErrorKind.FORBIDDEN
    title: ClassVar[str] = "Forbidden"

    def __init__(self) -> None:
        super().__init__("Você não tem permissão para isto.")


class CpfChangeError(DomainError):
    """Somebody would change the CPF of his own account; an admin does that.

    One that is missing may be added.
    """

    code: ClassVar[str] = "cpf_change_forbidden"
    kind: ClassVar[ErrorKind] = ErrorKind.FORBIDDEN
    title: ClassVar[str] = "CPF cannot be changed"

    def __init__(self) -> None:
        super().__init__("O CPF não pode ser alterado. Procure o atendimento da prefeitura.")


class AccountNotFoundError(DomainError):
    """No account has this id."""

    code: ClassVar[str] = "account_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Account not found"

    def __init__(self) -> None:
        super().__init__("Usuário não encontrado")


class PersonNotFoundError(DomainError):
    """No account has this id, as system 3 says it."""

    code: ClassVar[str] = "person_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Person not found"

    def __init__(self) -> None:
        super().__init__("Usuário não encontrado.")


class UserNotFoundError(DomainError):
    """No account has this id; ``DELETE /admin/limpa-usuario/{id}``, as in system 4."""

    code: ClassVar[str] = "user_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "User not found"
    sample: ClassVar[tuple[int]] = (7,)

    def __init__(self, account_id: int) -> None:
        super().__init__(f"Usuário com ID {account_id} não encontrado.")


class AccountExistsError(DomainError):
    """The user name is taken.

    ``POST /usuarios/signup`` and ``PUT /usuarios/{id}``, as in system 1.
    """

    code: ClassVar[str] = "account_exists"
    kind: ClassVar[ErrorKind] = ErrorKind.BAD_REQUEST
    title: ClassVar[str] = "Account exists"

    def __init__(self) -> None:
        super().__init__("Usuário já existe")


class PersonExistsError(DomainError):
    """The CPF or e-mail is taken; ``POST /users/register``, as in system 3."""

    code: ClassVar[str] = "person_exists"
    kind: ClassVar[ErrorKind] = ErrorKind.BAD_REQUEST
    title: ClassVar[str] = "Person registered"

    def __init__(self) -> None:
        super().__init__("CPF ou e-mail já cadastrado.")


class UsernameTakenError(DomainError):
    """The user name is taken; ``POST /usuarios``, as in system 4."""

    code: ClassVar[str] = "username_taken"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "User name taken"

    def __init__(self) -> None:
        super().__init__("Nome de usuário já cadastrado.")


class ContactTakenError(DomainError):
    """Another account has the CPF or e-mail."""

    code: ClassVar[str] = "contact_taken"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "CPF or e-mail taken"

    def __init__(self) -> None:
        super().__init__("CPF ou e-mail já cadastrado.")


class BalanceLeftError(DomainError):
    """The account that is to be erased has money left.

    Spend it, or give it up with ``renunciar_saldo=true``.
    """

    code: ClassVar[str] = "balance_left"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Balance left"

    def __init__(self) -> None:
        super().__init__(
            "Ainda há saldo nos cartões desta conta. Use-o antes, ou renuncie a ele com"
            " 'renunciar_saldo=true'."
        )


class LastAdminError(DomainError):
    """The only active admin would lose the role."""

    code: ClassVar[str] = "last_admin"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Last administrator"

    def __init__(self) -> None:
        super().__init__(
            "Esta é a única conta de administração ativa. Dê o perfil 'admin' a outra antes."
        )


class OwnAccountError(DomainError):
    """An admin would delete his own account where he deletes others'.

    ``DELETE /users/me`` does that.
    """

    code: ClassVar[str] = "own_account"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Own account"

    def __init__(self) -> None:
        super().__init__("Esta conta é a sua. Para apagá-la, use DELETE /api/v1/users/me.")


class InvalidAccountError(DomainError):
    """A user name, CPF or e-mail that no account can have."""

    code: ClassVar[str] = "invalid_account"
    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    title: ClassVar[str] = "Invalid account"
    sample: ClassVar[tuple[str, str]] = ("username", "Nome de usuário inválido.")

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, errors=[FieldError(("body", field), message)])


class WeakPasswordError(DomainError):
    """A new password is too short, too common, or the user name or CPF itself."""

    code: ClassVar[str] = "weak_password"
    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    title: ClassVar[str] = "Weak password"
    sample: ClassVar[tuple[str]] = ("Esta senha é muito comum.",)

    def __init__(self, message: str, field: str = "password") -> None:
        super().__init__(message, errors=[FieldError(("body", field), message, "weak_password")])


class MissingJsonError(DomainError):
    """``POST /login`` or ``POST /predict`` (system 2) without a JSON object."""

    code: ClassVar[str] = "missing_json"
    kind: ClassVar[ErrorKind] = ErrorKind.BAD_REQUEST
    title: ClassVar[str] = "No JSON data"

    def __init__(self) -> None:
        super().__init__(
            "Nenhum objeto JSON foi enviado.", extra={"error": "No JSON data provided"}
        )


class MissingCredentialsError(DomainError):
    """``POST /login`` (system 2) without a user name or without a password."""

    code: ClassVar[str] = "missing_credentials"
    kind: ClassVar[ErrorKind] = ErrorKind.BAD_REQUEST
    title: ClassVar[str] = "Missing credentials"

    def __init__(self) -> None:
        super().__init__(
            "Informe usuário e senha.",
            extra={"error": "Both username and password are required"},
        )


class RecoveryCodeInvalidError(DomainError):
    """The code is not the last one that was sent to the e-mail, or counts no more.

    It was used, was tried five times, or none was asked for.
    """

    code: ClassVar[str] = "recovery_code_invalid"
    kind: ClassVar[ErrorKind] = ErrorKind.BAD_REQUEST
    title: ClassVar[str] = "Wrong recovery code"

    def __init__(self) -> None:
        super().__init__("Código inválido.")


class RecoveryCodeExpiredError(DomainError):
    """The code to recover a password was not used in time."""

    code: ClassVar[str] = "recovery_code_expired"
    kind: ClassVar[ErrorKind] = ErrorKind.BAD_REQUEST
    title: ClassVar[str] = "Recovery code expired"

    def __init__(self) -> None:
        super().__init__("O código expirou.")


class TooManySignInsError(DomainError):
    """Too many failed sign-ins for this name or from this address.

    ``Retry-After`` says when to try again.
    """

    code: ClassVar[str] = "too_many_sign_ins"
    kind: ClassVar[ErrorKind] = ErrorKind.LIMIT
    title: ClassVar[str] = "Too many sign-in attempts"
    sample: ClassVar[tuple[int]] = (600,)

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            "Muitas tentativas de acesso. Tente novamente mais tarde.",
            headers={"Retry-After": str(retry_after_s)},
        )


class TooManySignUpsError(DomainError):
    """Many accounts were made from this address; ``Retry-After`` says when to try again."""

    code: ClassVar[str] = "too_many_sign_ups"
    kind: ClassVar[ErrorKind] = ErrorKind.LIMIT
    title: ClassVar[str] = "Too many new accounts"
    sample: ClassVar[tuple[int]] = (600,)

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            "Muitas contas novas a partir deste endereço. Tente novamente mais tarde.",
            headers={"Retry-After": str(retry_after_s)},
        )


class TooManyQuestionSessionsError(DomainError):
    """Many anonymous question sessions were opened from this address within an hour.

    ``Retry-After`` says when to try again.
    """

    code: ClassVar[str] = "too_many_question_sessions"
    kind: ClassVar[ErrorKind] = ErrorKind.LIMIT
    title: ClassVar[str] = "Too many question sessions"
    sample: ClassVar[tuple[int]] = (600,)

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            "Muitas sessões de perguntas a partir deste endereço. Tente novamente mais tarde.",
            headers={"Retry-After": str(retry_after_s)},
        )


class TooManyRecoveriesError(DomainError):
    """Many codes to recover a password were asked for, for this e-mail or from this address.

    ``Retry-After`` says when to try again.
    """

    code: ClassVar[str] = "too_many_recoveries"
    kind: ClassVar[ErrorKind] = ErrorKind.LIMIT
    title: ClassVar[str] = "Too many recovery codes"
    sample: ClassVar[tuple[int]] = (600,)

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            "Muitos códigos pedidos. Tente novamente mais tarde.",
            headers={"Retry-After": str(retry_after_s)},
        )
