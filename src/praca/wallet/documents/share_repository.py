"""All SQL of the shares and of who opened them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text

from praca.platform.database import ReadSession, WriteSession

__all__ = [
    "NewShare",
    "Share",
    "View",
    "add",
    "add_view",
    "count_open",
    "count_views",
    "delete_all",
    "delete_old",
    "find_by_token",
    "list_of_account",
    "list_of_document",
    "list_views",
    "lock",
    "mark_used",
    "revoke",
]


@dataclass(frozen=True, slots=True)
class Share:
    """A share, as stored; of its tokens only the hashes are known."""

    id: UUID
    document_id: int
    user_id: int
    token_hash: bytes
    fields: Sequence[str]
    single_use: bool
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    file_token_hash: bytes | None
    file_until: datetime | None


@dataclass(frozen=True, slots=True)
class NewShare:
    """What is asked for."""

    id: UUID
    document_id: int
    user_id: int
    token_hash: bytes
    fields: Sequence[str]
    single_use: bool
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class View:
    """One time that a share was opened; the address and the program are cut short."""

    share_id: UUID
    at: datetime
    what: str
    address: str | None
    user_agent: str | None


_COLUMNS: Final = ", ".join(Share.__slots__)
_VIEW_COLUMNS: Final = ", ".join(View.__slots__)
_OPEN: Final = (
    "revoked_at IS NULL AND expires_at > :now AND NOT (single_use AND used_at IS NOT NULL)"
)


def _share(row: Row[Any]) -> Share:
    return Share(**row._mapping)  # noqa: SLF001  # its public name


async def add(session: WriteSession, new: NewShare) -> None:
    """Store a share."""
    names = NewShare.__slots__
    marks = ", ".join(f":{name}" for name in names)
    await session.execute(
        text(f"INSERT INTO wallet.document_shares ({', '.join(names)}) VALUES ({marks})"),
        {name: getattr(new, name) for name in names} | {"fields": list(new.fields)},
    )


async def count_open(session: ReadSession, document_id: int, now: datetime) -> int:
    """Return how many shares of the document can still be opened."""
    query = f"SELECT count(*) FROM wallet.document_shares WHERE document_id = :id AND {_OPEN}"
    return int(await session.scalar(text(query), {"id": document_id, "now": now}) or 0)


async def find_by_token(session: ReadSession, token_hash: bytes) -> Share | None:
    """Return the share that a link's token opens, or the token of its file."""
    row = (
        await session.execute(
            text(
                f"SELECT {_COLUMNS} FROM wallet.document_shares"
                " WHERE token_hash = :hash OR file_token_hash = :hash"
            ),
            {"hash": token_hash},
        )
    ).first()
    return None if row is None else _share(row)


async def lock(session: WriteSession, share_id: UUID) -> Share | None:
    """Return the share and keep it as it is: who else opens or revokes it waits."""
    query = f"SELECT {_COLUMNS} FROM wallet.document_shares WHERE id = :id FOR NO KEY UPDATE"
    row = (await session.execute(text(query), {"id": share_id})).first()
    return None if row is None else _share(row)


async def mark_used(
    session: WriteSession,
    share_id: UUID,
    now: datetime,
    file_token_hash: bytes | None,
    file_until: datetime | None,
) -> None:
    """Note that a share was opened, and the token that still opens its file for a while."""
    await session.execute(
        text(
            "UPDATE wallet.document_shares SET used_at = :now, file_token_hash = :hash,"
            " file_until = :until WHERE id = :id"
        ),
        {"id": share_id, "now": now, "hash": file_token_hash, "until": file_until},
    )


async def add_view(session: WriteSession, view: View) -> None:
    """Note that a share was opened."""
    await session.execute(
        text(
            f"INSERT INTO wallet.document_share_views ({_VIEW_COLUMNS})"
            " VALUES (:share_id, :at, :what, :address, :user_agent)"
        ),
        {name: getattr(view, name) for name in View.__slots__},
    )


async def list_of_document(
    session: ReadSession, document_id: int, user_id: int, *, skip: int, limit: int
) -> Sequence[Share]:
    """Return one page of the shares of the account's document, the newest first."""
    rows = await session.execute(
        text(
            f"SELECT {_COLUMNS} FROM wallet.document_shares WHERE document_id = :id"
            " AND user_id = :user_id ORDER BY created_at DESC, id LIMIT :limit OFFSET :skip"
        ),
        {"id": document_id, "user_id": user_id, "limit": limit, "skip": skip},
    )
    return [_share(row) for row in rows]


async def list_of_account(session: ReadSession, user_id: int) -> Sequence[Share]:
    """Return every share of the account's documents, also of those that were deleted."""
    rows = await session.execute(
        text(
            f"SELECT {_COLUMNS} FROM wallet.document_shares WHERE user_id = :user_id"
            " ORDER BY created_at, id"
        ),
        {"user_id": user_id},
    )
    return [_share(row) for row in rows]


async def list_views(
    session: ReadSession, share_ids: Sequence[UUID], most: int | None = None
) -> list[View]:
    """Return the views of shares, of each the latest ``most``, the newest first."""
    rows = await session.execute(
        text(
            "SELECT v.* FROM unnest(CAST(:ids AS uuid[])) AS s (id) CROSS JOIN LATERAL"
            f" (SELECT {_VIEW_COLUMNS} FROM wallet.document_share_views WHERE share_id = s.id"
            " ORDER BY id DESC LIMIT :most) v"
        ),
        {"ids": list(share_ids), "most": most},
    )
    return [View(**row._mapping) for row in rows]  # noqa: SLF001  # its public name


async def count_views(session: ReadSession, share_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return how often each share was opened."""
    rows = await session.execute(
        text(
            "SELECT share_id, count(*) FROM wallet.document_share_views"
            " WHERE share_id = ANY(CAST(:ids AS uuid[])) GROUP BY share_id"
        ),
        {"ids": list(share_ids)},
    )
    return {share_id: count for share_id, count in rows}  # noqa: C416  # rows are no pairs to mypy


async def revoke(
    session: WriteSession, share_id: UUID, document_id: int, user_id: int, now: datetime
) -> bool:
    """Revoke a share of the account's document, once; false if there is no such share."""
    found = await session.scalar(
        text(
            "UPDATE wallet.document_shares SET revoked_at = coalesce(revoked_at, :now)"
            " WHERE id = :id AND document_id = :document_id AND user_id = :user_id RETURNING true"
        ),
        {"id": share_id, "document_id": document_id, "user_id": user_id, "now": now},
    )
    return bool(found)


async def delete_all(session: WriteSession, user_id: int) -> None:
    """Remove every share of the account's documents with its views."""
    await session.execute(
        text("DELETE FROM wallet.document_shares WHERE user_id = :user_id"), {"user_id": user_id}
    )


async def delete_old(session: WriteSession, before: datetime, limit: int) -> int:
    """Remove shares that expired before then, with their views; return how many there were."""
    found = await session.scalars(
        text(
            "DELETE FROM wallet.document_shares WHERE id IN (SELECT id FROM wallet.document_shares"
            " WHERE expires_at < :before LIMIT :limit) RETURNING id"
        ),
        {"before": before, "limit": limit},
    )
    return len(list(found))
