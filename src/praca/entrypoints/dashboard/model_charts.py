"""Charts of how good the models are, beside guessing."""

from collections.abc import Sequence
from typing import Any, Final

import altair as alt

from praca.entrypoints.dashboard.answers import BookModel
from praca.entrypoints.dashboard.charts import AnyChart, inline, with_locale
from praca.entrypoints.dashboard.palette import BLUE, GREY, ORANGE, VIOLET

__all__ = ["METRICS", "MODEL_NAMES", "REFERENCES", "leaderboard"]

METRICS: Final = {"acuracia": "Acurácia", "f1_score_macro": "F1 macro"}
MODEL_NAMES: Final = {
    "random_forest": "Floresta aleatória",
    "regressao_logistica": "Regressão logística",
    "svm": "SVM",
}
REFERENCES: Final = {"maioria": "classe mais comum", "acaso": "sorteio"}
_REFERENCE_COLOURS: Final = {"maioria": ORANGE, "acaso": VIOLET}
_ROW_HEIGHT: Final = 48
_AROUND: Final = 128
"""What axis, title and legend take of a chart's height."""


def leaderboard(models: Sequence[BookModel], metric: str) -> AnyChart:
    """One metric of the models of one target: points with their intervals, the best first.

    Dashed lines say what guessing reaches: a model whose interval touches one knows nothing.
    """
    ordered = sorted(models, key=lambda item: -item.metricas.get(metric, 0.0))
    rows = [_row(item, metric) for item in ordered if metric in item.metricas]
    title = METRICS[metric]
    x = alt.X(
        "value:Q",
        title=f"{title} (com intervalo)",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format=".0%", tickCount=6),
    )
    base = alt.Chart(inline(rows), height=_AROUND + _ROW_HEIGHT * len(rows)).encode(
        y=alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=200))
    )
    tooltip = [
        alt.Tooltip("name:N", title="Modelo"),
        alt.Tooltip("value:Q", title=title, format=".1%"),
        alt.Tooltip("low:Q", title="Limite inferior", format=".1%"),
        alt.Tooltip("high:Q", title="Limite superior", format=".1%"),
    ]
    bars = base.mark_rule(color=BLUE, strokeWidth=3).encode(
        x=alt.X("low:Q", scale=alt.Scale(domain=[0, 1])), x2="high:Q", tooltip=tooltip
    )
    ends = [
        base.mark_tick(color=BLUE, thickness=3, size=14).encode(x=f"{end}:Q", tooltip=tooltip)
        for end in ("low", "high")
    ]
    points = base.mark_point(color=BLUE, filled=True, size=110, opacity=1).encode(
        x=x, tooltip=tooltip
    )
    figures = base.mark_text(color=GREY, fontWeight="bold", dy=-14).encode(
        x="value:Q", text=alt.Text("value:Q", format=".1%")
    )
    return with_locale(alt.layer(_guesses(ordered, metric), bars, *ends, points, figures))


def _row(model: BookModel, metric: str) -> dict[str, Any]:
    value = model.metricas[metric]
    low, high = model.intervalos.get(metric, (value, value))
    return {
        "name": MODEL_NAMES.get(model.nome, model.nome),
        "value": value,
        "low": low,
        "high": high,
    }


def _guesses(models: Sequence[BookModel], metric: str) -> AnyChart:
    """Return a dashed line for each way of guessing; the models of a target share them."""
    found: dict[str, float] = {}
    for model in models:
        for name, figures in model.referencias.items():
            if name in REFERENCES and metric in figures:
                found.setdefault(name, figures[metric])
    rows = [{"guess": REFERENCES[name], "at": value} for name, value in found.items()]
    colours = [_REFERENCE_COLOURS[name] for name in found]
    made: AnyChart = (
        alt.Chart(inline(rows))
        .mark_rule(strokeDash=[6, 4], strokeWidth=2)
        .encode(
            x="at:Q",
            color=alt.Color(
                "guess:N",
                scale=alt.Scale(domain=[REFERENCES[name] for name in found], range=colours),
                legend=alt.Legend(orient="top", title=None, labelLimit=240, columns=1),
            ),
            tooltip=[
                alt.Tooltip("guess:N", title="Referência"),
                alt.Tooltip("at:Q", title=METRICS[metric], format=".1%"),
            ],
        )
    )
    return made
