"""The secrets of a recovery: its code, the e-mail it was asked for, the token that ends it.

All of them come from the key that signs tokens, by one derived key for each purpose (HMAC-SHA256),
so what is stored is worth nothing to who reads the table only.
"""

import hashlib
import hmac
from datetime import datetime
from secrets import token_bytes
from uuid import UUID

import jwt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from praca.identity.errors import InvalidTokenError
from praca.kit.clock import utc_now

__all__ = ["CODE_DIGITS", "RecoverySecrets"]

CODE_DIGITS = 6
_ALGORITHM = "HS256"
_AUDIENCE = "praca:reset-password"
_LONGEST_TOKEN = 1024
_NONCE_BYTES = 12


class RecoverySecrets:
    """Makes and checks the secrets of recoveries.

    A code is derived from the recovery's id: a task is given the id alone, and one that is run
    twice sends the same code twice. Codes are evenly spread but for 2**64 modulo 10**6, which
    favours some of them by one part in 10**13.
    """

    def __init__(self, signing_key: str) -> None:
        def derived(purpose: str) -> bytes:
            message = f"praca recovery {purpose}".encode()
            return hmac.digest(signing_key.encode(), message, hashlib.sha256)

        self._of_codes = derived("codes")
        self._of_hashes = derived("hashes of codes")
        self._of_emails = derived("e-mails")
        self._of_tokens = derived("tokens")
        self._box = AESGCM(derived("sealed e-mails"))

    def email_key(self, email: str) -> str:
        """Return under what the recovery of this e-mail is found; spelling variants share it."""
        return hmac.new(self._of_emails, _folded(email), hashlib.sha256).hexdigest()

    def code_of(self, recovery_id: UUID) -> str:
        """Return the recovery's code, six digits."""
        digest = hmac.digest(self._of_codes, recovery_id.bytes, hashlib.sha256)
        number = int.from_bytes(digest[:8]) % 10**CODE_DIGITS
        return f"{number:0{CODE_DIGITS}}"

    def hash_of(self, recovery_id: UUID, code: str) -> str:
        """Return what is stored of the code; without the key a million guesses tell nothing."""
        message = recovery_id.bytes + code.encode()
        return hmac.new(self._of_hashes, message, hashlib.sha256).hexdigest()

    def is_code(self, recovery_id: UUID, code: str, stored: str) -> bool:
        """Tell whether ``code`` is the one whose hash is ``stored``."""
        return hmac.compare_digest(self.hash_of(recovery_id, code), stored)

    def sealed(self, recovery_id: UUID, email: str) -> bytes:
        """Return the e-mail encrypted (AES-256-GCM), readable for this recovery only."""
        nonce = token_bytes(_NONCE_BYTES)
        return nonce + self._box.encrypt(nonce, _folded(email), recovery_id.bytes)

    def opened(self, recovery_id: UUID, sealed: bytes) -> str | None:
        """Return the e-mail again; none if the signing key has been changed since."""
        nonce, box = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._box.decrypt(nonce, box, recovery_id.bytes).decode()
        except InvalidTag:
            return None

    def token(self, recovery_id: UUID, expires_at: datetime) -> str:
        """Return the token that lets its bearer set a new password, once.

        It has a key and an audience of its own: nothing else takes it for a sign-in.
        """
        claims = {
            "sub": str(recovery_id),
            "aud": _AUDIENCE,
            "iat": utc_now(),
            "exp": expires_at,
        }
        return jwt.encode(claims, self._of_tokens, algorithm=_ALGORITHM)

    def recovery_of(self, token: str) -> UUID:
        """Return whose token it is.

        Raises:
            InvalidTokenError: it is not ours, not for this, was changed, or has expired.
        """
        if len(token) > _LONGEST_TOKEN:
            raise InvalidTokenError
        try:
            claims = jwt.decode(
                token,
                self._of_tokens,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                options={"require": ["sub", "aud", "iat", "exp"]},
            )
            return UUID(claims["sub"])
        except (jwt.InvalidTokenError, ValueError) as error:
            raise InvalidTokenError from error


def _folded(email: str) -> bytes:
    return email.strip().lower().encode()
