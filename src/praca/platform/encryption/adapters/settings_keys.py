"""Key encryption keys from the settings."""

from collections.abc import Mapping

from praca.platform.encryption.envelope import open_with, seal_with
from praca.platform.encryption.errors import EncryptionUnavailableError

__all__ = ["SettingsKeys"]


class SettingsKeys:
    """Keys of 32 bytes by name; the first wraps.

    Args:
        keys: at least one.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)
        self._current = next(iter(self._keys))

    @property
    def current(self) -> str:
        """The name of the first."""
        return self._current

    def knows(self, name: str) -> bool:
        """Tell whether there is a key of this name."""
        return name in self._keys

    async def wrap(self, key: bytes, owner: str) -> bytes:
        """Encrypt a data key under the first key."""
        return seal_with(self._keys[self._current], key, _place(self._current, owner))

    async def unwrap(self, wrapped: bytes, name: str, owner: str) -> bytes:
        """Return a data key.

        Raises:
            EncryptionUnavailableError: there is no key of this name.
            SealedDataError: it was wrapped for somebody else, or was changed.
        """
        if name not in self._keys:
            raise EncryptionUnavailableError
        return open_with(self._keys[name], wrapped, _place(name, owner))


def _place(name: str, owner: str) -> str:
    return f"data key:{name}:{owner}"
