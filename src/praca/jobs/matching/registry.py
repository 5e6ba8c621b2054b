"""SQL of what is published: versions of the model, which one answers, saved indexes."""

from dataclasses import dataclass

from sqlalchemy import text

from praca.platform.database import ReadSession, WriteSession

__all__ = [
    "Champion",
    "SavedIndex",
    "find_champion",
    "find_index",
    "find_version",
    "forget_indexes",
    "next_version",
    "note_index",
    "promote",
    "publish",
]


@dataclass(frozen=True, slots=True)
class Champion:
    """The version of a model that answers, and where its files lie."""

    version: int
    object_key: str


@dataclass(frozen=True, slots=True)
class SavedIndex:
    """Where an index lies, and which transactions its rows show."""

    object_key: str
    position: str


async def find_champion(session: ReadSession, name: str) -> Champion | None:
    """Return the promoted version of the model ``name``."""
    row = (
        await session.execute(
            text(
                "SELECT m.version, m.object_key FROM platform.model_aliases a"
                " JOIN platform.models m USING (name, version)"
                " WHERE a.name = :name AND a.alias = 'champion'"
            ),
            {"name": name},
        )
    ).first()
    return None if row is None else Champion(row.version, row.object_key)


async def find_version(session: ReadSession, name: str, folder: str) -> int | None:
    """Return the version whose files lie below ``folder``."""
    version = await session.scalar(
        text(
            "SELECT version FROM platform.models"
            " WHERE name = :name AND starts_with(object_key, :folder)"
        ),
        {"name": name, "folder": f"{folder}/"},
    )
    return None if version is None else int(version)


async def next_version(session: ReadSession, name: str) -> int:
    """Return the number after the newest version of ``name``."""
    newest = await session.scalar(
        text("SELECT max(version) FROM platform.models WHERE name = :name"), {"name": name}
    )
    return int(newest or 0) + 1


async def publish(
    session: WriteSession, name: str, version: int, object_key: str, manifest: str
) -> None:
    """Note a published version; its files are already in the object store.

    Raises:
        IntegrityError: the number was taken meanwhile.
    """
    await session.execute(
        text(
            "INSERT INTO platform.models (name, version, object_key, manifest)"
            " VALUES (:name, :version, :object_key, CAST(:manifest AS jsonb))"
        ),
        {"name": name, "version": version, "object_key": object_key, "manifest": manifest},
    )


async def promote(session: WriteSession, name: str, version: int) -> None:
    """Make ``version`` the one that answers."""
    await session.execute(
        text(
            "INSERT INTO platform.model_aliases (name, alias, version)"
            " VALUES (:name, 'champion', :version) ON CONFLICT (name, alias)"
            " DO UPDATE SET version = excluded.version, changed_at = now()"
        ),
        {"name": name, "version": version},
    )
    await session.execute(
        text(
            "UPDATE platform.models SET promoted_at = now()"
            " WHERE name = :name AND version = :version"
        ),
        {"name": name, "version": version},
    )


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


async def forget_indexes(session: WriteSession, before: int) -> list[int]:
    """Forget the indexes of the versions below ``before``; return those versions."""
    result = await session.scalars(
        text("DELETE FROM jobs.match_indexes WHERE version < :before RETURNING version"),
        {"before": before},
    )
    return sorted(set(result))
