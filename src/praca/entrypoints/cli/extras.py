"""What ``praca up`` runs beside the city: the sample bookshop, and the operators' dashboard."""

import os
from dataclasses import dataclass, replace
from importlib.util import find_spec

from rich.console import Console

from praca.entrypoints.cli.parts import Part
from praca.entrypoints.cli.runtime import free_port
from praca.platform.settings import Settings

__all__ = ["SampleShop", "dashboard_part", "sample_shop"]

_LOOPBACK = "127.0.0.1"
_LIVES = 5
_console = Console(highlight=False)


@dataclass(frozen=True, slots=True)
class SampleShop:
    """The bookshop that a sample city gathers its catalogue from.

    Attributes:
        part: the process that serves it.
        address: where it answers.
        settings: the city's, with this shop as the one to crawl.
        environment: the same for processes, as variables.
    """

    part: Part
    address: str
    settings: Settings
    environment: dict[str, str]


def sample_shop(settings: Settings) -> SampleShop | None:
    """Return the shop, not yet started; None if the operator has named one himself."""
    library = settings.library
    if settings.is_production or "bookshop_url" in library.model_fields_set:
        return None
    port = _any_port(library.bookshop_port)
    address = f"http://{_LOOPBACK}:{port}"
    # It is our own machine's, so nobody has to be spared, unless that was asked for.
    delay_s = library.scrape_delay_s if "scrape_delay_s" in library.model_fields_set else 0.0
    pointed = library.model_copy(update={"bookshop_url": address, "scrape_delay_s": delay_s})
    return SampleShop(
        part=Part(
            "bookshop",
            {**os.environ, "PRACA_BOOKSHOP_PORT": str(port)},
            is_extra=True,
            lives=_LIVES,
        ),
        address=address,
        settings=replace(settings, library=pointed),
        environment={"PRACA_BOOKSHOP_URL": address, "PRACA_SCRAPE_DELAY_S": f"{delay_s}"},
    )


def dashboard_part(settings: Settings, environment: dict[str, str]) -> Part | None:
    """Return the dashboard, not yet started; None if it is not installed or its port is taken."""
    if find_spec("streamlit") is None or find_spec("altair") is None:
        return None
    wanted = settings.dashboard.dashboard_port
    try:
        free_port(settings.http.host, wanted)
    except OSError:
        _console.print(f"O painel não foi iniciado: a porta {wanted} já está em uso.")
        return None
    return Part("dashboard", environment, is_extra=True, lives=_LIVES)


def _any_port(wanted: int) -> int:
    try:
        return free_port(_LOOPBACK, wanted)
    except OSError:
        return free_port(_LOOPBACK, 0)
