"""Who works at the help desk, as a type."""

from typing import Annotated

from fastapi import Depends

from praca.identity import Role, Subject
from praca.identity.auth import require_role

__all__ = ["Operator"]

Operator = Annotated[Subject, Depends(require_role(Role.OPERADOR, Role.ADMIN))]
"""Operators and admins."""
