"""Who acts: an account's roles, and the little of it that a request carries along."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["ACCOUNT_LIST_ROLES", "STAFF_ROLES", "Role", "Subject"]


class Role(StrEnum):
    """What an account may do; the values are those of the wire's ``perfil``."""

    USUARIO = "usuario"
    RECRUTADOR = "recrutador"
    BIBLIOTECARIO = "bibliotecario"
    OPERADOR = "operador"
    ADMIN = "admin"


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
