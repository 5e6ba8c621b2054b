"""The rules of accounts, sign-in and tokens."""

import asyncio
import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from praca.identity import repository
from praca.identity.errors import (
    AccountExistsError,
    AccountNotFoundError,
    ContactTakenError,
    ForbiddenError,
    InvalidAccountError,
    InvalidCredentialsError,
    InvalidRefreshTokenError,
    InvalidTokenError,
    TooManySignInsError,
    UsernameTakenError,
)
from praca.identity.limits import FailureKeys
from praca.identity.models import Account, QuestionSession, RefreshToken
from praca.identity.passwords import Passwords, check_password
from praca.identity.subjects import STAFF_ROLES, Role, Subject
from praca.identity.tokens import (
    AccessTokens,
    SubjectCache,
    hash_refresh_token,
    new_refresh_token,
)
from praca.kit.clock import utc_now
from praca.kit.cpf import is_valid_cpf, normalize_cpf
from praca.platform.audit import AuditEntry, record
from praca.platform.context import current_context
from praca.platform.database.engine import Databases, ReadSession, WriteSession
from praca.platform.settings import Settings

__all__ = ["IdentityService", "SignedIn"]

_SCHEMA = "identity"
_CLEAN_EVERY = 100


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a sign-in or a refresh gives."""

    subject: Subject
    access_token: str
    refresh_token: str


class IdentityService:
    """Accounts and tokens of one application."""

    def __init__(self, settings: Settings, databases: Databases) -> None:
        self._limits = settings.sign_in
        self._database = databases.identity
        self._window = timedelta(seconds=self._limits.sign_in_window_s)
        self._passwords = Passwords()
        # As wide as the hashing: at most this many attempts run between a check of the limit and
        # the count of the failure, however many are sent at once.
        self._attempts = asyncio.Semaphore(self._passwords.slots)
        self._attempts_made = 0
        self._keys = FailureKeys(settings.signing_key)
        self._access = AccessTokens(
            settings.signing_key, lifetime=timedelta(minutes=self._limits.access_token_minutes)
        )
        self._cache = SubjectCache()

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

    async def create_account(
        self,
        session: WriteSession,
        *,
        username: str,
        password: str,
        role: Role,
        cpf: str | None = None,
        email: str | None = None,
        actor: Subject | None = None,
    ) -> Subject:
        """Add an account; the caller has decided that it may have this role.

        Raises:
            InvalidAccountError: a name, CPF or e-mail that cannot be.
            WeakPasswordError: the password breaks a rule.
            UsernameTakenError: the name is taken.
            ContactTakenError: the CPF or e-mail is taken.
        """
        username = _checked_username(username)
        cpf = _checked_cpf(cpf)
        email = _checked_email(email)
        check_password(password, username=username, cpf=cpf)
        password_hash = await self._passwords.hash(password)
        if await repository.get_account_by_login(session, username) is not None:
            raise UsernameTakenError
        if await repository.contact_taken(session, cpf=cpf, email=email):
            raise ContactTakenError
        account = await repository.insert_account(
            session,
            {
                "username": username,
                "cpf": cpf,
                "email": email,
                "role": role.value,
                "password_hash": password_hash,
            },
        )
        if account is None:
            raise UsernameTakenError
        await _audit(session, "signed_up", account.id, actor.id if actor else account.id)
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
        """
        if role in STAFF_ROLES and not (actor is not None and actor.is_admin):
            raise ForbiddenError
        try:
            return await self.create_account(
                session, username=username, password=password, role=role, actor=actor
            )
        except UsernameTakenError as error:
            raise AccountExistsError from error

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
        """
        if not actor.is_admin and actor.id != account_id:
            raise ForbiddenError
        before = await repository.get_account(session, account_id)
        if before is None:
            raise AccountNotFoundError
        if not actor.is_admin and changes.get("role", before.role) != before.role:
            raise ForbiddenError
        values = await self._checked_changes(before, changes)
        account = await repository.lock_account(session, account_id)
        if account is None:
            raise AccountNotFoundError
        await self._apply(session, account, values)
        await _audit(session, "account_updated", account_id, actor.id)
        return account.subject

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

    # --- sign-in ----------------------------------------------------------------------------

    async def sign_in(self, username: str, password: str) -> SignedIn:
        """Exchange a name (user name, CPF or e-mail) and password for tokens.

        It has transactions of its own: a failure is counted although the request fails.

        Raises:
            InvalidCredentialsError: wrong name or password.
            TooManySignInsError: too many failures for this name or from this address.
        """
        limits = self._limits_of(username)
        async with self._attempts:
            async with self._database.read() as session:
                await self._check_limits(session, limits)
                account = await repository.get_account_by_login(session, username)
            if account is not None and not account.is_active:
                account = None
            right, renewed = await self._passwords.verify(
                password, account.password_hash if account else None
            )
            if account is None or not right:
                await self._count_failure(limits)
                raise InvalidCredentialsError
        await self._clean_sometimes()
        async with self._database.write() as session:
            await repository.clear_failures(session, self._keys.of_name(username))
            return await self._open_session(session, account, renewed)

    async def _open_session(
        self, session: WriteSession, verified: Account, renewed_hash: str | None
    ) -> SignedIn:
        account = await repository.lock_account(session, verified.id)
        # The password may have been changed since it was compared.
        if (
            account is None
            or not account.is_active
            or account.token_version != verified.token_version
        ):
            raise InvalidCredentialsError
        if renewed_hash is not None:
            account.password_hash = renewed_hash
        refresh_token, _ = await self._add_refresh_token(session, account, uuid.uuid4(), utc_now())
        await _audit(session, "signed_in", account.id, account.id)
        return self._signed_in(account, refresh_token)

    def _limits_of(self, username: str) -> dict[str, int]:
        limits = {self._keys.of_name(username): self._limits.sign_in_failures_per_account}
        address = current_context().address
        if address is not None:
            key = self._keys.of_address(address)
            limits[key] = self._limits.sign_in_failures_per_address
        return limits

    async def _check_limits(self, session: ReadSession, limits: Mapping[str, int]) -> None:
        now = utc_now()
        for key, (started, failures) in (await repository.get_failures(session, limits)).items():
            left_s = (started + self._window - now).total_seconds()
            if left_s > 0 and failures >= limits[key]:
                raise TooManySignInsError(max(1, math.ceil(left_s)))

    async def _count_failure(self, limits: Mapping[str, int]) -> None:
        async with self._database.write() as session:
            for key in sorted(limits):  # one order for all, so that no two wait for each other
                await repository.add_failure(session, key, now=utc_now(), window=self._window)

    async def _clean_sometimes(self) -> None:
        self._attempts_made += 1
        if self._attempts_made % _CLEAN_EVERY == 0:
            async with self._database.write() as session:
                await repository.delete_stale(session, now=utc_now(), window=self._window)

    # --- refresh tokens ---------------------------------------------------------------------

    async def refresh(self, refresh_token: str) -> SignedIn:
        """Exchange a refresh token for a new pair; it has a transaction of its own.

        A token that was used already revokes its whole family, because one of the two who have it
        is a thief; within the retry window it is taken for a lost reply instead.

        Raises:
            InvalidRefreshTokenError: unknown, expired, revoked or reused.
        """
        async with self._database.write() as session:
            signed_in = await self._rotate(session, hash_refresh_token(refresh_token))
        # Raised after the commit: a family revoked here stays revoked.
        if signed_in is None:
            raise InvalidRefreshTokenError
        return signed_in

    async def _rotate(self, session: WriteSession, token_hash: str) -> SignedIn | None:
        found = await self._locked_token(session, token_hash)
        if found is None:
            return None
        token, account = found
        now = utc_now()
        if token.revoked_at is not None or token.expires_at <= now or not account.is_active:
            return None
        retry = timedelta(seconds=self._limits.refresh_retry_s)
        if token.used_at is not None and now - token.used_at > retry:
            await repository.revoke_family(session, token.family, now)
            await _audit(session, "refresh_token_reused", account.id, account.id)
            return None
        fresh, fresh_id = await self._add_refresh_token(session, account, token.family, now)
        token.used_at = token.used_at or now
        token.replaced_by = fresh_id
        return self._signed_in(account, fresh)

    async def sign_out(self, refresh_token: str) -> None:
        """Revoke the family of the token; one that is unknown is as good as revoked."""
        async with self._database.write() as session:
            found = await self._locked_token(session, hash_refresh_token(refresh_token))
            if found is not None:
                token, account = found
                await repository.revoke_family(session, token.family, utc_now())
                await _audit(session, "signed_out", account.id, account.id)

    async def _locked_token(
        self, session: WriteSession, token_hash: str
    ) -> tuple[RefreshToken, Account] | None:
        """Find the token and lock its account, which puts all changes to its tokens in a row."""
        token = await repository.get_refresh_token(session, token_hash)
        if token is None:
            return None
        account = await repository.lock_account(session, token.account_id)
        token = await repository.get_refresh_token(session, token_hash)
        return None if token is None or account is None else (token, account)

    async def _add_refresh_token(
        self, session: WriteSession, account: Account, family: uuid.UUID, now: datetime
    ) -> tuple[str, int]:
        secret = new_refresh_token()
        row = RefreshToken(
            family=family,
            account_id=account.id,
            token_hash=hash_refresh_token(secret),
            expires_at=now + timedelta(days=self._limits.refresh_token_days),
        )
        return secret, await repository.add_refresh_token(session, row)

    def _signed_in(self, account: Account, refresh_token: str) -> SignedIn:
        access_token = self._access.issue(account.id, account.token_version)
        return SignedIn(account.subject, access_token, refresh_token)

    # --- question sessions ------------------------------------------------------------------

    async def open_question_session(self, session: WriteSession, name: str) -> uuid.UUID:
        """Let somebody without an account ask the library's assistant; return his token."""
        session_id = uuid.uuid4()
        row = QuestionSession(session_id=session_id, name=name)
        await repository.add_question_session(session, row)
        return session_id


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


async def _audit(session: WriteSession, what: str, account_id: int, actor_id: int) -> None:
    entry = AuditEntry(f"identity.{what}", "account", str(account_id), actor_id)
    await record(session, entry, schema=_SCHEMA)
