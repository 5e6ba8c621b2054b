"""How other rooms reach the owner of an account."""

from dataclasses import dataclass

from praca.identity import repository
from praca.platform.database.engine import ReadSession

__all__ = ["Contact", "contact_of"]


@dataclass(frozen=True, slots=True)
class Contact:
    """A person to write to.

    Attributes:
        full_name: or the user name of who told none.
        email: none if he told none.
    """

    full_name: str
    email: str | None


async def contact_of(session: ReadSession, account_id: int) -> Contact | None:
    """Return how to reach the owner of an active account; ``session`` is of its database."""
    account = await repository.get_account(session, account_id)
    if account is None or not account.is_active:
        return None
    return Contact(account.full_name or account.username, account.email)
