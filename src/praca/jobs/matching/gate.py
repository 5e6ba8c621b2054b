"""The gate of the match model: a new version against the champion, on vacancies held out."""

import asyncio
from dataclasses import dataclass
from typing import Final

from praca.jobs.matching import snapshots
from praca.jobs.matching.holdout import HELD_OUT, Assessment, Holdout
from praca.learning import store
from praca.learning.artifacts import ArtifactError
from praca.learning.gate import Evaluation, Verdict, judge
from praca.learning.store import Champion
from praca.platform.errors import ObjectNotFoundError
from praca.platform.resources import Resources

__all__ = ["MatchGate"]

_SEED: Final = 0


@dataclass(frozen=True, slots=True)
class MatchGate:
    """Compares a new version with the champion on the vacancies held out."""

    resources: Resources
    challenger: Assessment
    holdout: Holdout

    async def __call__(self, champion: Champion | None, size_bytes: int) -> Verdict:
        """Return the verdict; the champion is loaded if there is one that still can be."""
        ours = await asyncio.to_thread(self.challenger.evaluation)
        return await asyncio.to_thread(
            judge,
            ours,
            await self._theirs(champion),
            size_bytes=size_bytes,
            limits=self.resources.settings.learning,
            seed=_SEED,
        )

    async def _theirs(self, champion: Champion | None) -> Evaluation | None:
        if champion is None or not await self._is_fair(champion):
            return None
        try:
            model = await snapshots.load_model(self.resources, champion.object_key)
        except (ArtifactError, ObjectNotFoundError):
            # One of another format, or damaged: it can neither answer nor be compared with.
            return None
        return await asyncio.to_thread(lambda: Assessment(model, self.holdout).evaluation())

    async def _is_fair(self, champion: Champion) -> bool:
        """Tell whether the champion, too, learned from no vacancy of the hold-out."""
        async with self.resources.databases.city.read() as session:
            found = await store.require_version(session, snapshots.MODEL_NAME, champion.version)
        return HELD_OUT in found.manifest["params"]
