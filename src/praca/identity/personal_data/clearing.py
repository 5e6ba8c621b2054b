"""Deleting others' accounts as system 4 knows it, one or all of them, by way of the erasure."""

from collections.abc import AsyncIterator, Callable
from typing import Any, Final
from uuid import UUID

from praca.identity import repository as accounts
from praca.identity.errors import (
    AccountNotFoundError,
    BalanceLeftError,
    ForbiddenError,
    OwnAccountError,
    UserNotFoundError,
)
from praca.identity.personal_data import repository
from praca.identity.personal_data.service import PersonalData
from praca.identity.subjects import Subject
from praca.platform.audit import AuditEntry, record
from praca.platform.database import Database
from praca.platform.database.engine import WriteSession
from praca.platform.errors import ConfirmationRequiredError
from praca.platform.tasks import TaskQueue

__all__ = ["ERASE_ALL", "AccountClearing"]

ERASE_ALL: Final = "identity.erase_all"
"""Name of the task that erases all accounts but those of admins."""


class AccountClearing:
    """Deletes accounts for an admin, and everything that any room keeps of their owners.

    Args:
        personal_data: what erases.
        database: the accounts' one.
    """

    def __init__(self, personal_data: PersonalData, database: Database) -> None:
        self._personal_data = personal_data
        self._database = database

    async def erase_one(
        self, *, actor: Subject, account_id: int, confirmed: int | None, forfeit_balance: bool
    ) -> str:
        """Erase somebody else's account and return the name it had.

        It has transactions of its own, as every erasure has.

        Args:
            actor: an admin.
            account_id: whose account.
            confirmed: the same id, once more.
            forfeit_balance: the money that is left on the owner's cards is given up.

        Raises:
            UserNotFoundError: there is no such account, or it is being erased.
            OwnAccountError: it is the caller's.
            ConfirmationRequiredError: another id, or none; nothing is changed then.
            LastAdminError: nobody would be left to give roles.
            BalanceLeftError: there is money, and nobody gave it up.
        """
        async with self._database.read() as session:
            account = await accounts.get_account(session, account_id)
        if account is None or account.erasing_at is not None:
            raise UserNotFoundError(account_id)
        if account_id == actor.id:
            raise OwnAccountError
        if confirmed != account_id:
            what = f"a conta {account_id}, com tudo o que se guarda de seu titular,"
            raise ConfirmationRequiredError(what, 1, account_id)
        try:
            await self._personal_data.erase(
                actor=actor, account_id=account_id, forfeit_balance=forfeit_balance
            )
        except AccountNotFoundError as error:  # somebody else was quicker
            raise UserNotFoundError(account_id) from error
        return account.username

    async def request_all(
        self,
        session: WriteSession,
        tasks: TaskQueue,
        *,
        actor: Subject,
        confirmed: int | None,
        forfeit_balance: bool,
    ) -> tuple[int, UUID]:
        """Enqueue the erasure of all accounts but those of admins.

        Of so many it would take longer than a request. Accounts made later are left alone.

        Args:
            session: the city's, where tasks are.
            tasks: the queue.
            actor: an admin.
            confirmed: how many accounts he says these are.
            forfeit_balance: the money on their owners' cards is given up; without it, who has
                money keeps his account.

        Returns:
            How many accounts these are, and the task's id.

        Raises:
            ConfirmationRequiredError: they are not as many; nothing is changed then.
            TaskAlreadyRunningError: the same is queued or running already.
        """
        async with self._database.read() as reading:
            count, highest = await repository.count_others(reading)
        if confirmed != count:
            raise ConfirmationRequiredError(f"{count} conta(s) com todos os seus dados", count)
        args = {"actor_id": actor.id, "until": highest, "forfeit_balance": forfeit_balance}
        task_id = await tasks.enqueue(session, ERASE_ALL, args, owner_id=actor.id)
        await record(session, AuditEntry("identity.erase_all_requested", "account", None, actor.id))
        return count, task_id

    async def erase_all(
        self,
        *,
        actor_id: int,
        until: int,
        forfeit_balance: bool,
        progress: Callable[[int, int], None],
    ) -> dict[str, Any]:
        """Erase what :meth:`request_all` was asked for; safe to begin again.

        Args:
            actor_id: who asked; he must be an admin still.
            until: the highest id that goes.
            forfeit_balance: see there.
            progress: is told how many accounts were looked at, and of how many.

        Returns:
            ``erased``: how many accounts were closed; ``with_balance``: how many were not, for
            there is money.

        Raises:
            ForbiddenError: who asked is no admin any more.
        """
        async with self._database.read() as session:
            total, _ = await repository.count_others(session)
        found = {"erased": 0, "with_balance": 0}
        async for account_id in self._others(until):
            erased = await self._erased(await self._admin(actor_id), account_id, forfeit_balance)
            found["erased" if erased else "with_balance"] += 1
            progress(sum(found.values()), total)
        return found

    async def _others(self, until: int) -> AsyncIterator[int]:
        """Yield the accounts that go, each as late as can be: its owner may become an admin."""
        last: int | None = 0
        while last is not None:
            async with self._database.read() as session:
                last = await repository.next_other(session, after=last, until=until)
            if last is not None:
                yield last

    async def _admin(self, actor_id: int) -> Subject:
        """Return who asked, who may have lost his role on the way."""
        async with self._database.read() as session:
            account = await accounts.get_account(session, actor_id)
        if account is None or not account.is_active or not account.subject.is_admin:
            raise ForbiddenError
        return account.subject

    async def _erased(self, actor: Subject, account_id: int, forfeit_balance: bool) -> bool:
        try:
            await self._personal_data.erase(
                actor=actor, account_id=account_id, forfeit_balance=forfeit_balance
            )
        except BalanceLeftError:
            return False
        except AccountNotFoundError:
            return True  # its owner went by himself
        return True
