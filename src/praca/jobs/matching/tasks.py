"""Background work of matching: training a version, and saving the indexes anew."""

import asyncio
import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import orjson

from praca import __version__
from praca.jobs.matching import repository, snapshots
from praca.jobs.matching.index import CandidateIndex, VacancyIndex
from praca.jobs.matching.live import LiveIndex
from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.jobs.matching.repository import CANDIDATES, VACANCIES
from praca.jobs.matching.snapshots import MODEL_NAME, Loaded
from praca.kit.clock import utc_now
from praca.learning import store
from praca.learning.artifacts import MANIFEST, pack
from praca.platform.errors import TaskAlreadyRunningError
from praca.platform.resources import Resources
from praca.platform.tasks import TaskContext, TaskKind

__all__ = ["INDEX_MATCH", "TRAIN_MATCH", "request_index"]

_MANY_ROWS: Final = 1_000
"""So many changed rows make it worth while to save the indexes anew: about 0.3 s per start."""


@dataclass(frozen=True, slots=True)
class _Data:
    """What there is to learn from, and the moment it stands for."""

    position: str
    pairs: list[Pair]
    candidates: list[CandidateProfile]
    vacancies: list[VacancyProfile]

    def digest(self) -> str:
        """Return the SHA-256 of the data: equal data have equal digests."""
        digest = hashlib.sha256()
        parts: tuple[Sequence[Any], ...] = (self.pairs, self.candidates, self.vacancies)
        for part in parts:
            for item in part:
                digest.update(orjson.dumps(item))
        return digest.hexdigest()


async def train(context: TaskContext, args: dict[str, Any]) -> dict[str, Any]:
    """Fit the match model on the tables as they are, publish it with its indexes, promote it.

    Raises:
        NotEnoughDataError: too few applications have both a candidate and a vacancy.
    """
    city = context.resources.databases.city
    folder = f"models/{MODEL_NAME}/{context.run_id}"
    async with city.read() as session:
        done = await store.find_version(session, MODEL_NAME, folder)
    if done is not None:
        return {"model": MODEL_NAME, "version": done}  # it was killed after the last commit
    context.progress(0, None, "Lendo os dados")
    data = await _read(context.resources)
    model = MatchModel(seed=int(args.get("seed", 2026)))
    await asyncio.to_thread(
        model.fit, data.candidates, data.vacancies, data.pairs, on_progress=context.progress
    )
    context.progress(100, 100, "Publicando")
    async with city.read() as session:
        version = await store.next_version(session, MODEL_NAME)
    loaded = await asyncio.to_thread(_indexed, context.resources, version, model, data)
    # The indexes first: a process that swaps to the promoted version finds them ready.
    await _save(context.resources, loaded)
    version = await _publish(context.resources, folder, loaded, data.digest())
    # The one before is kept: it may be promoted again.
    await snapshots.forget(context.resources, before=version - 1)
    return {
        "model": MODEL_NAME,
        "version": version,
        "pairs": len(data.pairs),
        "metrics": {key: float(value) for key, value in model.metrics_.items()},
    }


async def _read(resources: Resources) -> _Data:
    # Before the rows: what commits while they are read is read again later, not lost.
    position = await repository.position(resources.databases.city)
    async with resources.databases.city.read() as session:
        pairs = await repository.pairs(session)
        candidates = [item async for item in repository.all_profiles(session, CANDIDATES)]
        vacancies = [item async for item in repository.all_profiles(session, VACANCIES)]
    return _Data(
        position,
        pairs,
        sorted(candidates, key=lambda item: item.codigo or 0),
        sorted(vacancies, key=lambda item: item.codigo or 0),
    )


def _indexed(resources: Resources, version: int, model: MatchModel, data: _Data) -> Loaded:
    city = resources.databases.city
    candidates, vacancies = CandidateIndex(model), VacancyIndex(model)
    candidates.upsert(data.candidates)
    vacancies.upsert(data.vacancies)
    return Loaded(
        version,
        model,
        LiveIndex(city, candidates, data.position),
        LiveIndex(city, vacancies, data.position),
    )


async def _publish(resources: Resources, folder: str, loaded: Loaded, data_hash: str) -> int:
    """Store the model, note it and promote it; what killed attempts left is deleted.

    Returns the version: another's, if a worker that was thought dead has published meanwhile.
    """
    artifact = pack(
        await asyncio.to_thread(loaded.model.to_files),
        name=MODEL_NAME,
        version=str(loaded.version),
        created_at=utc_now(),
        data_hash=data_hash,
        code_version=__version__,
        metrics={key: float(value) for key, value in loaded.model.metrics_.items()},
        params=loaded.model.params,
    )
    # A key of its own for each attempt: a worker that was thought dead and still writes must not
    # write into the files of the one that took over.
    key = f"{folder}/{uuid4().hex}"
    await asyncio.to_thread(resources.objects.write_all, key, artifact)
    async with resources.databases.city.write() as session:
        await store.lock(session, MODEL_NAME)
        done = await store.find_version(session, MODEL_NAME, folder)
        if done is None:
            manifest = artifact[MANIFEST].decode()
            await store.publish(session, MODEL_NAME, loaded.version, key, manifest)
            await store.promote(session, MODEL_NAME, loaded.version)
    if done is not None:
        await asyncio.to_thread(resources.objects.delete_below, key)
        return done
    await asyncio.to_thread(resources.objects.delete_below, folder, keep=key)
    return loaded.version


async def _save(resources: Resources, loaded: Loaded) -> None:
    await snapshots.save(resources, loaded.version, loaded.candidates)
    await snapshots.save(resources, loaded.version, loaded.vacancies)


async def index(context: TaskContext, _args: dict[str, Any]) -> dict[str, Any]:
    """Save the indexes of the promoted model as the tables are now."""
    async with context.resources.databases.city.read() as session:
        champion = await store.find_champion(session, MODEL_NAME)
    if champion is None:
        return {"rows": 0}
    context.progress(0, None, "Atualizando os índices")
    loaded = await snapshots.load(context.resources, champion)
    rows = await loaded.follow()
    await loaded.candidates.drop_missing()
    await loaded.vacancies.drop_missing()
    await _save(context.resources, loaded)
    return {"rows": rows}


async def request_index(resources: Resources, changed_rows: int) -> None:
    """Have the indexes saved anew if that many changed rows are worth it and a model answers."""
    if changed_rows < _MANY_ROWS:
        return
    with contextlib.suppress(TaskAlreadyRunningError):
        async with resources.databases.city.write() as session:
            if await store.find_champion(session, MODEL_NAME) is not None:
                await resources.tasks.enqueue(session, INDEX_MATCH.name, {})


TRAIN_MATCH = TaskKind("jobs.train_match", train, is_exclusive=True)
INDEX_MATCH = TaskKind("jobs.index_match", index, is_exclusive=True)
