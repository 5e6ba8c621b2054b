"""What a provider is to the rules, and what all providers share when they are called."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext
from typing import Any, Protocol, Self

import httpx2
import structlog
from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]
from authlib.integrations.httpx_client import (  # type: ignore[import-untyped]
    AsyncOAuth2Client,
)

from praca.identity.social.errors import (
    InvalidProviderAnswerError,
    ProviderUnreachableError,
    SocialRefusedError,
)
from praca.kit.text import bounded, squeeze

__all__ = ["Attempt", "Grant", "Provider", "Visitor", "calling", "fetch_json", "fetch_token"]

_log = structlog.get_logger("praca.social")
_LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, section 2
_LONGEST_NAME = 200
_LONGEST_EMAIL = 254
_ERROR_CODE = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One person's way to a provider and back.

    Attributes:
        state: comes back with him; it was handed to his browser alone.
        code_verifier: proves that whoever exchanges the code is who asked for it (RFC 7636).
        nonce: comes back in the ID token, so that no older one counts.
    """

    state: str
    code_verifier: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who somebody is at a provider.

    Attributes:
        subject: the provider's own key of him; it never changes and is never given to another.
        email_verified: whether the provider vouches that the e-mail is his.
    """

    subject: str
    email: str | None
    email_verified: bool
    full_name: str | None

    @classmethod
    def of(cls, subject: object, *, email: object, verified: bool, full_name: object) -> Self:
        """Take what a provider says, leaving out what cannot be an e-mail or a name.

        Raises:
            InvalidProviderAnswerError: the subject is none.
        """
        known = _text(subject, _LONGEST_SUBJECT)
        if known is None:
            raise InvalidProviderAnswerError
        address = _text(email, _LONGEST_EMAIL)
        if address is not None and "@" not in address:
            address = None
        name = squeeze(bounded(full_name, _LONGEST_NAME)) if isinstance(full_name, str) else ""
        return cls(known, address, verified and address is not None, _text(name, _LONGEST_NAME))


def _text(value: object, longest: int) -> str | None:
    if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
        return None
    return value


class Provider(Protocol):
    """Somebody who tells us who people are."""

    async def authorization_url(self, attempt: Attempt) -> str:
        """Return where to send the person.

        Raises:
            ProviderUnreachableError: it does not answer.
        """
        ...

    async def visitor(self, code: str, attempt: Attempt) -> Visitor:
        """Return who came back with ``code``.

        Raises:
            SocialRefusedError: the provider does not take the code.
            InvalidProviderAnswerError: its answer proves nothing.
            ProviderUnreachableError: it does not answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class Grant:
    """How a code is exchanged: where, as which application, and shown how."""

    client_id: str
    client_secret: str
    redirect_uri: str
    auth_method: str


@asynccontextmanager
async def calling(provider: str, timeout_s: float) -> AsyncIterator[None]:
    """Bound the time of calls to a provider, and tell in our own errors what goes wrong.

    What the provider says is not passed on: it may quote codes and tokens.
    """
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except OAuthError as error:
        told = str(error.error)
        reason = told if _ERROR_CODE.fullmatch(told) else "unknown"
        _log.warning("social.refused", provider=provider, reason=reason)
        raise SocialRefusedError from None
    except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, TypeError, ValueError) as error:
        _log.warning("social.unreachable", provider=provider, reason=type(error).__name__)
        raise ProviderUnreachableError from None


@cache
def _certificates() -> SSLContext:
    return httpx2.create_ssl_context()  # it takes longer to read them than to call


async def fetch_json(url: str, **request: Any) -> Any:
    """Return the JSON document at ``url``; to be used within :func:`calling`."""
    # The time is bounded around all calls together, by `calling`.
    async with httpx2.AsyncClient(verify=_certificates(), timeout=None) as client:
        answer = await client.get(url, **request)
        answer.raise_for_status()
        return answer.json()


async def fetch_token(url: str, grant: Grant, code: str, attempt: Attempt) -> dict[str, Any]:
    """Exchange ``code`` for what the provider gives for it; within :func:`calling`."""
    client = AsyncOAuth2Client(
        grant.client_id,
        grant.client_secret,
        token_endpoint_auth_method=grant.auth_method,
        redirect_uri=grant.redirect_uri,
        verify=_certificates(),
        timeout=None,
    )
    async with client:
        token = await client.fetch_token(
            url,
            grant_type="authorization_code",
            code=code,
            code_verifier=attempt.code_verifier,
        )
    return dict(token)
