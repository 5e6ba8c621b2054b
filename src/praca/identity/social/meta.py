"""Meta (Facebook), which is no OpenID provider on the web: OAuth 2 and the Graph API.

Source: Meta for Developers, "Manually Build a Login Flow" and "Secure Graph API Calls".
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

import httpx2
from authlib.oauth2.rfc6749.parameters import (  # type: ignore[import-untyped]
    prepare_grant_uri,
)
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]

from praca.identity.social.errors import InvalidProviderAnswerError, SocialRefusedError
from praca.identity.social.provider import (
    Attempt,
    Grant,
    Visitor,
    calling,
    fetch_json,
    fetch_token,
)

__all__ = ["MetaClient", "MetaProvider"]

_NAME: Final = "meta"
_SCOPE: Final = "email,public_profile"
_CLIENT_ERRORS: Final = range(400, 500)


@dataclass(frozen=True, slots=True)
class MetaClient:
    """An application that is registered at Meta, and where Meta is."""

    client_id: str
    client_secret: str = field(repr=False)
    dialog_url: str
    graph_url: str
    redirect_uri: str


class MetaProvider:
    """Meta. There is no ID token, so no nonce: the code is bound by state and PKCE alone."""

    def __init__(self, client: MetaClient, *, timeout_s: float) -> None:
        self._client = client
        self._timeout_s = timeout_s

    async def authorization_url(self, attempt: Attempt) -> str:
        """Return where to send the person."""
        return str(
            prepare_grant_uri(
                self._client.dialog_url,
                client_id=self._client.client_id,
                response_type="code",
                redirect_uri=self._client.redirect_uri,
                scope=_SCOPE,
                state=attempt.state,
                code_challenge=create_s256_code_challenge(attempt.code_verifier),
                code_challenge_method="S256",
            )
        )

    async def visitor(self, code: str, attempt: Attempt) -> Visitor:
        """Return who came back with ``code``; Meta never says that it has verified an e-mail.

        Raises:
            SocialRefusedError: Meta does not take the code, or its own token.
            InvalidProviderAnswerError: it names nobody.
            ProviderUnreachableError: it does not answer.
        """
        client = self._client
        grant = Grant(
            client.client_id, client.client_secret, client.redirect_uri, "client_secret_post"
        )
        async with calling(_NAME, self._timeout_s):
            url = f"{client.graph_url.rstrip('/')}/oauth/access_token"
            token = await fetch_token(url, grant, code, attempt)
            profile = await self._profile(token.get("access_token"))
        if not isinstance(profile, dict):
            raise InvalidProviderAnswerError
        return Visitor.of(
            profile.get("id"),
            email=profile.get("email"),
            verified=False,
            full_name=profile.get("name"),
        )

    async def _profile(self, access_token: object) -> object:
        if not isinstance(access_token, str) or not access_token.isascii():
            raise InvalidProviderAnswerError
        secret = self._client.client_secret.encode()
        proof = hmac.new(secret, access_token.encode(), hashlib.sha256).hexdigest()
        try:
            return await fetch_json(
                f"{self._client.graph_url.rstrip('/')}/me",
                params={"fields": "id,name,email", "appsecret_proof": proof},
                # Not in the address, which may be logged on the way.
                headers={"Authorization": f"Bearer {access_token}"},
            )
        except httpx2.HTTPStatusError as error:
            if error.response.status_code in _CLIENT_ERRORS:
                raise SocialRefusedError from None
            raise
