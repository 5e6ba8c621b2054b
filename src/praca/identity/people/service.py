"""The rules of citizens: who registers, and who sees and changes whose data."""

import base64
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from praca.identity import repository
from praca.identity.errors import (
    ContactTakenError,
    CpfChangeError,
    ForbiddenError,
    PersonExistsError,
    PersonNotFoundError,
    UsernameTakenError,
)
from praca.identity.models import Account
from praca.identity.notices import SEND_NOTICE, add_notice, enqueue_mail
from praca.identity.passwords import check_citizens_password
from praca.identity.people.fields import Person
from praca.identity.recovery.repository import delete_recoveries_of
from praca.identity.repository import audit
from praca.identity.service import IdentityService
from praca.identity.subjects import ACCOUNT_LIST_ROLES, NoticeKind, Role, Subject
from praca.platform.database.engine import WriteSession
from praca.platform.resources import Resources

__all__ = ["People", "new_username"]

_NAME_BYTES: Final = 8


class People:
    """Citizens of one application.

    Each method has transactions of its own: what follows a change begins when it is committed, and
    a refusal is counted although the request fails.
    """

    def __init__(self, identity: IdentityService, resources: Resources) -> None:
        self._identity = identity
        self._resources = resources
        self._database = resources.databases.identity

    async def register(self, person: Person, password: str) -> Account:
        """Add a citizen on his own request, and tell the other rooms.

        Raises:
            WeakPasswordError: the password breaks a rule.
            PersonExistsError: the CPF or e-mail is taken.
            TooManySignUpsError: many accounts were made, or refused, from this address just now.
        """
        username = new_username()
        check_citizens_password(password, username=username, cpf=person.cpf)
        async with self.registering() as session:
            account = await self.add(session, username, person, password)
        await self._identity.tell_registered(account.id)
        return account

    @asynccontextmanager
    async def registering(self) -> AsyncIterator[WriteSession]:
        """Open a transaction to add a citizen in; afterwards the other rooms are to be told.

        Raises:
            PersonExistsError: the CPF or e-mail is taken.
            TooManySignUpsError: many accounts were made, or refused, from this address just now.
        """
        async with self._database.read() as session:
            await self._identity.check_sign_ups(session)
        try:
            async with self._database.write() as session:
                yield session
        except (ContactTakenError, UsernameTakenError) as error:
            await self._count_refusal()
            raise PersonExistsError from error

    async def _count_refusal(self) -> None:
        """Count that somebody was told that a CPF or an e-mail has an account.

        The contract makes us say so. Whoever asks for that uses up the sign-ups of his address,
        and then is told nothing more.

        Raises:
            TooManySignUpsError: it would be one too many.
        """
        async with self._database.write() as session:
            await self._identity.count_sign_up(session)

    async def add(
        self, session: WriteSession, username: str, person: Person, password: str | None
    ) -> Account:
        """Add a citizen within :meth:`registering`."""
        subject = await self._identity.create_account(
            session,
            username=username,
            password=password,
            role=Role.USUARIO,
            cpf=person.cpf,
            email=person.email,
            further={
                "full_name": person.full_name,
                "birth_date": person.birth_date,
                "phone": person.phone,
            },
        )
        # Counted last, for the row stays locked until the commit; raising takes all of it back.
        await self._identity.count_sign_up(session)
        return await _require(session, subject.id)

    async def list_people(
        self, actor: Subject, *, offset: int, limit: int
    ) -> tuple[list[Account], int]:
        """Return one page of all accounts by id, and how many there are; for operators and admins.

        Raises:
            ForbiddenError: the caller is neither.
        """
        if actor.role not in ACCOUNT_LIST_ROLES:
            raise ForbiddenError
        async with self._database.write() as session:
            found = await repository.list_accounts(session, offset=offset, limit=limit)
            await audit(session, "accounts_listed", None, actor.id)
            return found

    async def show(self, actor: Subject, account_id: int) -> Account:
        """Return one's own account, or to operators and admins anybody's.

        Raises:
            ForbiddenError: it is, or would be, somebody else's.
            PersonNotFoundError: there is none; only who may see all is told.
        """
        if actor.id != account_id and actor.role not in ACCOUNT_LIST_ROLES:
            raise ForbiddenError
        async with self._database.write() as session:
            account = await _require(session, account_id)
            if actor.id != account_id:
                await audit(session, "account_read", account_id, actor.id)
            return account

    async def update(self, actor: Subject, account_id: int, person: Person) -> Account:
        """Replace what is kept about oneself, or as admin about anybody.

        The old address is told of a new one by e-mail, and codes sent to it count no more.

        Raises:
            ForbiddenError: somebody else's account, without being admin.
            PersonNotFoundError: there is no such account.
            CpfChangeError: another CPF, without being admin.
            ContactTakenError: another account has the CPF or e-mail.
            TooManySignUpsError: many were refused so from this address just now.
        """
        if actor.id != account_id and not actor.is_admin:
            raise ForbiddenError
        if actor.is_admin:
            return await self._update(actor, account_id, person)
        async with self._database.read() as session:
            await self._identity.check_sign_ups(session)
        try:
            return await self._update(actor, account_id, person)
        except ContactTakenError:
            await self._count_refusal()
            raise

    async def _update(self, actor: Subject, account_id: int, person: Person) -> Account:
        async with self._database.write() as session:
            account = await repository.lock_account(session, account_id)
            if account is None or account.erasing_at is not None:
                raise PersonNotFoundError
            if account.cpf not in {None, person.cpf} and not actor.is_admin:
                raise CpfChangeError
            old_email = account.email
            await _change(session, account, person)
            await audit(session, "account_updated", account_id, actor.id)
            notice = None
            if old_email != account.email:
                await delete_recoveries_of(session, account_id)
                notice = await add_notice(session, NoticeKind.EMAIL_CHANGED, account_id, old_email)
        if notice is not None:
            await enqueue_mail(self._resources, SEND_NOTICE.name, notice_id=str(notice))
        return account


def new_username() -> str:
    """Return a user name that says nothing of who has it; citizens sign in by CPF or e-mail."""
    # Of eight bytes come thirteen letters; ten of them are fifty bits.
    letters = base64.b32encode(secrets.token_bytes(_NAME_BYTES)).decode().lower()[:10]
    return f"cidadao-{letters}"


async def _require(session: WriteSession, account_id: int) -> Account:
    account = await repository.get_account(session, account_id)
    if account is None:
        raise PersonNotFoundError
    return account


async def _change(session: WriteSession, account: Account, person: Person) -> None:
    if await repository.contact_taken(
        session, cpf=person.cpf, email=person.email, besides=account.id
    ):
        raise ContactTakenError
    changes: dict[str, Any] = {
        "full_name": person.full_name,
        "email": person.email,
        "birth_date": person.birth_date,
        "cpf": person.cpf,
        "phone": person.phone,
    }
    if not await repository.change_account(session, account, changes):
        raise ContactTakenError
