"""From a trained model to one that answers: the one way that every model goes.

data (with a hash) -> training -> evaluation on rows held out -> published artefact -> gate ->
``champion`` -> a run in MLflow. A task may be killed after any step and run again: a version is
published once for each task, and its run is written once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

import orjson

from praca import __version__
from praca.kit.clock import utc_now
from praca.learning import store
from praca.learning.artifacts import MANIFEST, pack
from praca.learning.gate import Verdict
from praca.learning.store import Champion
from praca.learning.tracking import TrackedRun, log_runs
from praca.platform.resources import Resources

__all__ = [
    "Judge",
    "Published",
    "Release",
    "Trained",
    "already_published",
    "already_released",
    "note",
    "publish",
    "release",
]

Judge = Callable[[Champion | None, int], Awaitable[Verdict]]
"""Compares the new version with the champion, if there is one; also given: its size in bytes."""


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A model that was trained and is not published yet.

    Attributes:
        name: which model.
        version: the next number.
        files: what it is made of, without the manifest.
        data_hash: of the data it was trained on.
        params: hyper-parameters and seeds.
        metrics: figures of its evaluation.
        started_at: when the training began.
        reports: plots and tables for people, by file name; they go to MLflow alone.
    """

    name: str
    version: int
    files: Mapping[str, bytes]
    data_hash: str
    params: Mapping[str, Any]
    metrics: Mapping[str, float]
    started_at: datetime
    reports: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Release:
    """What became of a trained model.

    Attributes:
        version: its number.
        is_champion: whether it answers.
        reasons: Portuguese sentences of the gate.
        tracking_run: its run in MLflow; None: none could be written.
    """

    version: int
    is_champion: bool
    reasons: list[str]
    tracking_run: str | None

    def to_json(self) -> dict[str, Any]:
        """Return what a task's result says of it."""
        return {
            "version": self.version,
            "promoted": self.is_champion,
            "reasons": self.reasons,
            "tracking": self.tracking_run or "A execução não pôde ser registrada no MLflow.",
        }


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """A version whose run is to be written to MLflow, unless it has been.

    Attributes:
        version: as it is stored.
        started_at: when its training began.
        reports: plots and tables for people, by file name.
    """

    version: store.Version
    started_at: datetime
    reports: Mapping[str, bytes] = field(default_factory=dict)


async def already_released(resources: Resources, name: str, folder: str) -> Release | None:
    """Return what a killed attempt of the same task has published, if it has."""
    found = await already_published(resources, name, folder)
    return None if found is None else (await note(resources, [found]))[0]


async def already_published(resources: Resources, name: str, folder: str) -> Published | None:
    """Return what a killed attempt of the same task has published; its run may be missing."""
    async with resources.databases.city.read() as session:
        version = await store.find_version(session, name, folder)
        if version is None:
            return None
        found = await store.require_version(session, name, version)
    await asyncio.to_thread(resources.objects.delete_below, folder, keep=found.object_key)
    return Published(found, found.created_at)


async def release(resources: Resources, folder: str, trained: Trained, judge: Judge) -> Release:
    """Publish a trained model as :func:`publish` does, and write its run."""
    return (await note(resources, [await publish(resources, folder, trained, judge)]))[0]


async def publish(resources: Resources, folder: str, trained: Trained, judge: Judge) -> Published:
    """Publish a trained model, and promote it if its gate lets it through.

    Args:
        resources: where to.
        folder: below which the task's files lie; the same for each attempt of one task.
        trained: the model.
        judge: the gate.

    Raises:
        IntegrityError: another task has taken the version's number meanwhile.
    """
    artifact = pack(
        trained.files,
        name=trained.name,
        version=str(trained.version),
        created_at=utc_now(),
        data_hash=trained.data_hash,
        code_version=__version__,
        metrics=trained.metrics,
        params=trained.params,
    )
    # A key of its own for each attempt: a worker that was thought dead and still writes must not
    # write into the files of the one that took over.
    key = f"{folder}/{uuid4().hex}"
    await asyncio.to_thread(resources.objects.write_all, key, artifact)
    version = await _publish(resources, folder, key, trained, artifact, judge)
    async with resources.databases.city.read() as session:
        found = await store.require_version(session, trained.name, version)
    # What killed attempts left, or this one if another was quicker.
    await asyncio.to_thread(resources.objects.delete_below, folder, keep=found.object_key)
    return Published(found, trained.started_at, trained.reports)


async def _publish(
    resources: Resources,
    folder: str,
    key: str,
    trained: Trained,
    artifact: Mapping[str, bytes],
    judge: Judge,
) -> int:
    """Note the version with its verdict; return its number, or that of a quicker attempt."""
    name = trained.name
    size = sum(len(content) for content in artifact.values())
    while True:
        async with resources.databases.city.read() as session:
            champion = await store.find_champion(session, name)
        # Outside of the transaction: it takes seconds.
        verdict = await judge(champion, size)
        async with resources.databases.city.write() as session:
            await store.lock(session, name)
            done = await store.find_version(session, name, folder)
            if done is not None:
                return done
            if await store.find_champion(session, name) != champion:
                continue  # it was compared with a version that no longer answers
            manifest = artifact[MANIFEST].decode()
            await store.publish(session, name, trained.version, key, manifest, verdict.to_json())
            if verdict.accepted:
                await store.promote(session, name, trained.version)
            return trained.version


async def note(resources: Resources, published: Sequence[Published]) -> list[Release]:
    """Write the runs of those versions that have none to MLflow; nothing fails because of it.

    All of them at once: most of what it takes is taken once, however many they are.
    """
    found = [one.version for one in published]
    missing = [at for at, version in enumerate(found) if version.tracking_run is None]
    runs = [_run_of(published[at]) for at in missing]
    for at, run_id in zip(missing, await asyncio.to_thread(log_runs, resources, runs), strict=True):
        if run_id is None:
            continue
        name, number = found[at].name, found[at].version
        async with resources.databases.city.write() as session:
            await store.note_run(session, name, number, run_id)
            found[at] = await store.require_version(session, name, number)
    return [_release_of(version) for version in found]


def _run_of(published: Published) -> TrackedRun:
    found = published.version
    manifest = found.manifest
    accepted = found.verdict is None or bool(found.verdict["accepted"])
    return TrackedRun(
        model=found.name,
        version=found.version,
        params=manifest["params"],
        metrics=manifest["metrics"],
        tags={
            "data_hash": manifest["data_hash"],
            "code_version": manifest["code_version"],
            "promoted": str(accepted).lower(),
            "reasons": " ".join(_reasons(found)),
        },
        files={
            **published.reports,
            MANIFEST: orjson.dumps(manifest, option=orjson.OPT_INDENT_2),
            "verdict.json": orjson.dumps(found.verdict, option=orjson.OPT_INDENT_2),
        },
        started_at=published.started_at,
        ended_at=utc_now(),
    )


def _reasons(found: store.Version) -> list[str]:
    checks = [] if found.verdict is None else found.verdict["checks"]
    return found.reasons_against or [check["reason"] for check in checks]


def _release_of(found: store.Version) -> Release:
    return Release(found.version, found.is_champion, _reasons(found), found.tracking_run)
