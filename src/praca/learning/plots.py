"""Plots as SVG text, drawn in plain Python: nothing to install, the same bytes for the same data.

Each says its content in words as well (``title`` and ``desc``, read aloud by screen readers), and
tells series apart by shape and line as well as by colour.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeGuard

from praca.learning.svg import (
    ACCENT,
    FAINT,
    SECOND,
    WIDTH,
    Area,
    Canvas,
    Format,
    decimal,
    percent,
    span,
    ticks,
    whole,
)

__all__ = [
    "Interval",
    "ReliabilityBin",
    "bars_svg",
    "decimal",
    "histogram_svg",
    "percent",
    "reliability_svg",
]

_LETTER_PX: Final = 6.6  # mean width
_LONGEST_LABEL: Final = 34
_ROW_PX: Final = 30
_RIGHT_PX: Final = 36
_MOST_SERIES: Final = 2

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """The cases whose predicted probability falls into one range.

    Attributes:
        predicted: mean predicted probability.
        observed: share of them that came true.
        count: how many they are, or their weight.
        interval: low and high of ``observed``; None: not known.
    """

    predicted: float
    observed: float
    count: float
    interval: Interval | None = None

    def __str__(self) -> str:
        observed = _with_interval(self.observed, self.interval, percent)
        return (
            f"previsto {percent(self.predicted)}, observado {observed}, {whole(self.count)} casos"
        )


def reliability_svg(title: str, bins: Sequence[ReliabilityBin]) -> str:
    """Draw observed frequency against predicted probability: calibrated points lie on the line.

    How many cases each point stands for is drawn below it; bins without cases are left out.
    """
    shown = sorted((one for one in bins if one.count > 0), key=lambda one: one.predicted)
    canvas = Canvas(title, f"{'; '.join(map(str, shown)) or 'Sem casos'}.", 572)
    area = Area(92, 56, WIDTH - 92 - _RIGHT_PX, 340, (0, 1), (0, 1))
    fifths = ticks(0, 1)
    canvas.scale_across(area, fifths, percent)
    canvas.scale_up(area, fifths, percent)
    canvas.line(area.point(0, 0), area.point(1, 1), FAINT, dash="6 5", width=1.5)
    canvas.line(area.point(0.68, 0.05), area.point(0.73, 0.05), FAINT, dash="6 5", width=1.5)
    canvas.text(area.x(0.745), area.y(0.05) + 4, "calibração perfeita", ink=FAINT)
    canvas.text(24, area.y(0.5), "frequência observada", anchor="middle", turned=True)
    canvas.path([area.point(one.predicted, one.observed) for one in shown], ACCENT)
    for one in shown:
        if one.interval is not None:
            low, high = one.interval
            canvas.whisker(area.point(one.predicted, low), area.point(one.predicted, high))
        canvas.dot(area.point(one.predicted, one.observed), says=str(one))
    _draw_counts(canvas, shown)
    return canvas.svg()


def _draw_counts(canvas: Canvas, bins: Sequence[ReliabilityBin]) -> None:
    most = max((one.count for one in bins), default=1)
    area = Area(92, 446, WIDTH - 92 - _RIGHT_PX, 70, (0, 1), (0, most))
    canvas.scale_up(area, [0, most], whole)
    for one in bins:
        x, top = area.point(one.predicted, one.count)
        canvas.box((x - 7, top), (x + 7, area.y(0)), says=str(one))
    canvas.text(24, area.y(most / 2), "casos", anchor="middle", turned=True)
    canvas.text(area.x(0.5), 552, "probabilidade prevista", anchor="middle")


def bars_svg(
    title: str,
    labels: Sequence[str],
    values: Sequence[float],
    intervals: Sequence[Interval | None] | None = None,
    *,
    reference: tuple[str, float] | None = None,
    write: Format = decimal,
) -> str:
    """Draw one horizontal bar a label, with its value beside it.

    Args:
        title: what is compared.
        labels: one a bar; long ones are cut, and whole when pointed at.
        values: one a bar; what is not finite gets no bar and a dash.
        intervals: low and high of each value.
        reference: a name and a value to compare with, drawn as a dashed line.
        write: how values are written.

    Raises:
        ValueError: the lengths differ.
    """
    around = [None] * len(values) if intervals is None else intervals
    rows = list(zip(labels, values, around, strict=True))
    says = [f"{label}: {_with_interval(value, one, write)}" for label, value, one in rows]
    says += [f"{reference[0]}: {write(reference[1])}"] if reference else []
    canvas = Canvas(title, f"{'; '.join(says) or 'Sem valores'}.", 116 + _ROW_PX * len(rows))
    left = 34 + _LETTER_PX * min(_LONGEST_LABEL, max(map(len, labels), default=0))
    ends = [bound for one in around if one is not None for bound in one]
    across = span([*values, *ends, *([reference[1]] if reference else [])])
    area = Area(left, 72, WIDTH - left - 84, _ROW_PX * len(rows), across, (len(rows) or 1, 0))
    canvas.scale_across(area, ticks(*across), write)
    for at, (label, value, interval) in enumerate(rows):
        _draw_bar(canvas, area, at, label, value, interval, write, says[at])
    canvas.line(area.point(0, 0), area.point(0, len(rows)), FAINT)
    if reference is not None:
        x = area.x(reference[1])
        canvas.line((x, area.top), (x, area.y(len(rows))), SECOND, dash="6 4", width=2)
        canvas.text(x, area.top - 8, says[-1], anchor="middle", ink=SECOND)
    return canvas.svg()


def _draw_bar(
    canvas: Canvas,
    area: Area,
    at: int,
    label: str,
    value: float,
    interval: Interval | None,
    write: Format,
    says: str,
) -> None:
    middle, end = area.y(at + 0.5), area.x(0)
    short = label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1]}…"
    canvas.text(area.left - 10, middle + 4, short, anchor="end", says=says)
    if math.isfinite(value):
        canvas.box((end, middle - 9), (area.x(value), middle + 9), says=says)
        end = max(end, area.x(value))
    if _is_known(interval):
        low, high = area.x(interval[0]), area.x(interval[1])
        canvas.whisker((low, middle), (high, middle))
        end = max(end, high)
    canvas.text(end + 8, middle + 4, write(value), kind="b")


def histogram_svg(
    title: str,
    edges: Sequence[float],
    series: Mapping[str, Sequence[float]],
    *,
    axis: str = "",
    write: Format = decimal,
) -> str:
    """Draw how one or two sets of values are spread over the same ranges.

    Each is drawn as shares of its own total, so that sets of different sizes compare: the first
    as bars, the second as a dashed outline.

    Args:
        title: what is shown.
        edges: borders of the ranges, ascending, one more than there are counts.
        series: name -> count in each range.
        axis: what is counted, written below the plot.
        write: how borders are written.

    Raises:
        ValueError: the lengths differ, or there are more than two sets.
    """
    if len(series) > _MOST_SERIES:
        raise ValueError("at most two series can be told apart")
    shares = {name: _shares(counts) for name, counts in series.items()}
    most = max((share for one in shares.values() for share in one), default=0) or 1.0
    canvas = Canvas(title, _spread(edges, shares, write), 400)
    area = Area(92, 84, WIDTH - 92 - _RIGHT_PX, 240, (edges[0], edges[-1]), (0, most))
    canvas.scale_across(area, ticks(edges[0], edges[-1]), write)
    canvas.scale_up(area, ticks(0, most), percent)
    for at, (name, one) in enumerate(shares.items()):
        draw = _draw_outline if at else _draw_boxes
        draw(canvas, area, edges, one)
        key = Area(92 + 260 * at, 50, 26, 14, (0, 1), (0, 1))
        draw(canvas, key, (0, 1), (1,))
        canvas.text(key.left + 34, 62, name)
    canvas.line(area.point(edges[0], 0), area.point(edges[-1], 0), FAINT)
    canvas.text(24, area.y(most / 2), "parcela dos casos", anchor="middle", turned=True)
    canvas.text(area.left + area.width / 2, 376, axis, anchor="middle")
    return canvas.svg()


def _draw_boxes(
    canvas: Canvas, area: Area, edges: Sequence[float], shares: Sequence[float]
) -> None:
    for (low, high), share in zip(pairwise(edges), shares, strict=True):
        canvas.box(area.point(low, 0), area.point(high, share), says=percent(share))


def _draw_outline(
    canvas: Canvas, area: Area, edges: Sequence[float], shares: Sequence[float]
) -> None:
    points = [area.point(edges[0], 0)]
    for (low, high), share in zip(pairwise(edges), shares, strict=True):
        points += [area.point(low, share), area.point(high, share)]
    canvas.path([*points, area.point(edges[-1], 0)], SECOND, dash="7 4")


def _shares(counts: Sequence[float]) -> list[float]:
    total = sum(counts)
    return [count / total if total else 0.0 for count in counts]


def _spread(edges: Sequence[float], shares: Mapping[str, Sequence[float]], write: Format) -> str:
    ranges = [f"de {write(low)} a {write(high)}" for low, high in pairwise(edges)]
    lines = [
        f"{name}: "
        + "; ".join(f"{one} {percent(s)}" for one, s in zip(ranges, values, strict=True))
        for name, values in shares.items()
    ]
    return f"{'. '.join(lines) or 'Sem valores'}."


def _with_interval(value: float, interval: Interval | None, write: Format) -> str:
    if not _is_known(interval):
        return write(value)
    return f"{write(value)} (de {write(interval[0])} a {write(interval[1])})"


def _is_known(interval: Interval | None) -> TypeGuard[Interval]:
    return interval is not None and all(map(math.isfinite, interval))
