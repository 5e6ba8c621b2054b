"""SQL of a check: which rows were written in the window, and what became of applications.

``updated_at`` tells: whatever creates or changes a candidate, a vacancy or an application sets it,
an import too, which leaves unchanged rows alone.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text

from praca.jobs.matching.repository import Source
from praca.platform.database import ReadSession

__all__ = ["applied_vacancies", "statuses", "written_codes"]

_APPLICATIONS = (
    " FROM jobs.prospects p"
    " JOIN jobs.candidates c ON c.codigo_profissional = p.codigo_candidato"
    " JOIN jobs.vacancies v ON v.codigo_vaga = p.codigo_vaga"
)


async def written_codes(
    session: ReadSession, source: Source[Any], since: datetime | None
) -> Sequence[int]:
    """Return the codes of the rows written at or after ``since``, ascending; None: of all."""
    result = await session.scalars(
        text(
            f"SELECT {source.code} FROM {source.table}"
            " WHERE CAST(:since AS timestamptz) IS NULL OR updated_at >= :since"
            f" ORDER BY {source.code}"
        ),
        {"since": since},
    )
    return result.all()


async def statuses(session: ReadSession, since: datetime | None) -> list[str]:
    """Return the status of each application written at or after ``since``.

    Only those whose candidate and vacancy are known, as in a training.
    """
    rows = await session.execute(
        text(
            f"SELECT p.situacao_candidato, count(*){_APPLICATIONS}"
            " WHERE CAST(:since AS timestamptz) IS NULL OR p.updated_at >= :since"
            " GROUP BY p.situacao_candidato"
        ),
        {"since": since},
    )
    return [status for status, count in rows for _ in range(count)]


async def applied_vacancies(session: ReadSession, codes: Sequence[int]) -> set[int]:
    """Return those of ``codes`` for which a known candidate was put forward."""
    result = await session.scalars(
        text(f"SELECT DISTINCT p.codigo_vaga{_APPLICATIONS} WHERE p.codigo_vaga = ANY(:codes)"),
        {"codes": list(codes)},
    )
    return set(result.all())
