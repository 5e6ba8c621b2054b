"""Raspagem: the shop, the last crawl, its pages, and the start of another."""

from typing import Final

import streamlit as st

from praca.entrypoints.dashboard import charts
from praca.entrypoints.dashboard.answers import CrawlProgress, Scraping
from praca.entrypoints.dashboard.client import ApiClient
from praca.entrypoints.dashboard.format import count, data_size, moment, plain
from praca.entrypoints.dashboard.parts import chart, empty, figures, heading, section, table
from praca.entrypoints.dashboard.period import Period
from praca.entrypoints.dashboard.problems import ApiProblem, SignedOutError

__all__ = ["STATES", "show", "without_crawl"]

STATES: Final = {
    "PENDENTE": "na fila",
    "EXECUTANDO": "em andamento",
    "CONCLUIDA": "concluída",
    "ERRO": "com erro",
    "CANCELADA": "cancelada",
}
"""The states of system 4, for people."""
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


def without_crawl(state: Scraping, advice: str) -> str:
    """Say that no crawl is known: there was none, or it was so long ago that its task is gone."""
    if state.livros:
        return "A última raspagem faz tanto tempo que já não está registrada; os livros estão."
    return f"A loja ainda não foi raspada. {advice}"


def show(api: ApiClient, _period: Period) -> None:
    """Show the page."""
    heading("Raspagem", "De onde vem o catálogo da biblioteca, e como foi a última coleta.")
    with section("Loja"):
        state = api.scraping()
        st.markdown(f":material/storefront: {plain(state.loja)}")
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
                st.success(plain(api.start_crawl()))
            except SignedOutError:
                raise
            except ApiProblem as problem:
                st.warning(plain(str(problem)))


def _last(state: Scraping) -> None:
    last = state.ultima
    if last is None:
        empty(without_crawl(state, "Use *Iniciar raspagem* para a primeira coleta."))
        return
    st.markdown(
        f"Última coleta: **{plain(STATES.get(last.estado, last.estado))}** · início "
        f"{moment(last.iniciada_em)} · fim {moment(last.terminada_em)}"
    )
    if last.terminada_em is None and last.progresso is not None:
        _progress(last.progresso)
    result = last.resultado or {}
    if "erro" in result:
        st.error(plain(str(result["erro"])), icon=":material/error:")
    shown = {label: count(result[key]) for key, label in _RESULTS.items() if key in result}
    if "bytes" in result:
        shown["Recebidos"] = data_size(result["bytes"])
    figures({"Livros no catálogo": count(state.livros), **shown})


def _progress(progress: CrawlProgress) -> None:
    """Show how far a crawl is; the number of its pages grows while lists are read."""
    share = progress.concluidas / progress.total if progress.total else 0.0
    st.progress(min(share, 1.0), text=plain(progress.mensagem))


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
