"""Documents on the wire; the first four members are the old wallet's."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from praca.wallet.documents.sealing import Document

__all__ = [
    "DOCUMENT",
    "FILE_BODY",
    "UPLOAD_BODY",
    "DocumentCreate",
    "DocumentRead",
    "DocumentUpdate",
]

# PostgreSQL holds no NUL; the old wallet took 50 characters at most.
_NO_NUL: Final = r"^[^\x00]*$"
_Short = Annotated[str, StringConstraints(min_length=1, max_length=50, pattern=_NO_NUL)]
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")


def _written_out(value: object) -> object:
    """Let through what is written as a date: a number would be taken for seconds."""
    if isinstance(value, date) or (isinstance(value, str) and _DATE.fullmatch(value)):
        return value
    raise ValueError("Deve ser uma data como 2030-03-01.")


_Date = Annotated[date, BeforeValidator(_written_out)]
_Long = Annotated[str, StringConstraints(max_length=255, pattern=_NO_NUL)]

DOCUMENT: Final[dict[str, Any]] = {
    "document_type": "RG",
    "file_path": "/api/v1/documents/12/file",
    "file_name": "rg.jpg",
    "document_number": "12.345.678-9",
    "id": 12,
    "user_id": 7,
    "uploaded_at": "2026-11-22T12:00:00Z",
    "holder_name": "Ana Souza",
    "issued_by": "SSP-SP",
    "issued_on": "2020-03-01",
    "expires_on": "2030-03-01",
    "media_type": "image/jpeg",
    "file_size": 482133,
}
_SENT: Final = (
    "document_type",
    "document_number",
    "holder_name",
    "issued_by",
    "issued_on",
    "expires_on",
)
_EXAMPLE: Final = {name: DOCUMENT[name] for name in _SENT}


class DocumentCreate(BaseModel):
    """A document to keep; its file can be sent later, or with it to `/documents/upload`."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    document_type: _Short = Field(description="What it is, in the owner's words: RG, CNH…")
    document_number: _Short = Field(description="Kept encrypted, as is all that follows it.")
    file_path: _Long | None = Field(None, description="A text of the client's own.")
    file_name: _Long | None = Field(None, description="A text of the client's own.")
    holder_name: _Long | None = Field(None, description="Whose name is on it.")
    issued_by: _Long | None = Field(None, description="Who issued it.")
    issued_on: _Date | None = Field(None, description="When it was issued.")
    expires_on: _Date | None = Field(
        None, description="Its last valid day; its owner is reminded 30, 7 and 0 days before."
    )


class DocumentUpdate(BaseModel):
    """What is to change.

    Of the old wallet's four members `null` means that they stay; of the newer ones a `null` that
    is sent empties them.
    """

    model_config = ConfigDict(json_schema_extra={"example": {"expires_on": "2030-03-01"}})

    document_type: _Short | None = None
    document_number: _Short | None = None
    file_path: _Long | None = None
    file_name: _Long | None = None
    holder_name: _Long | None = None
    issued_by: _Long | None = None
    issued_on: _Date | None = None
    expires_on: _Date | None = None

    def changes(self) -> dict[str, Any]:
        """Return what is to change, by column."""
        emptied = {"holder_name", "issued_by", "issued_on", "expires_on"}
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: value for name, value in sent.items() if value is not None or name in emptied}


class DocumentRead(BaseModel):
    """A document, for its owner."""

    model_config = ConfigDict(json_schema_extra={"example": DOCUMENT})

    document_type: str
    file_path: str | None = Field(description="Where its file is; else what the client sent.")
    file_name: str | None = Field(description="The file's name; else what the client sent.")
    document_number: str
    id: int
    user_id: int
    uploaded_at: datetime
    holder_name: str | None
    issued_by: str | None
    issued_on: date | None
    expires_on: date | None
    media_type: str | None = Field(description="What its file is; null if it has none.")
    file_size: int | None = Field(description="Bytes of its file.")

    @classmethod
    def of(cls, document: Document) -> "DocumentRead":
        """Read a document."""
        values = {name: getattr(document, name, None) for name in cls.model_fields}
        if document.object_id is not None:
            values["file_path"] = f"/api/v1/documents/{document.id}/file"
        return cls(**values)


_FILE: Final = {
    "type": "string",
    "format": "binary",
    "description": "A PDF, JPEG or PNG, told by its content.",
}
_TEXT: Final = {"type": "string", "maxLength": 255}
_UPLOADED: Final[dict[str, Any]] = {
    "document_type": {"type": "string", "minLength": 1, "maxLength": 50},
    "document_number": {"type": "string", "minLength": 1, "maxLength": 50},
    "holder_name": _TEXT,
    "issued_by": _TEXT,
    "issued_on": {"type": "string", "format": "date"},
    "expires_on": {"type": "string", "format": "date"},
}


def _multipart(properties: dict[str, Any], required: list[str], example: Any) -> dict[str, Any]:
    schema = {"type": "object", "required": required, "properties": properties}
    content = {"multipart/form-data": {"schema": schema, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


# These bodies are read by hand, because the framework would put their files on the disk.
UPLOAD_BODY: Final = _multipart(
    {"file": _FILE, **_UPLOADED},
    ["file", "document_type", "document_number"],
    {"file": "(rg.jpg)", **_EXAMPLE},
)
FILE_BODY: Final = _multipart({"file": _FILE}, ["file"], {"file": "(rg.jpg)"})
