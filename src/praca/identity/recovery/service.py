"""The rules of a forgotten password: a code by e-mail, a token for the code, a new password.

Nobody learns here which e-mails have an account. The request looks at no account at all: it notes
the e-mail, encrypted, and a task looks. What follows treats an address without an account like one
whose code was not guessed, at the same cost.

A code may be tried five times, and five codes an hour may be asked for by default, so guessing the
code of one account succeeds with a chance of 25 in a million an hour, and its owner gets an e-mail
for every five tries.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from praca.identity import repository as accounts
from praca.identity.errors import (
    InvalidTokenError,
    RecoveryCodeExpiredError,
    RecoveryCodeInvalidError,
    TooManyRecoveriesError,
)
from praca.identity.limits import Limiter
from praca.identity.models import Account, PasswordRecovery
from praca.identity.notices import SEND_NOTICE, add_notice, enqueue_mail
from praca.identity.passwords import check_citizens_password
from praca.identity.recovery import repository
from praca.identity.recovery.secrets import RecoverySecrets
from praca.identity.recovery.tasks import SEND_CODE, resolve
from praca.identity.service import IdentityService
from praca.identity.social.repository import delete_links_of
from praca.identity.subjects import NoticeKind
from praca.kit.clock import utc_now
from praca.platform.context import current_context
from praca.platform.database.engine import ReadSession, WriteSession
from praca.platform.errors import DatabaseUnavailableError
from praca.platform.resources import Resources

__all__ = ["MOST_TRIES", "Recovery"]

MOST_TRIES: Final = 5
_WINDOW: Final = timedelta(hours=1)


class Recovery:
    """Recoveries of one application.

    Each method has transactions of its own: a wrong code is counted although the request fails,
    and the queue may be in another database than the accounts.
    """

    def __init__(self, identity: IdentityService, resources: Resources) -> None:
        self._identity = identity
        self._resources = resources
        self._settings = resources.settings.sign_in
        self._database = resources.databases.identity
        self._secrets = RecoverySecrets(resources.settings.signing_key)
        self._limiter = Limiter(_WINDOW)
        self._lifetime = timedelta(minutes=self._settings.recovery_minutes)

    # --- a code -----------------------------------------------------------------------------

    async def begin(self, email: str) -> str:
        """Have a code sent to the e-mail, if it is an account's; return the code.

        A new code takes the place of the last one.

        Raises:
            TooManyRecoveriesError: for this e-mail, or from this address.
            DatabaseUnavailableError: nobody could be told to send it.
        """
        recovery_id, now = uuid4(), utc_now()
        code = self._secrets.code_of(recovery_id)
        values = {
            "id": recovery_id,
            "email_key": self._secrets.email_key(email),
            "sealed_email": self._secrets.sealed(recovery_id, email),
            "code_hash": self._secrets.hash_of(recovery_id, code),
            "tries": 0,
            "created_at": now,
            "expires_at": now + self._lifetime,
        }
        async with self._database.write() as session:
            await self._count(session, email)
            await repository.replace_recovery(session, values)
        if not await enqueue_mail(self._resources, SEND_CODE.name, recovery_id=str(recovery_id)):
            raise DatabaseUnavailableError
        return code

    async def _count(self, session: WriteSession, email: str) -> None:
        keys = self._identity.keys
        limits = {keys.of_recovery(email): self._settings.recoveries_per_account}
        address = current_context().address
        if address is not None:
            limits[keys.of_address(address, "recoveries")] = self._settings.recoveries_per_address
        wait_s = await self._limiter.wait_s(session, limits)
        if wait_s is None and not await self._limiter.count(session, limits):
            wait_s = int(_WINDOW.total_seconds())
        if wait_s is not None:
            raise TooManyRecoveriesError(wait_s)

    # --- a token for the code ---------------------------------------------------------------

    async def verify(self, email: str, code: str) -> str:
        """Exchange the code for a token that sets a new password.

        Each code is good for one token. Wrong ones count as failed sign-ins of the address.

        Raises:
            RecoveryCodeInvalidError: wrong, used, tried too often, or none was sent.
            RecoveryCodeExpiredError: too late.
            TooManySignInsError: too many failures from this address.
        """
        await self._identity.sessions.check_address()
        async with self._database.write() as session:
            token = await self._try(session, email, code)
        # Counted after the commit: the try stays used.
        if token is None:
            await self._identity.sessions.count_failure_of_address()
            raise RecoveryCodeInvalidError
        return token

    async def _try(self, session: WriteSession, email: str, code: str) -> str | None:
        found = await repository.find_by_email(session, self._secrets.email_key(email))
        if found is None:
            return None
        # Whoever is quick, in development, comes before the task that looks for the account.
        recovery = await resolve(session, self._secrets, found)
        if recovery is None or recovery.tries >= MOST_TRIES or recovery.verified_at is not None:
            return None
        now = utc_now()
        if recovery.expires_at <= now:
            raise RecoveryCodeExpiredError
        recovery.tries += 1
        is_right = self._secrets.is_code(recovery.id, code, recovery.code_hash)
        if not is_right or recovery.account_id is None:
            return None
        recovery.verified_at, recovery.token_expires_at = now, now + self._lifetime
        await accounts.audit(session, "recovery_verified", recovery.account_id, recovery.account_id)
        return self._secrets.token(recovery.id, recovery.token_expires_at)

    # --- a new password ---------------------------------------------------------------------

    async def reset(self, token: str, new_password: str) -> None:
        """Set a new password, end all sessions, and tell the owner by e-mail; once per token.

        Raises:
            InvalidTokenError: no token of :meth:`verify`, or one that was used or has expired.
            WeakPasswordError: the password breaks a rule; the token still counts.
        """
        recovery_id = self._secrets.recovery_of(token)
        async with self._database.read() as session:
            account = await self._owner(session, recovery_id)
        check_citizens_password(
            new_password, username=account.username, cpf=account.cpf, field="new_password"
        )
        password_hash = await self._identity.passwords.hash(new_password)
        async with self._database.write() as session:
            notice = await self._reset(session, recovery_id, account.id, password_hash)
        if notice is not None:
            await enqueue_mail(self._resources, SEND_NOTICE.name, notice_id=str(notice))

    async def _reset(
        self, session: WriteSession, recovery_id: UUID, account_id: int, password_hash: str
    ) -> UUID | None:
        # The account first, as wherever both are locked.
        account = await accounts.lock_account(session, account_id)
        recovery = _usable(await repository.lock_recovery(session, recovery_id))
        if account is None or not account.is_active or recovery.account_id != account_id:
            raise InvalidTokenError
        recovery.used_at = utc_now()
        await self._identity.set_password(session, account, password_hash)
        # Whoever had the account in his hands may have left himself another way in.
        await delete_links_of(session, account_id)
        await accounts.audit(session, "password_recovered", account_id, account_id)
        return await add_notice(session, NoticeKind.PASSWORD_CHANGED, account_id, account.email)

    async def _owner(self, session: ReadSession, recovery_id: UUID) -> Account:
        recovery = _usable(await repository.get_recovery(session, recovery_id))
        account = await accounts.get_account(session, recovery.account_id or 0)
        if account is None or not account.is_active:
            raise InvalidTokenError
        return account


def _usable(recovery: PasswordRecovery | None) -> PasswordRecovery:
    """Return a recovery whose token counts.

    Raises:
        InvalidTokenError: it was replaced or used, or has no token, or that has expired.
    """
    if (
        recovery is None
        or recovery.used_at is not None
        or recovery.token_expires_at is None
        or recovery.token_expires_at <= utc_now()
    ):
        raise InvalidTokenError
    return recovery
