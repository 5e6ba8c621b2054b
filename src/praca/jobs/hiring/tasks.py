"""Background work of the hiring model: training and publishing a version."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from praca import __version__
from praca.jobs.hiring.data import Applications, read_applications
from praca.jobs.hiring.model import MODEL_NAME
from praca.kit.clock import utc_now
from praca.learning import store
from praca.learning.artifacts import MANIFEST, pack
from praca.platform.resources import Resources
from praca.platform.settings import HiringSettings
from praca.platform.tasks import TaskContext, TaskKind

if TYPE_CHECKING:
    from praca.jobs.hiring.training import Fitted

__all__ = ["TRAIN_HIRING", "train"]

_DONE: Final = "Training completed successfully!"
_DISTRIBUTION: Final = "class_distribution_"
_COUNTS: Final = ("true_negatives", "false_positives", "false_negatives", "true_positives")


async def train(context: TaskContext, _args: dict[str, Any]) -> dict[str, Any]:
    """Fit the hiring model on the tables as they are, publish and promote it.

    Returns the documented result of the old server's ``/train``.

    Raises:
        NotEnoughDataError: too few applications ended in a hire, or too few did not.
        ClusterUnavailableError: the Dask scheduler that is set does not answer.
    """
    resources, folder = context.resources, f"models/{MODEL_NAME}/{context.run_id}"
    done = await _published(resources, folder)
    if done is not None:
        return done  # it was killed after the last commit
    context.progress(0, None, "Lendo os dados")
    async with resources.databases.city.read() as session:
        data = await read_applications(session)
    fitted = await asyncio.to_thread(_fit, data, resources.settings.hiring, context)
    context.progress(100, 100, "Publicando")
    return await _publish(resources, folder, data, fitted)


def _fit(data: Applications, settings: HiringSettings, context: TaskContext) -> "Fitted":
    from praca.jobs.hiring import training  # noqa: PLC0415  # scikit-learn takes seconds to load

    return training.fit(data, settings, context.progress)


async def _published(resources: Resources, folder: str) -> dict[str, Any] | None:
    """Return the result of an attempt of the same task that got as far as publishing."""
    async with resources.databases.city.read() as session:
        version = await store.find_version(session, MODEL_NAME, folder)
        if version is None:
            return None
        found = await store.require_version(session, MODEL_NAME, version)
    return _result(version, found.manifest["metrics"])


async def _publish(
    resources: Resources, folder: str, data: Applications, fitted: "Fitted"
) -> dict[str, Any]:
    async with resources.databases.city.read() as session:
        version = await store.next_version(session, MODEL_NAME)
    artifact = pack(
        await asyncio.to_thread(fitted.model.to_files),
        name=MODEL_NAME,
        version=str(version),
        created_at=utc_now(),
        data_hash=await asyncio.to_thread(data.digest),
        code_version=__version__,
        metrics=fitted.metrics,
        params=_params(resources.settings.hiring),
    )
    key = f"{folder}/{uuid4().hex}"
    await asyncio.to_thread(resources.objects.write_all, key, artifact)
    async with resources.databases.city.write() as session:
        await store.lock(session, MODEL_NAME)
        done = await store.find_version(session, MODEL_NAME, folder)
        if done is None:
            manifest = artifact[MANIFEST].decode()
            await store.publish(session, MODEL_NAME, version, key, manifest)
            await store.promote(session, MODEL_NAME, version)
    if done is not None:
        await asyncio.to_thread(resources.objects.delete_below, key)
        return await _published(resources, folder) or {}
    await asyncio.to_thread(resources.objects.delete_below, folder, keep=key)
    return _result(version, fitted.metrics)


def _params(settings: HiringSettings) -> dict[str, Any]:
    return settings.model_dump(
        mode="json", exclude={"hiring_params_file", "dask_scheduler", "train_wait_s"}
    )


def _result(version: int, metrics: Mapping[str, float]) -> dict[str, Any]:
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
    return {"status": _DONE, "model": MODEL_NAME, "model_version": version, **flat, **nested}


TRAIN_HIRING = TaskKind("jobs.train_hiring", train, is_exclusive=True)
