"""Accounts, roles, sign-in and tokens."""

from praca.identity.service import IdentityService
from praca.identity.sessions import SignedIn
from praca.identity.subjects import STAFF_ROLES, Role, Subject

__all__ = ["STAFF_ROLES", "IdentityService", "Role", "SignedIn", "Subject"]
