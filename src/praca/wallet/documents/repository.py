"""All SQL of the documents and of the objects that none of them has."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from praca.platform.database import Database, ReadSession, WriteSession
from praca.wallet.documents.sealing import SealedDocument

__all__ = [
    "add",
    "change",
    "count_own",
    "delete",
    "delete_all",
    "find",
    "forget",
    "list_own",
    "loosen",
    "new_id",
    "take_loose",
]

_COLUMNS: Final = ", ".join(SealedDocument.__slots__)
_CHANGEABLE: Final = frozenset(SealedDocument.__slots__) - {"id", "user_id", "uploaded_at"}


def _document(row: Row[Any]) -> SealedDocument:
    return SealedDocument(**row._mapping)  # noqa: SLF001  # its public name


async def new_id(city: Database) -> int:
    """Return an id that no document has had: what is sealed is bound to it before it is stored."""
    row = await city.fetch_one(
        "SELECT nextval(pg_get_serial_sequence('wallet.documents', 'id'))", {}
    )
    return int(row[0]) if row else 0


async def find(
    session: ReadSession, document_id: int, user_id: int, *, to_change: bool = False
) -> SealedDocument | None:
    """Return the document if it is the account's, locked if it is to be changed."""
    query = f"SELECT {_COLUMNS} FROM wallet.documents WHERE id = :id AND user_id = :user_id"
    row = (
        await session.execute(
            text(query + (" FOR UPDATE" if to_change else "")),
            {"id": document_id, "user_id": user_id},
        )
    ).first()
    return None if row is None else _document(row)


async def list_own(
    session: ReadSession, user_id: int, *, skip: int, limit: int
) -> Sequence[SealedDocument]:
    """Return one page of the account's documents, the oldest first."""
    rows = await session.execute(
        text(
            f"SELECT {_COLUMNS} FROM wallet.documents WHERE user_id = :user_id"
            " ORDER BY id LIMIT :limit OFFSET :skip"
        ),
        {"user_id": user_id, "limit": limit, "skip": skip},
    )
    return [_document(row) for row in rows]


async def count_own(session: ReadSession, user_id: int) -> int:
    """Return how many documents the account has."""
    query = text("SELECT count(*) FROM wallet.documents WHERE user_id = :user_id")
    return int(await session.scalar(query, {"user_id": user_id}) or 0)


async def add(session: WriteSession, values: dict[str, Any]) -> SealedDocument:
    """Store a document; ``values`` are its columns, sealed."""
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    row = await session.execute(
        text(f"INSERT INTO wallet.documents ({names}) VALUES ({marks}) RETURNING {_COLUMNS}"),
        values,
    )
    return _document(row.one())


async def change(
    session: WriteSession, document_id: int, user_id: int, values: dict[str, Any]
) -> SealedDocument | None:
    """Change columns of the account's document; none if it has no such document."""
    assignments = ", ".join(f"{name} = :{name}" for name in values if name in _CHANGEABLE)
    row = (
        await session.execute(
            text(
                f"UPDATE wallet.documents SET {assignments or 'id = id'}"
                f" WHERE id = :id AND user_id = :user_id RETURNING {_COLUMNS}"
            ),
            {**values, "id": document_id, "user_id": user_id},
        )
    ).first()
    return None if row is None else _document(row)


async def delete(session: WriteSession, document_id: int, user_id: int) -> SealedDocument | None:
    """Remove the account's document and return it."""
    row = (
        await session.execute(
            text(
                "DELETE FROM wallet.documents WHERE id = :id AND user_id = :user_id"
                f" RETURNING {_COLUMNS}"
            ),
            {"id": document_id, "user_id": user_id},
        )
    ).first()
    return None if row is None else _document(row)


async def delete_all(session: WriteSession, user_id: int) -> list[str]:
    """Remove all documents of the account; return the objects that they had, now loose."""
    found = await session.scalars(
        text(
            "WITH gone AS (DELETE FROM wallet.documents WHERE user_id = :user_id"
            " RETURNING object_id) INSERT INTO wallet.loose_objects (object_id)"
            " SELECT object_id FROM gone WHERE object_id IS NOT NULL RETURNING object_id"
        ),
        {"user_id": user_id},
    )
    return list(found)


async def loosen(session: WriteSession, object_id: str) -> None:
    """Note an object that no document has: not yet, or no longer."""
    await session.execute(
        text("INSERT INTO wallet.loose_objects (object_id) VALUES (:object_id)"),
        {"object_id": object_id},
    )


async def forget(session: WriteSession, object_id: str) -> bool:
    """Remove the note of a loose object, which a document takes, or which is deleted.

    Returns:
        Whether it was there: an upload that took too long was swept away.
    """
    found = await session.scalar(
        text("DELETE FROM wallet.loose_objects WHERE object_id = :object_id RETURNING true"),
        {"object_id": object_id},
    )
    return bool(found)


async def take_loose(session: WriteSession, older_than_s: int, limit: int) -> list[str]:
    """Return and lock objects that have been loose for so long; others' are passed over."""
    found = await session.scalars(
        text(
            "SELECT object_id FROM wallet.loose_objects"
            " WHERE since <= now() - make_interval(secs => :seconds)"
            " ORDER BY since LIMIT :limit FOR UPDATE SKIP LOCKED"
        ),
        {"seconds": older_than_s, "limit": limit},
    )
    return list(found)
