"""What the hiring model learns from: applications whose candidate and vacancy are both known."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from praca.jobs.hiring.statuses import label_of
from praca.jobs.hiring.texts import readable
from praca.platform.database import ReadSession

__all__ = ["FIELDS", "Applications", "Row", "read_applications"]

FIELDS: Final = ("principais_atividades", "competencia_tecnicas_e_comportamentais", "cv_pt")
"""The texts of an application, in the order of every array of texts here."""

_BATCH: Final = 1000
_QUERY: Final = """
SELECT p.codigo_vaga, p.codigo_candidato, p.situacao_candidato,
    coalesce(v.perfil_vaga->>'principais_atividades', ''),
    coalesce(v.perfil_vaga->>'competencia_tecnicas_e_comportamentais', ''),
    c.cv_pt
FROM jobs.prospects p
JOIN jobs.candidates c ON c.codigo_profissional = p.codigo_candidato
JOIN jobs.vacancies v ON v.codigo_vaga = p.codigo_vaga
ORDER BY p.codigo_vaga, p.codigo_candidato
"""

Row = tuple[int, int, str, str, str, str]
"""Vacancy, candidate, status, and the three texts."""


@dataclass(frozen=True, slots=True, eq=False)
class Applications:
    """Applications with a label, in the order of vacancy and candidate.

    Attributes:
        vacancies: int64, shape (rows,).
        candidates: int64, shape (rows,).
        texts: str objects, shape (rows, 3), columns as :data:`FIELDS`, as the model reads them.
        labels: int8, shape (rows,), 1 for a hire.
        statuses: the documented spelling of each row's status.
        left_out: how many rows had which status that the map does not know.
    """

    vacancies: NDArray[np.int64]
    candidates: NDArray[np.int64]
    texts: NDArray[np.object_]
    labels: NDArray[np.int8]
    statuses: tuple[str, ...]
    left_out: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Applications":
        """Label the rows; those of an unknown status are left out and counted."""
        kept: list[tuple[Row, str, int]] = []
        left_out: dict[str, int] = {}
        for row in rows:
            known = label_of(row[2])
            if known is None:
                left_out[row[2]] = left_out.get(row[2], 0) + 1
            else:
                kept.append((row, *known))
        return cls(
            np.array([row[0] for row, _, _ in kept], dtype=np.int64),
            np.array([row[1] for row, _, _ in kept], dtype=np.int64),
            _texts([row for row, _, _ in kept]),
            np.array([label for _, _, label in kept], dtype=np.int8),
            tuple(status for _, status, _ in kept),
            left_out,
        )

    @property
    def shares(self) -> dict[str, float]:
        """The share of each status."""
        names, counts = np.unique(np.array(self.statuses, dtype=object), return_counts=True)
        return {
            str(name): float(count) / len(self.statuses)
            for name, count in zip(names, counts, strict=True)
        }

    def digest(self) -> str:
        """Return the SHA-256 of the data: equal data have equal digests."""
        columns = (self.vacancies, self.candidates, self.labels)
        digest = hashlib.sha256(b"".join(column.tobytes() for column in columns))
        for content in self.texts.ravel():
            digest.update(hashlib.sha256(content.encode("utf-8", "surrogatepass")).digest())
        return digest.hexdigest()


def _texts(rows: list[Row]) -> NDArray[np.object_]:
    """Return the texts as the model reads them; the same come back in many rows."""
    read: dict[str, str] = {}
    texts = np.empty((len(rows), len(FIELDS)), dtype=object)
    for at, row in enumerate(rows):
        for column, content in enumerate(row[3:]):
            if content not in read:
                read[content] = readable(content)
            texts[at, column] = read[content]
    return texts


async def read_applications(session: ReadSession) -> Applications:
    """Read every application whose vacancy and candidate both exist."""
    result = await session.stream(text(_QUERY), execution_options={"yield_per": _BATCH})
    rows: list[Any] = [tuple(row) async for row in result]
    return Applications.of(rows)
