"""Background work of matching: training a version, and saving the indexes anew."""

import asyncio
import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from praca.jobs.matching import repository, snapshots
from praca.jobs.matching.drift.reference import reference_files
from praca.jobs.matching.holdout import Holdout, evaluate, figures, without_held_out
from praca.jobs.matching.index import CandidateIndex, VacancyIndex
from praca.jobs.matching.live import LiveIndex
from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.jobs.matching.repository import CANDIDATES, VACANCIES
from praca.jobs.matching.snapshots import MODEL_NAME, Loaded
from praca.kit.clock import utc_now
from praca.learning import store
from praca.learning.artifacts import ArtifactError
from praca.learning.gate import Evaluation, Verdict, judge
from praca.learning.lifecycle import Trained, already_released, release
from praca.learning.store import Champion
from praca.platform.errors import ObjectNotFoundError, TaskAlreadyRunningError
from praca.platform.resources import Resources
from praca.platform.tasks import TaskContext, TaskKind

__all__ = ["INDEX_MATCH", "TRAIN_MATCH", "request_index"]

_MANY_ROWS: Final = 1_000
"""So many changed rows make it worth while to save the indexes anew: about 0.3 s per start."""


@dataclass(frozen=True, slots=True)
class _Data:
    """What there is to learn from, and the moment it stands for."""

    position: str
    taken_at: datetime
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
    """Fit the match model on the tables as they are and release it through its gate.

    Raises:
        NotEnoughDataError: too few applications have both a candidate and a vacancy.
    """
    resources, folder = context.resources, f"models/{MODEL_NAME}/{context.run_id}"
    done = await already_released(resources, MODEL_NAME, folder)
    if done is not None:
        return {"model": MODEL_NAME, **done.to_json()}  # it was killed after the last commit
    started_at = utc_now()
    context.progress(0, None, "Lendo os dados")
    data = await _read(resources)
    model = MatchModel(seed=int(args.get("seed", 2026)))
    await asyncio.to_thread(
        model.fit,
        data.candidates,
        data.vacancies,
        without_held_out(data.pairs),
        on_progress=context.progress,
    )
    context.progress(100, 100, "Avaliando")
    holdout = Holdout.of(data.candidates, data.vacancies, data.pairs)
    metrics = model.metrics_ | await asyncio.to_thread(figures, model, holdout)
    context.progress(100, 100, "Publicando")
    async with resources.databases.city.read() as session:
        version = await store.next_version(session, MODEL_NAME)
    loaded = await asyncio.to_thread(_indexed, resources, version, model, data)
    # The indexes first: a process that swaps to the promoted version finds them ready.
    await _save(resources, loaded)
    reference = await asyncio.to_thread(
        reference_files, model, data.candidates, data.vacancies, data.pairs, data.taken_at
    )
    trained = Trained(
        name=MODEL_NAME,
        version=version,
        files={**await asyncio.to_thread(model.to_files), **reference},
        data_hash=data.digest(),
        params=model.params,
        metrics={key: float(value) for key, value in metrics.items()},
        started_at=started_at,
    )
    released = await release(resources, folder, trained, _Gate(resources, model, holdout))
    # The one before is kept: it may be promoted again.
    await snapshots.forget(resources, before=released.version - 1)
    return {
        "model": MODEL_NAME,
        **released.to_json(),
        "pairs": len(data.pairs),
        "metrics": trained.metrics,
    }


@dataclass(frozen=True, slots=True)
class _Gate:
    """Compares a new version with the champion on the vacancies held out."""

    resources: Resources
    model: MatchModel
    holdout: Holdout

    async def __call__(self, champion: Champion | None, size_bytes: int) -> Verdict:
        ours = await asyncio.to_thread(evaluate, self.model, self.holdout)
        return await asyncio.to_thread(
            judge,
            ours,
            await self._theirs(champion),
            size_bytes=size_bytes,
            limits=self.resources.settings.learning,
            seed=self.model.seed,
        )

    async def _theirs(self, champion: Champion | None) -> Evaluation | None:
        if champion is None:
            return None
        try:
            model = await snapshots.load_model(self.resources, champion.object_key)
        except (ArtifactError, ObjectNotFoundError):
            # One of another format, or damaged: it can neither answer nor be compared with.
            return None
        return await asyncio.to_thread(evaluate, model, self.holdout)


async def _read(resources: Resources) -> _Data:
    # Before the rows: what commits while they are read is read again later, not lost.
    position, taken_at = await repository.position(resources.databases.city), utc_now()
    async with resources.databases.city.read() as session:
        pairs = await repository.pairs(session)
        candidates = [item async for item in repository.all_profiles(session, CANDIDATES)]
        vacancies = [item async for item in repository.all_profiles(session, VACANCIES)]
    return _Data(
        position,
        taken_at,
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
