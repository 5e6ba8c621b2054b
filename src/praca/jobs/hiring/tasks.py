"""Background work of the hiring model: training a version and releasing it."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from praca.jobs.hiring.data import Applications, read_applications
from praca.jobs.hiring.gate import HiringGate
from praca.jobs.hiring.marks import Marks
from praca.jobs.hiring.model import MODEL_NAME
from praca.kit.clock import utc_now
from praca.learning import store
from praca.learning.lifecycle import Release, Trained, already_released, release
from praca.platform.settings import HiringSettings, Settings
from praca.platform.tasks import TaskContext, TaskKind

if TYPE_CHECKING:
    from praca.jobs.hiring.training import Fitted

__all__ = ["TRAIN_HIRING", "train"]

_DONE: Final = "Training completed successfully!"
_DISTRIBUTION: Final = "class_distribution_"
_COUNTS: Final = ("true_negatives", "false_positives", "false_negatives", "true_positives")


async def train(context: TaskContext, _args: dict[str, Any]) -> dict[str, Any]:
    """Fit the hiring model on the tables as they are and release it through its gate.

    Returns the documented result of the old server's ``/train``.

    Raises:
        NotEnoughDataError: too few applications ended in a hire, or too few did not.
        ClusterUnavailableError: the Dask scheduler that is set does not answer.
    """
    resources, folder = context.resources, f"models/{MODEL_NAME}/{context.run_id}"
    released = await already_released(resources, MODEL_NAME, folder)
    if released is None:  # else it was killed after the last commit
        released = await _train_and_release(context, folder)
    async with resources.databases.city.read() as session:
        found = await store.require_version(session, MODEL_NAME, released.version)
    return _result(released, found.manifest["metrics"])


async def _train_and_release(context: TaskContext, folder: str) -> Release:
    resources, started_at = context.resources, utc_now()
    context.progress(0, None, "Lendo os dados")
    async with resources.databases.city.read() as session:
        data = await read_applications(session)
    fitted = await asyncio.to_thread(_fit, data, resources.settings, context)
    context.progress(100, 100, "Publicando")
    async with resources.databases.city.read() as session:
        version = await store.next_version(session, MODEL_NAME)
    trained = Trained(
        name=MODEL_NAME,
        version=version,
        files=await asyncio.to_thread(fitted.model.to_files),
        data_hash=await asyncio.to_thread(data.digest),
        params=_params(resources.settings.hiring),
        metrics=fitted.metrics,
        started_at=started_at,
    )
    gate = HiringGate(resources, fitted.model, data, fitted.test)
    return await release(resources, folder, trained, gate)


def _fit(data: Applications, settings: Settings, context: TaskContext) -> "Fitted":
    from praca.jobs.hiring import training  # noqa: PLC0415  # scikit-learn takes seconds to load

    marks = Marks(settings.signing_key)
    return training.fit(data, settings.hiring, marks, context.progress)


def _params(settings: HiringSettings) -> dict[str, Any]:
    return settings.model_dump(
        mode="json", exclude={"hiring_params_file", "dask_scheduler", "train_wait_s"}
    )


def _result(released: Release, metrics: Mapping[str, float]) -> dict[str, Any]:
    """Return the documented result, and beside it every other figure."""
    nested = {
        "confusion_matrix": {name: int(metrics[name]) for name in _COUNTS},
        "class_distribution": {
            name.removeprefix(_DISTRIBUTION): value
            for name, value in metrics.items()
            if name.startswith(_DISTRIBUTION)
        },
    }
    flat = {
        name: value
        for name, value in metrics.items()
        if name not in _COUNTS and not name.startswith(_DISTRIBUTION)
    }
    more = released.to_json()
    of_version = {"model_version": more.pop("version")}
    return {"status": _DONE, "model": MODEL_NAME, **of_version, **more, **flat, **nested}


TRAIN_HIRING = TaskKind("jobs.train_hiring", train, is_exclusive=True)
