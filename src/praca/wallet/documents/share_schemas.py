"""Shares on the wire."""

import io
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import segno
from pydantic import BaseModel, ConfigDict, Field

from praca.wallet.documents.sharing import (
    SHARED_FILE,
    NewLink,
    OpenedShare,
    ShareRequest,
    ShareWithViews,
)

__all__ = [
    "SHARE",
    "SHARED_PATH",
    "SHARE_ID",
    "TOKEN",
    "SharableField",
    "ShareCreate",
    "ShareCreated",
    "ShareRead",
    "SharedDocument",
    "ViewRead",
]

SHARED_PATH: Final = "/api/v1/shared-documents"
SHARE_ID: Final = "01936b1e-0c7a-4c3e-8d4f-5a6b7c8d9e0f"
TOKEN: Final = "nZr5mE0Jx1Yb8Qw3LkT7uVc2Sg6Hd9FaPo4iXe-_BtM"  # noqa: S105  # an example
_LONGEST_MINUTES: Final = 43_200  # 30 days
_FIELDS: Final[list[Any]] = ["document_type", "document_number", "file"]
_SHARE: Final[dict[str, Any]] = {
    "id": SHARE_ID,
    "fields": _FIELDS,
    "expires_at": "2026-11-22T13:00:00Z",
    "single_use": True,
}
_VIEW: Final[dict[str, Any]] = {
    "at": "2026-11-22T12:05:00Z",
    "what": "fields",
    "address": "203.0.113.0/24",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64)",
}


SHARE: Final[dict[str, Any]] = {
    **_SHARE,
    "state": "usado",
    "created_at": "2026-11-22T12:00:00Z",
    "used_at": "2026-11-22T12:05:00Z",
    "revoked_at": None,
    "view_count": 1,
    "views": [_VIEW],
}


class SharableField(StrEnum):
    """What of a document can be shown."""

    DOCUMENT_TYPE = "document_type"
    DOCUMENT_NUMBER = "document_number"
    HOLDER_NAME = "holder_name"
    ISSUED_BY = "issued_by"
    ISSUED_ON = "issued_on"
    EXPIRES_ON = "expires_on"
    FILE = SHARED_FILE


class ShareCreate(BaseModel):
    """What to show to who has the link, and for how long."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"fields": _FIELDS, "expires_in_minutes": 60, "single_use": True}
        }
    )

    fields: list[SharableField] = Field(min_length=1, max_length=len(SharableField))
    expires_in_minutes: int = Field(60, ge=1, le=_LONGEST_MINUTES)
    single_use: bool = Field(False, description="The first who opens it is the only one.")

    def asked(self) -> ShareRequest:
        """Return it as the service takes it, each field once."""
        fields = list(dict.fromkeys(field.value for field in self.fields))
        return ShareRequest(fields, timedelta(minutes=self.expires_in_minutes), self.single_use)


class ShareCreated(BaseModel):
    """A link, shown this once: only a hash of it is kept."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_SHARE,
                "url": f"https://praca.example{SHARED_PATH}?token={TOKEN}",
                "qr_svg": '<svg xmlns="http://www.w3.org/2000/svg">…</svg>',
            }
        }
    )

    id: UUID
    url: str = Field(description="What to send to who may see it.")
    qr_svg: str = Field(description="The same as a QR code.")
    fields: list[SharableField]
    expires_at: datetime
    single_use: bool

    @classmethod
    def of(cls, link: NewLink, address: str) -> "ShareCreated":
        """Show a new link on the server at ``address``."""
        share, url = link.share, f"{address}{SHARED_PATH}?token={link.token}"
        return cls(
            id=share.id,
            url=url,
            qr_svg=_qr(url),
            fields=[SharableField(field) for field in share.fields],
            expires_at=share.expires_at,
            single_use=share.single_use,
        )


class ViewRead(BaseModel):
    """One time that a share was opened."""

    model_config = ConfigDict(json_schema_extra={"example": _VIEW})

    at: datetime
    what: str = Field(description="`fields`, or `file` for its file.")
    address: str | None = Field(description="The network it came from.")
    user_agent: str | None = Field(description="The program, as it called itself.")


class ShareRead(BaseModel):
    """A share, for its owner."""

    model_config = ConfigDict(json_schema_extra={"example": SHARE})

    id: UUID
    fields: list[SharableField]
    state: str = Field(description="`aberto`, `expirado`, `revogado` or `usado`.")
    created_at: datetime
    expires_at: datetime
    single_use: bool
    used_at: datetime | None = Field(description="When a single use was used up.")
    revoked_at: datetime | None
    view_count: int = Field(description="How often it was opened.")
    views: list[ViewRead] = Field(description="The latest 100 of those times, the newest first.")

    @classmethod
    def of(cls, found: ShareWithViews) -> "ShareRead":
        """Read a share with its views."""
        share = found.share
        views = [
            ViewRead(at=view.at, what=view.what, address=view.address, user_agent=view.user_agent)
            for view in found.views
        ]
        return cls(
            id=share.id,
            fields=[SharableField(field) for field in share.fields],
            state=found.state,
            created_at=share.created_at,
            expires_at=share.expires_at,
            single_use=share.single_use,
            used_at=share.used_at,
            revoked_at=share.revoked_at,
            view_count=found.count,
            views=views,
        )


class SharedDocument(BaseModel):
    """What who has the link sees: the fields that were chosen, and no other."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "valido": True,
                "consultado_em": "2026-11-22T12:05:00Z",
                "expira_em": "2026-11-22T13:00:00Z",
                "uso_unico": True,
                "documento": {
                    "document_type": "RG",
                    "document_number": "12.345.678-9",
                    "file": f"{SHARED_PATH}/file?token={TOKEN}",
                },
            }
        }
    )

    valido: bool = Field(description="The document has not expired, and the share is open.")
    consultado_em: datetime = Field(description="When this was true.")
    expira_em: datetime = Field(description="Until when the link opens.")
    uso_unico: bool = Field(
        description="The link does not open again; the file's address does for ten minutes."
    )
    documento: dict[str, str | None]

    @classmethod
    def of(cls, found: OpenedShare) -> "SharedDocument":
        """Show what a link shows."""
        shown: dict[str, str | None] = {}
        for field in found.share.fields:
            if field != SHARED_FILE:
                value = getattr(found.document, field)
                shown[field] = None if value is None else str(value)
            elif found.file_token is None:
                shown[field] = None
            else:
                shown[field] = f"{SHARED_PATH}/file?token={found.file_token}"
        return cls(
            valido=found.is_valid,
            consultado_em=found.at,
            expira_em=found.share.expires_at,
            uso_unico=found.share.single_use,
            documento=shown,
        )


def _qr(url: str) -> str:
    target = io.BytesIO()
    segno.make_qr(url, error="m").save(target, kind="svg", scale=4, xmldecl=False)
    return target.getvalue().decode()
