"""The versions of every model: published once, never changed, one of them answering.

Files lie in the object store, below the version's key; these rows say which there are. The alias
``champion`` names the version that answers: processes that serve a model watch it, and swap. The
alias ``shadow`` names one that answers nobody and is compared with the champion on live requests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import orjson
from sqlalchemy import Row, text

from praca.kit.errors import DomainError, ErrorKind
from praca.platform.database import ReadSession, WriteSession

__all__ = [
    "Champion",
    "GateRefusedError",
    "ModelVersionNotFoundError",
    "NothingToRollBackError",
    "ShadowIsChampionError",
    "Version",
    "find_champion",
    "find_shadow",
    "find_version",
    "list_versions",
    "lock",
    "next_version",
    "note_run",
    "promote",
    "publish",
    "require_object_key",
    "require_version",
    "roll_back",
    "set_shadow",
]


class ModelVersionNotFoundError(DomainError):
    """The model, or this version of it, was never published."""

    code: ClassVar[str] = "model_version_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Model version not found"
    sample: ClassVar[tuple[str, int]] = ("match", 7)

    def __init__(self, name: str, version: int | None = None) -> None:
        which = "" if version is None else f", versão {version}"
        super().__init__(f"Modelo '{name}'{which} não encontrado.")


class GateRefusedError(DomainError):
    """The version did not pass its evaluation; promote it with ``force`` to insist."""

    code: ClassVar[str] = "model_gate_refused"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Model refused by its gate"
    sample: ClassVar[tuple[str, int, list[str]]] = ("match", 7, ["mrr é pior."])

    def __init__(self, name: str, version: int, reasons: Sequence[str]) -> None:
        super().__init__(
            f"A versão {version} do modelo '{name}' não passou na avaliação: {' '.join(reasons)}"
            " Para promovê-la assim mesmo, diga-o expressamente (force)."
        )


class NothingToRollBackError(DomainError):
    """No other version of the model answered before the one that answers."""

    code: ClassVar[str] = "nothing_to_roll_back"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Nothing to roll back to"
    sample: ClassVar[tuple[str]] = ("match",)

    def __init__(self, name: str) -> None:
        super().__init__(f"O modelo '{name}' não tem versão anterior à qual voltar.")


class ShadowIsChampionError(DomainError):
    """The version answers already; only another can be tried in its shadow."""

    code: ClassVar[str] = "model_shadow_is_champion"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Version answers already"
    sample: ClassVar[tuple[str, int]] = ("match", 7)

    def __init__(self, name: str, version: int) -> None:
        super().__init__(
            f"A versão {version} do modelo '{name}' já responde; não há com o que compará-la."
        )


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
        object_key: where its files lie.
        is_shadow: whether it is compared with the champion on live requests.
        verdict: what the gate said (:meth:`praca.learning.gate.Verdict.to_json`); None: not asked.
        tracking_run: its run in MLflow; None: none was written.
    """

    name: str
    version: int
    is_champion: bool
    created_at: datetime
    promoted_at: datetime | None
    manifest: Mapping[str, Any]
    object_key: str
    is_shadow: bool
    verdict: Mapping[str, Any] | None
    tracking_run: str | None

    @property
    def reasons_against(self) -> list[str]:
        """Why the gate refused the version; empty if it did not."""
        checks = [] if self.verdict is None else self.verdict["checks"]
        return [check["reason"] for check in checks if check["passed"] is False]


_VERSIONS = """
SELECT m.name, m.version, a.version IS NOT NULL AS is_champion,
    m.created_at, m.promoted_at, m.manifest, m.object_key, s.version IS NOT NULL AS is_shadow,
    m.verdict, m.tracking_run
FROM platform.models m
LEFT JOIN platform.model_aliases a
    ON a.name = m.name AND a.version = m.version AND a.alias = 'champion'
LEFT JOIN platform.model_aliases s
    ON s.name = m.name AND s.version = m.version AND s.alias = 'shadow'
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


async def require_object_key(session: ReadSession, name: str, version: int) -> str:
    """Return where the files of one version lie.

    Raises:
        ModelVersionNotFoundError: there is no such version.
    """
    key = await session.scalar(
        text("SELECT object_key FROM platform.models WHERE name = :name AND version = :version"),
        {"name": name, "version": version},
    )
    if key is None:
        raise ModelVersionNotFoundError(name, version)
    return str(key)


async def find_champion(session: ReadSession, name: str) -> Champion | None:
    """Return the version of ``name`` that answers."""
    return await _find_alias(session, name, "champion")


async def find_shadow(session: ReadSession, name: str) -> Champion | None:
    """Return the version of ``name`` that is compared with the one that answers."""
    return await _find_alias(session, name, "shadow")


async def _find_alias(session: ReadSession, name: str, alias: str) -> Champion | None:
    row = (
        await session.execute(
            text(
                "SELECT m.version, m.object_key FROM platform.model_aliases a"
                " JOIN platform.models m USING (name, version)"
                " WHERE a.name = :name AND a.alias = :alias"
            ),
            {"name": name, "alias": alias},
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
    session: WriteSession,
    name: str,
    version: int,
    object_key: str,
    manifest: str,
    verdict: Mapping[str, Any] | None = None,
) -> None:
    """Note a published version and its verdict; its files are already in the object store.

    Raises:
        IntegrityError: the number was taken meanwhile.
    """
    await session.execute(
        text(
            "INSERT INTO platform.models (name, version, object_key, manifest, verdict)"
            " VALUES (:name, :version, :object_key, CAST(:manifest AS jsonb),"
            " CAST(:verdict AS jsonb))"
        ),
        {
            "name": name,
            "version": version,
            "object_key": object_key,
            "manifest": manifest,
            "verdict": None if verdict is None else orjson.dumps(verdict).decode(),
        },
    )


async def note_run(session: WriteSession, name: str, version: int, run_id: str) -> None:
    """Note the version's run in MLflow."""
    await session.execute(
        text(
            "UPDATE platform.models SET tracking_run = :run_id"
            " WHERE name = :name AND version = :version"
        ),
        {"name": name, "version": version, "run_id": run_id},
    )


async def promote(session: WriteSession, name: str, version: int, *, force: bool = False) -> None:
    """Make ``version`` the one that answers; the one before is what :func:`roll_back` returns to.

    A version that becomes the champion is no longer compared with it.

    Args:
        session: commits it.
        name: which model.
        version: which version.
        force: also if the gate refused the version.

    Raises:
        ModelVersionNotFoundError: there is no such version.
        GateRefusedError: the gate refused it.
    """
    await lock(session, name)
    found = await require_version(session, name, version)
    if found.reasons_against and not force:
        raise GateRefusedError(name, version, found.reasons_against)
    if found.is_shadow:
        await set_shadow(session, name, None)
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
    await lock(session, name)
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
    shadow = await find_shadow(session, name)
    if shadow is not None and shadow.version == version:
        await set_shadow(session, name, None)
    await _note_promotion(session, name, version)
    return int(version)


async def set_shadow(session: WriteSession, name: str, version: int | None) -> None:
    """Have ``version`` compared with the champion on live requests; None: no version.

    Raises:
        ModelVersionNotFoundError: there is no such version.
        ShadowIsChampionError: it is the one that answers.
    """
    if version is None:
        await session.execute(
            text("DELETE FROM platform.model_aliases WHERE name = :name AND alias = 'shadow'"),
            {"name": name},
        )
        return
    found = await require_version(session, name, version)
    if found.is_champion:
        raise ShadowIsChampionError(name, version)
    await session.execute(
        text(
            "INSERT INTO platform.model_aliases (name, alias, version)"
            " VALUES (:name, 'shadow', :version) ON CONFLICT (name, alias)"
            " DO UPDATE SET version = excluded.version, changed_at = now()"
        ),
        {"name": name, "version": version},
    )


async def _note_promotion(session: WriteSession, name: str, version: int) -> None:
    await session.execute(
        text(
            "UPDATE platform.models SET promoted_at = now()"
            " WHERE name = :name AND version = :version"
        ),
        {"name": name, "version": version},
    )
