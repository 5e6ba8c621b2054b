"""The promoted version of a model, held by one process and swapped while it answers."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import structlog

from praca.learning import store
from praca.learning.artifacts import ArtifactError, verify
from praca.learning.metrics import note_loaded, note_not_loaded
from praca.platform.errors import ObjectNotFoundError
from praca.platform.resources import Resources

__all__ = ["Served", "Serving"]

_log = structlog.get_logger("praca.models")
_WATCH_S: Final = 0.5
_RETRY_S: Final = 60
ModelT = TypeVar("ModelT")


@dataclass(frozen=True, slots=True)
class Served(Generic[ModelT]):
    """A version and the model it is."""

    version: int
    model: ModelT


@dataclass(frozen=True, slots=True)
class _Refused:
    """Files that could not be read, and when to try again by the clock of this process."""

    object_key: str
    until_s: float

    def holds(self, object_key: str) -> bool:
        """Tell whether not to try: the next try would read the same files and say the same."""
        return object_key == self.object_key and time.monotonic() < self.until_s


class Serving(Generic[ModelT]):
    """Holds the version that the alias ``champion`` names; :meth:`watch` follows it.

    A swap replaces one reference: a request that has taken the old one finishes with it.

    Args:
        resources: where versions are noted and their files lie.
        name: which model.
        read: makes the model of its files; runs in a thread, and may load libraries first.
    """

    def __init__(
        self, resources: Resources, name: str, read: Callable[[Mapping[str, bytes]], ModelT]
    ) -> None:
        self._resources = resources
        self._name = name
        self._read = read
        self._served: Served[ModelT] | None = None
        self._refused: _Refused | None = None
        self._loading = asyncio.Lock()

    @property
    def version(self) -> int | None:
        """Version of the loaded model."""
        return None if self._served is None else self._served.version

    async def current(self) -> Served[ModelT] | None:
        """Return the loaded version; the first to ask may wait for it. None: there is none.

        Raises:
            ArtifactError: there is one, but it cannot be read, and none was loaded before it.
        """
        if self._served is None:
            await self._try_refresh()
        if self._served is None and self._refused is not None:
            raise ArtifactError(f"A versão em uso do modelo '{self._name}' não pode ser lida.")
        return self._served

    async def refresh(self) -> None:
        """Load the promoted version if it is not the loaded one.

        One that could not be read is tried again after a minute, or once others are its files.

        Raises:
            ArtifactError: its files were altered.
            ObjectNotFoundError: they are missing.
        """
        async with self._loading:
            async with self._resources.databases.city.read() as session:
                champion = await store.find_champion(session, self._name)
            if champion is None or champion.version == self.version:
                self._refused = None
                return
            key = champion.object_key
            if self._refused is not None and self._refused.holds(key):
                return
            try:
                model = await asyncio.to_thread(self._load, key)
            except (ArtifactError, ObjectNotFoundError):
                note_not_loaded(self._name)
                self._refused = _Refused(key, time.monotonic() + _RETRY_S)
                raise
            self._refused = None
            note_loaded(self._name, champion.version, self.version)
            self._served = Served(champion.version, model)
            _log.info("models.loaded", model=self._name, version=champion.version)

    async def watch(self) -> None:
        """Follow promotions until cancelled."""
        while True:
            await self._try_refresh()
            await asyncio.sleep(_WATCH_S)

    async def _try_refresh(self) -> None:
        try:
            await self.refresh()
        except Exception as error:  # noqa: BLE001  # driver and store have errors of their own
            # The old version goes on answering; the next round tries again.
            _log.warning("models.refresh_failed", model=self._name, error=type(error).__name__)

    def _load(self, object_key: str) -> ModelT:
        return self._read(verify(self._resources.objects.read_all(object_key)).files)
