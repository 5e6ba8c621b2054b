"""``praca health``: is the process beside me well; the check of every container.

It runs every few seconds for as long as the container lives, so it loads the standard library and
the parser of options, and reads the three variables it needs without the settings' machinery.
"""

import os
from http.client import HTTPException
from pathlib import Path
from typing import Annotated, Final
from urllib.request import ProxyHandler, build_opener

import typer

from praca.entrypoints.alive import newest_sign_s

__all__ = ["health"]

_OK: Final = 200
_SILENCES: Final = 3
"""A training holds the interpreter for seconds: one silence is no death."""
_ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared, not bound


def health(
    live: Annotated[
        bool, typer.Option("--live", help="Only: does the API's process answer at all.")
    ] = False,
    worker: Annotated[
        bool, typer.Option("--worker", help="The worker of this machine and data folder instead.")
    ] = False,
    url: Annotated[
        str | None, typer.Option("--url", help="Whatever answers at this address instead.")
    ] = None,
    timeout_s: Annotated[
        float, typer.Option("--timeout", min=0.1, max=60, help="Seconds to wait.")
    ] = 4.0,
) -> None:
    """Exit with 0 if the API (or --worker, or --url) is well, with 1 and the reason if not."""
    try:
        problem = _silence() if worker else _refusal(url or _own(live=live), timeout_s)
    except ValueError as error:
        problem = str(error)
    if problem is not None:
        typer.echo(problem, err=True)
        raise typer.Exit(1)


def _own(*, live: bool) -> str:
    """Return the address of the API that this machine serves."""
    host = os.environ.get("PRACA_HOST", "127.0.0.1")
    port = int(os.environ.get("PRACA_PORT", "8000"))
    if port == 0:
        raise ValueError("PRACA_PORT=0: ninguém sabe em que porta a API está; dê --url")
    host = _ANY.get(host, host)
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/api/v1/{'health' if live else 'ready'}"


def _refusal(url: str, timeout_s: float) -> str | None:
    """Ask ``url``; return what is wrong with the answer, or None."""
    if not url.startswith(("http://", "https://")):
        return f"{url}: é preciso um endereço http:// ou https://"
    try:
        # Our own address: never by way of a proxy that the environment names.
        with build_opener(ProxyHandler({})).open(url, timeout=timeout_s) as answer:
            return None if answer.status == _OK else f"{url}: {answer.status}"
    except (HTTPException, OSError) as error:
        return f"{url}: {error}"


def _silence() -> str | None:
    """Return for how long the worker has been silent if that is too long, or None."""
    data_dir = Path(os.environ.get("PRACA_DATA_DIR", "./var")).expanduser()
    patience_s = _SILENCES * float(os.environ.get("PRACA_WORKER_STALLED_S", "10"))
    age_s = newest_sign_s(data_dir)
    if age_s is None:
        return f"nenhum worker trabalha com a pasta {data_dir}"
    return f"o worker está calado há {age_s:.0f} s" if age_s > patience_s else None
