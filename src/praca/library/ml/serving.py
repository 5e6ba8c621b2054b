"""The library's models in one process: the promoted version of each, swapped while they answer."""

import asyncio
import contextlib
from collections.abc import Mapping
from functools import partial
from typing import Final

import structlog
from sqlalchemy import text

from praca.learning.artifacts import ArtifactError
from praca.learning.serving import Served, Serving
from praca.library.ml.errors import BookModelMissingError
from praca.library.ml.model import BookModel
from praca.library.ml.names import ALL_MODELS, ModelKind, Target, model_name
from praca.platform.resources import Resources
from praca.platform.settings import MlAccess

__all__ = ["BookModels", "open_book_models"]

_log = structlog.get_logger("praca.library")
_WATCH_S: Final = 0.5
_CHAMPIONS: Final = """
SELECT name, version FROM platform.model_aliases
WHERE alias = 'champion' AND starts_with(name, 'books_')
"""


class BookModels:
    """Holds every promoted model; :meth:`watch` follows promotions with one question for all."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._serving = {
            (target, kind): Serving(
                resources, model_name(target, kind), partial(_read, target=target, kind=kind)
            )
            for target, kind in ALL_MODELS
        }

    async def require(self, target: Target, name: str) -> Served[BookModel]:
        """Return the model of that name that answers.

        Raises:
            BookModelMissingError: there is no such kind of model, or it was never trained.
            ArtifactError: its files are refused, and none was loaded before it.
        """
        try:
            kind = ModelKind(name)
        except ValueError:
            raise BookModelMissingError(name) from None
        served = await self._serving[target, kind].current()
        if served is None:
            raise BookModelMissingError(name)
        return served

    async def loaded(self, target: Target) -> Mapping[ModelKind, Served[BookModel]]:
        """Return the models of one target that answer; those that cannot be read are left out."""
        found = {}
        for kind in ModelKind:
            with contextlib.suppress(ArtifactError):
                served = await self._serving[target, kind].current()
                if served is not None:
                    found[kind] = served
        return found

    async def refresh(self) -> None:
        """Load every promoted version that is not the loaded one."""
        async with self._resources.databases.city.read() as session:
            rows = await session.execute(text(_CHAMPIONS))
            champions = {row.name: row.version for row in rows}
        for key, serving in self._serving.items():
            name = model_name(*key)
            if champions.get(name) not in {None, serving.version}:
                try:
                    await serving.refresh()
                except Exception as error:  # noqa: BLE001  # driver and store have their own
                    # The old version goes on answering; the next round tries again.
                    _log.warning("models.refresh_failed", model=name, error=type(error).__name__)

    async def watch(self) -> None:
        """Follow promotions until cancelled."""
        while True:
            try:
                await self.refresh()
            except Exception as error:  # noqa: BLE001  # the database may be away for a while
                _log.warning("models.refresh_failed", model="books", error=type(error).__name__)
            await asyncio.sleep(_WATCH_S)


def open_book_models(resources: Resources) -> BookModels:
    """Return what holds the models of this process; nothing is loaded yet."""
    if resources.settings.library.ml_access is MlAccess.PUBLIC:
        _log.warning("library.training_is_public", setting="PRACA_ML_ACCESS")
    return BookModels(resources)


def _read(files: Mapping[str, bytes], target: Target, kind: ModelKind) -> BookModel:
    return BookModel.from_files(files, target, kind)
