"""``praca scrape``: gather the catalogue from a shop, here and now."""

from typing import Annotated, Any

import typer
from rich.console import Console

from praca.entrypoints.cli.runtime import DataDir, apply_options, city_url, fail, load_settings

__all__ = ["scrape"]

_out = Console()


def scrape(
    shop: Annotated[
        str | None,
        typer.Option("--shop", help="Address of the shop; default: PRACA_BOOKSHOP_URL."),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Gather the catalogue from a bookshop, with a progress bar."""
    import re

    from praca.entrypoints.cli.work import opened, run

    if shop is not None and not re.fullmatch(r"https?://[^\s?#/]+[^\s?#]*", shop):
        raise fail(f"endereço de loja inválido: {shop}")
    apply_options(data_dir)
    settings = load_settings("WARNING")
    args = {"shop": shop or settings.library.bookshop_url}

    async def work(url: str) -> None:
        async with opened(settings, url) as resources:
            _out.print_json(data=await _gathered(resources, args))

    with city_url(settings) as url:
        run(work(url))


async def _gathered(resources: Any, args: dict[str, str]) -> dict[str, Any]:
    from praca.entrypoints.cli.work import run_task

    ended = await run_task(resources, "library.scrape", args)
    if ended.status != "succeeded":
        raise fail(ended.error or "A raspagem foi cancelada.")
    return ended.result or {}
