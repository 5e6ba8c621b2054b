"""Does a model choose the people of one group less often than those of another?

The figures are those of the practice of selection: each group's selection rate, and its ratio to
the rate of another group (the impact ratio; Uniform Guidelines on Employee Selection Procedures, 29
CFR 1607.4 D, with its rule of four fifths). A ratio of few people says little: an interval stands
beside each, from resampling whole decisions (see ``evaluation.bootstrap``), and a group is only
called adversely affected when the whole interval lies below four fifths and the group is not small.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
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
_RESAMPLES: Final = 1000
_TAILS: Final = (0.025, 0.975)


class FairnessReportMissingError(DomainError):
    """The version was published without a fairness report."""

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
        true_positive_rate: share of those known to fit that were selected; None: too few known.
        against_highest: impact ratio against the group of the highest rate; None: is that group,
            or is not compared.
        against_largest: impact ratio against the group of most people.
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
    """Return the figures of each group of five people or more, the largest first.

    Args:
        decisions: who was selected in each.
        groups: the group of each person, shape (people,); ``""`` where it is not known.
        seed: of the resampling of decisions.
    """
    labels, member, counts = np.unique(groups, return_inverse=True, return_counts=True)
    names: list[str] = labels.tolist()
    shown = [int(at) for at in np.argsort(-counts, kind="stable") if counts[at] >= FEWEST_SHOWN]
    if not shown or not decisions.selected.size:
        return []
    rates, found = _rates(decisions, np.asarray(groups))
    compared = [at for at in shown if names[at]]
    ratios = _Ratios(decisions.selected, member, counts, seed)
    highest = max(compared, key=lambda at: rates[names[at]], default=None)
    largest = compared[0] if compared else None
    result = []
    for at in shown:
        is_compared = at in compared
        against = ratios.interval(at, highest) if is_compared else None
        result.append(
            GroupFigures(
                group=names[at],
                people=int(counts[at]),
                selected=int(decisions.selected[:, member == at].sum()),
                selection_rate=rates[names[at]],
                true_positive_rate=found.get(names[at]),
                against_highest=against,
                against_largest=ratios.interval(at, largest) if is_compared else None,
                is_adverse=bool(
                    against and against.high < FOUR_FIFTHS and counts[at] >= FEWEST_JUDGED
                ),
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


def _rates(
    decisions: Decisions, groups: NDArray[np.str_]
) -> tuple[dict[str, float], dict[str, float]]:
    """Return each group's selection rate, and its true-positive rate where enough fit."""
    # It imports pandas and scikit-learn, which a service that scores does not need.
    from fairlearn.metrics import (  # type: ignore[import-untyped]  # noqa: PLC0415
        MetricFrame,
        count,
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
        metrics={"count": count, "rate": true_positive_rate},
        y_true=np.ones(row.size, np.int8),
        y_pred=decisions.selected[row, person].astype(np.int8),
        sensitive_features=groups[person],
    ).by_group
    enough = known[known["count"] >= FEWEST_SHOWN]["rate"]
    return rates, {str(group): float(rate) for group, rate in enough.items()}


class _Ratios:
    """Ratios of selection rates, over the same resampled decisions for every pair of groups."""

    def __init__(
        self,
        selected: NDArray[np.bool_],
        member: NDArray[np.int64],
        counts: NDArray[np.int64],
        seed: int,
    ) -> None:
        decisions = selected.shape[0]
        chosen = np.stack(
            [np.bincount(member[row], minlength=counts.size) for row in selected]
        )  # (decisions, groups)
        generator = np.random.default_rng(seed)
        share = np.full(decisions, 1 / decisions)
        weights = generator.multinomial(decisions, share, size=_RESAMPLES)
        # Everybody is judged in every decision: rates are sums over people.
        self._rates = chosen.sum(axis=0) / counts
        self._resampled = (weights @ chosen) / counts

    def interval(self, group: int, reference: int | None) -> Interval | None:
        """Return the impact ratio of ``group`` against ``reference``; None if there is none."""
        if reference is None or group == reference or not self._rates[reference]:
            return None
        base = self._resampled[:, reference]
        ratios = self._resampled[base > 0, group] / base[base > 0]
        low, high = np.quantile(ratios, _TAILS)
        return Interval(float(self._rates[group] / self._rates[reference]), float(low), float(high))
