"""The objects of documents: sealed before they are stored, never without a note of them.

A row and its object cannot diverge. An object is noted as loose, and the note committed, before it
is stored; the transaction that gives it to a document removes the note, and the one that takes it
away writes one. Whoever dies in between leaves a note, and the daily sweep finishes what it says.
"""

import asyncio
import secrets
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from praca.platform.database import Database
from praca.platform.encryption import DataKey
from praca.platform.errors import ObjectNotFoundError
from praca.platform.objects import ObjectStore
from praca.wallet.documents import repository
from praca.wallet.documents.inspection import Inspected
from praca.wallet.documents.sealing import SealedDocument, object_context

__all__ = ["FILE", "THUMBNAIL", "DocumentObjects"]

FILE: Final = "file"
THUMBNAIL: Final = "thumbnail"
_FOLDER: Final = "documents"
_LOOSE_S: Final = 3600
_BATCH: Final = 100


class DocumentObjects:
    """Stores, reads and removes the files of documents.

    Args:
        city: where the notes are.
        store: where the objects are.
    """

    def __init__(self, city: Database, store: ObjectStore) -> None:
        self._city = city
        self._store = store

    async def put(self, key: DataKey, user_id: int, document_id: int, file: Inspected) -> str:
        """Seal and store a file and its thumbnail; return the object's id, noted as loose."""
        object_id = secrets.token_hex(16)
        async with self._city.write() as session:
            await repository.loosen(session, object_id)
        parts = {FILE: file.content, THUMBNAIL: file.thumbnail}

        def store() -> None:
            for what, content in parts.items():
                context = object_context(user_id, document_id, object_id, what)
                self._store.write(_key(object_id, what), key.seal(content, context))

        await asyncio.to_thread(store)
        return object_id

    async def get(self, key: DataKey, document: SealedDocument, what: str) -> bytes:
        """Return the document's file or thumbnail in the plain.

        Raises:
            ObjectNotFoundError: it was replaced or removed since the document was read.
            SealedDataError: it was changed, or comes from another document.
        """
        object_id = str(document.object_id)
        context = object_context(document.user_id, document.id, object_id, what)

        def load() -> bytes:
            return key.open(self._store.read(_key(object_id, what)), context)

        return await asyncio.to_thread(load)

    def missing(self, object_ids: Iterable[str]) -> int:
        """Return how many of these have no file in the store."""
        return sum(not self._has(_key(object_id, FILE)) for object_id in object_ids)

    def _has(self, key: str) -> bool:
        try:
            self._store.size(key)
        except ObjectNotFoundError:
            return False
        return True

    async def discard(self, object_id: str) -> None:
        """Remove a loose object and then its note; what goes wrong is left to the sweep."""
        with suppress(Exception):
            async with self._city.write() as session:
                # No note: a commit whose answer got lost has given it to a document.
                if await repository.forget(session, object_id):
                    await asyncio.to_thread(self._remove, object_id)

    async def sweep(self, *, older_than_s: int = _LOOSE_S) -> int:
        """Remove what has been loose for longer than any upload takes; return how many were."""
        count = 0
        while True:
            async with self._city.write() as session:
                # Locked until they are gone: a slow upload cannot be given to a document meanwhile.
                found = await repository.take_loose(session, older_than_s, _BATCH)
                for object_id in found:
                    await asyncio.to_thread(self._remove, object_id)
                    await repository.forget(session, object_id)
            count += len(found)
            if len(found) < _BATCH:
                return count

    def _remove(self, object_id: str) -> None:
        for what in (FILE, THUMBNAIL):
            with suppress(ObjectNotFoundError):
                self._store.delete(_key(object_id, what))


def _key(object_id: str, what: str) -> str:
    return f"{_FOLDER}/{object_id}" if what == FILE else f"{_FOLDER}/{object_id}-{what}"
