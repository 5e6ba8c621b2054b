"""Who has signed in, kept on the server for as long as the page is open."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import httpx2
import streamlit as st

from praca.entrypoints.dashboard.answers import Operator
from praca.entrypoints.dashboard.client import ApiClient, open_http
from praca.entrypoints.dashboard.format import plain
from praca.entrypoints.dashboard.problems import ApiProblem
from praca.platform.settings.dashboard import DashboardSettings
from praca.platform.settings.groups import HttpSettings

__all__ = ["Session", "current", "end", "expire", "show_sign_in"]

_KEY: Final = "session"
_NOTICE: Final = "notice"


@dataclass(frozen=True, slots=True)
class Session:
    """An operator, and the client that acts for him."""

    api: ApiClient
    operator: Operator


def current() -> Session | None:
    """Return the session of this page, if somebody has signed in."""
    found = st.session_state.get(_KEY)
    return found if isinstance(found, Session) else None


def end() -> None:
    """Sign out, here in any case."""
    session = current()
    st.session_state.clear()
    if session is not None:
        # The token also ends by itself; nobody is to be kept in because the API is away.
        with suppress(ApiProblem):
            session.api.sign_out()
    st.session_state[_NOTICE] = "Você saiu do painel."


def expire(sentence: str) -> None:
    """Go back to the form with a word why."""
    st.session_state.clear()
    st.session_state[_NOTICE] = sentence


def show_sign_in() -> None:
    """Show the form; a right answer opens a session and runs the page again."""
    _, middle, _ = st.columns([1, 1.4, 1])
    with middle:
        st.title("Praça · Painel", anchor=False)
        st.markdown("Acompanhamento dos serviços digitais, para operadores da cidade.")
        if notice := st.session_state.pop(_NOTICE, None):
            st.info(plain(notice), icon=":material/info:")
        with st.form("entrar"):
            username = st.text_input("Usuário", autocomplete="username")
            password = st.text_input("Senha", type="password", autocomplete="current-password")
            sent = st.form_submit_button("Entrar", type="primary", width="stretch")
        if sent:
            _sign_in(username.strip(), password)


def _sign_in(username: str, password: str) -> None:
    if not username or not password:
        st.warning("Preencha usuário e senha.", icon=":material/edit:")
        return
    http, url = HttpSettings(), DashboardSettings().dashboard_api_url
    api = ApiClient(_http(url or f"http://{http.host}:{http.port}"))
    try:
        with st.spinner("Entrando…"):
            operator = api.sign_in(username, password)
    except ApiProblem as problem:
        st.error(plain(str(problem)), icon=":material/lock:")
        return
    st.session_state[_KEY] = Session(api, operator)
    st.rerun()


@st.cache_resource(show_spinner=False)
def _http(api_url: str) -> httpx2.Client:
    """Return the connections to the API, shared by all sessions of this server."""
    return open_http(api_url)
