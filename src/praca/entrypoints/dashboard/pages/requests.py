"""Requisições: per route, per status, over time, and the errors one by one."""

from typing import Final

import streamlit as st

from praca.entrypoints.dashboard import charts
from praca.entrypoints.dashboard.answers import RouteFigures
from praca.entrypoints.dashboard.client import ApiClient
from praca.entrypoints.dashboard.format import NOTHING, count, milliseconds, moment
from praca.entrypoints.dashboard.parts import chart, empty, heading, section, table
from praca.entrypoints.dashboard.period import Period

__all__ = ["show"]

_ALL: Final = "Todas as rotas"
_LEAST: Final = {
    "Só erros do servidor (5xx)": 500,
    "Erros do cliente e do servidor (4xx e 5xx)": 400,
    "Todas": 100,
}
_SHOWN: Final = 200


def show(api: ApiClient, period: Period) -> None:
    """Show the page."""
    heading("Requisições", "O que foi pedido à API, como ela respondeu e em quanto tempo.")
    routes: list[RouteFigures] = []
    with section("Por rota"):
        routes = api.routes(period)
        if not routes:
            empty("Nenhuma requisição foi registrada neste período. Escolha um período maior.")
        else:
            _by_route(routes)
    if not routes:
        return
    with section("Por código de resposta"):
        chart(
            charts.status_counts(api.statuses(period)),
            "Respostas por código HTTP; a cor diz a classe.",
        )
    names = sorted({item.route for item in routes if item.route})
    picked = st.selectbox("Rota", [_ALL, *names], key="rota")
    route = None if picked == _ALL else picked
    with section("Latência ao longo do tempo"):
        chart(
            charts.latency_over_time(api.request_timeline(period, route), period),
            "Percentis da duração das requisições: p50, p95 e p99.",
        )
    with section("Erros, um a um"):
        _errors(api, period, route)


def _by_route(routes: list[RouteFigures]) -> None:
    chart(charts.route_counts(routes), "As rotas mais usadas, por número de requisições.")
    latency = ("Média", "p50", "p95", "p99")
    table(
        f"As {count(len(routes))} rotas usadas no período.",
        [
            {
                "Rota": item.name,
                "Requisições": item.count,
                "Erros 5xx": item.errors,
                "Média": item.mean_ms,
                "p50": item.p50_ms,
                "p95": item.p95_ms,
                "p99": item.p99_ms,
            }
            for item in sorted(routes, key=lambda item: -item.count)
        ],
        {"Requisições": count, "Erros 5xx": count} | dict.fromkeys(latency, milliseconds),
        wide=["Rota"],
    )


def _errors(api: ApiClient, period: Period, route: str | None) -> None:
    least = st.selectbox("Mostrar", list(_LEAST), index=1, key="situacao")
    page = api.requests(period, min_status=_LEAST[least], route=route, limit=_SHOWN)
    if not page.data:
        st.success("Nada a mostrar: nenhuma requisição deste tipo.", icon=":material/check_circle:")
        return
    table(
        f"{count(len(page.data))} de {count(page.total)} requisições, as mais novas primeiro.",
        [
            {
                "Quando": moment(item.at),
                "Método": item.method,
                "Rota": item.route or "(rota desconhecida)",
                "Código": item.status,
                "Duração": item.ms,
                "Conta": NOTHING if item.user_id is None else str(item.user_id),
            }
            for item in page.data
        ],
        {"Duração": milliseconds},
        wide=["Rota"],
    )
