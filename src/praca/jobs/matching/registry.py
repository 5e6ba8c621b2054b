"""SQL of the saved indexes: where each lies, and which rows are in it."""

from dataclasses import dataclass

from sqlalchemy import text

from praca.platform.database import ReadSession, WriteSession

__all__ = [
    "SavedIndex",
    "find_index",
    "forget_index",
    "forget_indexes",
    "note_index",
    "saved_indexes",
]


@dataclass(frozen=True, slots=True)
class SavedIndex:
    """Where an index lies, and which transactions its rows show."""

    object_key: str
    position: str


async def find_index(session: ReadSession, version: int, kind: str) -> SavedIndex | None:
    """Return the saved index of a model's version.

    One that was saved on another server is not returned: transactions are numbered by each server
    for itself, so its position would mean nothing here.
    """
    row = (
        await session.execute(
            text(
                "SELECT object_key, position FROM jobs.match_indexes"
                " WHERE version = :version AND kind = :kind AND server ="
                " (SELECT system_identifier::text FROM pg_control_system())"
            ),
            {"version": version, "kind": kind},
        )
    ).first()
    return None if row is None else SavedIndex(row.object_key, row.position)


async def note_index(session: WriteSession, version: int, kind: str, saved: SavedIndex) -> None:
    """Make ``saved`` the index from which processes start."""
    await session.execute(
        text(
            "INSERT INTO jobs.match_indexes (version, kind, object_key, position, server)"
            " SELECT :version, :kind, :object_key, :position, system_identifier::text"
            " FROM pg_control_system() ON CONFLICT (version, kind) DO UPDATE SET"
            " object_key = excluded.object_key, position = excluded.position,"
            " server = excluded.server, saved_at = now()"
        ),
        {
            "version": version,
            "kind": kind,
            "object_key": saved.object_key,
            "position": saved.position,
        },
    )


async def saved_indexes(session: ReadSession, kind: str) -> dict[int, SavedIndex]:
    """Return every saved index of a kind by the model's version, of other servers, too."""
    rows = await session.execute(
        text("SELECT version, object_key, position FROM jobs.match_indexes WHERE kind = :kind"),
        {"kind": kind},
    )
    return {row.version: SavedIndex(row.object_key, row.position) for row in rows}


async def forget_index(session: WriteSession, version: int, kind: str) -> None:
    """Forget where one index lies."""
    await session.execute(
        text("DELETE FROM jobs.match_indexes WHERE version = :version AND kind = :kind"),
        {"version": version, "kind": kind},
    )


async def forget_indexes(session: WriteSession, name: str, before: int) -> list[int]:
    """Forget the indexes of the versions below ``before``; return those versions.

    The version of the model ``name`` that answers, and the one to roll back to, keep theirs.
    """
    result = await session.scalars(
        text(
            "DELETE FROM jobs.match_indexes WHERE version < :before AND version NOT IN ("
            " SELECT unnest(ARRAY[version, coalesce(previous, version)])"
            " FROM platform.model_aliases WHERE name = :name) RETURNING version"
        ),
        {"name": name, "before": before},
    )
    return sorted(set(result))
