"""The rules of documents: everybody has his own, and nobody sees another's."""

from dataclasses import dataclass
from typing import Any

from praca.identity import Subject
from praca.platform.audit import AuditEntry, record
from praca.platform.database import Database, WriteSession
from praca.platform.encryption import DataKey
from praca.platform.errors import ObjectNotFoundError
from praca.wallet.documents import key_repository, repository
from praca.wallet.documents.data_keys import DataKeys
from praca.wallet.documents.errors import (
    DocumentConflictError,
    DocumentFileNotFoundError,
    DocumentLimitError,
    DocumentNotFoundError,
)
from praca.wallet.documents.inspection import Inspected, Inspection
from praca.wallet.documents.objects import DocumentObjects
from praca.wallet.documents.sealing import Document, SealedDocument, opened, sealed

__all__ = ["DocumentFile", "DocumentPlace", "DocumentService"]

_EXTENSIONS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
_ALSO = {".jpeg": ".jpg", ".jpe": ".jpg"}


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """A file in the plain, for whoever may have it."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class DocumentPlace:
    """What a document that is to be kept is sealed with, and for which place."""

    key: DataKey
    document_id: int


class DocumentService:
    """Documents and their files.

    Each method but :meth:`keep` opens short transactions of its own: no file is looked into,
    sealed or stored, and no key asked for, while one is open.

    Args:
        city: where the documents are.
        keys: the owners' data keys.
        objects: where the files are.
        inspection: what looks into files.
        most: documents one person may keep.
    """

    def __init__(
        self,
        city: Database,
        keys: DataKeys,
        objects: DocumentObjects,
        inspection: Inspection,
        most: int,
    ) -> None:
        self._city = city
        self._keys = keys
        self._objects = objects
        self._inspection = inspection
        self._most = most

    async def create(self, subject: Subject, fields: dict[str, Any]) -> Document:
        """Keep a document of the caller's.

        Raises:
            DocumentLimitError: the caller keeps as many as one may.
        """
        place = await self.prepare(subject)
        async with self._city.write() as session:
            return await self.keep(session, subject, place, fields)

    async def prepare(self, subject: Subject) -> DocumentPlace:
        """Make ready to keep a document of the caller's in a transaction that is not open yet."""
        key = await self._keys.require(subject.id)
        return DocumentPlace(key, await repository.new_id(self._city))

    async def keep(
        self, session: WriteSession, subject: Subject, place: DocumentPlace, fields: dict[str, Any]
    ) -> Document:
        """Keep a document of the caller's in a transaction of whoever asks.

        Raises:
            DocumentLimitError: the caller keeps as many as one may; nothing was written.
        """
        return await self._add(session, subject, place.key, place.document_id, fields)

    async def create_with_file(
        self, subject: Subject, fields: dict[str, Any], name: str, content: bytes
    ) -> Document:
        """Keep a document of the caller's together with its file: both, or neither.

        Raises:
            DocumentLimitError: the caller keeps as many as one may.
            DocumentFileTooLargeError: the file has too many bytes.
            DocumentFileRefusedError: the file is none that is kept.
        """
        file = await self._inspection.inspect(content)
        key = await self._keys.require(subject.id)
        document_id = await repository.new_id(self._city)
        object_id = await self._objects.put(key, subject.id, document_id, file)
        stored = _stored(object_id, file, name)
        try:
            async with self._city.write() as session:
                document = await self._add(session, subject, key, document_id, fields | stored)
                await _adopt(session, object_id)
                return document
        except Exception:
            await self._objects.discard(object_id)
            raise

    async def _add(
        self,
        session: WriteSession,
        subject: Subject,
        key: DataKey,
        document_id: int,
        fields: dict[str, Any],
    ) -> Document:
        if not await key_repository.hold(session, subject.id):
            raise DocumentConflictError
        if await repository.count_own(session, subject.id) >= self._most:
            raise DocumentLimitError(self._most)
        values = sealed(key, subject.id, document_id, fields)
        row = await repository.add(session, {"id": document_id, "user_id": subject.id, **values})
        await _note(session, "document_created", document_id, subject)
        return opened(key, row)

    async def list_own(
        self, subject: Subject, *, skip: int, limit: int
    ) -> tuple[list[Document], int]:
        """Return one page of the caller's documents, and how many there are."""
        async with self._city.read() as session:
            rows = await repository.list_own(session, subject.id, skip=skip, limit=limit)
            total = await repository.count_own(session, subject.id)
        key = await self._keys.find(subject.id) if rows else None
        return ([] if key is None else [opened(key, row) for row in rows]), total

    async def read(self, subject: Subject, document_id: int) -> Document:
        """Return a document of the caller's.

        Raises:
            DocumentNotFoundError: there is none, or it is somebody else's.
        """
        row, key = await self._own(subject, document_id)
        return opened(key, row)

    async def change(self, subject: Subject, document_id: int, fields: dict[str, Any]) -> Document:
        """Change what ``fields`` names; the rest stays.

        Raises:
            DocumentNotFoundError: there is none, or it is somebody else's.
        """
        _, key = await self._own(subject, document_id)
        values = sealed(key, subject.id, document_id, fields)
        async with self._city.write() as session:
            row = await repository.change(session, document_id, subject.id, values)
            if row is None:
                raise DocumentNotFoundError
            await _note(session, "document_updated", document_id, subject)
        return opened(key, row)

    async def delete(self, subject: Subject, document_id: int) -> None:
        """Remove a document and its file; its shares say so from then on.

        Raises:
            DocumentNotFoundError: there is none, or it is somebody else's.
        """
        async with self._city.write() as session:
            row = await repository.delete(session, document_id, subject.id)
            if row is None:
                raise DocumentNotFoundError
            if row.object_id is not None:
                await repository.loosen(session, row.object_id)
            await _note(session, "document_deleted", document_id, subject)
        if row.object_id is not None:
            await self._objects.discard(row.object_id)

    async def store_file(
        self, subject: Subject, document_id: int, name: str, content: bytes
    ) -> Document:
        """Give a document its file, in place of the one it had.

        Raises:
            DocumentNotFoundError: there is no such document, or it is somebody else's.
            DocumentFileTooLargeError: the file has too many bytes.
            DocumentFileRefusedError: the file is none that is kept.
        """
        _, key = await self._own(subject, document_id)
        file = await self._inspection.inspect(content)
        object_id = await self._objects.put(key, subject.id, document_id, file)
        try:
            row, old = await self._exchange(
                subject, document_id, key, _stored(object_id, file, name)
            )
        except Exception:
            await self._objects.discard(object_id)
            raise
        if old is not None:
            await self._objects.discard(old)
        return opened(key, row)

    async def _exchange(
        self, subject: Subject, document_id: int, key: DataKey, stored: dict[str, Any]
    ) -> tuple[SealedDocument, str | None]:
        """Give the document a stored file; return the document and the object it had before."""
        async with self._city.write() as session:
            if not await key_repository.hold(session, subject.id):
                raise DocumentConflictError
            before = await repository.find(session, document_id, subject.id, to_change=True)
            if before is None:
                raise DocumentNotFoundError
            await _adopt(session, stored["object_id"])
            if before.object_id is not None:
                await repository.loosen(session, before.object_id)
            values = sealed(key, subject.id, document_id, stored)
            row = await repository.change(session, document_id, subject.id, values)
            if row is None:  # locked above
                raise DocumentNotFoundError
            await _note(session, "document_file_stored", document_id, subject)
            return row, before.object_id

    async def read_file(self, subject: Subject, document_id: int, what: str) -> DocumentFile:
        """Return the file of a document of the caller's, or its thumbnail.

        Raises:
            DocumentNotFoundError: there is no such document, or it is somebody else's.
            DocumentFileNotFoundError: it has no file.
        """
        row, key = await self._own(subject, document_id)
        try:
            return await self.open_file(key, row, what)
        except ObjectNotFoundError:
            # It was replaced between the two reads: the row names the new one now.
            row, key = await self._own(subject, document_id)
            return await self.open_file(key, row, what)

    async def open_file(self, key: DataKey, row: SealedDocument, what: str) -> DocumentFile:
        """Return the file, or the thumbnail, that ``row`` names.

        Raises:
            DocumentFileNotFoundError: it names none.
            ObjectNotFoundError: it was replaced or removed since.
        """
        if row.object_id is None:
            raise DocumentFileNotFoundError
        content = await self._objects.get(key, row, what)
        name = opened(key, row).file_name or "documento"
        media_type = str(row.media_type) if what == "file" else "image/jpeg"
        return DocumentFile(_named(name, media_type), media_type, content)

    async def _own(self, subject: Subject, document_id: int) -> tuple[SealedDocument, DataKey]:
        async with self._city.read() as session:
            row = await repository.find(session, document_id, subject.id)
        key = None if row is None else await self._keys.find(subject.id)
        if row is None or key is None:
            raise DocumentNotFoundError
        return row, key


async def _adopt(session: WriteSession, object_id: str) -> None:
    """Take a stored object for a document, in the transaction that gives it to one."""
    if not await repository.forget(session, object_id):
        raise DocumentConflictError  # it took so long that it was swept away


def _stored(object_id: str, file: Inspected, name: str) -> dict[str, Any]:
    return {
        "object_id": object_id,
        "media_type": file.media_type,
        "file_size": len(file.content),
        "file_name": _named(name, file.media_type),
    }


def _named(name: str, media_type: str) -> str:
    """Return ``name`` with the ending of what the file really is."""
    stem, dot, ending = name.rpartition(".")
    wanted = _EXTENSIONS[media_type]
    given = f".{ending.lower()}" if dot and stem else ""
    if _ALSO.get(given, given) == wanted:
        return name
    known = given in _EXTENSIONS.values() or given in _ALSO
    return f"{stem if known else name}{wanted}"


async def _note(session: WriteSession, what: str, document_id: int, subject: Subject) -> None:
    await record(session, AuditEntry(f"wallet.{what}", "document", str(document_id), subject.id))
