"""Any OpenID provider: discovery, the authorization code flow with PKCE, ID tokens.

Sources: OpenID Connect Core 1.0 (sections 3.1 and 5.3), OpenID Connect Discovery 1.0, RFC 7636.
"""

import asyncio
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

import structlog
from authlib.oauth2.rfc6749.parameters import (  # type: ignore[import-untyped]
    prepare_grant_uri,
)
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from pydantic import BaseModel

from praca.identity.social.errors import InvalidProviderAnswerError
from praca.identity.social.provider import (
    Attempt,
    Grant,
    Visitor,
    calling,
    fetch_json,
    fetch_token,
)

__all__ = ["OpenIdClient", "OpenIdProvider"]

_log = structlog.get_logger("praca.social")
_REMEMBERED_S: Final = 3600.0
_CLOCKS_APART_S: Final = 60
_LONGEST_ID_TOKEN: Final = 16_384
# Only signatures that nobody but the provider can make: neither none, nor a secret that we share.
_ALGORITHMS: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}
)
# What libraries raise over claims and headers that are wrong, or of unexpected types.
_WRONG: Final = (JoseError, LookupError, OverflowError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class OpenIdClient:
    """An application that is registered at an OpenID provider.

    Attributes:
        issuer: where the provider is described, and what its ID tokens call it.
        also_issuer: another name that its ID tokens may give.
    """

    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str
    redirect_uri: str
    also_issuer: str | None = None


class _Metadata(BaseModel):
    """What discovery says, as far as it matters here; lists have the defaults of the standard."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    id_token_signing_alg_values_supported: list[str] = ["RS256"]
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]

    @property
    def auth_method(self) -> str:
        supported = self.token_endpoint_auth_methods_supported
        basic, post = "client_secret_basic", "client_secret_post"
        return post if post in supported and basic not in supported else basic

    @property
    def algorithms(self) -> list[str]:
        return sorted(_ALGORITHMS.intersection(self.id_token_signing_alg_values_supported))


@dataclass(slots=True)
class _Known:
    """What was read from the provider, and until when it counts."""

    metadata: _Metadata
    keys: KeySet | None = None
    until_s: float = field(default_factory=lambda: monotonic() + _REMEMBERED_S)


class OpenIdProvider:
    """A provider found by its issuer; what it says of itself is read when needed, and kept."""

    def __init__(self, client: OpenIdClient, *, timeout_s: float) -> None:
        self._client = client
        self._timeout_s = timeout_s
        self._known: _Known | None = None
        self._reading = asyncio.Lock()

    async def authorization_url(self, attempt: Attempt) -> str:
        """Return where to send the person.

        Raises:
            ProviderUnreachableError: it does not answer.
        """
        async with calling(self._client.name, self._timeout_s):
            metadata = (await self._read()).metadata
        return str(
            prepare_grant_uri(
                metadata.authorization_endpoint,
                client_id=self._client.client_id,
                response_type="code",
                redirect_uri=self._client.redirect_uri,
                scope=self._client.scope,
                state=attempt.state,
                nonce=attempt.nonce,
                code_challenge=create_s256_code_challenge(attempt.code_verifier),
                code_challenge_method="S256",
            )
        )

    async def visitor(self, code: str, attempt: Attempt) -> Visitor:
        """Return who came back with ``code``.

        Raises:
            SocialRefusedError: the provider does not take the code.
            InvalidProviderAnswerError: the ID token is not its, not for us, or not for this time.
            ProviderUnreachableError: it does not answer.
        """
        async with calling(self._client.name, self._timeout_s):
            metadata = (await self._read()).metadata
            grant = Grant(
                self._client.client_id,
                self._client.client_secret,
                self._client.redirect_uri,
                metadata.auth_method,
            )
            token = await fetch_token(metadata.token_endpoint, grant, code, attempt)
            claims = await self._verified(token, attempt)
            if metadata.userinfo_endpoint and not {"email", "name"} <= claims.keys():
                claims |= await self._user_info(metadata.userinfo_endpoint, token, claims)
        return Visitor.of(
            claims["sub"],
            email=claims.get("email"),
            # Some providers write the boolean as a text.
            verified=claims.get("email_verified") in (True, "true"),
            full_name=claims.get("name"),
        )

    # --- ID tokens --------------------------------------------------------------------------

    async def _verified(self, token: dict[str, Any], attempt: Attempt) -> dict[str, Any]:
        """Return the claims of the ID token that came with ``token``."""
        id_token = token.get("id_token")
        if not isinstance(id_token, str) or len(id_token) > _LONGEST_ID_TOKEN:
            raise self._invalid("no ID token")
        signed = await self._signed(id_token)
        try:
            self._check(signed, attempt, token.get("access_token"))
        except _WRONG as error:
            raise self._invalid(_reason(error)) from None
        return dict(signed.claims)

    async def _signed(self, id_token: str) -> jwt.Token:
        keys = await self._keys()
        try:
            return self._decode(id_token, keys)
        except InvalidKeyIdError:  # signed with a key that is younger than what we know
            keys = await self._keys(again=True)
        try:
            return self._decode(id_token, keys)
        except InvalidKeyIdError as error:
            raise self._invalid(_reason(error)) from None

    def _decode(self, id_token: str, keys: KeySet) -> jwt.Token:
        metadata = self._require_known().metadata
        registry = JWSRegistry(algorithms=metadata.algorithms, strict_check_header=False)
        try:
            return jwt.decode(id_token, keys, registry=registry)
        except InvalidKeyIdError:
            raise
        except _WRONG as error:
            raise self._invalid(_reason(error)) from None

    def _check(self, signed: jwt.Token, attempt: Attempt, access_token: object) -> None:
        client = self._client
        issuers = [client.issuer, *([client.also_issuer] if client.also_issuer else [])]
        options = {
            "iss": {"essential": True, "values": issuers},
            "sub": {"essential": True},
            "aud": {"essential": True, "value": client.client_id},
            "nonce": {"essential": True},
        }
        asked = {
            "nonce": attempt.nonce,
            "client_id": client.client_id,
            "access_token": access_token,
        }
        claims = CodeIDToken(signed.claims, signed.header, options, asked)
        claims.validate(leeway=_CLOCKS_APART_S)

    def _invalid(self, reason: str) -> InvalidProviderAnswerError:
        _log.warning("social.answer_invalid", provider=self._client.name, reason=reason)
        return InvalidProviderAnswerError()

    async def _user_info(
        self, url: str, token: dict[str, Any], claims: dict[str, Any]
    ) -> dict[str, Any]:
        """Return e-mail and name, which a provider need not put into the ID token."""
        headers = {"Authorization": f"Bearer {token.get('access_token')}"}
        info = await fetch_json(url, headers=headers)
        # Section 5.3.2: another subject's must not be used.
        if not isinstance(info, dict) or info.get("sub") != claims["sub"]:
            raise self._invalid("user info of somebody else")
        return {name: info[name] for name in ("email", "email_verified", "name") if name in info}

    # --- what the provider says of itself ----------------------------------------------------

    async def _read(self) -> _Known:
        async with self._reading:
            if self._known is None or self._known.until_s <= monotonic():
                self._known = _Known(await self._discovered())
            return self._known

    async def _discovered(self) -> _Metadata:
        issuer = self._client.issuer
        found = await fetch_json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        metadata = _Metadata.model_validate(found)
        if metadata.issuer != issuer:  # Discovery 1.0, section 4.3
            raise ValueError("the document describes another issuer")
        called = (
            metadata.authorization_endpoint,
            metadata.token_endpoint,
            metadata.jwks_uri,
            metadata.userinfo_endpoint or "https:",
        )
        if issuer.startswith("https:") and not all(url.startswith("https:") for url in called):
            raise ValueError("an address that anybody on the way can change")
        return metadata

    async def _keys(self, *, again: bool = False) -> KeySet:
        known = self._require_known()
        if known.keys is None or again:
            found = await fetch_json(known.metadata.jwks_uri)
            try:
                known.keys = KeySet.import_key_set(found)
            except (JoseError, LookupError, TypeError) as error:
                raise ValueError("no set of keys") from error
        return known.keys

    def _require_known(self) -> _Known:
        if self._known is None:
            raise ValueError("discovery comes first")
        return self._known


def _reason(error: Exception) -> str:
    """Return what was wrong for the log: never the text of an error, which may quote the token."""
    claim = getattr(error, "claim", None) or getattr(error, "claim_name", None)
    return f"{type(error).__name__} {claim or ''}".strip()
