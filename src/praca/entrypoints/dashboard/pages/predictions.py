"""Predições: how many, what, and how fast."""

import streamlit as st

from praca.entrypoints.dashboard import charts
from praca.entrypoints.dashboard.answers import PredictionOutput
from praca.entrypoints.dashboard.client import ApiClient
from praca.entrypoints.dashboard.format import count, percent
from praca.entrypoints.dashboard.parts import chart, empty, figures, heading, section, table
from praca.entrypoints.dashboard.period import Period

__all__ = ["show"]


def show(api: ApiClient, period: Period) -> None:
    """Show the page."""
    heading("Predições", "O que os modelos responderam no período escolhido.")
    with section("Ao longo do tempo"):
        timeline = api.prediction_timeline(period)
        if not timeline.points:
            empty("Nenhuma predição foi registrada neste período. Escolha um período maior.")
            return
        models = {point.model for point in timeline.points}
        total = sum(point.count for point in timeline.points)
        figures({"Predições": count(total), "Modelos": count(len(models))})
        chart(
            charts.predictions_over_time(timeline, period),
            "Predições por modelo ao longo do tempo.",
        )
        chart(
            charts.prediction_latency(timeline, period),
            "Duração das predições: 95 de cada 100 foram mais rápidas do que a linha.",
        )
    with section("Respostas"):
        _outputs(api.prediction_outputs(period))


def _outputs(outputs: list[PredictionOutput]) -> None:
    if not outputs:
        empty("Nenhuma resposta foi registrada neste período.")
        return
    model = st.selectbox("Modelo", sorted({item.model for item in outputs}), key="modelo")
    of_model = [item for item in outputs if item.model == model]
    chart(charts.prediction_outputs(of_model), f"As respostas mais comuns do modelo {model}.")
    whole = sum(item.count for item in of_model)
    table(
        f"Respostas do modelo {model}, por versão.",
        [
            {
                "Versão": item.version,
                "Resposta": item.output,
                "Predições": item.count,
                "Parcela": item.count / whole,
            }
            for item in sorted(of_model, key=lambda item: -item.count)
        ],
        {"Predições": count, "Parcela": percent},
    )
