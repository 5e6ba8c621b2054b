"""A copy of one's own data, and its erasure, over all rooms and both databases."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

import structlog
from pydantic import JsonValue

from praca.identity import repository as accounts
from praca.identity.errors import AccountNotFoundError, ForbiddenError, LastAdminError
from praca.identity.limits import FailureKeys
from praca.identity.models import Account
from praca.identity.personal_data import repository
from praca.identity.personal_data.account import export_account
from praca.identity.personal_data.holders import PersonalDataHolder, RefusingHolder
from praca.identity.social.repository import delete_registrations_for
from praca.identity.subjects import Role, Subject
from praca.kit.clock import BRASILIA, utc_now
from praca.platform.audit import forget_actor
from praca.platform.database.engine import Databases, WriteSession
from praca.platform.settings import Settings

__all__ = ["PersonalData"]

_log = structlog.get_logger("praca.identity")
_SWEPT_AGAIN: Final = timedelta(hours=1)
"""So long after an erasure it is repeated: a request that was under way may have left something."""


class PersonalData:
    """Exports and erases accounts with all that is known of them.

    The databases share no transaction, so an erasure is three steps, each of them safe to repeat:
    the account is emptied and marked, every holder erases, the account's row goes. A process that
    dies on the way leaves a marked account, and :meth:`finish` takes it up.

    Args:
        settings: the secret under which failed sign-ins are counted.
        databases: only the accounts' one is used here.
        holders: of all rooms, in the order in which they erase.
    """

    def __init__(
        self, settings: Settings, databases: Databases, holders: Sequence[PersonalDataHolder]
    ) -> None:
        self._database = databases.identity
        self._keys = FailureKeys(settings.signing_key)
        self.holders = tuple(holders)

    async def export(self, account_id: int) -> dict[str, JsonValue]:
        """Return everything that is kept about the account, by room, and note that it was asked.

        Not one moment of both databases: each room is read after the other.
        """
        async with self._database.write() as session:
            await accounts.audit(session, "data_exported", account_id, account_id)
        document: dict[str, JsonValue] = {
            "gerado_em": utc_now().astimezone(BRASILIA).isoformat(timespec="seconds"),
            "conta": await export_account(self._database, account_id),
        }
        for holder in self.holders:
            document[holder.name] = await holder.export(account_id)
        return document

    async def erase(
        self, *, actor: Subject, account_id: int, forfeit_balance: bool = False
    ) -> None:
        """Erase an account. On return it is closed for good, and its data are gone or going.

        What fails after the first step is no error of the caller's: it is finished later.

        Args:
            actor: who asks.
            account_id: whose account.
            forfeit_balance: the owner gives up the money that is left on his cards.

        Raises:
            ForbiddenError: somebody else's account, without being admin.
            AccountNotFoundError: there is no such account.
            LastAdminError: nobody would be left to give roles.
            BalanceLeftError: there is money, and nobody gave it up.
        """
        if not actor.is_admin and actor.id != account_id:
            raise ForbiddenError
        if not await self._is_erasing(account_id):
            for holder in self.holders:
                if isinstance(holder, RefusingHolder):
                    await holder.check(account_id, forfeit_balance=forfeit_balance)
            async with self._database.write() as session:
                await self._close(session, account_id, actor)
        await self._tried(self._complete, account_id)

    async def repeat(self, account_id: int) -> bool:
        """Erase once more whom an old copy of the databases has brought back.

        Also where only other rooms know the account still. Money on cards was given up then.

        Returns:
            Whether all is gone; if not, :meth:`finish` goes on.

        Raises:
            LastAdminError: nobody would be left to give roles.
        """
        async with self._database.read() as session:
            account = await accounts.get_account(session, account_id)
        if account is None:
            async with self._database.write() as session:
                await accounts.audit(session, repository.ERASED, account_id, account_id)
            return await self._tried(self._sweep, account_id)
        if account.erasing_at is None:
            async with self._database.write() as session:
                await self._close(session, account_id, account.subject)
        return await self._tried(self._complete, account_id)

    async def finish(self) -> dict[str, int]:
        """Complete what was begun and not ended, and go once more over what ended just now.

        Returns:
            ``erased``: how many were completed; ``left``: how many could not be, again;
            ``swept``: how many were gone over once more.
        """
        async with self._database.read() as session:
            begun = await repository.list_erasing(session)
            ended = await repository.recently_erased(session, _SWEPT_AGAIN)
        completed = [await self._tried(self._complete, account_id) for account_id in begun]
        swept = [await self._tried(self._sweep, account_id) for account_id in ended]
        return {
            "erased": completed.count(True),
            "left": completed.count(False),
            "swept": swept.count(True),
        }

    async def _is_erasing(self, account_id: int) -> bool:
        async with self._database.read() as session:
            account = await accounts.get_account(session, account_id)
        if account is None:
            raise AccountNotFoundError
        return account.erasing_at is not None

    async def _close(self, session: WriteSession, account_id: int, actor: Subject) -> None:
        """Empty and mark the account; from the commit on nobody can use it."""
        admins = await accounts.lock_admins(session)
        account = await accounts.lock_account(session, account_id)
        if account is None:
            raise AccountNotFoundError
        if account.erasing_at is not None:
            return  # somebody else asked in the same moment
        if account.role == Role.ADMIN.value and admins == [account_id]:
            raise LastAdminError
        await repository.forget_failures(session, self._counted(account))
        if account.email is not None:  # known for the last time
            await delete_registrations_for(session, account.email)
        await repository.mark_erasing(session, account, utc_now())
        await accounts.audit(session, "erasure_requested", account_id, actor.id)

    def _counted(self, account: Account) -> list[str]:
        names = (account.username, account.cpf, account.email)
        return [self._keys.of_name(name) for name in names if name]

    async def _tried(self, step: Callable[[int], Awaitable[None]], account_id: int) -> bool:
        try:
            await step(account_id)
        except Exception as error:  # noqa: BLE001  # each room has errors of its own
            # Only its kind: the text of an error may quote what is being erased.
            _log.warning(
                "identity.erasure_interrupted", account_id=account_id, error=type(error).__name__
            )
            return False
        return True

    async def _complete(self, account_id: int) -> None:
        for holder in self.holders:
            await holder.erase(account_id)
        async with self._database.write() as session:
            if await repository.delete_account(session, account_id):
                await accounts.audit(session, repository.ERASED, account_id, account_id)
            await forget_actor(session, account_id, schema="identity")

    async def _sweep(self, account_id: int) -> None:
        for holder in self.holders:
            await holder.erase(account_id)
        async with self._database.write() as session:
            await forget_actor(session, account_id, schema="identity")
