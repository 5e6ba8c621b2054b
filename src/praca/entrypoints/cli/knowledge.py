"""``praca knowledge``: the help desk's articles from a file and to a file."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer
from rich.console import Console

from praca.entrypoints.cli.runtime import DataDir, apply_options, city_url, fail, load_settings

if TYPE_CHECKING:
    from praca.platform.resources import Resources

__all__ = ["app"]

app = typer.Typer(help="Import and export the help desk's articles.")
_out = Console()


@app.command("import")
def import_articles(
    file: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, readable=True, help="Articles, one a line."),
    ] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="The articles of the sample city, instead of a file.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Import a file of articles (JSON Lines), with a progress bar; print what became of it."""
    if (file is None) != sample:
        raise fail("informe um arquivo ou --sample")

    async def work(resources: "Resources") -> None:
        _out.print_json(data=await _import(resources, file))

    _run(data_dir, work)


@app.command("export")
def export_articles(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="File to write.")],
    data_dir: DataDir = None,
) -> None:
    """Export all articles to a file (JSON Lines), as they can be imported again."""

    async def work(resources: "Resources") -> None:
        count = await _export(resources, file)
        _out.print(f"{count} artigos em {file}.", highlight=False, soft_wrap=True)

    _run(data_dir, work)


async def _import(resources: "Resources", file: Path | None) -> dict[str, Any]:
    from praca.entrypoints.cli.work import run_task
    from praca.helpdesk.knowledge.importing import IMPORT_ARTICLES, IMPORTS
    from praca.helpdesk.knowledge.sample import write_sample
    from praca.platform.errors import TaskAlreadyRunningError

    key = f"{IMPORTS}/{uuid4()}.jsonl"
    with io.BytesIO(b"".join(write_sample())) if file is None else file.open("rb") as source:
        await asyncio.to_thread(resources.objects.upload, key, source)
    try:
        ended = await run_task(resources, IMPORT_ARTICLES.name, {"key": key})
    except TaskAlreadyRunningError:
        await asyncio.to_thread(resources.objects.delete, key)
        raise
    # Not if the command is stopped: then a worker goes on, and reads it.
    await asyncio.to_thread(resources.objects.delete, key)
    if ended.status != "succeeded":
        raise fail(ended.error or "A importação foi cancelada.")
    return ended.result or {}


async def _export(resources: "Resources", file: Path) -> int:
    from praca.helpdesk.knowledge.lines import write_line
    from praca.helpdesk.knowledge.repository import read_all

    count = 0
    partial = file.with_name(f"{file.name}.{uuid4().hex[:8]}")
    try:
        # Half a file would look like a whole one.
        with partial.open("xb") as target:
            async with resources.databases.city.read() as session:
                async for stored in read_all(session):
                    target.write(write_line(stored.draft))
                    count += 1
        partial.replace(file)
    except OSError as error:
        raise fail(f"não é possível gravar em {file}: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
    return count


def _run(data_dir: Path | None, work: "Callable[[Resources], Awaitable[None]]") -> None:
    from praca.entrypoints.cli.work import opened, run

    apply_options(data_dir)
    settings = load_settings("WARNING")

    async def with_resources(url: str) -> None:
        async with opened(settings, url) as resources:
            await work(resources)

    with city_url(settings) as url:
        run(with_resources(url))
