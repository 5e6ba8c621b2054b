"""All SQL of matching: profiles out of the live tables, published versions of the model."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text

from praca.jobs.matching.model import Pair
from praca.jobs.matching.profiles import (
    CandidateProfile,
    VacancyProfile,
    candidate_from_record,
    vacancy_from_record,
)
from praca.platform.database import ReadSession, WriteSession

__all__ = [
    "Champion",
    "candidate_profiles",
    "changed_vacancies",
    "describe_vacancies",
    "find_champion",
    "horizon",
    "pairs",
    "promote",
    "publish",
    "require_number",
    "vacancy_profile",
    "vacancy_profiles",
]

_CANDIDATE = """
SELECT codigo_profissional AS codigo, infos_basicas, informacoes_profissionais,
       formacao_e_idiomas, cv_pt
FROM jobs.candidates
"""
_VACANCY = "SELECT codigo_vaga AS codigo, infos_basicas, perfil_vaga FROM jobs.vacancies "
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Champion:
    """The version of a model that answers, and where its files lie."""

    version: int
    object_key: str


async def candidate_profiles(session: ReadSession) -> AsyncIterator[CandidateProfile]:
    """Yield every candidate's profile, a batch of rows in memory at a time."""
    result = await session.stream(text(_CANDIDATE), execution_options={"yield_per": _BATCH})
    async for row in result:
        yield _candidate(row)


async def vacancy_profiles(session: ReadSession) -> AsyncIterator[VacancyProfile]:
    """Yield every vacancy's profile, a batch of rows in memory at a time."""
    result = await session.stream(text(_VACANCY), execution_options={"yield_per": _BATCH})
    async for row in result:
        yield _vacancy(row)


async def vacancy_profile(session: ReadSession, codigo: int) -> VacancyProfile | None:
    """Return one vacancy's profile."""
    row = (
        await session.execute(text(_VACANCY + "WHERE codigo_vaga = :codigo"), {"codigo": codigo})
    ).first()
    return None if row is None else _vacancy(row)


async def horizon(session: ReadSession) -> int:
    """Return the oldest transaction still running: everything older is decided and visible."""
    return int(
        await session.scalar(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")) or 0
    )


async def changed_vacancies(session: ReadSession, since: int, limit: int) -> list[VacancyProfile]:
    """Return vacancies written by transactions from ``since`` on, at most ``limit`` of them."""
    result = await session.execute(
        text(
            _VACANCY + "WHERE changed_in >= CAST(:since AS xid8) ORDER BY changed_in LIMIT :limit"
        ),
        {"since": str(since), "limit": limit},
    )
    return [_vacancy(row) for row in result]


async def pairs(session: ReadSession) -> list[Pair]:
    """Return the applications whose candidate and vacancy are both known."""
    result = await session.execute(
        text(
            "SELECT p.codigo_candidato, p.codigo_vaga, p.situacao_candidato, p.data_candidatura"
            " FROM jobs.prospects p"
            " JOIN jobs.candidates c ON c.codigo_profissional = p.codigo_candidato"
            " JOIN jobs.vacancies v ON v.codigo_vaga = p.codigo_vaga"
            " ORDER BY p.codigo_vaga, p.codigo_candidato"
        )
    )
    return [Pair(row[0], row[1], row[2] or "", row[3] or "") for row in result]


async def describe_vacancies(
    session: ReadSession, codes: Sequence[int]
) -> dict[int, dict[str, Any]]:
    """Return what a recommendation shows of each vacancy that still exists."""
    result = await session.execute(
        text(
            "SELECT codigo_vaga, coalesce(infos_basicas->>'titulo_vaga', '') AS titulo_vaga,"
            " coalesce(perfil_vaga->>'competencia_tecnicas_e_comportamentais', '')"
            "   AS competencia_tecnicas_e_comportamentais,"
            " coalesce(perfil_vaga->>'areas_atuacao', '') AS areas_atuacao_vaga"
            " FROM jobs.vacancies WHERE codigo_vaga = ANY(:codes)"
        ),
        {"codes": list(codes)},
    )
    return {row.codigo_vaga: dict(row._mapping) for row in result}  # noqa: SLF001  # its public name


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


async def require_number(session: WriteSession, name: str) -> int:
    """Return the next version number of ``name``; two trainings wait for each other here."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('praca.model'), hashtext(:name))"),
        {"name": name},
    )
    newest = await session.scalar(
        text("SELECT max(version) FROM platform.models WHERE name = :name"), {"name": name}
    )
    return int(newest or 0) + 1


async def publish(
    session: WriteSession, name: str, version: int, object_key: str, manifest: str
) -> None:
    """Note a published version; its files are already in the object store."""
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


def _candidate(row: Row[Any]) -> CandidateProfile:
    return candidate_from_record(dict(row._mapping), codigo=row.codigo)  # noqa: SLF001


def _vacancy(row: Row[Any]) -> VacancyProfile:
    return vacancy_from_record(dict(row._mapping), codigo=row.codigo)  # noqa: SLF001
