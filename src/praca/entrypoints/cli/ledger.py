"""``praca ledger``: whether the money is where it must be."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import psycopg
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from praca.entrypoints.cli.runtime import DataDir, apply_options, city_url, fail, load_settings

if TYPE_CHECKING:
    from praca.platform.resources import Resources
    from praca.wallet.ledger.verify import Report

__all__ = ["app"]

app = typer.Typer(help="Check the ledger of the transport cards.", no_args_is_help=True)
_out = Console(highlight=False, soft_wrap=True)


@app.callback()
def _group() -> None:
    """Keep ``verify`` a command of a group, although it is alone in it."""


@app.command()
def verify(
    heads: Annotated[
        Path | None,
        typer.Option(
            "--heads",
            dir_okay=False,
            help="File, kept out of the database's reach, with where each account stood: compared "
            "with what is there now, and brought up to date if all is good; made if missing.",
        ),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Check every hash, sum and balance; exit with 1 and say what is wrong."""
    from praca.entrypoints.cli.work import opened, run

    apply_options(data_dir)
    settings = load_settings("WARNING")
    reports: list[Report] = []

    async def work(url: str) -> None:
        async with opened(settings, url) as resources:
            reports.append(await _verified(resources, heads))
            await _note(resources, is_good=reports[-1].is_good)

    with city_url(settings) as url:
        run(work(url))
    for report in reports:
        _print(report)
        if not report.is_good:
            raise typer.Exit(1)


async def _verified(resources: "Resources", heads: Path | None) -> "Report":
    from praca.wallet.ledger.heads import HeadsFileError
    from praca.wallet.ledger.verify import verify as verify_ledger
    from praca.wallet.pix.checking import check_pix

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    is_shown = sys.stderr.isatty()
    with Progress(*columns, TimeElapsedColumn(), console=console, disable=not is_shown) as bar:
        shown = bar.add_task("lançamentos", total=None)
        try:
            return await verify_ledger(
                resources.databases.city,
                checks=[check_pix],
                heads=heads,
                progress=lambda done, total: bar.update(shown, completed=done, total=total),
            )
        except (HeadsFileError, OSError) as error:
            raise fail(str(error)) from error


async def _note(resources: "Resources", *, is_good: bool) -> None:
    """Note in the audit what came of it: the metrics tell when that was last done."""
    from sqlalchemy.exc import SQLAlchemyError

    from praca.platform.audit import record
    from praca.wallet.ledger.metrics import verified

    try:
        async with resources.databases.city.write() as session:
            await record(session, verified(is_good=is_good))
    except (SQLAlchemyError, psycopg.Error):
        # A copy that cannot be written to may be verified as well.
        _out.print("A verificação não pôde ser anotada na auditoria.")


def _print(report: "Report") -> None:
    counts = (
        f"{report.accounts} contas, {report.cards} cartões, {report.transfers} transferências, "
        f"{report.entries} lançamentos"
    )
    _out.print(f"{counts} em {report.seconds:.1f} s".replace(".", ","))
    for problem in report.problems:
        _out.print(f"- {problem}", markup=False)
    if report.found > len(report.problems):
        _out.print(f"- e outros {report.found - len(report.problems)}")
    if report.is_good:
        _out.print("Tudo certo.")
    else:
        _out.print(f"Problemas: {report.found}.")
    _out.print(f"selo: {report.seal}")
