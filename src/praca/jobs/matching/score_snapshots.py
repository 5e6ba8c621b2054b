"""Scores kept: exactly what was compared, by which version, and with what result.

A snapshot holds the two profiles and nothing else, so no protected field is ever in it. Its id is
a hash of them and of the model: equal ids are the same score, and a row that was altered cannot
keep its id.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import text

from praca.jobs.matching.model import MatchModel
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.platform.database import ReadSession, WriteSession

__all__ = ["ScoreSnapshot", "find_snapshot", "keep_snapshot", "snapshot_id"]


@dataclass(frozen=True, slots=True)
class ScoreSnapshot:
    """One score with all it was computed from.

    Attributes:
        hash: see :func:`snapshot_id`.
        version: of the model.
        codigo_vaga: of the vacancy, which may have changed or gone since.
        codigo_candidato: of the candidate.
        candidate: as the model read them.
        vacancy: as the model read it.
        logit: log-odds.
    """

    hash: str
    version: int
    codigo_vaga: int
    codigo_candidato: int
    candidate: CandidateProfile
    vacancy: VacancyProfile
    logit: float


def snapshot_id(model: MatchModel, candidate: CandidateProfile, vacancy: VacancyProfile) -> str:
    """Return the SHA-256, in hexadecimal, of both profiles and the model's fingerprint."""
    document = {
        "candidate": asdict(candidate),
        "model": model.fingerprint,
        "vacancy": asdict(vacancy),
    }
    content = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


async def keep_snapshot(session: WriteSession, snapshot: ScoreSnapshot) -> bool:
    """Store a snapshot; one that is stored already stays as it is.

    Returns:
        Whether the candidate still exists; nothing is kept of one who was deleted meanwhile.
    """
    exists = await session.scalar(
        text("SELECT true FROM jobs.candidates WHERE codigo_profissional = :codigo FOR KEY SHARE"),
        {"codigo": snapshot.codigo_candidato},
    )
    if not exists:
        return False
    await session.execute(
        text(
            "INSERT INTO jobs.score_snapshots"
            " (hash, version, codigo_vaga, codigo_candidato, candidate, vacancy, logit)"
            " VALUES (:hash, :version, :codigo_vaga, :codigo_candidato,"
            " CAST(:candidate AS jsonb), CAST(:vacancy AS jsonb), :logit)"
            " ON CONFLICT (hash) DO NOTHING"
        ),
        {
            "hash": snapshot.hash,
            "version": snapshot.version,
            "codigo_vaga": snapshot.codigo_vaga,
            "codigo_candidato": snapshot.codigo_candidato,
            "candidate": _json(snapshot.candidate),
            "vacancy": _json(snapshot.vacancy),
            "logit": snapshot.logit,
        },
    )
    return True


async def find_snapshot(session: ReadSession, snapshot_hash: str) -> ScoreSnapshot | None:
    """Return the snapshot of this id, if it was kept."""
    row = (
        await session.execute(
            text(
                "SELECT hash, version, codigo_vaga, codigo_candidato, candidate, vacancy, logit"
                " FROM jobs.score_snapshots WHERE hash = :hash"
            ),
            {"hash": snapshot_hash},
        )
    ).first()
    if row is None:
        return None
    values: dict[str, Any] = dict(row._mapping)  # noqa: SLF001  # its public name
    values["candidate"] = CandidateProfile(**values["candidate"])
    values["vacancy"] = VacancyProfile(**values["vacancy"])
    return ScoreSnapshot(**values)


def _json(profile: CandidateProfile | VacancyProfile) -> str:
    return json.dumps(asdict(profile), ensure_ascii=False)
