"""Signing in, and what comes of it: access and refresh tokens, and question sessions."""

import asyncio
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from praca.identity import repository
from praca.identity.errors import (
    InvalidCredentialsError,
    InvalidRefreshTokenError,
    TooManyQuestionSessionsError,
    TooManySignInsError,
)
from praca.identity.limits import FailureKeys, Limiter
from praca.identity.models import Account, QuestionSession, RefreshToken
from praca.identity.passwords import Passwords
from praca.identity.repository import audit
from praca.identity.subjects import Subject
from praca.identity.tokens import AccessTokens, hash_refresh_token, new_refresh_token
from praca.kit.clock import utc_now
from praca.platform.context import current_context
from praca.platform.database.engine import Database, WriteSession
from praca.platform.settings import SignInSettings

__all__ = ["Sessions", "SignedIn"]

_CLEAN_EVERY = 100
_QUESTION_WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a sign-in or a refresh gives."""

    subject: Subject
    access_token: str
    refresh_token: str


class Sessions:
    """Opens, renews and ends the sessions of accounts."""

    def __init__(
        self,
        settings: SignInSettings,
        database: Database,
        passwords: Passwords,
        access: AccessTokens,
        keys: FailureKeys,
        *,
        question_sessions_per_address: int,
    ) -> None:
        self._settings = settings
        self._database = database
        self._passwords = passwords
        self._access = access
        self._keys = keys
        self._limiter = Limiter(timedelta(seconds=settings.sign_in_window_s))
        self._question_sessions_per_address = question_sessions_per_address
        self._question_limiter = Limiter(_QUESTION_WINDOW)
        # As wide as the hashing: at most this many attempts run between a check of the limit and
        # the count of the failure, however many are sent at once.
        self._attempts = asyncio.Semaphore(passwords.slots)
        self._attempts_made = 0

    async def sign_in(self, username: str, password: str) -> SignedIn:
        """Exchange a name (user name, CPF or e-mail) and password for tokens.

        It has transactions of its own: a failure is counted although the request fails.

        Raises:
            InvalidCredentialsError: wrong name or password.
            TooManySignInsError: too many failures for this name or from this address.
        """
        account, renewed = await self._verified(username, password)
        await self._clean_sometimes()
        async with self._database.write() as session:
            await repository.clear_failures(session, self._keys.of_name(username))
            return await self._open_session(session, account, renewed)

    async def prove(self, username: str, password: str) -> None:
        """Let somebody who is signed in show that it is still he; failures count as at sign-in.

        Raises:
            InvalidCredentialsError: wrong password.
            TooManySignInsError: too many failures for this name or from this address.
        """
        await self._verified(username, password)

    async def _verified(self, username: str, password: str) -> tuple[Account, str | None]:
        """Return the account with this name and password, and a newer hash if one is due."""
        limits = self._limits_of(username)
        async with self._attempts:
            async with self._database.read() as session:
                wait_s = await self._limiter.wait_s(session, limits)
                if wait_s is not None:
                    raise TooManySignInsError(wait_s)
                account = await repository.get_account_by_login(session, username)
            if account is not None and not account.is_active:
                account = None
            right, renewed = await self._passwords.verify(
                password, account.password_hash if account else None
            )
            if account is None or not right:
                await self._count_failure(limits)
                raise InvalidCredentialsError
        return account, renewed

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
        return await self._open(session, account)

    async def open_for(self, session: WriteSession, account_id: int) -> SignedIn | None:
        """Open a session of an account whose owner has shown in another way who he is.

        Returns:
            None if the account is gone or inactive.
        """
        account = await repository.lock_account(session, account_id)
        if account is None or not account.is_active:
            return None
        return await self._open(session, account)

    async def _open(self, session: WriteSession, account: Account) -> SignedIn:
        refresh_token, _ = await self._add_refresh_token(session, account, uuid.uuid4(), utc_now())
        await audit(session, "signed_in", account.id, account.id)
        return self._signed_in(account, refresh_token)

    def _limits_of(self, username: str) -> dict[str, int]:
        name = self._keys.of_name(username)
        return self._limits_of_address() | {name: self._settings.sign_in_failures_per_account}

    def _limits_of_address(self) -> dict[str, int]:
        address = current_context().address
        if address is None:
            return {}
        return {self._keys.of_address(address): self._settings.sign_in_failures_per_address}

    async def check_address(self) -> None:
        """Refuse an address from which too much was guessed.

        Raises:
            TooManySignInsError: at present.
        """
        async with self._database.read() as session:
            wait_s = await self._limiter.wait_s(session, self._limits_of_address())
        if wait_s is not None:
            raise TooManySignInsError(wait_s)

    async def count_failure_of_address(self) -> None:
        """Count something guessed wrong; it has a transaction of its own."""
        await self._count_failure(self._limits_of_address())

    async def _count_failure(self, limits: dict[str, int]) -> None:
        async with self._database.write() as session:
            await self._limiter.count(session, limits)

    async def _clean_sometimes(self) -> None:
        self._attempts_made += 1
        if self._attempts_made % _CLEAN_EVERY == 0:
            async with self._database.write() as session:
                await self._limiter.clean(session)

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
        retry = timedelta(seconds=self._settings.refresh_retry_s)
        if token.used_at is not None and now - token.used_at > retry:
            await repository.revoke_family(session, token.family, now)
            await audit(session, "refresh_token_reused", account.id, account.id)
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
                await audit(session, "signed_out", account.id, account.id)

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
            expires_at=now + timedelta(days=self._settings.refresh_token_days),
        )
        return secret, await repository.add_refresh_token(session, row)

    def _signed_in(self, account: Account, refresh_token: str) -> SignedIn:
        access_token = self._access.issue(account.id, account.token_version)
        return SignedIn(account.subject, access_token, refresh_token)

    # --- question sessions ------------------------------------------------------------------

    async def open_question_session(self, session: WriteSession, name: str) -> uuid.UUID:
        """Let somebody without an account ask the help desk; return his token.

        Raises:
            TooManyQuestionSessionsError: many were opened from the caller's address.
        """
        limits = self._limits_of_questions()
        wait_s = await self._question_limiter.wait_s(session, limits)
        if wait_s is not None:
            raise TooManyQuestionSessionsError(wait_s)
        session_id = uuid.uuid4()
        row = QuestionSession(session_id=session_id, name=name)
        await repository.add_question_session(session, row)
        # Last, for the counter stays locked until the commit.
        if not await self._question_limiter.count(session, limits):
            raise TooManyQuestionSessionsError(int(_QUESTION_WINDOW.total_seconds()))
        return session_id

    async def find_question_session(self, session_id: uuid.UUID) -> tuple[str, datetime] | None:
        """Return the name that a question session was opened with, and when; None: there is none.

        It has a transaction of its own: whoever asks may work on another database.
        """
        async with self._database.read() as session:
            row = await repository.get_question_session(session, session_id)
        return None if row is None else (row.name, row.created_at)

    def _limits_of_questions(self) -> dict[str, int]:
        address = current_context().address
        if address is None:
            return {}
        return {self._keys.of_address(address, "questions"): self._question_sessions_per_address}
