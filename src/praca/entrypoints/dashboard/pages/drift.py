"""Deriva: whether the data still look like those of the training."""

import streamlit as st

from praca.entrypoints.dashboard import charts
from praca.entrypoints.dashboard.answers import Drift
from praca.entrypoints.dashboard.client import ApiClient
from praca.entrypoints.dashboard.format import count, decimal, moment, plain
from praca.entrypoints.dashboard.parts import chart, empty, figures, heading, section, table
from praca.entrypoints.dashboard.period import Period
from praca.entrypoints.dashboard.problems import NotThereError

__all__ = ["show"]


def show(api: ApiClient, _period: Period) -> None:
    """Show the page."""
    heading("Deriva", "Se os dados de agora ainda se parecem com os do treino dos modelos.")
    with section("Último relatório"):
        try:
            report = api.drift()
        except NotThereError:
            empty(
                "Ainda não há relatório. Ele é feito uma vez por dia depois que um modelo de "
                "compatibilidade existe; `praca drift` faz um agora."
            )
            return
        _verdict(report)
        _columns(report)


def _verdict(report: Drift) -> None:
    if not report.is_tested:
        st.info("Há poucas linhas novas para dizer algo.", icon=":material/hourglass_empty:")
    elif report.has_drift:
        st.error(
            f"**Os dados mudaram.** {count(len(report.alarms))} em alarme: "
            + plain("; ".join(report.alarms))
            + ". Considere treinar de novo.",
            icon=":material/warning:",
        )
    else:
        st.success(
            "**Sem deriva:** os dados ainda se parecem com os do treino.",
            icon=":material/check_circle:",
        )
    figures(
        {
            "Modelo": f"{report.model} v{report.version}",
            "Alarmes": count(len(report.alarms)),
            "Campos comparados": count(len(report.features)),
            **{
                f"Linhas: {kind}": count(rows)
                for kind, rows in list(report.window.rows.items())[:3]
            },
        }
    )
    st.caption(
        f"{plain(report.window.description)} Feito em {moment(report.window.until)}; a referência "
        f"é de {moment(report.reference_at)}."
    )


def _columns(report: Drift) -> None:
    if not report.features:
        return
    chart(
        charts.drift_sizes(report.features, report.rule.material_psi),
        "Os campos que mais mudaram além do acaso; além da linha tracejada a mudança importa.",
    )
    table(
        "Todos os campos comparados, o que mais mudou primeiro.",
        [
            {
                "Campo": f"{item.group}: {item.label}",
                "Situação": "▲ alarme" if item.alarm else "sem alarme",
                "PSI": item.psi,
                "Além do acaso": item.effect,
                "p corrigido": item.q,
                "Linhas no treino": item.reference_rows,
                "Linhas agora": item.current_rows,
            }
            for item in sorted(report.features, key=lambda item: -item.effect)
        ],
        {
            "PSI": lambda value: decimal(value, 3),
            "Além do acaso": lambda value: decimal(value, 3),
            "p corrigido": lambda value: decimal(value, 4),
            "Linhas no treino": count,
            "Linhas agora": count,
        },
    )
    if report.domains:
        table(
            "Conjuntos de vetores: um classificador que os distingue (AUC perto de 1) é mudança.",
            [
                {
                    "Conjunto": item.label,
                    "Situação": "▲ alarme" if item.alarm else "sem alarme",
                    "AUC": item.auc,
                }
                for item in report.domains
            ],
            {"AUC": lambda value: decimal(value, 3)},
        )
