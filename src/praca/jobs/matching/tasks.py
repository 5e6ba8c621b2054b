"""Background work of matching: training a version, and saving the indexes anew."""

import asyncio
import contextlib
from typing import Any, Final

from praca.jobs.matching import snapshots
from praca.jobs.matching.dataset import Dataset, read_dataset
from praca.jobs.matching.drift.reference import reference_files
from praca.jobs.matching.fairness import audit
from praca.jobs.matching.gate import MatchGate
from praca.jobs.matching.holdout import HELD_OUT, Assessment, Holdout, without_held_out
from praca.jobs.matching.index import CandidateIndex, VacancyIndex
from praca.jobs.matching.live import LiveIndex
from praca.jobs.matching.model import MatchModel
from praca.jobs.matching.snapshots import MODEL_NAME, Loaded
from praca.kit.clock import utc_now
from praca.learning import store
from praca.learning.fairness import REPORT_FILE
from praca.learning.lifecycle import Trained, already_released, release
from praca.platform.errors import TaskAlreadyRunningError
from praca.platform.resources import Resources
from praca.platform.tasks import TaskContext, TaskKind

__all__ = ["INDEX_MATCH", "TRAIN_MATCH", "request_index"]

_MANY_ROWS: Final = 1_000
"""So many changed rows make it worth while to save the indexes anew: about 0.3 s per start."""


async def train(context: TaskContext, args: dict[str, Any]) -> dict[str, Any]:
    """Fit the match model on the tables as they are and release it through its gate.

    Raises:
        NotEnoughDataError: too few applications have both a candidate and a vacancy.
    """
    resources, folder = context.resources, f"models/{MODEL_NAME}/{context.run_id}"
    done = await already_released(resources, MODEL_NAME, folder)
    if done is not None:  # it was killed after the last commit
        await snapshots.forget(resources, before=done.version - 1)
        return {"model": MODEL_NAME, **done.to_json()}
    started_at = utc_now()
    context.progress(0, None, "Lendo os dados")
    data = await read_dataset(resources)
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
    assessment = await asyncio.to_thread(Assessment, model, holdout)
    metrics = model.metrics_ | assessment.figures()
    context.progress(100, 100, "Publicando")
    async with resources.databases.city.read() as session:
        version = await store.next_version(session, MODEL_NAME)
    loaded = await asyncio.to_thread(_indexed, resources, version, model, data)
    # The indexes first: a process that swaps to the promoted version finds them ready.
    await _save(resources, loaded)
    files = await _files(resources, model, data)
    trained = Trained(
        name=MODEL_NAME,
        version=version,
        files=files,
        data_hash=await asyncio.to_thread(data.digest),
        params=model.params | {HELD_OUT: "1/5"},
        metrics={key: float(value) for key, value in metrics.items()},
        started_at=started_at,
        reports={**assessment.plots(), REPORT_FILE: files[REPORT_FILE]},
    )
    released = await release(resources, folder, trained, MatchGate(resources, assessment, holdout))
    # The one before is kept: it may be promoted again.
    await snapshots.forget(resources, before=released.version - 1)
    return {
        "model": MODEL_NAME,
        **released.to_json(),
        "pairs": len(data.pairs),
        "metrics": trained.metrics,
    }


async def _files(resources: Resources, model: MatchModel, data: Dataset) -> dict[str, bytes]:
    """Return the model's files, and what goes with it: the reference for drift, the audit."""
    rows = (data.candidates, data.vacancies, data.pairs)
    reference = await asyncio.to_thread(reference_files, model, *rows, data.taken_at)
    report = await audit(resources.databases.city, model, *rows)
    own = await asyncio.to_thread(model.to_files)
    return {**own, **reference, REPORT_FILE: report.to_bytes()}


def _indexed(resources: Resources, version: int, model: MatchModel, data: Dataset) -> Loaded:
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
