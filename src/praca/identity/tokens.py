"""The two kinds of tokens: signed access tokens, and opaque refresh tokens."""

import hashlib
import secrets
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

import jwt

from praca.identity.errors import InvalidTokenError
from praca.identity.subjects import Subject
from praca.kit.clock import utc_now

__all__ = [
    "AccessClaims",
    "AccessTokens",
    "SubjectCache",
    "hash_refresh_token",
    "new_refresh_token",
]

_ALGORITHM = "HS256"
_LONGEST_TOKEN = 4096
_REFRESH_BYTES = 32
_BIGGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says: whose it is, and which generation of his tokens."""

    account_id: int
    token_version: int
    expires_at: datetime


class AccessTokens:
    """Makes and verifies access tokens (JWT, HS256)."""

    def __init__(self, key: str, *, lifetime: timedelta) -> None:
        self._key = key
        self._lifetime = lifetime

    def issue(self, account_id: int, token_version: int) -> str:
        """Return a new token for the account."""
        now = utc_now()
        claims = {
            "sub": str(account_id),
            "ver": token_version,
            "iat": now,
            "exp": now + self._lifetime,
            "jti": uuid.uuid4().hex,
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    def verify(self, token: str) -> AccessClaims:
        """Return what ``token`` says.

        Raises:
            InvalidTokenError: it is not ours, was changed, or has expired.
        """
        if len(token) > _LONGEST_TOKEN:
            raise InvalidTokenError
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                options={"require": ["sub", "ver", "iat", "exp", "jti"]},
            )
            read = AccessClaims(
                account_id=int(claims["sub"]),
                token_version=int(claims["ver"]),
                expires_at=datetime.fromtimestamp(claims["exp"], tz=utc_now().tzinfo),
            )
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError) as error:
            raise InvalidTokenError from error
        if not 0 < read.account_id <= _BIGGEST_ID:
            raise InvalidTokenError
        return read


class SubjectCache:
    """Remembers for a moment whose token one is, so that busy clients cost no query each time.

    The lifetime is how long a revoked token may still be believed by this process.
    """

    def __init__(self, *, lifetime_s: float = 1.0, capacity: int = 4096) -> None:
        self._lifetime_s = lifetime_s
        self._capacity = capacity
        self._entries: OrderedDict[str, tuple[float, Subject]] = OrderedDict()

    def get(self, token: str) -> Subject | None:
        """Return the subject remembered for ``token``, if it is recent."""
        entry = self._entries.get(token)
        if entry is None:
            return None
        until, subject = entry
        if until <= monotonic():
            del self._entries[token]
            return None
        return subject

    def put(self, token: str, subject: Subject, *, expires_at: datetime) -> None:
        """Remember ``subject``, but no longer than the token itself lives."""
        left_s = (expires_at - utc_now()).total_seconds()
        self._entries[token] = (monotonic() + min(self._lifetime_s, left_s), subject)
        self._entries.move_to_end(token)
        while len(self._entries) > self._capacity:
            self._entries.popitem(last=False)


def new_refresh_token() -> str:
    """Return a new refresh token; only its hash is ever stored."""
    return secrets.token_urlsafe(_REFRESH_BYTES)


def hash_refresh_token(token: str) -> str:
    """Return the SHA-256 under which a refresh token is stored (it is random, so no salt)."""
    return hashlib.sha256(token.encode()).hexdigest()
