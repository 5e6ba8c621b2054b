"""The frame of all pages: sign-in, navigation, the choice of a period."""

from collections.abc import Callable
from datetime import date, timedelta
from types import ModuleType
from typing import Final

import streamlit as st

from praca.entrypoints.dashboard import session
from praca.entrypoints.dashboard.client import ApiClient
from praca.entrypoints.dashboard.format import moment, plain
from praca.entrypoints.dashboard.pages import (
    drift,
    model_board,
    overview,
    predictions,
    requests,
    scraping,
    tasks,
)
from praca.entrypoints.dashboard.palette import ICON
from praca.entrypoints.dashboard.period import PRESETS, Period
from praca.entrypoints.dashboard.problems import SignedOutError
from praca.kit.clock import today_in_brasilia, utc_now

__all__ = ["show"]

_OWN: Final = "Intervalo próprio"
_EVERY_S: Final = 30
# Title, symbol, address and module of each page.
_PAGES: Final[tuple[tuple[str, str, str, ModuleType], ...]] = (
    ("Visão geral", "dashboard", "visao-geral", overview),
    ("Modelos", "leaderboard", "modelos", model_board),
    ("Requisições", "swap_vert", "requisicoes", requests),
    ("Predições", "online_prediction", "predicoes", predictions),
    ("Deriva", "trending_up", "deriva", drift),
    ("Tarefas", "task", "tarefas", tasks),
    ("Raspagem", "travel_explore", "raspagem", scraping),
)

PeriodChoice = Callable[[], Period | None]


def show() -> None:
    """Show the page that the address names, or the form."""
    st.set_page_config(page_title="Praça · Painel", page_icon=ICON, layout="wide")
    opened = session.current()
    pages = [
        st.Page(
            _page(module), title=title, icon=f":material/{icon}:", url_path=path, default=at == 0
        )
        for at, (title, icon, path, module) in enumerate(_PAGES)
    ]
    chosen = st.navigation(pages, position="hidden" if opened is None else "sidebar")
    if opened is None:
        session.show_sign_in()
        return
    chosen.run()


def _page(module: ModuleType) -> Callable[[], None]:
    def run() -> None:
        opened = session.current()
        if opened is not None:
            period, every_s = _side_bar(opened)
            st.fragment(_body, run_every=every_s)(module, opened.api, period)

    return run


def _body(module: ModuleType, api: ApiClient, choose: PeriodChoice) -> None:
    period = choose()
    if period is None:
        st.info("Escolha o primeiro e o último dia do intervalo.", icon=":material/date_range:")
        return
    try:
        module.show(api, period)
    except SignedOutError as problem:
        session.expire(str(problem))
        st.rerun()
    st.caption(f"Dados lidos em {moment(utc_now())}. Todos os horários são de Brasília.")


def _side_bar(opened: session.Session) -> tuple[PeriodChoice, int | None]:
    with st.sidebar:
        label = st.selectbox("Período", [*PRESETS, _OWN], index=2, key="periodo")
        choice = _own_range() if label == _OWN else _preset(PRESETS[label])
        automatic = st.toggle(f"Atualizar a cada {_EVERY_S} s", key="automatico")
        st.divider()
        name, role = plain(opened.operator.username), plain(opened.operator.perfil)
        st.markdown(f":material/person: **{name}** · {role}")
        st.button("Sair", icon=":material/logout:", on_click=session.end, width="stretch")
    return choice, _EVERY_S if automatic else None


def _preset(length: timedelta) -> PeriodChoice:
    # Asked again at each refresh: the period ends now.
    return lambda: Period.last(length, utc_now())


def _own_range() -> PeriodChoice:
    today = today_in_brasilia()
    days = st.date_input(
        "Dias (de – até)",
        value=(today - timedelta(days=2), today),
        max_value=today,
        format="DD/MM/YYYY",
        key="dias",
    )
    match days:
        case (date() as first, date() as last):
            try:
                period = Period.days(first, last)
            except ValueError as error:
                st.warning(str(error))
                return lambda: None
            return lambda: period
    return lambda: None
