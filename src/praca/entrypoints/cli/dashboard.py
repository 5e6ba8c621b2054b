"""``praca dashboard``: the operators' pages, served by Streamlit."""

import contextlib
import os
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from praca.entrypoints.cli.runtime import apply_options, checked_port, fail, load_settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["dashboard"]

_STOP_S: Final = 5
_ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared, not bound
_ENGLISH: Final = b'<html lang="en">'
_PORTUGUESE: Final = b'<html lang="pt">'
_POLICY: Final = (
    # The pages need nothing from elsewhere, and nobody else is to frame them. Charts are compiled
    # in the browser, and Streamlit styles its parts in place.
    b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    b"style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    b"worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    b"frame-ancestors 'none'"
)
_HEADERS: Final = (
    (b"content-security-policy", _POLICY),
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


def dashboard(
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65535, help="Port (8501); 0: a free one."),
    ] = None,
) -> None:
    """Open the operators' dashboard, until stopped."""
    apply_options(None)
    settings = load_settings("WARNING", is_service=True)
    _require_extra()
    http, own = settings.http, settings.dashboard
    port = checked_port(http.host, own.dashboard_port if port is None else port)
    # The pages read it: they are run by Streamlit, which hands nothing on.
    os.environ["PRACA_DASHBOARD_API_URL"] = own.dashboard_api_url or _address(http.host, http.port)
    # Ctrl-C is how the command ends, also while it is still starting.
    with contextlib.suppress(KeyboardInterrupt):
        _serve(http.host, port)


def _require_extra() -> None:
    """Refuse to start without what the package alone does not bring."""
    for name in ("streamlit", "altair"):
        try:
            metadata.distribution(name)
        except metadata.PackageNotFoundError as error:
            raise fail(
                f"falta o pacote {name}, de que o painel precisa; instale com "
                "`pip install 'praca[dashboard]'` ou, num clone, `uv sync --extra dashboard`"
            ) from error


def _address(host: str, port: int) -> str:
    """Return where to reach what listens on ``host``: a wildcard is no address to call."""
    host = _ANY.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _serve(host: str, port: int) -> None:
    """Serve in this process: nothing is left behind, however it ends.

    Streamlit's own command would look for its settings on the way, ask for an e-mail address, and
    have the machine's public address looked up to print it.
    """
    import uvicorn

    class Announcing(uvicorn.Server):
        """Says where the pages are once they can be asked for."""

        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            print(f"dashboard: {_address(host, port)}", flush=True)

    config = uvicorn.Config(
        _application(host, port),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_STOP_S,
    )
    Announcing(config).run()


def _application(host: str, port: int) -> "ASGIApp":
    from starlette.middleware import Middleware
    from streamlit.starlette import App
    from streamlit.web import bootstrap

    from praca.entrypoints import dashboard as package
    from praca.entrypoints.dashboard.palette import FLAGS

    script = Path(package.__file__).with_name("__main__.py")
    # Before the application: its routes are made from them.
    bootstrap.load_config_options({**FLAGS, "server.address": host, "server.port": port})
    return App(script, middleware=[Middleware(_Guarded)], on_script_error=_tell)


def _tell(error: Exception) -> bool:
    """Tell in our own words that a page has failed; the log has the rest."""
    import streamlit as st
    import structlog

    structlog.get_logger(__name__).error("dashboard.page_failed", exc_info=error)
    st.error(
        "Esta página falhou de um modo inesperado. O erro foi registrado; recarregue para tentar "
        "de novo.",
        icon=":material/error:",
    )
    return True


class _Guarded:
    """Adds the headers that keep a browser from asking others, or from being framed by them.

    It also says that the pages are in Portuguese, for those who have them read aloud: Streamlit
    knows no setting for it. The words are of one length, so nothing else of an answer changes.
    """

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *_HEADERS]}
            elif message["type"] == "http.response.body":
                body = message.get("body", b"")
                message = {**message, "body": body.replace(_ENGLISH, _PORTUGUESE, 1)}
            await send(message)

        await self._app(scope, receive, guarded)
