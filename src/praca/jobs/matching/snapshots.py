"""Saved indexes: what spares a process the encoding of every row when it starts."""

import asyncio
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import uuid4

import structlog

from praca import __version__
from praca.jobs.matching import registry
from praca.jobs.matching.index import CandidateIndex, VacancyIndex
from praca.jobs.matching.live import LiveIndex
from praca.jobs.matching.model import MatchModel
from praca.jobs.matching.registry import SavedIndex
from praca.kit.clock import utc_now
from praca.learning.artifacts import pack, verify
from praca.learning.store import Champion
from praca.platform.resources import Resources

__all__ = ["MODEL_NAME", "Loaded", "forget", "load", "load_model", "save"]

MODEL_NAME: Final = "match"
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
    """Make the index, as it is now, the one from which processes start; forget the one before."""
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


async def forget(resources: Resources, *, before: int) -> None:
    """Delete the indexes of the versions below ``before`` that neither answer nor did last."""
    async with resources.databases.city.write() as session:
        versions = await registry.forget_indexes(session, MODEL_NAME, before)
    for version in versions:
        await asyncio.to_thread(resources.objects.delete_below, _folder(version))


def _folder(version: int) -> str:
    return f"indexes/{MODEL_NAME}/v{version}"


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
