"""Does a model choose the people of one group less often than those of another?

The figures are those of the practice of selection: each group's selection rate, and its ratio to
the rate of another group (the impact ratio; Uniform Guidelines on Employee Selection Procedures, 29
CFR 1607.4 D, with its rule of four fifths). A ratio of few people says little: an interval stands
beside each, and a group is only called adversely affected when the whole interval lies below four
fifths and neither group is small.

The same people are judged in every decision, so other people would change a ratio as other
decisions would: both are resampled. Source: Owen, "The pigeonhole bootstrap", Annals of Applied
Statistics 1(2), 2007. Which rate is the highest is seen only afterwards, so the intervals of one
comparison hold together (Bonferroni, over the pairs of groups that can be judged): taking the
maximum inside each resample would push ratios further down and bring more false alarms, not fewer.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from praca.kit.errors import DomainError, ErrorKind
from praca.learning.artifacts import json_from_bytes, verify
from praca.learning.evaluation import Interval
from praca.learning.store import require_object_key
from praca.platform.resources import Resources

__all__ = [
    "REPORT_FILE",
    "Decisions",
    "FairnessReportMissingError",
    "GroupFigures",
    "compare",
    "published_report",
]

REPORT_FILE: Final = "fairness.json"
"""The report's name among the files of a model."""
FOUR_FIFTHS: Final = 0.8
FEWEST_SHOWN: Final = 5
"""Figures of fewer people could be those of somebody in particular: they are not shown."""
FEWEST_JUDGED: Final = 30
"""Smaller groups are neither judged nor a measure for others."""
_RESAMPLES: Final = 2000
_ERROR: Final = 0.05


class FairnessReportMissingError(DomainError):
    """The version of the model was published without a fairness report."""

    code: ClassVar[str] = "fairness_report_missing"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "No fairness report"
    sample: ClassVar[tuple[str, int]] = ("match", 1)

    def __init__(self, name: str, version: int) -> None:
        super().__init__(f"O modelo '{name}', versão {version}, não tem relatório de equidade.")


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """Who was selected: one row per decision (a vacancy) and one column per person.

    Attributes:
        selected: bool, shape (decisions, people).
        relevant: bool, shape (decisions, people): known to fit; none in a row: not known.
    """

    selected: NDArray[np.bool_]
    relevant: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """What befell one group.

    Attributes:
        group: its name; ``""``: not known, shown but not compared.
        people: how many people.
        selected: how often one of them was selected, over all decisions.
        selection_rate: share of decisions about one of them that selected.
        true_positive_rate: share of the times one known to fit was selected; None: fewer than five
            people are known to fit somewhere.
        against_highest: impact ratio against the group of the highest rate among those of 30 people
            or more; None: is that group, or is not compared.
        against_largest: impact ratio against the group of most people, if they are 30 or more.
        is_adverse: the interval against the highest lies below four fifths, with 30 people or more.
    """

    group: str
    people: int
    selected: int
    selection_rate: float
    true_positive_rate: float | None
    against_highest: Interval | None
    against_largest: Interval | None
    is_adverse: bool


def compare(decisions: Decisions, groups: Sequence[str], *, seed: int) -> list[GroupFigures]:
    """Return the figures of each group that may be shown, the largest first.

    Groups of fewer than five people may not, nor those that would reveal them.

    Args:
        decisions: who was selected in each.
        groups: the group of each person, shape (people,); ``""`` where it is not known.
        seed: of the resampling.
    """
    if not decisions.selected.size:
        return []
    of = np.asarray(groups)
    labels, counts = np.unique(of, return_counts=True)
    people = {str(labels[at]): int(counts[at]) for at in _shown(counts)}
    rates, found = _rates(decisions, of)
    ratios = _Ratios(decisions.selected, of, {name: n for name, n in people.items() if name}, seed)
    judged = ratios.judged
    highest = max(judged, key=rates.__getitem__, default=None)
    result = []
    for name, count in people.items():
        against = ratios.interval(name, highest, rates)
        result.append(
            GroupFigures(
                group=name,
                people=count,
                selected=int(decisions.selected[:, of == name].sum()),
                selection_rate=rates[name],
                true_positive_rate=found.get(name),
                against_highest=against,
                against_largest=ratios.interval(name, judged[0] if judged else None, rates),
                is_adverse=bool(against and against.high < FOUR_FIFTHS and name in judged),
            )
        )
    return result


async def published_report(resources: Resources, name: str, version: int) -> dict[str, Any]:
    """Return the report that was published with a version, after its files were verified.

    Raises:
        ModelVersionNotFoundError: there is no such version.
        FairnessReportMissingError: it has no report.
        ArtifactError: its files are missing or were altered.
    """
    async with resources.databases.city.read() as session:
        key = await require_object_key(session, name, version)
    artifact = verify(await asyncio.to_thread(resources.objects.read_all, key))
    if REPORT_FILE not in artifact.files:
        raise FairnessReportMissingError(name, version)
    return json_from_bytes(artifact.files[REPORT_FILE])


def _shown(counts: NDArray[np.int64]) -> list[int]:
    """Return the positions of the groups that may be shown, the largest first.

    What is hidden is the total less what is shown. If that is one group, or fewer than five people,
    the next smallest is hidden, too. Source: complementary suppression; Hundepool et al.,
    "Statistical Disclosure Control" (2012), chapter 4.
    """
    order = np.argsort(-counts, kind="stable")
    shown = int((counts >= FEWEST_SHOWN).sum())
    while 0 < shown < counts.size:
        hidden = counts[order[shown:]]
        if hidden.size > 1 and hidden.sum() >= FEWEST_SHOWN:
            break
        shown -= 1
    return [int(at) for at in order[:shown]]


def _rates(
    decisions: Decisions, groups: NDArray[np.str_]
) -> tuple[dict[str, float], dict[str, float]]:
    """Return each group's selection rate, and its true-positive rate where enough fit."""
    # It imports pandas and scikit-learn, which a service that scores does not need.
    from fairlearn.metrics import (  # type: ignore[import-untyped]  # noqa: PLC0415
        MetricFrame,
        selection_rate,
        true_positive_rate,
    )

    count_of = decisions.selected.sum(axis=0)
    people = groups.size
    # Two weighted rows per person, selected and not, stand for all decisions about them.
    frame = MetricFrame(
        metrics=selection_rate,
        y_true=np.zeros(2 * people, np.int8),
        y_pred=np.repeat(np.array([1, 0], np.int8), people),
        sensitive_features=np.concatenate([groups, groups]),
        sample_params={
            "sample_weight": np.concatenate([count_of, decisions.selected.shape[0] - count_of])
        },
    )
    rates = {str(group): float(rate) for group, rate in frame.by_group.items()}
    row, person = np.nonzero(decisions.relevant)
    if not row.size:
        return rates, {}
    known = MetricFrame(
        metrics=true_positive_rate,
        y_true=np.ones(row.size, np.int8),
        y_pred=decisions.selected[row, person].astype(np.int8),
        sensitive_features=groups[person],
    ).by_group
    fitting = Counter(groups[np.unique(person)].tolist())
    return rates, {
        str(group): float(rate)
        for group, rate in known.items()
        if fitting[str(group)] >= FEWEST_SHOWN
    }


class _Ratios:
    """Ratios of selection rates, over the same resamples for every pair of groups.

    Attributes:
        judged: the groups that can be judged, the largest first.
    """

    def __init__(
        self,
        selected: NDArray[np.bool_],
        groups: NDArray[np.str_],
        compared: Mapping[str, int],
        seed: int,
    ) -> None:
        self.judged = [name for name, people in compared.items() if people >= FEWEST_JUDGED]
        self._tail = _ERROR / 2 / max(1, comb(len(self.judged), 2))
        generator = np.random.default_rng(seed)
        weights = _drawn_again(generator, selected.shape[0])
        self._resampled: dict[str, NDArray[np.float64]] = {}
        # In the order of the people, so that a group's name changes nothing.
        for name in dict.fromkeys(groups.tolist()):
            if name in compared:
                chosen = weights @ selected[:, groups == name].astype(np.float32)
                chosen *= _drawn_again(generator, compared[name])
                # Everybody is judged in every decision, so each resample has as many judgements.
                judgements = selected.shape[0] * compared[name]
                self._resampled[name] = chosen.sum(axis=1, dtype=np.float64) / judgements

    def interval(
        self, group: str, reference: str | None, rates: Mapping[str, float]
    ) -> Interval | None:
        """Return the impact ratio of ``group`` against ``reference``; None if there is none."""
        if reference is None or group == reference or group not in self._resampled:
            return None
        if not rates[reference]:
            return None
        base = self._resampled[reference]
        ratios = self._resampled[group][base > 0] / base[base > 0]
        low, high = np.quantile(ratios, [self._tail, 1 - self._tail])
        return Interval(rates[group] / rates[reference], float(low), float(high))


def _drawn_again(generator: np.random.Generator, count: int) -> NDArray[np.float32]:
    """Return how often each of ``count`` is drawn, shape (resamples, count)."""
    drawn = generator.integers(0, count, (_RESAMPLES, count))
    drawn += np.arange(_RESAMPLES)[:, None] * count
    times = np.bincount(drawn.ravel(), minlength=drawn.size).reshape(drawn.shape)
    return times.astype(np.float32)  # small whole numbers: exact, and half the memory
