"""The matcher of one process: the promoted model, swapped live, over the live tables."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import structlog

from praca.jobs.errors import CandidateNotFoundError
from praca.jobs.matching import repository, snapshots
from praca.jobs.matching.archive import Archive
from praca.jobs.matching.errors import (
    MatchModelMissingError,
    ModelVersionUnreadableError,
    SnapshotNotFoundError,
    VacancyUnknownError,
)
from praca.jobs.matching.explanation import Explanation
from praca.jobs.matching.hired import HiredEstimate
from praca.jobs.matching.model import MatchModel
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.jobs.matching.repository import CANDIDATES, VACANCIES
from praca.jobs.matching.score_snapshots import ScoreSnapshot, find_snapshot, snapshot_id
from praca.jobs.matching.snapshots import MODEL_NAME, Loaded
from praca.learning import store
from praca.learning.artifacts import ArtifactError
from praca.learning.metrics import note_loaded
from praca.learning.shadow import Shadow
from praca.platform.resources import Resources

__all__ = [
    "ExplainedScore",
    "Matcher",
    "Prediction",
    "RankedCandidate",
    "Ranking",
    "Recommendation",
]

_log = structlog.get_logger("praca.matching")
_WATCH_S: Final = 0.25
_AGAIN_S: Final = 10.0
_EXACT: Final = 1e-9
_LONGEST_SHADOW: Final = 50_000
"""Characters of a request that a version on trial scores, too."""
_PASSAGES_OF_A_ROW: Final = 3
_AT_ONCE: Final = 64
"""So many new rows are taken in while a request waits; more are left to the watcher."""
_SPARE: Final = 10
"""So many more rows than are shown are looked at for copies of the vacancy."""


@dataclass(frozen=True, slots=True)
class RankedCandidate:
    """One candidate for a vacancy: how well, and why."""

    codigo: int
    explanation: Explanation

    @property
    def probability(self) -> float:
        """How likely a recruiter would put the candidate forward, 0 to 1."""
        return self.explanation.probability


@dataclass(frozen=True, slots=True)
class Prediction:
    """How likely a pair is one a recruiter would put forward, 0 to 1, by which version."""

    version: int
    probability: float


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Vacancies that suit, best first, by which version."""

    version: int
    vacancies: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates for a vacancy, best first, by which version."""

    version: int
    candidates: list[RankedCandidate]


@dataclass(frozen=True, slots=True)
class ExplainedScore:
    """The score of one stored pair with its reasons, and all it was computed from."""

    snapshot: ScoreSnapshot
    explanation: Explanation
    hired: HiredEstimate


class Matcher:
    """Answers from the promoted model; :meth:`watch` keeps model and indexes up to date.

    A swap replaces one reference: a request that has taken the old one finishes with it.
    """

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._database = resources.databases.city
        self._loaded: Loaded | None = None
        self._shadow: Shadow | None = None
        self._unreadable: dict[str, float] = {}
        self._archive = Archive(resources)

    async def watch(self) -> None:
        """Follow promotions and the tables, until cancelled."""
        while True:
            # One by one: a version that cannot be loaded must not stop what follows the tables.
            for step in (self.refresh, self._follow_tables, self._follow_shadow):
                try:
                    await step()
                except Exception as error:  # noqa: BLE001  # driver and store have errors of their own
                    # What was loaded goes on answering; the next round tries again.
                    _log.warning(
                        "matching.refresh_failed", step=step.__name__, error=type(error).__name__
                    )
            await asyncio.sleep(_WATCH_S)

    async def refresh(self) -> None:
        """Load the promoted model if it is not the loaded one."""
        async with self._database.read() as session:
            champion = await store.find_champion(session, MODEL_NAME)
        if champion is None or champion.version == self.version:
            return
        with self._patient(champion):
            loaded = await snapshots.load(self._resources, champion)
        # Recommendations are asked for by citizens and answer at once. The people may be many
        # more and are ranked for staff: the first to ask waits for them, or the watcher.
        await loaded.vacancies.follow()
        note_loaded(MODEL_NAME, champion.version, self.version)
        self._loaded = loaded
        _log.info("matching.model_loaded", version=champion.version)

    async def _follow_tables(self) -> None:
        if self._loaded is not None:
            await self._loaded.follow()

    async def _follow_shadow(self) -> None:
        """Have the version on trial compared with what was answered."""
        async with self._database.read() as session:
            wanted = await store.find_shadow(session, MODEL_NAME)
        if wanted is None or self._loaded is None:
            self._shadow = None
            return
        shadow, champion = self._shadow, self._loaded.version
        if shadow is None or (shadow.champion, shadow.challenger) != (champion, wanted.version):
            self._shadow = None  # what it still holds was answered by another version
            with self._patient(wanted):
                model = await snapshots.load_model(self._resources, wanted.object_key)
            shadow = Shadow(MODEL_NAME, champion, wanted.version, model.probability)
            self._shadow = shadow
            _log.info("matching.shadow_loaded", version=wanted.version)
        await shadow.settle(self._database)

    @contextmanager
    def _patient(self, version: store.Champion) -> Iterator[None]:
        """Do not read the files of a version again and again that were refused just now.

        Raises:
            ArtifactError: they were.
        """
        key = version.object_key
        if time.monotonic() < self._unreadable.get(key, 0.0):
            raise ArtifactError("Os arquivos desta versão foram recusados há pouco.")
        try:
            yield
        except ArtifactError:
            self._unreadable = {key: time.monotonic() + _AGAIN_S}
            raise

    async def can_answer(self) -> bool:
        """Tell whether a model is loaded, if one was promoted.

        Not whether it is the newest: one that cannot be loaded must not take the service down.
        """
        if self._loaded is not None:
            return True
        async with self._database.read() as session:
            return await store.find_champion(session, MODEL_NAME) is None

    @property
    def version(self) -> int | None:
        """Version of the loaded model."""
        return None if self._loaded is None else self._loaded.version

    def _require(self) -> Loaded:
        if self._loaded is None:
            raise MatchModelMissingError
        return self._loaded

    def predict(self, candidate: CandidateProfile, vacancy: VacancyProfile) -> Prediction:
        """Return how well a person fits a vacancy; may be called from any thread.

        Raises:
            MatchModelMissingError: no model is promoted.
        """
        loaded, shadow = self._require(), self._shadow
        probability = loaded.model.probability(candidate, vacancy)
        if (
            shadow is not None
            and shadow.champion == loaded.version
            and len(candidate.cv) + len(vacancy.atividades) < _LONGEST_SHADOW
        ):
            shadow.offer(probability, candidate, vacancy)
        return Prediction(loaded.version, probability)

    # The methods below open short sessions of their own, one after the other: a request that
    # held one while it waits for another could, with enough of its like, wait for ever.

    async def recommend(self, candidate: CandidateProfile, top: int) -> Recommendation:
        """Return the ``top`` vacancies of the live table for ``candidate``, best first.

        Raises:
            MatchModelMissingError: no model is promoted.
        """
        loaded = self._require()
        vacancies = loaded.vacancies
        await vacancies.follow(at_most=_AT_ONCE)
        while True:
            codes = [item.codigo for item in vacancies.index.recommend(candidate, top)]
            known = await repository.describe_vacancies(self._database, codes)
            if len(known) == len(codes):
                score = {c: loaded.model.score(candidate, known[c][0]) for c in codes}
                codes.sort(key=lambda code: (-score[code], code))
                return Recommendation(loaded.version, [known[code][1] for code in codes])
            await vacancies.drop_missing()

    async def rank(self, codigo_vaga: int, top: int) -> Ranking:
        """Return the ``top`` candidates for a vacancy with the reasons, best first.

        Raises:
            MatchModelMissingError: no model is promoted.
            VacancyUnknownError: no vacancy has this code.
        """
        loaded = self._require()
        async with self._database.read() as session:
            found = await repository.profiles_of(session, VACANCIES, [codigo_vaga])
        if not found:
            raise VacancyUnknownError(codigo_vaga)
        await loaded.candidates.follow()
        people = await self._best(loaded, found[0], top)
        rows = await asyncio.to_thread(_explained, loaded.model, people, found[0])
        return Ranking(loaded.version, rows)

    async def _best(
        self, loaded: Loaded, vacancy: VacancyProfile, top: int
    ) -> list[CandidateProfile]:
        """Return the best people, with what is copied from the vacancy left out.

        The index knows no pairs: rows beyond those shown are read, to fill the places of those
        who climbed by the vacancy's own words.
        """
        index, spare = loaded.candidates, _SPARE
        while True:
            ranked = await asyncio.to_thread(index.index.rank, vacancy, top + spare)
            codes = [item.codigo for item in ranked]
            async with self._database.read() as session:
                profiles = await repository.profiles_of(session, CANDIDATES, codes)
            if len(profiles) < len(codes):
                await index.drop_missing()
                continue
            people, copies = await asyncio.to_thread(_ordered, loaded.model, profiles, vacancy)
            if copies <= spare or len(ranked) < top + spare:
                return people[:top]
            spare = 2 * (spare + copies)

    async def explain(
        self, codigo_vaga: int, codigo_candidato: int, version: int | None = None
    ) -> ExplainedScore:
        """Return the score of a stored pair, as the tables are now, with its reasons.

        Args:
            codigo_vaga: which vacancy.
            codigo_candidato: which candidate.
            version: of the model; the one that answers by default.

        Raises:
            MatchModelMissingError: no model is promoted.
            ModelVersionNotFoundError: the version was never published.
            ModelVersionUnreadableError: its files are gone or were altered.
            VacancyUnknownError: no vacancy has this code.
            CandidateNotFoundError: no candidate has this code.
        """
        version = self._require().version if version is None else version
        model = await self._model(version)
        async with self._database.read() as session:
            offers = await repository.profiles_of(session, VACANCIES, [codigo_vaga])
            people = await repository.profiles_of(session, CANDIDATES, [codigo_candidato])
        if not offers:
            raise VacancyUnknownError(codigo_vaga)
        if not people:
            raise CandidateNotFoundError(str(codigo_candidato))
        explanation, hired = await asyncio.to_thread(_questioned, model, people[0], offers[0])
        snapshot = ScoreSnapshot(
            hash=snapshot_id(model, people[0], offers[0]),
            version=version,
            codigo_vaga=codigo_vaga,
            codigo_candidato=codigo_candidato,
            candidate=people[0],
            vacancy=offers[0],
            logit=explanation.logit,
        )
        return ExplainedScore(snapshot, explanation, hired)

    async def reproduce(
        self, snapshot_hash: str, pair: tuple[int, int] | None = None
    ) -> ExplainedScore:
        """Compute a kept score anew, with the version and the profiles of then.

        Args:
            snapshot_hash: its id.
            pair: codes of the vacancy and the candidate that it must be of.

        Raises:
            SnapshotNotFoundError: none was kept under this id, or of another pair.
            ModelVersionUnreadableError: the version's files are gone, or the snapshot or they were
                altered.
        """
        async with self._database.read() as session:
            snapshot = await find_snapshot(session, snapshot_hash)
        if snapshot is None or pair not in {
            None,
            (snapshot.codigo_vaga, snapshot.codigo_candidato),
        }:
            raise SnapshotNotFoundError
        model = await self._model(snapshot.version)
        if snapshot_id(model, snapshot.candidate, snapshot.vacancy) != snapshot.hash:
            raise ModelVersionUnreadableError(snapshot.version)
        explanation, hired = await asyncio.to_thread(
            _questioned, model, snapshot.candidate, snapshot.vacancy
        )
        if abs(explanation.logit - snapshot.logit) > _EXACT:
            # The rules by which texts become numbers have changed since.
            raise ModelVersionUnreadableError(snapshot.version)
        return ExplainedScore(snapshot, explanation, hired)

    async def _model(self, version: int) -> MatchModel:
        loaded = self._loaded
        if loaded is not None and loaded.version == version:
            return loaded.model
        return await self._archive.model(version)


def _explained(
    model: MatchModel, people: Sequence[CandidateProfile], vacancy: VacancyProfile
) -> list[RankedCandidate]:
    """Score people exactly and tell why, best first; ties in order of code."""
    rows = [
        RankedCandidate(
            profile.codigo or 0, model.explain(profile, vacancy, passages=_PASSAGES_OF_A_ROW)
        )
        for profile in people
    ]
    return sorted(rows, key=lambda row: (-row.explanation.logit, row.codigo))


def _questioned(
    model: MatchModel, candidate: CandidateProfile, vacancy: VacancyProfile
) -> tuple[Explanation, HiredEstimate]:
    return model.explain(candidate, vacancy), model.hired(candidate, vacancy)


def _ordered(
    model: MatchModel, people: Sequence[CandidateProfile], vacancy: VacancyProfile
) -> tuple[list[CandidateProfile], int]:
    """Return people by their exact scores, best first, and how many copied from the vacancy."""
    scores = {profile.codigo: model.score(profile, vacancy) for profile in people}
    copies = sum(model.copies(profile, vacancy) for profile in people)
    return sorted(people, key=lambda one: (-scores[one.codigo], one.codigo or 0)), copies
