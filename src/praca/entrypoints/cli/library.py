"""``praca scrape``: gather the catalogue from a shop, here and now."""

import re
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer
from rich.console import Console

from praca.entrypoints.cli.runtime import DataDir, apply_options, city_url, fail, load_settings

if TYPE_CHECKING:
    from praca.platform.resources import Resources

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
    from praca.entrypoints.cli.work import opened, run

    if shop is not None and not re.fullmatch(r"https?://[^\s?#/]+[^\s?#]*", shop):
        raise fail(f"endereço de loja inválido: {shop}")
    apply_options(data_dir)
    settings = load_settings("WARNING")

    async def work(url: str) -> None:
        async with opened(settings, url) as resources:
            default = settings.library.bookshop_url
            _out.print_json(data=await _gathered(resources, shop or default, default))

    with city_url(settings) as url:
        run(work(url))


async def _gathered(resources: "Resources", shop: str, default: str) -> dict[str, Any]:
    """Gather from ``shop``; one that names none, as a scheduled one does, is of ``default``."""
    from praca.entrypoints.cli.work import run_task
    from praca.platform.errors import TaskAlreadyRunningError

    kind, args = "library.scrape", {"shop": shop}
    try:
        ended = await run_task(resources, kind, args)
    except TaskAlreadyRunningError as error:
        # One of the same shop may have been left by a command that was killed: it goes on here.
        async with resources.databases.city.read() as session:
            running = await resources.tasks.require(session, UUID(error.extra["task_id"]))
        if running.args.get("shop", default) != shop:
            raise
        ended = await run_task(resources, kind, args, join=True)
    if ended.status != "succeeded":
        raise fail(ended.error or "A raspagem foi cancelada.")
    return ended.result or {}
