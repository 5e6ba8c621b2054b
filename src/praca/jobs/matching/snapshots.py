"""Saved indexes: what spares a process the encoding of every row when it starts."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import uuid4

import numpy as np
import structlog

from praca import __version__
from praca.jobs.copies import copying
from praca.jobs.matching import registry
from praca.jobs.matching.index import CandidateIndex, VacancyIndex
from praca.jobs.matching.live import LiveIndex
from praca.jobs.matching.model import MatchModel
from praca.jobs.matching.registry import SavedIndex
from praca.kit.clock import utc_now
from praca.kit.errors import DomainError
from praca.learning import store
from praca.learning.artifacts import ArtifactError, array_from_bytes, pack, verify
from praca.learning.store import Champion
from praca.platform.errors import ObjectNotFoundError
from praca.platform.resources import Resources

__all__ = ["MODEL_NAME", "Loaded", "forget", "forget_people", "load", "load_model", "save"]

MODEL_NAME: Final = "match"
_FOLDER: Final = f"indexes/{MODEL_NAME}"
_CODES: Final = "/codes.npy"
_log = structlog.get_logger("praca.matching")
IndexT = TypeVar("IndexT", CandidateIndex, VacancyIndex)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A version of the model with an index of the people and one of the vacancies."""

    version: int
    model: MatchModel
    candidates: LiveIndex[CandidateIndex]
    vacancies: LiveIndex[VacancyIndex]

    async def follow(self) -> int:
        """Bring both indexes up to their tables; return how many rows were taken in."""
        return await self.vacancies.follow() + await self.candidates.follow()


async def load(resources: Resources, champion: Champion) -> Loaded:
    """Load a version of the model, and its indexes as they were saved; they do not follow yet.

    Raises:
        ArtifactError: the model's files are missing or were altered.
    """
    model = await load_model(resources, champion.object_key)
    return Loaded(
        champion.version,
        model,
        await _restore(resources, champion.version, CandidateIndex(model)),
        await _restore(resources, champion.version, VacancyIndex(model)),
    )


async def load_model(resources: Resources, object_key: str) -> MatchModel:
    """Load the version of the model whose files lie below ``object_key``, without indexes.

    Raises:
        ArtifactError: its files are missing or were altered.
    """
    files = await asyncio.to_thread(resources.objects.read_all, object_key)
    return await asyncio.to_thread(lambda: MatchModel.from_files(verify(files).files))


async def save(
    resources: Resources, version: int, live: LiveIndex[CandidateIndex] | LiveIndex[VacancyIndex]
) -> None:
    """Make the index, as it is now, the one from which processes start; forget the one before.

    What is no longer in the table is dropped first, and is not saved.
    """
    async with copying(resources.databases.city):
        await live.drop_missing()
        await _save(resources, version, live)


async def _save(
    resources: Resources, version: int, live: LiveIndex[CandidateIndex] | LiveIndex[VacancyIndex]
) -> None:
    index, position = live.index, live.position
    if position is None:
        raise ValueError("an index that never followed its table stands for no moment")
    # A key of its own each time: nobody reads a mixture of two, and a writer that was thought
    # dead spoils nothing.
    folder = f"{_folder(version)}/{index.kind}"
    key = f"{folder}/{uuid4().hex}"
    artifact = await asyncio.to_thread(_packed, index, version)
    await asyncio.to_thread(resources.objects.write_all, key, artifact)
    async with resources.databases.city.write() as session:
        await registry.note_index(session, version, index.kind, SavedIndex(key, position))
    async with resources.databases.city.read() as session:
        current = await registry.find_index(session, version, index.kind)
    if current is not None:  # perhaps another's, saved in the same moment
        await asyncio.to_thread(resources.objects.delete_below, folder, keep=current.object_key)


async def forget_people(resources: Resources, codes: Collection[int]) -> int:
    """Take candidates who were erased out of every saved index; return how many held one.

    An index that cannot be saved anew is deleted: without it a process encodes every row.
    """
    async with resources.databases.city.read() as session:
        saved = await registry.saved_indexes(session, CandidateIndex.kind)
    known = {found.object_key: version for version, found in saved.items()}
    holding = await asyncio.to_thread(_holding, resources, codes)
    for key in holding:
        if key in known:
            await _save_without_missing(resources, known[key])
        else:  # of a process that died before it told where it had saved
            await asyncio.to_thread(resources.objects.delete_below, key)
    return len(holding)


async def _save_without_missing(resources: Resources, version: int) -> None:
    try:
        async with resources.databases.city.read() as session:
            key = await store.require_object_key(session, MODEL_NAME, version)
        model = await load_model(resources, key)
        live = await _restore(resources, version, CandidateIndex(model))
        if live.position is not None:
            await save(resources, version, live)
            return
    except (ArtifactError, DomainError) as error:
        _log.warning("matching.index_dropped", version=version, error=type(error).__name__)
    async with resources.databases.city.write() as session:
        await registry.forget_index(session, version, CandidateIndex.kind)
    folder = f"{_folder(version)}/{CandidateIndex.kind}"
    await asyncio.to_thread(resources.objects.delete_below, folder)


def _holding(resources: Resources, codes: Collection[int]) -> list[str]:
    """Return the keys of the indexes that have one of ``codes``, noted or not."""
    names = [key for key in resources.objects.keys(_FOLDER) if key.endswith(_CODES)]
    keys = [name.removesuffix(_CODES) for name in names]
    people = [key for key in keys if key.split("/")[-2] == CandidateIndex.kind]
    return [key for key in people if _holds(resources, key, codes)]


def _holds(resources: Resources, object_key: str, codes: Collection[int]) -> bool:
    """Tell whether a saved index has one of ``codes``; one that cannot be read may have."""
    try:
        content = resources.objects.read(f"{object_key}{_CODES}")
        return bool(np.isin(array_from_bytes(content, np.int64, (None,)), list(codes)).any())
    except (ArtifactError, ObjectNotFoundError):
        return True


async def forget(resources: Resources, *, before: int) -> None:
    """Delete the indexes of the versions below ``before`` that neither answer nor did last."""
    async with resources.databases.city.write() as session:
        versions = await registry.forget_indexes(session, MODEL_NAME, before)
    for version in versions:
        await asyncio.to_thread(resources.objects.delete_below, _folder(version))


def _folder(version: int) -> str:
    return f"{_FOLDER}/v{version}"


async def _restore(resources: Resources, version: int, index: IndexT) -> LiveIndex[IndexT]:
    """Return the saved index, or ``index``, which is empty, if there is none that can be read."""
    city = resources.databases.city
    async with city.read() as session:
        saved = await registry.find_index(session, version, index.kind)
    if saved is not None:
        try:
            files = await asyncio.to_thread(resources.objects.read_all, saved.object_key)
            restored = await asyncio.to_thread(
                lambda: type(index).from_files(verify(files).files, index.model)
            )
        except Exception as error:  # noqa: BLE001  # stores have errors of their own
            # It only saves time: without it every row is encoded anew.
            _log.warning("matching.index_unreadable", kind=index.kind, error=type(error).__name__)
        else:
            return LiveIndex(city, restored, saved.position)
    return LiveIndex(city, index)


def _packed(index: CandidateIndex | VacancyIndex, version: int) -> dict[str, bytes]:
    return pack(
        index.to_files(),
        name=f"{MODEL_NAME}-{index.kind}",
        version=str(version),
        created_at=utc_now(),
        code_version=__version__,
    )
