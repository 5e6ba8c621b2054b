"""The protocols that each room implements about the people whose data it keeps."""

from typing import Protocol, runtime_checkable

from pydantic import JsonValue

__all__ = ["PersonalDataHolder", "RefusingHolder"]


class PersonalDataHolder(Protocol):
    """One room's personal data of an account.

    Attributes:
        name: key of the room's part in an export.
    """

    name: str

    async def export(self, account_id: int) -> JsonValue:
        """Return everything kept about the account, for its owner to read.

        Data about other people are left out, their names as members of staff included.
        """
        ...

    async def erase(self, account_id: int) -> None:
        """Remove everything kept about the account: rows, files, entries of indexes.

        It has transactions of its own and is safe to run twice: a process may die half-way, and
        somebody else finishes. By now the account can do nothing any more, and its own row has
        neither name nor CPF nor e-mail.
        """
        ...


@runtime_checkable
class RefusingHolder(PersonalDataHolder, Protocol):
    """A holder that may say no to an erasure, before anything has happened."""

    async def check(self, account_id: int, *, forfeit_balance: bool) -> None:
        """Refuse the erasure if the person would lose something he has not given up.

        Args:
            account_id: whose data are to be erased.
            forfeit_balance: he gives up the money that is left.

        Raises:
            BalanceLeftError: there is money, and he has not.
        """
        ...
