"""Accounts, roles, sign-in and tokens."""

from praca.identity.people.contacts import Contact, contact_of
from praca.identity.service import IdentityService, Listener
from praca.identity.sessions import SignedIn
from praca.identity.subjects import STAFF_ROLES, Role, Subject

__all__ = [
    "STAFF_ROLES",
    "Contact",
    "IdentityService",
    "Listener",
    "Role",
    "SignedIn",
    "Subject",
    "contact_of",
]
