"""SQL over the live tables: profiles of people and vacancies, and which of them changed."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Row, text

from praca.jobs.matching.model import Pair
from praca.jobs.matching.profiles import (
    VacancyProfile,
    candidate_from_record,
    vacancy_from_record,
)
from praca.platform.database import Database, ReadSession

__all__ = [
    "CANDIDATES",
    "VACANCIES",
    "Source",
    "all_profiles",
    "changed_codes",
    "count_rows",
    "describe_vacancies",
    "existing_codes",
    "pairs",
    "position",
    "profiles_of",
]

Profile = TypeVar("Profile")
_BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Source(Generic[Profile]):
    """A live table that profiles are read from: its name, its code's column, what is read."""

    table: str
    code: str
    sections: str
    read: Callable[[Mapping[str, Any], int], Profile]

    @property
    def query(self) -> str:
        """The statement that reads all rows."""
        return f"SELECT {self.code} AS codigo, {self.sections} FROM {self.table}"

    def profile(self, row: Row[Any]) -> Profile:
        """Return the profile of a row of :attr:`query`."""
        return self.read(dict(row._mapping), row.codigo)  # noqa: SLF001  # its public name


CANDIDATES: Final = Source(
    "jobs.candidates",
    "codigo_profissional",
    "infos_basicas, informacoes_profissionais, formacao_e_idiomas, cv_pt",
    candidate_from_record,
)
VACANCIES: Final = Source(
    "jobs.vacancies", "codigo_vaga", "infos_basicas, perfil_vaga", vacancy_from_record
)


async def all_profiles(session: ReadSession, source: Source[Profile]) -> AsyncIterator[Profile]:
    """Yield every row's profile, a batch of rows in memory at a time."""
    result = await session.stream(text(source.query), execution_options={"yield_per": _BATCH})
    async for row in result:
        yield source.profile(row)


async def profiles_of(
    session: ReadSession, source: Source[Profile], codes: Sequence[int]
) -> list[Profile]:
    """Return the profiles of those of ``codes`` that exist, in no order."""
    result = await session.execute(
        text(f"{source.query} WHERE {source.code} = ANY(:codes)"), {"codes": list(codes)}
    )
    return [source.profile(row) for row in result]


async def position(city: Database) -> str:
    """Return which transactions are visible now, as :func:`changed_codes` takes it."""
    row = await city.fetch_one("SELECT pg_current_snapshot()::text", {})
    assert row is not None  # noqa: S101  # a select without a table gives one row
    return str(row[0])


async def changed_codes(
    session: ReadSession, source: Source[Any], since: str | None
) -> Sequence[int]:
    """Return the codes written by transactions that were not visible at ``since``; None: all.

    A row carries the transaction that wrote it last. Transactions end in any order, so "newer than
    the newest seen" would miss rows; the earlier snapshot itself tells what it did not show.
    Numbers of transactions yet to come, which a restored copy of another server may hold, are left
    out: that row is in the index since the first, full reading.
    """
    if since is None:
        return await existing_codes(session, source)
    result = await session.scalars(
        text(
            f"SELECT {source.code} FROM {source.table}"
            " WHERE changed_in >= pg_snapshot_xmin(CAST(:since AS pg_snapshot))"
            " AND changed_in < pg_snapshot_xmax(pg_current_snapshot())"
            " AND NOT pg_visible_in_snapshot(changed_in, CAST(:since AS pg_snapshot))"
            " ORDER BY changed_in"
        ),
        {"since": since},
    )
    return result.all()


async def count_rows(session: ReadSession, source: Source[Any]) -> int:
    """Return how many rows the table has, from the totals that the database keeps."""
    entity = source.table.rpartition(".")[2]
    return int(
        await session.scalar(text("SELECT jobs.row_count(:entity)"), {"entity": entity}) or 0
    )


async def existing_codes(session: ReadSession, source: Source[Any]) -> Sequence[int]:
    """Return all codes of the table."""
    return (await session.scalars(text(f"SELECT {source.code} FROM {source.table}"))).all()


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
    city: Database, codes: Sequence[int]
) -> dict[int, tuple[VacancyProfile, dict[str, Any]]]:
    """Return each vacancy that still exists, as scored and as a recommendation shows it."""
    row = await city.fetch_one(
        "SELECT coalesce(json_agg(json_build_object("
        " 'codigo_vaga', codigo_vaga, 'infos_basicas', infos_basicas,"
        " 'perfil_vaga', perfil_vaga)), '[]')"
        " FROM jobs.vacancies WHERE codigo_vaga = ANY(%(codes)s::bigint[])",
        {"codes": list(codes)},
    )
    assert row is not None  # noqa: S101  # an aggregate without groups gives one row
    return {
        stored["codigo_vaga"]: (
            vacancy_from_record(stored, stored["codigo_vaga"]),
            {
                "codigo_vaga": stored["codigo_vaga"],
                "titulo_vaga": _shown(stored["infos_basicas"], "titulo_vaga"),
                **{name: _shown(stored["perfil_vaga"], key) for name, key in _SHOWN.items()},
            },
        )
        for stored in row[0]
    }


_SHOWN: Final = {
    "competencia_tecnicas_e_comportamentais": "competencia_tecnicas_e_comportamentais",
    "areas_atuacao_vaga": "areas_atuacao",
}


def _shown(section: Mapping[str, Any], name: str) -> str:
    value = section.get(name)
    return "" if value is None else str(value)
