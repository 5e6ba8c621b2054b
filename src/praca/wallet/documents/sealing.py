"""What of a document is sealed, and to which place each sealed value is bound."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from praca.platform.encryption import DataKey

__all__ = ["SEALED_FIELDS", "Document", "SealedDocument", "object_context", "opened", "sealed"]

SEALED_FIELDS: Final = (
    "document_number",
    "holder_name",
    "issued_by",
    "issued_on",
    "file_path",
    "file_name",
)


@dataclass(frozen=True, slots=True)
class SealedDocument:
    """A document as it is stored."""

    id: int
    user_id: int
    document_type: str
    document_number: bytes
    holder_name: bytes | None
    issued_by: bytes | None
    issued_on: bytes | None
    expires_on: date | None
    file_path: bytes | None
    file_name: bytes | None
    object_id: str | None
    media_type: str | None
    file_size: int | None
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class Document:
    """A document as its owner knows it."""

    id: int
    user_id: int
    document_type: str
    document_number: str
    holder_name: str | None
    issued_by: str | None
    issued_on: date | None
    expires_on: date | None
    file_path: str | None
    file_name: str | None
    object_id: str | None
    media_type: str | None
    file_size: int | None
    uploaded_at: datetime


def sealed(key: DataKey, user_id: int, document_id: int, fields: dict[str, Any]) -> dict[str, Any]:
    """Return ``fields`` with those that are to be sealed sealed for this document."""
    return {
        name: key.seal(_text(value), _context(user_id, document_id, name))
        if name in SEALED_FIELDS and value is not None
        else value
        for name, value in fields.items()
    }


def opened(key: DataKey, stored: SealedDocument) -> Document:
    """Return the document in the plain.

    Raises:
        SealedDataError: a value was changed, or comes from another place.
    """
    values: dict[str, Any] = {name: getattr(stored, name) for name in SealedDocument.__slots__}
    for name in SEALED_FIELDS:
        if values[name] is not None:
            context = _context(stored.user_id, stored.id, name)
            values[name] = key.open(bytes(values[name]), context).decode()
    if values["issued_on"] is not None:
        values["issued_on"] = date.fromisoformat(values["issued_on"])
    return Document(**values)


def object_context(user_id: int, document_id: int, object_id: str, what: str) -> str:
    """Return the place of an object: of which owner, document and upload, file or thumbnail."""
    return f"object:{user_id}:{document_id}:{object_id}:{what}"


def _context(user_id: int, document_id: int, field: str) -> str:
    return f"document:{user_id}:{document_id}:{field}"


def _text(value: str | date) -> bytes:
    return (value.isoformat() if isinstance(value, date) else value).encode()
