"""A data key for each citizen, made when first needed."""

import os
from typing import Final

from cachetools import TTLCache

from praca.platform.database import Database
from praca.platform.encryption import DataKey, KeyEncryption
from praca.platform.encryption.envelope import KEY_BYTES
from praca.wallet.documents import key_repository
from praca.wallet.documents.errors import DocumentConflictError
from praca.wallet.documents.key_repository import WrappedKey

__all__ = ["DataKeys", "owner_of"]

_MOST: Final = 2000
_SECONDS: Final = 300


def owner_of(account_id: int) -> str:
    """Return the name of the account that its data key is bound to."""
    return f"account {account_id}"


class DataKeys:
    """The data keys of one process.

    The row is read every time, so what was erased is gone at once everywhere; what is remembered
    for five minutes is only what the row unwraps to.

    Args:
        city: where the wrapped keys are.
        encryption: what unwraps them.
    """

    def __init__(self, city: Database, encryption: KeyEncryption) -> None:
        self._city = city
        self._encryption = encryption
        self._unwrapped: TTLCache[tuple[int, bytes], DataKey] = TTLCache(_MOST, _SECONDS)

    async def find(self, account_id: int) -> DataKey | None:
        """Return the account's key; none if it has none, or no more.

        Raises:
            EncryptionUnavailableError: it cannot be unwrapped now.
        """
        kept = await key_repository.find(self._city, account_id)
        return None if kept is None or kept.wrapped is None else await self._unwrap(kept)

    async def require(self, account_id: int) -> DataKey:
        """Return the account's key, made if it has none.

        Raises:
            DocumentConflictError: the account was erased.
            EncryptionUnavailableError: it cannot be wrapped or unwrapped now.
        """
        kept = await key_repository.find(self._city, account_id)
        if kept is None:
            name = self._encryption.current
            wrapped = await self._encryption.wrap(os.urandom(KEY_BYTES), owner_of(account_id))
            await key_repository.add(self._city, WrappedKey(account_id, wrapped, name))
            # Of two who make one at once, the first's is kept, and both use it.
            kept = await key_repository.find(self._city, account_id)
        if kept is None or kept.wrapped is None:
            raise DocumentConflictError
        return await self._unwrap(kept)

    async def _unwrap(self, kept: WrappedKey) -> DataKey:
        wrapped = kept.wrapped or b""
        remembered = self._unwrapped.get((kept.account_id, wrapped))
        if remembered is not None:
            return remembered
        key = DataKey(
            await self._encryption.unwrap(wrapped, kept.key_name, owner_of(kept.account_id))
        )
        self._unwrapped[kept.account_id, wrapped] = key
        return key
