"""The rules of accounts, and whose a token is; signing in is in ``sessions``."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import structlog

from praca.identity import repository
from praca.identity.errors import (
    AccountExistsError,
    AccountNotFoundError,
    ContactTakenError,
    ForbiddenError,
    InvalidAccountError,
    InvalidTokenError,
    LastAdminError,
    TooManySignUpsError,
    UsernameTakenError,
)
from praca.identity.limits import FailureKeys, Limiter
from praca.identity.models import Account
from praca.identity.notices import add_notice
from praca.identity.passwords import Passwords, check_password
from praca.identity.repository import audit
from praca.identity.sessions import Sessions
from praca.identity.subjects import STAFF_ROLES, NoticeKind, Role, Subject
from praca.identity.tokens import AccessTokens, SubjectCache
from praca.kit.clock import utc_now
from praca.kit.cpf import is_valid_cpf, normalize_cpf
from praca.platform.context import current_context
from praca.platform.database.engine import Databases, ReadSession, WriteSession
from praca.platform.settings import Settings

__all__ = ["IdentityService", "Listener"]

_log = structlog.get_logger("praca.identity")
Listener = Callable[[int], Awaitable[None]]
"""Told the id of an account that has just been registered."""


class IdentityService:
    """Accounts and tokens of one application.

    Attributes:
        sessions: signing in and out, and refresh tokens.
        passwords: what hashes them; one for all, as it bounds how many are hashed at a time.
        keys: under which it is counted how often something was tried.
        listeners: other rooms' parts of a registration, such as a citizen's first card.
    """

    def __init__(self, settings: Settings, databases: Databases) -> None:
        self._settings = settings.sign_in
        self._database = databases.identity
        self.listeners: list[Listener] = []
        self.passwords = self._passwords = Passwords()
        self.keys = self._keys = FailureKeys(settings.signing_key)
        self._limiter = Limiter(timedelta(seconds=self._settings.sign_in_window_s))
        self._access = AccessTokens(
            settings.signing_key, lifetime=timedelta(minutes=self._settings.access_token_minutes)
        )
        self._cache = SubjectCache()
        self.sessions = Sessions(
            self._settings,
            self._database,
            self._passwords,
            self._access,
            self._keys,
            question_sessions_per_address=settings.helpdesk.question_sessions_per_address,
        )

    # --- who asks ---------------------------------------------------------------------------

    async def subject_of(self, access_token: str) -> Subject:
        """Return whose token this is.

        Raises:
            InvalidTokenError: malformed, expired or revoked, or the account is gone or inactive.
        """
        known = self._cache.get(access_token)
        if known is not None:
            return known
        claims = self._access.verify(access_token)
        async with self._database.read() as session:
            account = await repository.get_account(session, claims.account_id)
        if (
            account is None
            or not account.is_active
            or account.token_version != claims.token_version
        ):
            raise InvalidTokenError
        self._cache.put(access_token, account.subject, expires_at=claims.expires_at)
        return account.subject

    # --- accounts ---------------------------------------------------------------------------

    async def has_accounts(self, session: ReadSession) -> bool:
        """Tell whether any account exists; the first start makes some."""
        return await repository.has_accounts(session)

    async def require_by_username(self, session: ReadSession, username: str) -> Subject:
        """Return the active account with this user name; a CPF or an e-mail finds nobody.

        Raises:
            AccountNotFoundError: there is none.
        """
        account = await repository.get_account_by_login(session, username)
        if (
            account is None
            or not account.is_active
            or account.username.casefold() != username.strip().casefold()
        ):
            raise AccountNotFoundError
        return account.subject

    async def create_account(
        self,
        session: WriteSession,
        *,
        username: str,
        password: str | None,
        role: Role,
        cpf: str | None = None,
        email: str | None = None,
        further: Mapping[str, Any] | None = None,
        actor: Subject | None = None,
    ) -> Subject:
        """Add an account; the caller has decided that it may have this role.

        ``further`` columns are stored as they are. Without a password the account is entered by way
        of another provider, until its owner sets one.

        Raises:
            InvalidAccountError: a name, CPF or e-mail that cannot be.
            WeakPasswordError: the password breaks a rule.
            UsernameTakenError: the name is taken.
            ContactTakenError: the CPF or e-mail is taken.
        """
        username = _checked_username(username)
        cpf = _checked_cpf(cpf)
        email = _checked_email(email)
        password_hash = None
        if password is not None:
            check_password(password, username=username, cpf=cpf)
            password_hash = await self._passwords.hash(password)
        if await repository.get_account_by_login(session, username) is not None:
            raise UsernameTakenError
        if await repository.contact_taken(session, cpf=cpf, email=email):
            raise ContactTakenError
        account = await repository.insert_account(
            session,
            {
                **(further or {}),
                "username": username,
                "cpf": cpf,
                "email": email,
                "role": role.value,
                "password_hash": password_hash,
            },
        )
        if account is None:
            raise UsernameTakenError
        await audit(session, "signed_up", account.id, actor.id if actor else account.id)
        return account.subject

    async def sign_up(
        self,
        session: WriteSession,
        *,
        actor: Subject | None,
        username: str,
        password: str,
        role: Role,
    ) -> Subject:
        """Add an account on somebody's own request; staff accounts are given by admins only.

        Raises:
            ForbiddenError: a staff role, and the caller is no admin.
            AccountExistsError: the name is taken.
            TooManySignUpsError: many accounts were made from this address just now.
        """
        if role in STAFF_ROLES and not (actor is not None and actor.is_admin):
            raise ForbiddenError
        try:
            return await self._sign_up(session, actor, username, password, role)
        except UsernameTakenError as error:
            raise AccountExistsError from error

    async def register(self, session: WriteSession, username: str, password: str) -> Subject:
        """Add a citizen's account on his own request.

        Raises:
            UsernameTakenError: the name is taken.
            TooManySignUpsError: many accounts were made from this address just now.
        """
        return await self._sign_up(session, None, username, password, Role.USUARIO)

    async def _sign_up(
        self,
        session: WriteSession,
        actor: Subject | None,
        username: str,
        password: str,
        role: Role,
    ) -> Subject:
        is_limited = actor is None or not actor.is_admin
        if is_limited:
            await self.check_sign_ups(session)
        account = await self.create_account(
            session, username=username, password=password, role=role, actor=actor
        )
        # Counted last, for the row stays locked until the commit; raising takes all of it back.
        if is_limited:
            await self.count_sign_up(session)
        return account

    async def check_sign_ups(self, session: ReadSession) -> None:
        """Refuse an address from which many accounts were made.

        Raises:
            TooManySignUpsError: at present.
        """
        wait_s = await self._limiter.wait_s(session, self._sign_up_limits())
        if wait_s is not None:
            raise TooManySignUpsError(wait_s)

    async def count_sign_up(self, session: WriteSession) -> None:
        """Count one more account from the caller's address.

        Raises:
            TooManySignUpsError: it is one too many.
        """
        if not await self._limiter.count(session, self._sign_up_limits()):
            raise TooManySignUpsError(self._settings.sign_in_window_s)

    def _sign_up_limits(self) -> dict[str, int]:
        address = current_context().address
        if address is None:
            return {}
        return {self._keys.of_address(address, "sign-ups"): self._settings.sign_ups_per_address}

    async def tell_registered(self, account_id: int) -> None:
        """Tell the other rooms of a registration, which has been committed.

        What one of them fails at it does later by itself: the registration stands.
        """
        for listener in self.listeners:
            try:
                await listener(account_id)
            except Exception:  # noqa: BLE001  # whatever it is, the citizen has his account
                _log.exception("identity.listener_failed", account_id=account_id)

    async def list_accounts(
        self, session: ReadSession, *, offset: int, limit: int
    ) -> tuple[list[Subject], int]:
        """Return one page of accounts, and how many there are."""
        accounts, total = await repository.list_accounts(session, offset=offset, limit=limit)
        return [account.subject for account in accounts], total

    async def update_account(
        self, session: WriteSession, *, actor: Subject, account_id: int, changes: Mapping[str, Any]
    ) -> Subject:
        """Change ``username``, ``password`` or ``role``; a new password ends every session.

        Raises:
            ForbiddenError: somebody else's account, or one's own role, without being admin.
            AccountNotFoundError: there is no such account.
            AccountExistsError: the new name is taken.
            LastAdminError: nobody would be left to give roles.
        """
        if not actor.is_admin and actor.id != account_id:
            raise ForbiddenError
        before = await repository.get_account(session, account_id)
        if before is None:
            raise AccountNotFoundError
        if not actor.is_admin and changes.get("role", before.role) != before.role:
            raise ForbiddenError
        values = await self._checked_changes(before, changes)
        is_demoted = values.get("role", Role.ADMIN.value) != Role.ADMIN.value
        # Two admins who demote each other at once wait for the lock, and the second is refused.
        if is_demoted and await repository.lock_admins(session) == [account_id]:
            raise LastAdminError
        account = await repository.lock_account(session, account_id)
        if account is None or account.erasing_at is not None:
            raise AccountNotFoundError
        await self._apply(session, account, values)
        if "password_hash" in values:
            # Sent by the next round: this method knows no queue.
            await add_notice(session, NoticeKind.PASSWORD_CHANGED, account_id, account.email)
        await audit(session, "account_updated", account_id, actor.id)
        return account.subject

    async def set_password(
        self, session: WriteSession, account: Account, password_hash: str
    ) -> None:
        """Give the account, which is locked, a new password; every session of it ends.

        Sign-ins that failed before are forgotten.
        """
        await self._apply(session, account, {"password_hash": password_hash})
        for name in (account.username, account.cpf, account.email):
            if name is not None:
                await repository.clear_failures(session, self._keys.of_name(name))

    async def _checked_changes(
        self, account: Account, changes: Mapping[str, Any]
    ) -> dict[str, Any]:
        values = dict(changes)
        if "role" in values:
            values["role"] = Role(values["role"]).value
        if "username" in values:
            values["username"] = _checked_username(values["username"])
        password = values.pop("password", None)
        if password is not None:
            name = values.get("username", account.username)
            check_password(password, username=name, cpf=account.cpf)
            values["password_hash"] = await self._passwords.hash(password)
        return values

    async def _apply(self, session: WriteSession, account: Account, values: dict[str, Any]) -> None:
        if "username" in values:
            holder = await repository.get_account_by_login(session, values["username"])
            if holder is not None and holder.id != account.id:
                raise AccountExistsError
        if "password_hash" in values:
            values["token_version"] = account.token_version + 1
            await repository.revoke_families_of(session, account.id, utc_now())
        if not await repository.change_account(session, account, values):
            raise AccountExistsError


def _checked_username(username: str) -> str:
    username = username.strip()
    if not username or not username.isprintable():
        raise InvalidAccountError("username", "Nome de usuário inválido.")
    # It would be shown in lists, and would shadow the sign-in of the CPF's owner.
    if is_valid_cpf(username):
        raise InvalidAccountError("username", "O nome de usuário não pode ser um CPF.")
    return username


def _checked_cpf(cpf: str | None) -> str | None:
    if cpf is None:
        return None
    if not is_valid_cpf(cpf):
        raise InvalidAccountError("cpf", "CPF inválido.")
    return normalize_cpf(cpf)


def _checked_email(email: str | None) -> str | None:
    if email is None:
        return None
    email = email.strip().lower()
    name, at, domain = email.partition("@")
    if not (name and at and domain) or not email.isprintable():
        raise InvalidAccountError("email", "E-mail inválido.")
    return email
