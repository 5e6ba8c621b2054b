"""The rules of signing in by way of other providers.

Whom a provider names is signed in if he is linked to an account, and else gets a token with which
he registers or links one. A CPF or an e-mail alone never links: both can be known to others.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter, ValidationError

from praca.identity import repository as accounts
from praca.identity.errors import InvalidTokenError, PersonExistsError
from praca.identity.people.fields import Email, Person
from praca.identity.people.service import People, new_username
from praca.identity.repository import audit
from praca.identity.service import IdentityService
from praca.identity.sessions import SignedIn
from praca.identity.social import repository
from praca.identity.social.errors import (
    EmailNeededError,
    InactiveAccountError,
    InvalidRegistrationError,
    InvalidSocialStateError,
    LastSignInError,
    SocialAccountExistsError,
    SocialLinkNotFoundError,
    SocialLinkTakenError,
    SocialRefusedError,
)
from praca.identity.social.models import LinkedIdentity, SocialRegistration
from praca.identity.social.providers import Providers
from praca.identity.subjects import Subject
from praca.identity.tokens import hash_refresh_token as hashed
from praca.identity.tokens import new_refresh_token as new_secret
from praca.kit.clock import utc_now
from praca.platform.database.engine import ReadSession, WriteSession
from praca.platform.resources import Resources

if TYPE_CHECKING:
    from praca.identity.social.provider import Attempt, Visitor

__all__ = ["ATTEMPT_LIFETIME", "Link", "Newcomer", "Profile", "SocialService", "Started"]

ATTEMPT_LIFETIME: Final = timedelta(minutes=10)
"""How long somebody may take at the provider."""
_REGISTRATION_LIFETIME: Final = timedelta(minutes=30)
_EMAIL: Final[TypeAdapter[str]] = TypeAdapter(Email)


@dataclass(frozen=True, slots=True)
class Started:
    """Where to send somebody, and the secret that his browser keeps until he is back."""

    url: str
    browser: str


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody whom a provider knows and we do not, and the token to complete his registration."""

    registration_token: str
    full_name: str | None
    email: str | None
    email_verified: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """What somebody says of himself to complete his registration."""

    full_name: str
    birth_date: date
    cpf: str
    phone: str
    email: str | None


@dataclass(frozen=True, slots=True)
class Link:
    """A provider by way of which an account may be entered, and since when."""

    provider: str
    since: datetime


class SocialService:
    """Sign-in by way of other providers of one application.

    Attributes:
        is_secure: whether people reach us by HTTPS, so that cookies may demand it.
    """

    def __init__(self, resources: Resources, identity: IdentityService) -> None:
        settings = resources.settings
        self._providers = Providers(settings.social, settings.http)
        self._database = resources.databases.identity
        self._identity = identity
        self._people = People(identity, resources)
        self.is_secure = settings.http.address.startswith("https:")

    # --- there and back ---------------------------------------------------------------------

    async def start(self, provider: str) -> Started:
        """Prepare to send somebody to a provider; it has a transaction of its own.

        Raises:
            UnknownProviderError: it is not configured.
            ProviderUnreachableError: it does not answer.
        """
        from praca.identity.social.provider import Attempt  # noqa: PLC0415  # see Providers

        attempt = Attempt(state=new_secret(), code_verifier=new_secret(), nonce=new_secret())
        browser = new_secret()
        url = await self._providers.require(provider).authorization_url(attempt)
        now = utc_now()
        async with self._database.write() as session:
            await repository.delete_expired(session, now)
            await repository.add_attempt(
                session,
                {
                    "state_hash": hashed(attempt.state),
                    "provider": provider,
                    "browser_hash": hashed(browser),
                    "code_verifier": attempt.code_verifier,
                    "nonce": attempt.nonce,
                    "expires_at": now + ATTEMPT_LIFETIME,
                },
            )
        return Started(url, browser)

    async def finish(
        self, provider: str, *, code: str | None, state: str | None, browser: str | None
    ) -> SignedIn | Newcomer:
        """Take somebody who comes back; without a code the provider has refused.

        It has transactions of its own: none is open while the provider is asked, and a state is
        used up whatever comes of it.

        Raises:
            UnknownProviderError: it is not configured.
            InvalidSocialStateError: he did not leave from this browser, or too long ago.
            SocialRefusedError: he or the provider refused.
            InvalidProviderAnswerError: the provider's answer proves nothing.
            ProviderUnreachableError: it does not answer.
            InactiveAccountError: his account is switched off.
        """
        asked = self._providers.require(provider)
        attempt = await self._take_attempt(provider, state, browser)
        if not code:
            raise SocialRefusedError
        visitor = await asked.visitor(code, attempt)
        async with self._database.write() as session:
            return await self._welcome(session, provider, visitor)

    async def _take_attempt(
        self, provider: str, state: str | None, browser: str | None
    ) -> "Attempt":
        from praca.identity.social.provider import Attempt  # noqa: PLC0415  # see Providers

        if not state or not browser:
            raise InvalidSocialStateError
        async with self._database.write() as session:
            found = await repository.take_attempt(
                session,
                state_hash=hashed(state),
                provider=provider,
                browser_hash=hashed(browser),
                now=utc_now(),
            )
        if found is None:
            raise InvalidSocialStateError
        return Attempt(state=state, code_verifier=found.code_verifier, nonce=found.nonce)

    async def _welcome(
        self, session: WriteSession, provider: str, visitor: "Visitor"
    ) -> SignedIn | Newcomer:
        link = await repository.find_link(session, provider=provider, subject=visitor.subject)
        if link is not None:
            return await self._open(session, link.account_id)
        token, email = new_secret(), _usable(visitor.email)
        is_verified = visitor.email_verified and email is not None
        await repository.put_registration(
            session,
            {
                "provider": provider,
                "subject": visitor.subject,
                "token_hash": hashed(token),
                "verified_email": email if is_verified else None,
                "expires_at": utc_now() + _REGISTRATION_LIFETIME,
            },
        )
        return Newcomer(token, visitor.full_name, email, is_verified)

    async def _open(self, session: WriteSession, account_id: int) -> SignedIn:
        signed_in = await self._identity.sessions.open_for(session, account_id)
        if signed_in is None:
            raise InactiveAccountError
        return signed_in

    # --- newcomers --------------------------------------------------------------------------

    async def register(self, registration_token: str, profile: Profile) -> tuple[SignedIn, str]:
        """Make an account without a password, link it, and sign its owner in.

        Its e-mail is the one that the provider vouched for, else the one in ``profile``. It has
        transactions of its own, as any registration. A token survives what it could not do.

        Returns:
            The session, and the provider.

        Raises:
            InvalidRegistrationError: the token is unknown, expired or used.
            EmailNeededError: the provider vouched for no e-mail, and none was given.
            SocialAccountExistsError: the CPF or e-mail is taken.
            TooManySignUpsError: many accounts were made, or refused, from this address just now.
        """
        try:
            async with self._people.registering() as session:
                registration = await self._require_registration(session, registration_token)
                signed_in = await self._add(session, registration, profile)
        except PersonExistsError as error:
            raise SocialAccountExistsError from error
        await self._identity.tell_registered(signed_in.subject.id)
        return signed_in, registration.provider

    async def _add(
        self, session: WriteSession, registration: SocialRegistration, profile: Profile
    ) -> SignedIn:
        email = registration.verified_email or profile.email
        if email is None:
            raise EmailNeededError
        person = Person(profile.full_name, email, profile.birth_date, profile.cpf, profile.phone)
        account = await self._people.add(session, new_username(), person, None)
        await self._add_link(session, registration, account.id)
        return await self._open(session, account.id)

    # --- links ------------------------------------------------------------------------------

    async def link(self, session: WriteSession, subject: Subject, registration_token: str) -> Link:
        """Let the person whom the token stands for enter the caller's account from now on.

        Raises:
            InvalidRegistrationError: unknown, expired or used.
            SocialLinkTakenError: he has another account, or the account another person there.
        """
        registration = await self._require_registration(session, registration_token)
        return await self._add_link(session, registration, subject.id)

    async def list_links(self, session: ReadSession, subject: Subject) -> list[Link]:
        """Return the caller's links, the oldest first."""
        return [_link(row) for row in await repository.list_links(session, subject.id)]

    async def unlink(self, session: WriteSession, subject: Subject, provider: str) -> None:
        """Take a link from the caller's account.

        Raises:
            SocialLinkNotFoundError: there is none.
            LastSignInError: nothing would be left to sign in with.
        """
        # Two links that are taken away at once wait for the lock, and the second is refused.
        account = await accounts.lock_account(session, subject.id)
        if account is None:
            raise InvalidTokenError
        links = {row.provider: row for row in await repository.list_links(session, subject.id)}
        gone = links.pop(provider, None)
        if gone is None:
            raise SocialLinkNotFoundError
        if account.password_hash is None and not self._providers.names.intersection(links):
            raise LastSignInError
        await repository.delete_link(session, gone)
        await audit(session, "social_unlinked", account.id, subject.id)

    async def _require_registration(self, session: WriteSession, token: str) -> SocialRegistration:
        found = await repository.lock_registration(session, hashed(token), utc_now())
        if found is None:
            raise InvalidRegistrationError
        return found

    async def _add_link(
        self, session: WriteSession, registration: SocialRegistration, account_id: int
    ) -> Link:
        link = await repository.add_link(
            session,
            account_id=account_id,
            provider=registration.provider,
            subject=registration.subject,
        )
        if link is None:
            raise SocialLinkTakenError
        await repository.delete_registration(session, registration)
        await audit(session, "social_linked", account_id, account_id)
        return _link(link)


def _usable(email: str | None) -> str | None:
    """Return the address as accounts have it; none if no account can have it."""
    try:
        return _EMAIL.validate_python(email)
    except ValidationError:
        return None


def _link(row: LinkedIdentity) -> Link:
    return Link(row.provider, row.created_at)
