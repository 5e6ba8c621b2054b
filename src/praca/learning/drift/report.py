"""The result of one check: every column, every set of vectors, and the verdict.

The rule. A column has drifted if both hold: chance does not explain it (Holm's correction over all
columns of the report, 1 %), and it matters (PSI, less what chance gives, of 0.1 at least). The
usual bands call 0.1 to 0.25 a moderate and more a large change; a line at 0.2 would miss at least
half of the changes whose true size is 0.2, so the line lies below. Vectors have drifted if
permuting the labels explains it in at most 1 % of the cases and the AUC is 0.6 at least.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final, Self

from numpy.typing import NDArray

from praca.learning.drift.comparing import Bar, Comparison, Test, compared
from praca.learning.drift.domain import domain_test
from praca.learning.drift.measures import holm
from praca.learning.drift.sketches import Sketch

__all__ = [
    "ALPHA",
    "MATERIAL_AUC",
    "MATERIAL_PSI",
    "MIN_ROWS",
    "DomainDrift",
    "DriftReport",
    "FeatureDrift",
    "ReportError",
    "Watched",
    "Window",
    "judged",
    "judged_domain",
]

ALPHA: Final = 0.01
MATERIAL_PSI: Final = 0.1
MATERIAL_AUC: Final = 0.6
MIN_ROWS: Final = 30

_FORMAT: Final = 1
_PARTS: Final = {
    "": "",
    "length": ": termos por texto",
    "unfamiliar": ": parte de termos pouco conhecidos",
    "terms": ": palavras usadas",
}


class ReportError(ValueError):
    """A stored report is not of the expected form."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A column with its sketches then and now.

    Attributes:
        name: stable name.
        label: for people.
        group: heading under which people find it.
        reference: sketch then.
        current: sketch now.
        may_alarm: False: it is shown, but says nothing about the model (its change is expected).
    """

    name: str
    label: str
    group: str
    reference: Sketch
    current: Sketch
    may_alarm: bool = True


@dataclass(frozen=True, slots=True)
class FeatureDrift:
    """What came of one column; see :class:`Comparison` for the measures.

    Attributes:
        p: None: too few rows to say anything.
        q: p corrected for the number of columns; None where it may not alarm or p is None.
        alarm: whether it has drifted.
    """

    name: str
    label: str
    group: str
    test: Test
    statistic: float
    p: float | None
    q: float | None
    psi: float
    psi_by_chance: float
    effect: float
    alarm: bool
    may_alarm: bool
    reference_rows: int
    current_rows: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class DomainDrift:
    """What came of one set of vectors; ``p`` is None if there were too few rows."""

    name: str
    label: str
    auc: float | None
    p: float | None
    alarm: bool
    reference_rows: int
    current_rows: int


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows were compared with the reference: ``description`` is for people.

    Attributes:
        since: rows written at or after this moment; None: all rows.
        until: the moment of the check.
        description: in Portuguese.
        rows: kind of row (for people) -> how many were looked at.
    """

    since: datetime | None
    until: datetime
    description: str
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DriftReport:
    """One check of one version of a model.

    Attributes:
        model: its name.
        version: its number.
        reference_at: the moment that the reference stands for.
        window: what was compared with it.
        features: in the order in which they were watched.
        domains: sets of vectors.
    """

    model: str
    version: int
    reference_at: datetime
    window: Window
    features: tuple[FeatureDrift, ...]
    domains: tuple[DomainDrift, ...]

    @property
    def items(self) -> tuple[FeatureDrift | DomainDrift, ...]:
        """Everything that was compared."""
        return (*self.features, *self.domains)

    @property
    def has_drift(self) -> bool:
        """Whether anything has drifted."""
        return any(item.alarm for item in self.items)

    @property
    def is_tested(self) -> bool:
        """Whether there were rows enough to say anything."""
        return any(item.p is not None for item in self.items)

    @property
    def alarms(self) -> list[str]:
        """What has drifted, for people: the columns with the largest effect first."""
        changed = sorted(self.features, key=lambda item: -item.effect)
        columns = [f"{item.group}: {item.label}" for item in changed if item.alarm]
        return columns + [item.label for item in self.domains if item.alarm]

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values; moments are datetimes, which orjson writes as text."""
        return {
            "format": _FORMAT,
            "has_drift": self.has_drift,
            "is_tested": self.is_tested,
            "alarms": self.alarms,
            "rule": {
                "alpha": ALPHA,
                "material_psi": MATERIAL_PSI,
                "material_auc": MATERIAL_AUC,
                "min_rows": MIN_ROWS,
            },
            **asdict(self),
        }

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        """Rebuild from :meth:`to_json` after a journey through JSON text.

        Raises:
            ReportError: it is not of that form.
        """
        if state.get("format") != _FORMAT:
            raise ReportError("unknown format of a drift report")
        try:
            window = state["window"]
            return cls(
                model=str(state["model"]),
                version=int(state["version"]),
                reference_at=datetime.fromisoformat(state["reference_at"]),
                window=Window(
                    None if window["since"] is None else datetime.fromisoformat(window["since"]),
                    datetime.fromisoformat(window["until"]),
                    str(window["description"]),
                    {str(kind): int(rows) for kind, rows in window["rows"].items()},
                ),
                features=tuple(
                    FeatureDrift(**{**item, "bars": tuple(Bar(**bar) for bar in item["bars"])})
                    for item in state["features"]
                ),
                domains=tuple(DomainDrift(**item) for item in state["domains"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ReportError("a drift report is not of the expected form") from error


def judged(watched: Iterable[Watched], *, alpha: float = ALPHA) -> tuple[FeatureDrift, ...]:
    """Compare every column and correct the p-values for their number."""
    found = [
        _feature(column, comparison)
        for column in watched
        for comparison in compared(column.reference, column.current)
    ]
    tested = [at for at, item in enumerate(found) if item.may_alarm and item.p is not None]
    corrected = holm([found[at].p or 0.0 for at in tested])
    for at, q in zip(tested, corrected.tolist(), strict=True):
        alarm = q <= alpha and found[at].effect >= MATERIAL_PSI
        found[at] = replace(found[at], q=q, alarm=alarm)
    return tuple(found)


def judged_domain(
    name: str, label: str, reference: NDArray[Any], current: NDArray[Any]
) -> DomainDrift:
    """Test two sets of vectors, shape (n, d) and (m, d), unless one is too small."""
    n, m = reference.shape[0], current.shape[0]
    if min(n, m) < MIN_ROWS:
        return DomainDrift(name, label, None, None, False, n, m)
    found = domain_test(reference, current)
    alarm = found.p <= ALPHA and found.auc >= MATERIAL_AUC
    return DomainDrift(name, label, found.auc, found.p, alarm, n, m)


def _feature(column: Watched, comparison: Comparison) -> FeatureDrift:
    part = f".{comparison.part}" if comparison.part else ""
    enough = min(comparison.reference_rows, comparison.current_rows) >= MIN_ROWS
    return FeatureDrift(
        name=f"{column.name}{part}",
        label=f"{column.label}{_PARTS[comparison.part]}",
        group=column.group,
        test=comparison.test,
        statistic=comparison.statistic,
        p=comparison.p if enough else None,
        q=None,
        psi=comparison.psi,
        psi_by_chance=comparison.by_chance,
        effect=comparison.effect,
        alarm=False,
        may_alarm=column.may_alarm,
        reference_rows=comparison.reference_rows,
        current_rows=comparison.current_rows,
        bars=comparison.bars,
    )
