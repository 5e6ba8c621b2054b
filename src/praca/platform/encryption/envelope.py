"""A data key, and what it seals: AES-256-GCM with a format that tells its version.

A sealed value is one byte of version (1), a random nonce of 12 bytes, and the ciphertext with its
tag of 16. Source of the construction: NIST SP 800-38D; with random nonces one key may seal 2**32
values, far more than one person has.
"""

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["KEY_BYTES", "DataKey", "SealedDataError", "open_with", "seal_with"]

KEY_BYTES: Final = 32
_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16


class SealedDataError(Exception):
    """A sealed value was changed, moved to another place, or sealed with another key."""


class DataKey:
    """The key of one owner, in memory; it is never written or logged in the plain.

    Whole values are sealed at once, files too: they are as small as a request's body.
    """

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "DataKey(…)"

    def seal(self, plaintext: bytes, context: str) -> bytes:
        """Encrypt ``plaintext`` for the place that ``context`` names, and for no other."""
        return seal_with(self._key, plaintext, context)

    def open(self, sealed: bytes, context: str) -> bytes:
        """Return what was sealed for the place that ``context`` names.

        Raises:
            SealedDataError: it was not, or not with this key, or was changed since.
        """
        return open_with(self._key, sealed, context)


def seal_with(key: bytes, plaintext: bytes, context: str) -> bytes:
    """Encrypt ``plaintext`` under ``key``, bound to ``context``."""
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, plaintext, _bound(context))


def open_with(key: bytes, sealed: bytes, context: str) -> bytes:
    """Undo :func:`seal_with`.

    Raises:
        SealedDataError: ``sealed`` was not made with this key and context, or was changed.
    """
    if len(sealed) < len(_VERSION) + _NONCE_BYTES + _TAG_BYTES or sealed[:1] != _VERSION:
        raise SealedDataError("a sealed value of no known format")
    nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, _bound(context))
    except InvalidTag:
        raise SealedDataError("a sealed value that does not belong here") from None


def _bound(context: str) -> bytes:
    # The version is part of what is authenticated: no later format can be passed off as this one.
    return b"praca sealed " + _VERSION + context.encode()
