"""All the keys that a process knows, wherever they are kept, as one."""

import hashlib
from collections.abc import Sequence
from functools import cached_property

from praca.platform.encryption.adapters.kms import KmsKeys
from praca.platform.encryption.adapters.settings_keys import SettingsKeys
from praca.platform.encryption.errors import EncryptionUnavailableError
from praca.platform.encryption.ports import KeyEncryption
from praca.platform.settings import Settings

__all__ = ["KeyRing", "open_key_ring"]

_KEPT = "encryption-key"


class KeyRing:
    """The first place of keys wraps; each unwraps what is its own.

    So keys can move from the settings to a service, or back, by the same rotation.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _places(self) -> Sequence[KeyEncryption]:
        # At first use, not at the start: only who keeps a document needs keys.
        places: list[KeyEncryption] = []
        if self._settings.encryption.kms_key_id:
            places.append(KmsKeys(self._settings.encryption))
        keys = self._settings.encryption.keys | self._kept(is_needed=not places)
        if keys:
            places.append(SettingsKeys(keys))
        return places

    def _kept(self, *, is_needed: bool) -> dict[str, bytes]:
        """Return the key of the data folder, in development only; made if there is no other."""
        if self._settings.is_production:
            return {}
        is_there = (self._settings.data_dir / _KEPT).exists()
        if not is_there and (self._settings.encryption.keys or not is_needed):
            return {}
        return {"development": _stretched(self._settings.kept_secret(_KEPT))}

    @property
    def current(self) -> str:
        """The name of the key that wraps."""
        return self._places[0].current

    def knows(self, name: str) -> bool:
        """Tell whether some place has a key of this name."""
        return any(place.knows(name) for place in self._places)

    async def wrap(self, key: bytes, owner: str) -> bytes:
        """Encrypt a data key under the current key.

        Raises:
            EncryptionUnavailableError: the key cannot be used now.
        """
        return await self._places[0].wrap(key, owner)

    async def unwrap(self, wrapped: bytes, name: str, owner: str) -> bytes:
        """Return a data key.

        Raises:
            EncryptionUnavailableError: nobody knows the key it is under, or it cannot be used.
            SealedDataError: it was wrapped for somebody else, or was changed.
        """
        for place in self._places:
            if place.knows(name):
                return await place.unwrap(wrapped, name, owner)
        raise EncryptionUnavailableError


def _stretched(secret: str) -> bytes:
    """Return a key of 32 bytes from the text that is kept in the data folder."""
    return hashlib.sha256(secret.encode()).digest()


def open_key_ring(settings: Settings) -> KeyEncryption:
    """Return the keys of the settings; nothing is read or asked before the first use."""
    return KeyRing(settings)
