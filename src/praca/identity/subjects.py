"""Who acts: an account's roles, and the little of it that a request carries along."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["ACCOUNT_LIST_ROLES", "STAFF_ROLES", "NoticeKind", "Role", "Subject"]


class Role(StrEnum):
    """What an account may do; the values are those of the wire's ``perfil``."""

    USUARIO = "usuario"
    RECRUTADOR = "recrutador"
    BIBLIOTECARIO = "bibliotecario"
    OPERADOR = "operador"
    ADMIN = "admin"


class NoticeKind(StrEnum):
    """What the owner of an account is told by e-mail, so that he notices if it was not he."""

    EMAIL_CHANGED = "email_changed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # no password


STAFF_ROLES = frozenset({Role.RECRUTADOR, Role.BIBLIOTECARIO, Role.OPERADOR, Role.ADMIN})
"""Roles that only an admin may give."""

ACCOUNT_LIST_ROLES = frozenset({Role.OPERADOR, Role.ADMIN})
"""Roles that see everybody's account."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The account on whose behalf something is done.

    Attributes:
        cpf: eleven digits, or none if the account has no CPF.
    """

    id: int
    username: str
    role: Role
    cpf: str | None

    @property
    def is_admin(self) -> bool:
        """Whether the account may do everything."""
        return self.role is Role.ADMIN

    @property
    def is_staff(self) -> bool:
        """Whether the account belongs to somebody who works for the city."""
        return self.role in STAFF_ROLES
