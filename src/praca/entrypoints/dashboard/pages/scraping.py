"""Raspagem: the shop, the last crawl, its pages, and the start of another."""

from typing import Any, Final

import streamlit as st

from praca.entrypoints.dashboard import charts
from praca.entrypoints.dashboard.answers import Scraping
from praca.entrypoints.dashboard.client import ApiClient
from praca.entrypoints.dashboard.format import count, data_size, moment
from praca.entrypoints.dashboard.parts import chart, empty, figures, heading, section, table
from praca.entrypoints.dashboard.period import Period
from praca.entrypoints.dashboard.problems import ApiProblem, SignedOutError

__all__ = ["show"]

_RESULTS: Final = {
    "total_encontrado": "Encontrados",
    "novos": "Novos",
    "alterados": "Alterados",
    "inalterados": "Inalterados",
    "ausentes": "Ausentes",
    "paginas": "Páginas lidas",
    "falhas": "Falhas",
    "quarentena": "Em quarentena",
}


def show(api: ApiClient, _period: Period) -> None:
    """Show the page."""
    heading("Raspagem", "De onde vem o catálogo da biblioteca, e como foi a última coleta.")
    with section("Loja"):
        state = api.scraping()
        st.markdown(f":material/storefront: {state.loja}")
        schedule = f"`{state.agendamento}` (UTC)" if state.agendamento else "desligado"
        st.markdown(f":material/schedule: Agendamento: {schedule}")
        _trigger(api)
        _last(state)
        if any(state.paginas.values()):
            chart(charts.page_states(state.paginas), "Páginas da loja por situação.")
    with section("Quarentena", "Páginas cujo formato mudou: nada delas foi gravado."):
        _quarantine(api)


def _trigger(api: ApiClient) -> None:
    with st.popover("Iniciar raspagem…", icon=":material/play_arrow:"):
        st.markdown("Ler de novo todas as páginas da loja? Isto pode levar alguns minutos.")
        if st.button("Sim, iniciar", type="primary", key="raspar"):
            try:
                st.success(api.start_crawl())
            except SignedOutError:
                raise
            except ApiProblem as problem:
                st.warning(str(problem))


def _last(state: Scraping) -> None:
    last = state.ultima
    if last is None:
        empty("A loja ainda não foi raspada. Use *Iniciar raspagem* para a primeira coleta.")
        return
    st.markdown(
        f"Última coleta: **{last.estado}** · início {moment(last.iniciada_em)} · fim "
        f"{moment(last.terminada_em)}"
    )
    if said := _progress(last.progresso):
        st.caption(said)
    result = last.resultado or {}
    shown = {label: count(result[key]) for key, label in _RESULTS.items() if key in result}
    if "bytes" in result:
        shown["Recebidos"] = data_size(result["bytes"])
    figures({"Livros no catálogo": count(state.livros), **shown})


def _progress(progress: Any) -> str:
    """Return the progress of a crawl for people, whatever of it is known."""
    if not isinstance(progress, dict):
        return "" if progress is None else f"Progresso: {progress}"
    done, total = progress.get("done"), progress.get("total")
    numbers = "" if done is None else count(done) + (f" de {count(total)}" if total else "")
    return " · ".join(part for part in (numbers, str(progress.get("message") or "")) if part)


def _quarantine(api: ApiClient) -> None:
    pages = api.quarantine()
    if not pages:
        st.success("Nenhuma página em quarentena.", icon=":material/check_circle:")
        return
    table(
        f"{count(len(pages))} páginas em quarentena.",
        [
            {
                "Quando": moment(item.em),
                "Campo": item.campo,
                "Motivo": item.motivo,
                "Endereço": item.url,
            }
            for item in pages
        ],
    )
