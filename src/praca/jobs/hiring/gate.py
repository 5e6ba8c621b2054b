"""The gate of the hiring model: a new version against the champion, on rows neither learned from.

A version keeps the marks of the applications it was trained on. The test rows of the new one that
the champion was not trained on either are what the two are compared on; if they are too few, or all
of one class, or the champion's marks are of another secret, the verdict says that a comparison was
not possible.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from praca.jobs.hiring.data import Applications
from praca.jobs.hiring.marks import Marks
from praca.jobs.hiring.model import HiringModel
from praca.learning.artifacts import ArtifactError, verify
from praca.learning.evaluation import auc
from praca.learning.gate import Evaluation, Verdict, judge
from praca.learning.store import Champion
from praca.platform.errors import ObjectNotFoundError
from praca.platform.resources import Resources

__all__ = ["FEWEST_SHARED", "HiringGate", "evaluate"]

FEWEST_SHARED: Final = 50
_SEED: Final = 0
_TIMED: Final = 100


@dataclass(frozen=True, slots=True, eq=False)
class HiringGate:
    """Compares a new version with the champion.

    Attributes:
        resources: where the champion lies, and what is demanded.
        challenger: the new version.
        data: every application.
        test: positions of those the new version was not trained on.
    """

    resources: Resources
    challenger: HiringModel
    data: Applications
    test: NDArray[np.int64]

    async def __call__(self, champion: Champion | None, size_bytes: int) -> Verdict:
        """Return the verdict; the champion is loaded if there is one that still can be."""
        theirs = None
        if champion is not None:
            theirs = await asyncio.to_thread(self._load, champion.object_key)
        return await asyncio.to_thread(self._judge, theirs, size_bytes)

    def _load(self, object_key: str) -> HiringModel | None:
        try:
            files = verify(self.resources.objects.read_all(object_key)).files
            return HiringModel.from_files(files)
        except (ArtifactError, ObjectNotFoundError):
            # One of another format, or damaged: it can neither answer nor be compared with.
            return None

    def _judge(self, champion: HiringModel | None, size_bytes: int) -> Verdict:
        rows, theirs = self.test, None
        if champion is not None:
            shared = self._shared_with(champion)
            # Without rows to share the champion's figure is one of nothing, and the gate says so.
            theirs = evaluate(champion, self.data, shared)
            rows = shared if shared.size else rows
        return judge(
            evaluate(self.challenger, self.data, rows),
            theirs,
            size_bytes=size_bytes,
            limits=self.resources.settings.learning,
            seed=_SEED,
        )

    def _shared_with(self, champion: HiringModel) -> NDArray[np.int64]:
        """Return the test rows that the champion was not trained on; none if they are too few."""
        data, marks = self.data, Marks(self.resources.settings.signing_key)
        known = marks.of(data.vacancies[self.test], data.candidates[self.test])
        rows = self.test[~champion.was_trained_on(known)]
        labels = data.labels[rows]
        can_tell = champion.was_trained_on(marks.own).all()
        enough = can_tell and rows.size >= FEWEST_SHARED and 0 < labels.sum() < rows.size
        return rows if enough else rows[:0]


def evaluate(model: HiringModel, data: Applications, rows: NDArray[np.int64]) -> Evaluation:
    """Return how a version does on ``rows``, by AUC; vacancies are what is resampled."""
    labels = data.labels[rows]
    stated = model.probabilities(data.texts[rows]) if rows.size else np.zeros(0)
    codes, inverse = np.unique(data.vacancies[rows], return_inverse=True)
    members = [np.flatnonzero(inverse == at) for at in range(codes.size)]

    def figure(vacancies: NDArray[np.int64]) -> float:
        drawn = np.concatenate([members[at] for at in vacancies])
        return auc(labels[drawn], stated[drawn])

    return Evaluation(
        metric="auc",
        count=codes.size,
        figure=figure,
        labels=labels == 1,
        probabilities=stated,
        weights=np.ones(rows.size),
        latency_ms=_latency_ms(model, data.texts[rows[:_TIMED]]),
    )


def _latency_ms(model: HiringModel, texts: NDArray[np.object_]) -> float:
    """Return the p99 of one prediction in milliseconds of this thread's processor time.

    Not of the clock: what else the machine does is no property of the model.
    """
    taken = [0.0]
    for row in texts:
        started = time.thread_time()
        model.probability(row)
        taken.append(time.thread_time() - started)
    return float(np.quantile(taken, 0.99)) * 1000
