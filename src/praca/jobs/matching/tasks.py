"""Training as a background task: read, fit, publish, promote."""

import asyncio
import hashlib
from typing import Any

import orjson

from praca import __version__
from praca.jobs.matching import repository
from praca.jobs.matching.model import MatchModel
from praca.jobs.matching.service import MODEL_NAME
from praca.kit.clock import utc_now
from praca.learning.artifacts import pack
from praca.platform.tasks import TaskContext, TaskKind

__all__ = ["TRAIN_MATCH"]

_MODEL_FILE = "manifest.json"


async def train(context: TaskContext, args: dict[str, Any]) -> dict[str, Any]:
    """Fit the match model on the tables as they are, publish it, and promote it.

    Raises:
        NotEnoughDataError: too few applications have both a candidate and a vacancy.
    """
    seed = int(args.get("seed", 2026))
    context.progress(0, None, "Lendo os dados")
    async with context.resources.databases.city.read() as session:
        pairs = await repository.pairs(session)
        candidates = sorted(
            [item async for item in repository.candidate_profiles(session)],
            key=lambda item: item.codigo or 0,
        )
        vacancies = sorted(
            [item async for item in repository.vacancy_profiles(session)],
            key=lambda item: item.codigo or 0,
        )
    model = MatchModel(seed=seed)
    await asyncio.to_thread(model.fit, candidates, vacancies, pairs, on_progress=context.progress)
    files = await asyncio.to_thread(model.to_files)
    metrics = {key: float(value) for key, value in model.metrics_.items()}
    async with context.resources.databases.city.write() as session:
        version = await repository.require_number(session, MODEL_NAME)
        artifact = pack(
            files,
            name=MODEL_NAME,
            version=str(version),
            created_at=utc_now(),
            data_hash=_digest(pairs, candidates, vacancies),
            code_version=__version__,
            metrics=metrics,
            params=model.params,
        )
        # The run's id in the key: a killed training leaves files that nothing points at, and
        # never half of a version that something does.
        key = f"models/{MODEL_NAME}/v{version}-{context.run_id}-{utc_now():%H%M%S%f}"
        await asyncio.to_thread(context.resources.objects.write_all, key, artifact)
        await repository.publish(session, MODEL_NAME, version, key, artifact[_MODEL_FILE].decode())
        await repository.promote(session, MODEL_NAME, version)
    return {"model": MODEL_NAME, "version": version, "pairs": len(pairs), "metrics": metrics}


def _digest(*parts: Any) -> str:
    digest = hashlib.sha256()
    for part in parts:
        for item in part:
            digest.update(orjson.dumps(item))
    return digest.hexdigest()


TRAIN_MATCH = TaskKind("jobs.train_match", train, is_exclusive=True)
