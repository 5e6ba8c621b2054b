"""The versions of every model: published once, never changed, one of them answering.

Files lie in the object store, below the version's key; these rows say which there are. The alias
``champion`` names the version that answers: processes that serve a model watch it, and swap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Row, text

from praca.kit.errors import DomainError, ErrorKind
from praca.platform.database import ReadSession, WriteSession

__all__ = [
    "Champion",
    "ModelVersionNotFoundError",
    "NothingToRollBackError",
    "Version",
    "find_champion",
    "find_version",
    "list_versions",
    "lock",
    "next_version",
    "promote",
    "publish",
    "require_version",
    "roll_back",
]


class ModelVersionNotFoundError(DomainError):
    """There is no such version of the model, or no such model."""

    code: ClassVar[str] = "model_version_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Model version not found"
    sample: ClassVar[tuple[str, int]] = ("match", 7)

    def __init__(self, name: str, version: int | None = None) -> None:
        which = "" if version is None else f", versão {version}"
        super().__init__(f"Modelo '{name}'{which} não encontrado.")


class NothingToRollBackError(DomainError):
    """No version answered before the one that answers now."""

    code: ClassVar[str] = "nothing_to_roll_back"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Nothing to roll back to"
    sample: ClassVar[tuple[str]] = ("match",)

    def __init__(self, name: str) -> None:
        super().__init__(f"O modelo '{name}' não tem versão anterior à qual voltar.")


@dataclass(frozen=True, slots=True)
class Champion:
    """The version of a model that answers, and where its files lie."""

    version: int
    object_key: str


@dataclass(frozen=True, slots=True)
class Version:
    """One published version.

    Attributes:
        name: which model.
        version: unique for the name, growing.
        is_champion: whether it answers.
        created_at: when it was published.
        promoted_at: when it was last made to answer; None: never.
        manifest: what it was made of, its figures, and the hash of each file.
    """

    name: str
    version: int
    is_champion: bool
    created_at: datetime
    promoted_at: datetime | None
    manifest: Mapping[str, Any]


_VERSIONS = """
SELECT m.name, m.version, a.version IS NOT NULL AS is_champion,
    m.created_at, m.promoted_at, m.manifest
FROM platform.models m
LEFT JOIN platform.model_aliases a
    ON a.name = m.name AND a.version = m.version AND a.alias = 'champion'
"""


def _version(row: Row[Any]) -> Version:
    return Version(**row._mapping)  # noqa: SLF001  # its public name


async def list_versions(session: ReadSession, name: str | None = None) -> Sequence[Version]:
    """Return the versions of all models, or of one, the newest of each first."""
    condition = "" if name is None else "WHERE m.name = :name "
    rows = await session.execute(
        text(f"{_VERSIONS}{condition}ORDER BY m.name, m.version DESC"), {"name": name}
    )
    return [_version(row) for row in rows]


async def require_version(session: ReadSession, name: str, version: int) -> Version:
    """Return one version.

    Raises:
        ModelVersionNotFoundError: there is none.
    """
    row = (
        await session.execute(
            text(f"{_VERSIONS}WHERE m.name = :name AND m.version = :version"),
            {"name": name, "version": version},
        )
    ).first()
    if row is None:
        raise ModelVersionNotFoundError(name, version)
    return _version(row)


async def find_champion(session: ReadSession, name: str) -> Champion | None:
    """Return the version of ``name`` that answers."""
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


async def lock(session: WriteSession, name: str) -> None:
    """Let nobody else publish versions of ``name`` until the session's transaction ends."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('praca.model'), hashtext(:name))"),
        {"name": name},
    )


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
    """Make ``version`` the one that answers; the one before is what :func:`roll_back` returns to.

    Raises:
        ModelVersionNotFoundError: there is no such version.
    """
    await require_version(session, name, version)
    await session.execute(
        text(
            "INSERT INTO platform.model_aliases AS a (name, alias, version)"
            " VALUES (:name, 'champion', :version) ON CONFLICT (name, alias)"
            " DO UPDATE SET version = excluded.version, changed_at = now(),"
            # Promoting what answers already must not forget what answered before it.
            " previous = CASE WHEN a.version = excluded.version THEN a.previous"
            "   ELSE a.version END"
        ),
        {"name": name, "version": version},
    )
    await _note_promotion(session, name, version)


async def roll_back(session: WriteSession, name: str) -> int:
    """Make the version answer that answered before, and return it.

    One step: after it, nothing is left to roll back to until the next promotion.

    Raises:
        NothingToRollBackError: none did.
    """
    version = await session.scalar(
        text(
            "UPDATE platform.model_aliases SET version = previous, previous = NULL,"
            " changed_at = now() WHERE name = :name AND alias = 'champion'"
            " AND previous IS NOT NULL RETURNING version"
        ),
        {"name": name},
    )
    if version is None:
        raise NothingToRollBackError(name)
    await _note_promotion(session, name, version)
    return int(version)


async def _note_promotion(session: WriteSession, name: str, version: int) -> None:
    await session.execute(
        text(
            "UPDATE platform.models SET promoted_at = now()"
            " WHERE name = :name AND version = :version"
        ),
        {"name": name, "version": version},
    )
