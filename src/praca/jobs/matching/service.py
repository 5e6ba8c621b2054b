"""The matcher of one process: the promoted model, swapped live, over the live vacancies."""

import asyncio
from dataclasses import dataclass
from typing import Any, cast

import structlog
from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError

from praca.jobs.matching import repository
from praca.jobs.matching.errors import MatchModelMissingError, VacancyUnknownError
from praca.jobs.matching.explanation import Explanation
from praca.jobs.matching.index import CandidateIndex, VacancyIndex
from praca.jobs.matching.model import MatchModel
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.kit.errors import DomainError
from praca.learning.artifacts import verify
from praca.platform.database import ReadSession
from praca.platform.resources import Resources

__all__ = ["MODEL_NAME", "Matcher", "RankedCandidate", "matcher_of"]

MODEL_NAME = "match"
_log = structlog.get_logger("praca.matching")
_WATCH_S = 0.5
_BATCH = 500


@dataclass(frozen=True, slots=True)
class RankedCandidate:
    """One candidate for a vacancy: how well, and why."""

    codigo: int
    probability: float
    explanation: Explanation


@dataclass(slots=True)
class _Loaded:
    """A model and its index of the vacancies, which follows the live table."""

    version: int
    model: MatchModel
    vacancies: VacancyIndex
    horizon: int = 0


class Matcher:
    """Answers from the promoted model; :meth:`watch` keeps model and index up to date.

    A swap replaces one reference: a request that has taken the old one finishes with it.
    """

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._database = resources.databases.city
        self._loaded: _Loaded | None = None
        self._sync = asyncio.Lock()

    async def watch(self) -> None:
        """Follow promotions and the vacancies, until cancelled."""
        while True:
            try:
                await self.refresh()
                if self._loaded is not None:
                    await self._follow(self._loaded)
            except (SQLAlchemyError, OSError, DomainError) as error:
                # The old model goes on answering; the next round tries again.
                _log.warning("matching.refresh_failed", error=type(error).__name__)
            await asyncio.sleep(_WATCH_S)

    async def refresh(self) -> None:
        """Load the promoted model if it is not the loaded one."""
        async with self._database.read() as session:
            champion = await repository.find_champion(session, MODEL_NAME)
        if champion is None or (self._loaded and self._loaded.version == champion.version):
            return
        model = await asyncio.to_thread(self._load, champion.object_key)
        loaded = _Loaded(champion.version, model, VacancyIndex(model))
        await self._follow(loaded)
        self._loaded = loaded
        _log.info("matching.model_loaded", version=champion.version)

    def _load(self, object_key: str) -> MatchModel:
        return MatchModel.from_files(verify(self._resources.objects.read_all(object_key)).files)

    async def is_current(self) -> bool:
        """Tell whether the promoted model, if there is one, is the loaded one."""
        async with self._database.read() as session:
            champion = await repository.find_champion(session, MODEL_NAME)
        return champion is None or (
            self._loaded is not None and self._loaded.version == champion.version
        )

    @property
    def version(self) -> int | None:
        """Version of the loaded model."""
        return None if self._loaded is None else self._loaded.version

    def _require(self) -> _Loaded:
        if self._loaded is None:
            raise MatchModelMissingError
        return self._loaded

    def probability(self, candidate: CandidateProfile, vacancy: VacancyProfile) -> float:
        """Return how likely the pair is one a recruiter would put forward, 0 to 1.

        Raises:
            MatchModelMissingError: no model is promoted.
        """
        return self._require().model.probability(candidate, vacancy)

    async def recommend(
        self, session: ReadSession, candidate: CandidateProfile, top: int
    ) -> list[dict[str, Any]]:
        """Return the ``top`` vacancies of the live table for ``candidate``, best first.

        Raises:
            MatchModelMissingError: no model is promoted.
        """
        loaded = self._require()
        await self._follow(loaded)
        # Some may have been removed since they were indexed: ask for a few more than are shown.
        ranked = loaded.vacancies.recommend(candidate, top * 3)
        known = await repository.describe_vacancies(session, [item.codigo for item in ranked])
        gone = [item.codigo for item in ranked if item.codigo not in known]
        if gone:
            loaded.vacancies.remove(gone)
        return [known[item.codigo] for item in ranked if item.codigo in known][:top]

    async def rank(self, session: ReadSession, codigo_vaga: int, top: int) -> list[RankedCandidate]:
        """Return the ``top`` candidates for a vacancy with the reasons, best first.

        Raises:
            MatchModelMissingError: no model is promoted.
            VacancyUnknownError: no vacancy has this code.
        """
        model = self._require().model
        vacancy = await repository.vacancy_profile(session, codigo_vaga)
        if vacancy is None:
            raise VacancyUnknownError(codigo_vaga)
        profiles = [item async for item in repository.candidate_profiles(session)]
        ranked = await asyncio.to_thread(_rank, model, vacancy, profiles, top)
        by_code = {item.codigo: item for item in profiles}
        return [
            RankedCandidate(code, probability, model.explain(by_code[code], vacancy))
            for code, probability in ranked
        ]

    async def _follow(self, loaded: _Loaded) -> None:
        """Bring the index up to the rows committed by now.

        A row carries the transaction that wrote it. Transactions end in any order, so each round
        starts at the oldest one that was still running in the round before.
        """
        async with self._sync:
            async with self._database.read() as session:
                newest = await repository.horizon(session)
                if newest == loaded.horizon:
                    changed = await repository.changed_vacancies(session, newest, _BATCH)
                else:
                    changed = await repository.changed_vacancies(session, loaded.horizon, 2**31 - 1)
            for start in range(0, len(changed), _BATCH):
                batch = changed[start : start + _BATCH]
                await asyncio.to_thread(loaded.vacancies.upsert, batch)
            loaded.horizon = newest


def _rank(
    model: MatchModel, vacancy: VacancyProfile, profiles: list[CandidateProfile], top: int
) -> list[tuple[int, float]]:
    index = CandidateIndex(model)
    index.upsert(profiles)
    return [(item.codigo, item.probability) for item in index.rank(vacancy, top)]


def matcher_of(request: Request) -> Matcher:
    """Return the application's matcher."""
    return cast("Matcher", request.app.state.matcher)
