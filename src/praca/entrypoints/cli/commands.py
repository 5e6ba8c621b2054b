"""One command per job; each parses, calls what the rooms offer, and prints.

A command loads its rooms when it runs: all of them take seconds, and most commands need few.
"""

import asyncio
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from praca.entrypoints.cli import (
    backup,
    bookshop,
    dashboard,
    keys,
    knowledge,
    ledger,
    library,
    models,
    questions,
    tracking,
)
from praca.entrypoints.cli.runtime import (
    DataDir,
    apply_options,
    city_url,
    fail,
    load_settings,
    make_default_account,
)
from praca.entrypoints.health import health

if TYPE_CHECKING:
    from praca.platform.resources import Resources

__all__ = ["app"]

app = typer.Typer(help="Praça: serviços digitais de uma cidade.", no_args_is_help=True)
app.add_typer(ledger.app, name="ledger")
app.add_typer(backup.app, name="backup")
app.add_typer(models.app, name="models")
app.add_typer(keys.app, name="keys")
app.add_typer(questions.app, name="questions")
app.add_typer(knowledge.app, name="knowledge")
app.command("restore")(backup.restore)
app.command("mlflow")(tracking.mlflow)
app.command("bookshop")(bookshop.bookshop)
app.command("dashboard")(dashboard.dashboard)
app.command("scrape")(library.scrape)
app.command("health")(health)
_out = Console()
_TRAININGS = {
    "match": "jobs.train_match",
    "hiring": "jobs.train_hiring",
    "books": "library.train",
}

Kind = Literal["candidatos", "vagas", "prospects"]
Mode = Literal["upsert", "replace"]
Target = Literal["rating", "categoria"]
Port = Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port; 0: a free one.")]


@app.command()
def up(
    port: Port = None,
    data_dir: DataDir = None,
    no_sample: Annotated[bool, typer.Option("--no-sample", help="Start with no data.")] = False,
    no_dashboard: Annotated[
        bool, typer.Option("--no-dashboard", help="Leave the operators' dashboard out.")
    ] = False,
) -> None:
    """Start everything: database, migrations, sample city, API, worker, bookshop, dashboard."""
    apply_options(data_dir, port)
    from praca.entrypoints.cli.up import supervise

    settings = load_settings("WARNING")
    raise typer.Exit(
        supervise(settings, with_sample=not no_sample, with_dashboard=not no_dashboard)
    )


@app.command()
def api(port: Port = None, data_dir: DataDir = None) -> None:
    """Serve the API; SIGHUP replaces its processes without a failed request."""
    from praca.entrypoints.serving import serve

    apply_options(data_dir, port)
    settings = load_settings(is_service=True)
    with city_url(settings) as url:
        make_default_account(settings, url)
        try:
            code = serve(settings, url)
        except OSError as error:
            http = settings.http
            raise fail(f"não é possível servir em {http.host}:{http.port}: {error}") from error
    raise typer.Exit(code)


@app.command()
def worker(data_dir: DataDir = None) -> None:
    """Run background tasks, and answer questions, until stopped."""
    from praca.entrypoints.alive import alive
    from praca.entrypoints.cli.work import opened, run
    from praca.entrypoints.metrics import serving_figures
    from praca.helpdesk.questions.room import consuming
    from praca.platform.tasks import Worker

    apply_options(data_dir)
    settings = load_settings(is_service=True)

    beat_s = settings.tasks.worker_heartbeat_s

    async def work(url: str) -> None:
        async with (
            opened(settings, url, service="praca-worker") as resources,
            serving_figures(resources),
            consuming(resources),
            alive(settings.data_dir, every_s=beat_s),
        ):
            await Worker(resources).run(handle_signals=True)

    with city_url(settings) as url:
        run(work(url))


@app.command()
def migrate(data_dir: DataDir = None) -> None:
    """Bring the databases to the newest revision."""
    from praca.entrypoints.cli.work import opened, run
    from praca.platform.database import migrate as run_migrations

    apply_options(data_dir)
    settings = load_settings()

    async def work(url: str) -> None:
        async with opened(settings, url, to_migrate=True) as resources:
            await run_migrations(resources.databases)

    with city_url(settings) as url:
        run(work(url))
    _out.print("Banco de dados atualizado.")


@app.command("create-admin")
def create_admin(
    name: Annotated[str, typer.Argument(help="User name of the administrator.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Create an administrator; without --password-stdin a password is made and printed once."""
    from praca.entrypoints.cli.work import opened, run
    from praca.identity import Role
    from praca.identity.service import IdentityService

    apply_options(data_dir)
    settings = load_settings("WARNING")
    password = sys.stdin.readline().rstrip("\n") if password_stdin else secrets.token_urlsafe(16)

    async def work(url: str) -> None:
        async with opened(settings, url) as resources:
            service = IdentityService(settings, resources.databases)
            async with resources.databases.identity.write() as session:
                await service.create_account(
                    session, username=name, password=password, role=Role.ADMIN
                )

    with city_url(settings) as url:
        run(work(url))
    _out.print(f"Administrador '{name}' criado.", highlight=False)
    if not password_stdin:
        _out.print(f"Senha (mostrada só agora): {password}", highlight=False)


@app.command("import")
def import_file(
    kind: Annotated[Kind, typer.Argument(help="What the file holds.")],
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, readable=True, help="JSON, plain or `.gz`."),
    ],
    mode: Annotated[Mode, typer.Option(help="replace: remove what the file lacks")] = "upsert",
    data_dir: DataDir = None,
) -> None:
    """Import a file of the recruiter's system, plain or .gz, with a progress bar."""
    from praca.entrypoints.cli.work import opened, run

    apply_options(data_dir)
    settings = load_settings("WARNING")

    async def work(url: str) -> None:
        async with opened(settings, url) as resources:
            report = await _import(resources, kind, file, mode)
            _out.print_json(data=report)

    with city_url(settings) as url:
        run(work(url))


async def _import(resources: "Resources", kind: Kind, file: Path, mode: Mode) -> dict[str, object]:
    from praca.entrypoints.cli.work import run_task
    from praca.jobs.transfer import TransferKind
    from praca.jobs.transfer.tasks import import_kind

    key = f"imports/{secrets.token_hex(8)}-{kind}.json{'.gz' if file.suffix == '.gz' else ''}"
    with file.open("rb") as source:
        await asyncio.to_thread(resources.objects.upload, key, source)
    result = await run_task(resources, import_kind(TransferKind(kind)), {"key": key, "mode": mode})
    # Whatever came of it: the copy holds personal data, and nobody would look for it.
    await asyncio.to_thread(resources.objects.delete, key)
    if result.status != "succeeded":
        raise fail(result.error or "A importação foi cancelada.")
    return result.result or {}


@app.command()
def train(
    name: Annotated[str, typer.Argument(help="Model to train: match, hiring or books.")],
    alvo: Annotated[
        Target | None,
        typer.Option("--alvo", help="Of books, what is to be predicted; default: everything."),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Train a model from the database and promote it if it passes the gate."""
    from praca.entrypoints.cli.work import opened, run, run_task

    if name not in _TRAININGS:
        raise fail(f"modelo desconhecido: {name} (existem: {', '.join(_TRAININGS)})")
    if alvo is not None and name != "books":
        raise fail("--alvo é só do treino de `books`")
    args = {} if alvo is None else {"alvos": [alvo]}
    apply_options(data_dir)
    settings = load_settings("WARNING")

    async def work(url: str) -> None:
        async with opened(settings, url) as resources:
            result = await run_task(resources, _TRAININGS[name], args)
            if result.status != "succeeded":
                raise fail(result.error or "O treino foi cancelado.")
            _out.print_json(data=result.result)

    with city_url(settings) as url:
        run(work(url))


@app.command()
def drift(
    days: Annotated[
        int, typer.Option(min=1, max=3650, help="Of the new rows, those of so many last days.")
    ] = 30,
    everything: Annotated[
        bool, typer.Option("--all", help="Compare all rows, not only those newer than the model.")
    ] = False,
    fail_on_drift: Annotated[
        bool, typer.Option("--fail-on-drift", help="Exit with 1 if something has drifted.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Check whether the data have drifted from those the model was trained on."""
    from praca.entrypoints.cli.drift import check
    from praca.entrypoints.cli.work import opened, run

    apply_options(data_dir)
    settings = load_settings("WARNING")
    found: list[bool] = []

    async def work(url: str) -> None:
        async with opened(settings, url) as resources:
            found.append(await check(resources, days=days, everything=everything))

    with city_url(settings) as url:
        run(work(url))
    if fail_on_drift and any(found):
        raise typer.Exit(1)


@app.command()
def rank(
    vaga: Annotated[int, typer.Option("--vaga", help="Code of the vacancy.")],
    top: Annotated[int, typer.Option(min=1, max=100, help="How many are shown.")] = 10,
    data_dir: DataDir = None,
) -> None:
    """Rank the candidates for a vacancy, with the reasons."""
    from praca.entrypoints.cli.work import opened, run

    apply_options(data_dir)
    settings = load_settings("WARNING")

    async def work(url: str) -> None:
        async with opened(settings, url) as resources:
            await _rank(resources, vaga, top)

    with city_url(settings) as url:
        run(work(url))


async def _rank(resources: "Resources", vaga: int, top: int) -> None:
    from praca.jobs.matching import Matcher

    matcher = Matcher(resources)
    await matcher.refresh()
    table = Table("candidato", "compatibilidade", "motivos", title=f"Vaga {vaga}")
    for item in (await matcher.rank(vaga, top)).candidates:
        table.add_row(
            str(item.codigo), f"{item.probability:.1%}", "\n".join(item.explanation.reasons)
        )
    _out.print(table)


@app.command("sample-data")
def sample_data(
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.")],
    candidates: Annotated[int, typer.Option(min=0, help="How many people.")] = 400,
    vacancies: Annotated[
        int | None, typer.Option(min=0, help="How many vacancies; default: 3 for 5 people.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another one gives another city.")] = 2026,
) -> None:
    """Write the sample city's three files at any size."""
    from praca.jobs.sample import SampleCity, write_sample_files

    out.mkdir(parents=True, exist_ok=True)
    city = SampleCity(
        candidates=candidates,
        vacancies=candidates * 3 // 5 if vacancies is None else vacancies,
        seed=seed,
    )
    for path in write_sample_files(city, out):
        _out.print(str(path), highlight=False)
