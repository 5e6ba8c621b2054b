"""From figures to charts: pure functions, without Streamlit.

Moments are drawn as Brasília's clock read, wherever the browser is. Every chart has titles at its
axes, tooltips in Portuguese, and colours that stand out on light and dark ground.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import altair as alt

from praca.entrypoints.dashboard.answers import (
    DriftColumn,
    PredictionOutput,
    PredictionTimeline,
    RequestTimeline,
    RouteFigures,
    StatusCount,
)
from praca.entrypoints.dashboard.format import VEGA_LOCALE, wall_time
from praca.entrypoints.dashboard.palette import BAD, BLUE, GOOD, GREY, ORANGE, SERIES
from praca.entrypoints.dashboard.period import Period
from praca.kit.clock import BRASILIA

__all__ = [
    "AnyChart",
    "drift_sizes",
    "inline",
    "latency_over_time",
    "page_states",
    "prediction_latency",
    "prediction_outputs",
    "predictions_over_time",
    "requests_over_time",
    "route_counts",
    "status_counts",
    "with_locale",
]

AnyChart = alt.Chart | alt.LayerChart | alt.FacetChart

_HEIGHT: Final = 260
_ROW_HEIGHT: Final = 26
_AROUND: Final = 80
"""What the axis and its title take of a chart's height."""
_LEGEND_ROW: Final = 24
_IN_ONE_ROW: Final = 26
"""Letters of a legend that fit side by side on a telephone."""
_MOST_BARS: Final = 15
_MANY_POINTS: Final = 60
"""So many stretches lie so close that their points would hide the line."""
_CLOCK: Final = "Horário de Brasília"
_WHEN: Final = "%d/%m %H:%M"
_PERCENTILES: Final = {"p50": BLUE, "p95": ORANGE, "p99": BAD}
_CLASSES: Final = {
    "1xx informação": GREY,
    "2xx sucesso": GOOD,
    "3xx redirecionamento": BLUE,
    "4xx erro do cliente": ORANGE,
    "5xx erro do servidor": BAD,
}
_PAGE_STATES: Final = {
    "descobertas": ("na fila", GREY),
    "em_andamento": ("em andamento", BLUE),
    "concluidas": ("concluídas", GOOD),
    "falhas": ("com falha", BAD),
    "quarentena": ("em quarentena", ORANGE),
}


def with_locale(chart: AnyChart) -> AnyChart:
    """Return ``chart`` with numbers and dates as in Brazil."""
    made: AnyChart = chart.configure(locale=VEGA_LOCALE)
    return made


def inline(rows: Sequence[Mapping[str, Any]]) -> alt.InlineData:
    """Return ``rows`` as a chart's data."""
    return alt.InlineData(values=list(rows))


def requests_over_time(timeline: RequestTimeline, period: Period) -> AnyChart:
    """Requests of each stretch of time, those answered with 5xx in their own colour."""
    counts = [
        (point.at, kind, number)
        for point in timeline.points
        for kind, number in (
            ("Sem erro", point.count - point.errors),
            ("Erro 5xx", point.errors),
        )
    ]
    colours = {"Sem erro": BLUE, "Erro 5xx": BAD}
    return with_locale(_towers(counts, timeline.bucket_s, period, colours, "Requisições"))


def latency_over_time(timeline: RequestTimeline, period: Period) -> AnyChart:
    """Draw lines that half, 95 and 99 of 100 requests were faster than."""
    rows = [
        {"at": wall_time(point.at), "name": name, "ms": value}
        for point in timeline.points
        for name, value in (("p50", point.p50_ms), ("p95", point.p95_ms), ("p99", point.p99_ms))
    ]
    return with_locale(_lines(rows, period, "Percentil", _PERCENTILES, "Latência (ms)"))


def route_counts(routes: Sequence[RouteFigures]) -> AnyChart:
    """Requests of the busiest routes."""
    busiest = sorted(routes, key=lambda item: -item.count)[:_MOST_BARS]
    rows = [
        {
            "name": item.name,
            "count": item.count,
            "errors": item.errors,
            "p95": item.p95_ms,
        }
        for item in busiest
    ]
    tooltip = [
        alt.Tooltip("name:N", title="Rota"),
        alt.Tooltip("count:Q", title="Requisições", format=",d"),
        alt.Tooltip("errors:Q", title="Erros 5xx", format=",d"),
        alt.Tooltip("p95:Q", title="p95 (ms)", format=",.1f"),
    ]
    return with_locale(_lying_bars(rows, "count", "Requisições", ",d", tooltip))


def status_counts(statuses: Sequence[StatusCount]) -> AnyChart:
    """How often each status was answered, coloured by its class."""
    classes = list(_CLASSES)
    rows = [
        {
            "name": str(item.status),
            "count": item.count,
            "class": classes[min(max(item.status // 100, 1), len(classes)) - 1],
        }
        for item in sorted(statuses, key=lambda item: item.status)
    ]
    present = {
        name: _CLASSES[name] for name in classes if any(row["class"] == name for row in rows)
    }
    tooltip = [
        alt.Tooltip("name:N", title="Código"),
        alt.Tooltip("class:N", title="Classe"),
        alt.Tooltip("count:Q", title="Respostas", format=",d"),
    ]
    colour = _colour("class", present)
    legend = _legend_height(present)
    return with_locale(
        _lying_bars(rows, "count", "Respostas", ",d", tooltip, colour, legend_height=legend)
    )


def predictions_over_time(timeline: PredictionTimeline, period: Period) -> AnyChart:
    """Predictions of each model in each stretch of time."""
    counts = [(point.at, point.model, point.count) for point in timeline.points]
    colours = _series(point.model for point in timeline.points)
    return with_locale(_towers(counts, timeline.bucket_s, period, colours, "Predições"))


def prediction_latency(timeline: PredictionTimeline, period: Period) -> AnyChart:
    """95 of 100 predictions of each model were faster than its line."""
    width = timedelta(seconds=timeline.bucket_s)
    rows: list[dict[str, Any]] = []
    last: dict[str, datetime] = {}
    for point in sorted(timeline.points, key=lambda item: item.at):
        # Stretches without predictions are not told; no line is to lead over them.
        if point.at - last.get(point.model, point.at) > width:
            gap = wall_time(last[point.model] + width)
            rows.append({"at": gap, "name": point.model, "ms": None})
        rows.append({"at": wall_time(point.at), "name": point.model, "ms": point.p95_ms})
        last[point.model] = point.at
    return with_locale(
        _lines(
            rows,
            period,
            "Modelo",
            _series(point.model for point in timeline.points),
            "Latência p95 (ms)",
        )
    )


def prediction_outputs(outputs: Sequence[PredictionOutput]) -> AnyChart:
    """The commonest answers of one model."""
    totals: dict[str, int] = {}
    for item in outputs:
        totals[item.output] = totals.get(item.output, 0) + item.count
    commonest = sorted(totals.items(), key=lambda item: (-item[1], item[0]))[:_MOST_BARS]
    whole = sum(totals.values()) or 1
    rows = [{"name": name, "count": number, "share": number / whole} for name, number in commonest]
    tooltip = [
        alt.Tooltip("name:N", title="Resposta"),
        alt.Tooltip("count:Q", title="Predições", format=",d"),
        alt.Tooltip("share:Q", title="Parcela", format=".1%"),
    ]
    return with_locale(_lying_bars(rows, "count", "Predições", ",d", tooltip))


def drift_sizes(features: Sequence[DriftColumn], material: float) -> AnyChart:
    """The columns that changed most, beside the size from which a change matters."""
    largest = sorted(features, key=lambda item: -item.effect)[:_MOST_BARS]
    rows = [
        {
            "name": f"{item.group}: {item.label}",
            "effect": item.effect,
            "state": "alarme" if item.alarm else "sem alarme",
        }
        for item in largest
    ]
    colours = {"alarme": BAD, "sem alarme": BLUE}
    tooltip = [
        alt.Tooltip("name:N", title="Campo"),
        alt.Tooltip("effect:Q", title="Mudança além do acaso (PSI)", format=",.3f"),
        alt.Tooltip("state:N", title="Situação"),
    ]
    colour = _colour("state", colours)
    bars = _lying_bars(
        rows,
        "effect",
        "Mudança (PSI)",
        ",.2f",
        tooltip,
        colour,
        at_least=material,
        legend_height=_legend_height(colours),
    )
    rule = (
        alt.Chart(inline([{"at": material}]))
        .mark_rule(color=GREY, strokeDash=[5, 4], strokeWidth=2)
        .encode(x="at:Q", tooltip=[alt.Tooltip("at:Q", title="Limite", format=",.2f")])
    )
    return with_locale(alt.layer(bars, rule))


def page_states(counts: Mapping[str, int]) -> AnyChart:
    """How many pages of the shop are in which state."""
    rows = [
        {"name": label, "count": counts.get(key, 0)} for key, (label, _) in _PAGE_STATES.items()
    ]
    colours = dict(_PAGE_STATES.values())
    tooltip = [
        alt.Tooltip("name:N", title="Situação"),
        alt.Tooltip("count:Q", title="Páginas", format=",d"),
    ]
    colour = alt.Color("name:N", scale=_scale(colours), legend=None)
    return with_locale(_lying_bars(rows, "count", "Páginas", ",d", tooltip, colour))


def _time_axis(period: Period) -> alt.X:
    """Return an axis over all of the period, whatever of it has figures."""
    axis = alt.Axis(format=_WHEN, labelOverlap="greedy", tickCount=6)
    scale = alt.Scale(domain=[_calendar(period.since), _calendar(period.until)], clamp=True)
    return alt.X("at:T", title=_CLOCK, axis=axis, scale=scale)


def _calendar(at: datetime) -> alt.DateTime:
    wall = at.astimezone(BRASILIA)
    return alt.DateTime(
        year=wall.year,
        month=wall.month,
        date=wall.day,
        hours=wall.hour,
        minutes=wall.minute,
        seconds=wall.second,
    )


def _towers(
    counts: Sequence[tuple[datetime, str, int]],
    length_s: float,
    period: Period,
    colours: Mapping[str, str],
    what: str,
) -> AnyChart:
    """Draw counts of kinds in stretches of time, one kind on top of the other.

    They are laid upon each other here: bars as wide as their stretch are not stacked in charts.
    """
    reached: dict[datetime, int] = {}
    rows: list[dict[str, Any]] = []
    for at, kind, number in counts:
        low = reached.get(at, 0)
        reached[at] = low + number
        until = at + timedelta(seconds=length_s)
        stretch = {"at": wall_time(at), "until": wall_time(until)}
        rows.append({**stretch, "kind": kind, "count": number, "low": low, "high": low + number})
    tooltip = [
        alt.Tooltip("at:T", title="De", format=_WHEN),
        alt.Tooltip("until:T", title="Até", format=_WHEN),
        alt.Tooltip("kind:N", title="Grupo"),
        alt.Tooltip("count:Q", title=what, format=",d"),
    ]
    made: AnyChart = (
        alt.Chart(inline(rows), height=_HEIGHT + _legend_height(colours))
        .mark_rect()
        .encode(
            x=_time_axis(period),
            x2="until:T",
            y=alt.Y("low:Q", title=what, axis=alt.Axis(format=",d", tickMinStep=1)),
            y2="high:Q",
            color=_colour("kind", colours),
            tooltip=tooltip,
        )
    )
    return made


def _lines(
    rows: list[dict[str, Any]], period: Period, what: str, colours: Mapping[str, str], unit: str
) -> AnyChart:
    tooltip = [
        alt.Tooltip("at:T", title="Horário", format=_WHEN),
        alt.Tooltip("name:N", title=what),
        alt.Tooltip("ms:Q", title=unit, format=",.1f"),
    ]
    is_dense = len({row["at"] for row in rows if row["ms"] is not None}) > _MANY_POINTS
    made: AnyChart = (
        alt.Chart(inline(rows), height=_HEIGHT + _legend_height(colours))
        # Points, too: one stretch alone has no line. Where there is no figure the line breaks.
        .mark_line(
            point=alt.OverlayMarkDef(size=6 if is_dense else 40),
            strokeWidth=1.5 if is_dense else 2,
            invalid="break-paths-show-path-domains",
        )
        .encode(
            x=_time_axis(period),
            y=alt.Y("ms:Q", title=unit, axis=alt.Axis(format=",.4~g")),
            color=_colour("name", colours),
            shape=alt.Shape("name:N", title=None, sort=list(colours), legend=_legend(colours)),
            tooltip=tooltip,
        )
    )
    return made


def _lying_bars(
    rows: list[dict[str, Any]],
    value: str,
    title: str,
    form: str,
    tooltip: list[alt.Tooltip],
    colour: alt.Color | None = None,
    *,
    at_least: float = 0.0,
    legend_height: int = 0,
) -> AnyChart:
    """Bars with their names before and their figures behind them, in the order given."""
    # Room for the figure behind the longest bar.
    largest = max((float(row[value]) for row in rows), default=0.0)
    scale = alt.Scale(domainMin=0, domainMax=max(largest, at_least) * 1.15 or 1)
    steps = alt.Axis(format=form, tickCount=6, tickMinStep=1 if form == ",d" else alt.Undefined)
    height = _AROUND + legend_height + _ROW_HEIGHT * len(rows)
    base = alt.Chart(inline(rows), height=height).encode(
        y=alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=230, labelOverlap=False)),
        x=alt.X(f"{value}:Q", title=title, scale=scale, axis=steps),
        tooltip=tooltip,
    )
    bars = base.mark_bar(color=BLUE)
    if colour is not None:
        bars = bars.encode(color=colour)
    figures = base.mark_text(align="left", dx=4, color=GREY, fontWeight="bold").encode(
        text=alt.Text(f"{value}:Q", format=form)
    )
    return alt.layer(bars, figures)


def _series(names: Iterable[str]) -> dict[str, str]:
    return {name: SERIES[at % len(SERIES)] for at, name in enumerate(sorted(set(names)))}


def _scale(colours: Mapping[str, str]) -> alt.Scale:
    return alt.Scale(domain=list(colours), range=list(colours.values()))


def _colour(field: str, colours: Mapping[str, str]) -> alt.Color:
    return alt.Color(f"{field}:N", title=None, scale=_scale(colours), legend=_legend(colours))


def _legend(names: Collection[str]) -> alt.Legend:
    return alt.Legend(
        orient="top", title=None, labelLimit=260, columns=len(names) if _is_short(names) else 1
    )


def _legend_height(names: Collection[str]) -> int:
    return _LEGEND_ROW * (1 if _is_short(names) else len(names))


def _is_short(names: Collection[str]) -> bool:
    """Tell whether names fit side by side on a telephone; others stand below each other."""
    return sum(map(len, names)) <= _IN_ONE_ROW
