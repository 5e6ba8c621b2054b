"""Wraps every data key anew, under the key that the settings name first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from praca.platform.database import Database
from praca.platform.encryption import KeyEncryption
from praca.wallet.documents import key_repository
from praca.wallet.documents.data_keys import owner_of
from praca.wallet.documents.key_repository import WrappedKey

__all__ = ["Rotated", "rotate"]

_BATCH: Final = 100


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many data keys were wrapped anew, and under which key all are now."""

    count: int
    current: str


async def rotate(
    city: Database,
    encryption: KeyEncryption,
    on_progress: Callable[[int], None],
    *,
    batch: int = _BATCH,
) -> Rotated:
    """Wrap every data key that is not under the current key; what it encrypts stays as it is.

    Each batch is a transaction of its own, with no outside call in it. It may be stopped anywhere
    and run again, and run while the server does: a row that changed meanwhile is left alone, and
    one that was added under an older key is found by the next run.

    Raises:
        EncryptionUnavailableError: a key is unknown or cannot be used; what was done stays done.
        SealedDataError: a wrapped key was changed or moved in the database.
    """
    count = after = 0
    current = encryption.current
    while True:
        async with city.read() as session:
            page = await key_repository.page_under_others(session, current, after, batch)
        if not page:
            return Rotated(count, current)
        wrapped = [await _anew(encryption, old) for old in page]
        async with city.write() as session:
            for old, new in zip(page, wrapped, strict=True):
                count += await key_repository.replace(session, old, new)
        after = page[-1].account_id
        on_progress(count)


async def _anew(encryption: KeyEncryption, old: WrappedKey) -> WrappedKey:
    owner, name = owner_of(old.account_id), encryption.current
    key = await encryption.unwrap(old.wrapped or b"", old.key_name, owner)
    return WrappedKey(old.account_id, await encryption.wrap(key, owner), name)
