"""The protocol that each room implements about the people whose data it keeps."""

from typing import Protocol

from pydantic import JsonValue

__all__ = ["PersonalDataHolder"]


class PersonalDataHolder(Protocol):
    """One room's personal data of an account.

    Attributes:
        name: key of the room's part in an export.
    """

    name: str

    async def export(self, account_id: int) -> JsonValue:
        """Return everything kept about the account, for its owner to read."""
        ...

    async def erase(self, account_id: int) -> None:
        """Remove everything kept about the account: rows, files, entries of indexes.

        It has transactions of its own and is safe to run twice: a process may die half-way, and
        somebody else finishes.
        """
        ...
