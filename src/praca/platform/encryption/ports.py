"""What keeps the keys that encrypt data keys: the settings, or a key management service."""

from typing import Protocol

__all__ = ["KeyEncryption"]


class KeyEncryption(Protocol):
    """Wraps data keys. The key that does it never leaves; only its name is written down."""

    @property
    def current(self) -> str:
        """The name of the key that wraps; of the others, some may still unwrap."""
        ...

    def knows(self, name: str) -> bool:
        """Tell whether what was wrapped under ``name`` is for this one to unwrap."""
        ...

    async def wrap(self, key: bytes, owner: str) -> bytes:
        """Encrypt a data key under the current key, bound to its owner.

        Raises:
            EncryptionUnavailableError: the key cannot be used now.
        """
        ...

    async def unwrap(self, wrapped: bytes, name: str, owner: str) -> bytes:
        """Return the data key of ``owner`` that was wrapped under the key called ``name``.

        Raises:
            EncryptionUnavailableError: that key is unknown, or cannot be used now.
            SealedDataError: it was wrapped for somebody else, or was changed.
        """
        ...
