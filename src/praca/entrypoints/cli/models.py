"""``praca models``: which versions there are, and which of them answers."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from praca.entrypoints.cli.runtime import DataDir, apply_options, city_url, load_settings

if TYPE_CHECKING:
    from praca.platform.resources import Resources

__all__ = ["app"]

app = typer.Typer(help="Show published models and choose which version answers.")
_out = Console()

Name = Annotated[str, typer.Argument(help="Name of the model, for example match.")]


@app.command("list")
def list_models(data_dir: DataDir = None) -> None:
    """List all versions of all models."""
    _run(data_dir, lambda resources: _table(resources, None))


@app.command()
def show(
    name: Name,
    version: Annotated[
        int | None, typer.Option(min=1, help="Show this version's fairness report.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Show a model's versions with their figures, or one version's fairness report."""
    if version is None:
        _run(data_dir, lambda resources: _table(resources, name))
    else:
        _run(data_dir, lambda resources: _fairness(resources, name, version))


@app.command()
def promote(
    name: Name,
    version: Annotated[int, typer.Argument(min=1, help="Version that is to answer.")],
    force: Annotated[bool, typer.Option("--force", help="Also if its gate refused it.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Make a version answer; running processes swap within a second."""

    async def work(resources: "Resources") -> None:
        from praca.learning import store
        from praca.platform.audit import AuditEntry, record

        async with resources.databases.city.write() as session:
            await store.promote(session, name, version, force=force)
            action = "models.promoted_by_force" if force else "models.promoted"
            await record(session, AuditEntry(action, "model", f"{name}/{version}"))
        _out.print(f"{name}: a versão {version} responde.", highlight=False)

    _run(data_dir, work)


@app.command()
def rollback(name: Name, data_dir: DataDir = None) -> None:
    """Go back to the version that answered before."""

    async def work(resources: "Resources") -> None:
        from praca.learning import store
        from praca.platform.audit import AuditEntry, record

        async with resources.databases.city.write() as session:
            version = await store.roll_back(session, name)
            await record(session, AuditEntry("models.rolled_back", "model", f"{name}/{version}"))
        _out.print(f"{name}: a versão {version} responde.", highlight=False)

    _run(data_dir, work)


@app.command()
def shadow(
    name: Name,
    version: Annotated[
        int | None, typer.Argument(min=1, help="Version to try; none: show the comparisons.")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="End the trial.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Compare a version with the one that answers, on live requests, without answering them."""

    async def work(resources: "Resources") -> None:
        from praca.learning import store
        from praca.learning.shadow import list_differences
        from praca.platform.audit import AuditEntry, record

        if version is not None or off:
            chosen = None if off else version
            async with resources.databases.city.write() as session:
                await store.set_shadow(session, name, chosen)
                entry = AuditEntry("models.shadow_set", "model", f"{name}/{chosen}")
                await record(session, entry)
        async with resources.databases.city.read() as session:
            now = await store.find_shadow(session, name)
            counted = await list_differences(session, name)
        _out.print("Nenhuma versão à sombra." if now is None else f"À sombra: versão {now.version}")
        table = Table("responde", "à sombra", "comparadas", "falhas", "viradas", "dif. média")
        for row in counted:
            mean = row["mean_absolute"]
            cells = (row[key] for key in ("champion", "challenger", "answers", "failures", "flips"))
            table.add_row(*map(str, cells), "" if mean is None else f"{mean:.3f}")
        if counted:
            _out.print(table)

    _run(data_dir, work)


def _run(data_dir: Path | None, work: "Callable[[Resources], Awaitable[None]]") -> None:
    from praca.entrypoints.cli.work import opened, run

    apply_options(data_dir)
    settings = load_settings("WARNING")

    async def with_resources(url: str) -> None:
        async with opened(settings, url) as resources:
            await work(resources)

    with city_url(settings) as url:
        run(with_resources(url))


async def _table(resources: "Resources", name: str | None) -> None:
    from praca.learning import store

    async with resources.databases.city.read() as session:
        versions = await store.list_versions(session, name)
    if name is not None and not versions:
        raise store.ModelVersionNotFoundError(name)
    table = Table("modelo", "versão", "responde", "publicada", "avaliação", "métricas")
    for version in versions:
        figures = version.manifest["metrics"].items()
        table.add_row(
            version.name,
            str(version.version),
            "sim" if version.is_champion else "",
            f"{version.created_at:%Y-%m-%d %H:%M}",
            "\n".join(version.reasons_against) or ("aprovada" if version.verdict else ""),
            "\n".join(f"{key} {value:.3g}" for key, value in sorted(figures)),
        )
    _out.print(table)


async def _fairness(resources: "Resources", name: str, version: int) -> None:
    from praca.learning.fairness import published_report

    report = await published_report(resources, name, version)
    table = Table("atributo", "escolhidos", "grupo", "pessoas", "taxa", "razão de impacto")
    for figures in report["figures"]:
        for group in figures["groups"]:
            table.add_row(
                figures["attribute"],
                figures["selection"],
                group["group"] or "não informado",
                str(group["people"]),
                f"{group['selection_rate']:.1%}".replace(".", ","),
                _ratio(group["against_highest"]),
            )
        if not figures["groups"]:
            table.add_row(figures["attribute"], figures["selection"], "não mostrado")
    _out.print(table)
    for sentence in report["summary"]:
        _out.print(sentence, highlight=False, markup=False)


def _ratio(ratio: dict[str, float] | None) -> str:
    if ratio is None:
        return ""
    shown = f"{ratio['estimate']:.2f} [{ratio['low']:.2f}; {ratio['high']:.2f}]"
    return shown.replace(".", ",")
