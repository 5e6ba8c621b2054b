"""The gate of a book model: a new version against the champion on books that neither had seen.

A version keeps what it predicted of each book while that book was held out. Of the books that both
versions know, with the class they have now, the two sets of out-of-fold predictions are compared:
neither version is asked about a book it was fitted on, though both were fitted on nearly all. A
version without a signal may answer, as the one before it did: it says what it is worth. Two such
versions are not compared: they differ by luck, and the luckiest would keep all later ones out.
"""

import asyncio
import time
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from praca.learning.artifacts import ArtifactError, verify
from praca.learning.evaluation import Statistic
from praca.learning.gate import Check, Evaluation, Verdict, judge
from praca.learning.store import Champion
from praca.library.ml.data import BookFields
from praca.library.ml.evaluation import figures_of, weights_of
from praca.library.ml.model import BookModel
from praca.library.ml.training import Fitted
from praca.platform.errors import ObjectNotFoundError
from praca.platform.resources import Resources

__all__ = ["BookGate"]

_SEED: Final = 0
_TIMED: Final = 200


@dataclass(frozen=True, slots=True, eq=False)
class BookGate:
    """Compares a new version with the champion.

    Attributes:
        resources: where the champion lies, and what is demanded.
        fitted: the new version.
        books: some to measure the latency on.
    """

    resources: Resources
    fitted: Fitted
    books: tuple[BookFields, ...]

    async def __call__(self, champion: Champion | None, size_bytes: int) -> Verdict:
        """Return the verdict; the champion is loaded if there is one that still can be."""
        theirs = None
        if champion is not None:
            theirs = await asyncio.to_thread(self._load, champion.object_key)
        return await asyncio.to_thread(self._judge, theirs, size_bytes)

    def _load(self, object_key: str) -> BookModel | None:
        ours = self.fitted.model
        try:
            files = verify(self.resources.objects.read_all(object_key)).files
            return BookModel.from_files(files, ours.target, ours.kind)
        except (ArtifactError, ObjectNotFoundError):
            # One of another format, or damaged: it can neither answer nor be compared with.
            return None

    def _judge(self, champion: BookModel | None, size_bytes: int) -> Verdict:
        ours = self.fitted.model
        truth, mine, theirs = _shared(ours, champion)
        verdict = judge(
            self._evaluation(truth, mine),
            None if champion is None else self._evaluation(truth, theirs),
            size_bytes=size_bytes,
            limits=self.resources.settings.learning,
            seed=_SEED,
        )
        checks = verdict.checks
        if ours.confidence is None:
            checks = tuple(map(_without_claim, checks))
        if champion is not None and not (ours.report.has_signal or champion.report.has_signal):
            checks = tuple(map(_without_comparison, checks))
        return replace(verdict, checks=checks)

    def _evaluation(self, truth: NDArray[np.str_], said: NDArray[np.str_]) -> Evaluation:
        return Evaluation(
            metric="f1_score_macro",
            count=truth.size,
            figure=_f1(truth, said),
            labels=self.fitted.right,
            probabilities=self.fitted.stated,
            weights=np.ones(self.fitted.right.size),
            latency_ms=self._latency_ms(),
        )

    def _latency_ms(self) -> float:
        """Return the p99 of one prediction in milliseconds of this thread's processor time.

        Not of the clock: what else the machine does is no property of the model.
        """
        taken = [0.0]
        for book in self.books[:_TIMED]:
            started = time.thread_time()
            self.fitted.model.predict(book)
            taken.append(time.thread_time() - started)
        return float(np.quantile(taken, 0.99)) * 1000


def _shared(
    ours: BookModel, theirs: BookModel | None
) -> tuple[NDArray[np.str_], NDArray[np.str_], NDArray[np.str_]]:
    """Return the classes of the books both know, and what each version said of them.

    Without a champion these are all books of the new version.
    """
    mine = _named(ours)
    if theirs is None:
        return mine[:, 0], mine[:, 1], mine[:, 1]
    other = _named(theirs)
    _, here, there = np.intersect1d(ours.held_out.marks, theirs.held_out.marks, return_indices=True)
    same = mine[here, 0] == other[there, 0]  # a book may have been given another shelf since
    here, there = here[same], there[same]
    return mine[here, 0], mine[here, 1], other[there, 1]


def _named(model: BookModel) -> NDArray[np.str_]:
    """Return the true and the predicted class of each book by name: versions number their own."""
    return np.array(model.classes)[model.held_out.classes]


def _f1(truth: NDArray[np.str_], said: NDArray[np.str_]) -> Statistic:
    """Return macro F1 as a figure of resampled rows."""
    names, codes = np.unique(np.concatenate([truth, said]), return_inverse=True)
    count = names.size
    cells = codes[: truth.size] * count + codes[truth.size :]
    rows = np.arange(truth.size)

    def figure(drawn: NDArray[np.int64]) -> float:
        weights = weights_of(rows, drawn, truth.size)
        matrix = np.bincount(cells, weights=weights, minlength=count**2).astype(np.float64)
        return float(figures_of(matrix.reshape(count, count))[1])

    return figure


def _without_claim(check: Check) -> Check:
    """Drop the demand on probabilities of a version that states none."""
    if check.name != "calibrated":
        return check
    reason = "As probabilidades não conferem: a versão não as diz."
    return replace(check, passed=None, reason=reason)


def _without_comparison(check: Check) -> Check:
    """Drop the comparison of two versions that both know nothing."""
    if check.name != "not_worse":
        return check
    reason = "Nem esta versão nem a em uso tem sinal: não há o que comparar."
    return replace(check, passed=None, reason=reason)
