"""Older versions of the model, read when somebody asks what they said."""

import asyncio
from collections import OrderedDict
from typing import Final

from praca.jobs.matching.errors import ModelVersionUnreadableError
from praca.jobs.matching.model import MatchModel
from praca.jobs.matching.snapshots import MODEL_NAME, load_model
from praca.learning import store
from praca.learning.artifacts import ArtifactError
from praca.platform.errors import ObjectNotFoundError
from praca.platform.resources import Resources

__all__ = ["Archive"]

_KEPT: Final = 2


class Archive:
    """Loads versions of the match model from the store; the last two stay in memory."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._models: OrderedDict[int, MatchModel] = OrderedDict()
        self._lock = asyncio.Lock()

    async def model(self, version: int) -> MatchModel:
        """Return a version of the model.

        Raises:
            ModelVersionNotFoundError: it was never published.
            ModelVersionUnreadableError: its files are gone or were altered.
        """
        known = self._remembered(version)
        if known is not None:  # it does not wait for others to load
            return known
        async with self._resources.databases.city.read() as session:
            key = await store.require_object_key(session, MODEL_NAME, version)
        async with self._lock:  # one load at a time; of callers that come together, one loads
            known = self._remembered(version)
            return await self._load(version, key) if known is None else known

    def _remembered(self, version: int) -> MatchModel | None:
        if version in self._models:
            self._models.move_to_end(version)
        return self._models.get(version)

    async def _load(self, version: int, key: str) -> MatchModel:
        try:
            model = await load_model(self._resources, key)
        except (ArtifactError, ObjectNotFoundError) as error:
            raise ModelVersionUnreadableError(version) from error
        self._models[version] = model
        if len(self._models) > _KEPT:
            self._models.popitem(last=False)
        return model
