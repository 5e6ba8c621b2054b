"""``praca backup`` and ``praca restore``: a city in one file, and back."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from praca.entrypoints.cli.runtime import (
    DataDir,
    apply_options,
    city_url,
    fail,
    load_settings,
    warn,
)
from praca.platform.settings import SettingsError

if TYPE_CHECKING:
    from praca.entrypoints.restored import Outcome
    from praca.platform.backup.making import Made
    from praca.platform.backup.manifest import Erasures, Manifest
    from praca.platform.backup.reading import Verified
    from praca.platform.settings import Settings

__all__ = ["app", "restore"]

app = typer.Typer(help="Back the city up into one file.", invoke_without_command=True)
_out = Console(highlight=False, soft_wrap=True)
_Out = Annotated[Path, typer.Option("--out", file_okay=False, help="Folder to write to.")]
_File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A backup.")]


@app.callback()
def backup(
    context: typer.Context,
    out: _Out = Path("backups"),
    keep: Annotated[
        int | None,
        typer.Option("--keep", min=1, help="Afterwards delete all but so many of the newest."),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Back up databases and files while people go on working."""
    if context.invoked_subcommand is not None:
        return
    from praca.entrypoints.backups import check_place, contents_of
    from praca.platform.backup.keeping import prune
    from praca.platform.backup.making import make_backup

    apply_options(data_dir)
    settings = load_settings("WARNING")
    with _told(), city_url(settings) as url:
        check_place(settings, out)
        contents = contents_of(settings, url)
        with _progress() as show:
            made = make_backup(contents, out, show)
        # It is whole, whatever becomes of the note.
        _print(made.path, made.size, made.manifest, made.seal)
        _note_in_audit(settings, url)
    _warn(settings, made)
    if settings.backup.key is None:
        _out.print("Não está selado (PRACA_BACKUP_KEY): guarde-o onde só quem deve possa lê-lo.")
    for path in prune(made.path, keep, settings.backup.key) if keep else ():
        _out.print(f"apagado: {path.name}")


@app.command()
def verify(file: _File) -> None:
    """Read all of a backup and check it, without restoring it."""
    settings = load_settings("WARNING")
    with _told():
        verified = _verified(settings, file)
    _print(file, file.stat().st_size, verified.manifest, verified.seal)
    _out.print(f"Tudo certo: {verified.entries} itens nas listas dos dumps.")


@app.command()
def erasures(
    out: Annotated[Path, typer.Option("--out", dir_okay=False, help="File to write.")],
    data_dir: DataDir = None,
) -> None:
    """Write who was erased so far, numbers only, for a restore from an older backup."""
    import psycopg

    from praca.entrypoints.backups import identity_url, read_erasures
    from praca.platform.backup.erasures import replace_list

    apply_options(data_dir)
    settings = load_settings("WARNING")
    with _told(), city_url(settings) as url, ExitStack() as open_ones:
        city = open_ones.enter_context(psycopg.connect(url))
        other = identity_url(settings, url)
        found = read_erasures(
            city, city if other is None else open_ones.enter_context(psycopg.connect(other))
        )
    with _told():
        replace_list(out, found)
    _out.print(f"{len(found.accounts)} contas e {len(found.candidates)} candidatos apagados.")


def restore(
    file: _File,
    data_dir: DataDir = None,
    erasures: Annotated[
        Path | None,
        typer.Option(
            "--erasures",
            exists=True,
            dir_okay=False,
            help="A later list of `praca backup erasures`, or a later backup: who is in it is "
            "erased again.",
        ),
    ] = None,
    keep_objects: Annotated[
        bool,
        typer.Option("--keep-objects", help="The store of files was not lost; leave it alone."),
    ] = False,
    missing_keys: Annotated[
        bool,
        typer.Option("--missing-keys", help="Restore although some documents will not open."),
    ] = False,
) -> None:
    """Restore a backup into an empty folder and, if they are of one's own, empty databases."""
    from praca.platform.backup.restoring import check_release, claimed

    apply_options(data_dir)
    settings = load_settings("WARNING")
    with _told():
        verified = _verified(settings, file)
        manifest = verified.manifest
        check_release(manifest)
        _check_secrets(settings, manifest, missing_keys=missing_keys)
        again = _to_repeat(settings, manifest, erasures)
        into_folder = {
            "is_embedded": settings.database.database_url is None,
            "has_objects": settings.objects.objects_url is None and not keep_objects,
        }
        with claimed(settings.data_dir, manifest, **into_folder):
            outcome = _restore(settings, file, verified, again, keep_objects=keep_objects)
    _print_outcome(settings, manifest, outcome)
    if erasures is None:
        _out.print(
            "Sem --erasures: quem pediu para ser apagado depois do backup voltou com ele. Se há uma"
            " lista ou um backup mais novo, apague esta pasta e restaure de novo com ela."
        )


def _restore(
    settings: "Settings",
    file: Path,
    verified: "Verified",
    again: "Erasures",
    *,
    keep_objects: bool,
) -> "Outcome":
    from praca.entrypoints.backups import identity_url
    from praca.entrypoints.cli.runtime import database_of
    from praca.entrypoints.cli.work import opened, run
    from praca.entrypoints.restored import AFTER_RESTORE, finish_restore
    from praca.platform.backup.restoring import Target
    from praca.platform.backup.restoring import restore as put_back
    from praca.platform.objects import ObjectStore

    outcomes: list[Outcome] = []

    async def finish(url: str) -> None:
        async with opened(settings, url, to_migrate=True) as resources:
            outcomes.append(await finish_restore(resources, again))

    with database_of(settings) as (url, _):
        other = identity_url(settings, url)
        statements = dict(AFTER_RESTORE)
        if other is None:
            statements = {"city": "\n".join(AFTER_RESTORE.values())}
        target = Target(
            data_dir=settings.data_dir,
            urls={"city": url} if other is None else {"city": url, "identity": other},
            objects=None if keep_objects else ObjectStore(settings.objects, settings.data_dir),
            statements=statements,
        )
        with _progress() as show:
            put_back(file, settings.backup.key, verified, target, show)
        run(finish(url))
    return outcomes[0]


def _check_secrets(settings: "Settings", manifest: "Manifest", *, missing_keys: bool) -> None:
    from praca.entrypoints.backups import missing_secrets

    keys, others = missing_secrets(settings, manifest)
    if keys and not missing_keys:
        raise fail(
            f"faltam as chaves dos documentos: {', '.join(keys)}. Ponha-as em"
            " PRACA_ENCRYPTION_KEYS (ou PRACA_KMS_KEY_ID); sem elas os documentos não abrem nunca"
            " mais. Para restaurar mesmo assim: --missing-keys"
        )
    for name in others:
        _out.print(f"{name} não é a do backup: contadores e marcas que dependem dela recomeçam.")


def _to_repeat(settings: "Settings", manifest: "Manifest", path: Path | None) -> "Erasures":
    from praca.entrypoints.restored import to_repeat
    from praca.platform.backup.erasures import read_list
    from praca.platform.backup.reading import looks_like_backup

    newer = None
    if path is not None and looks_like_backup(path):
        newer = _verified(settings, path).manifest.erasures
    elif path is not None:
        newer = read_list(path)
    try:
        return to_repeat(manifest.erasures, newer, manifest.databases["city"].at)
    except ValueError as error:
        raise fail(f"{path} é mais antigo que o backup, ou de outra cidade") from error


def _verified(settings: "Settings", file: Path) -> "Verified":
    from praca.platform.backup.reading import verify_backup

    with _progress() as show:
        return verify_backup(file, settings.backup.key, lambda done: show("verificação", done))


def _warn(settings: "Settings", made: "Made") -> None:
    """Say on the standard error what of the city would not come back from this backup."""
    from praca.entrypoints.backups import missing_secrets

    if made.absent:
        warn(
            f"{made.absent} arquivos que o banco de dados conhece não estão no armazenamento:"
            " foram apagados durante a cópia, ou se perderam"
        )
    keys, _ = missing_secrets(settings, made.manifest)
    if keys:
        warn(
            f"há documentos sob chaves que não estão aqui: {', '.join(keys)}; sem elas não abrem"
            " depois de uma restauração. Guarde-as em outro lugar"
        )


def _note_in_audit(settings: "Settings", url: str) -> None:
    """Note that somebody read everything there is; the metric of the last backup reads it."""
    from praca.entrypoints.cli.work import opened, run
    from praca.platform.audit import AuditEntry, record

    async def note() -> None:
        async with (
            # Before an upgrade the new release backs up what it has not migrated yet.
            opened(settings, url, to_migrate=True) as resources,
            resources.databases.city.write() as session,
        ):
            await record(session, AuditEntry("platform.backup_made", "backup"))

    run(note())


@contextmanager
def _told() -> Iterator[None]:
    """Turn what backups can go wrong with into a message and exit code 1."""
    import psycopg
    from obstore.exceptions import BaseError

    from praca.platform.backup.errors import BackupError

    try:
        yield
    except (BackupError, SettingsError) as error:
        raise fail(str(error)) from error
    except psycopg.Error as error:
        raise fail(f"o banco de dados não responde ou recusou: {_first_line(error)}") from error
    except BaseError as error:
        raise fail(f"o armazenamento de arquivos falhou: {_first_line(error)}") from error
    except OSError as error:
        raise fail(f"não foi possível ler ou escrever: {error}") from error


def _first_line(error: Exception) -> str:
    """Return what an error says, without the lines that quote data."""
    return str(error).strip().partition("\n")[0]


@contextmanager
def _progress() -> Iterator[Callable[[str, int], None]]:
    columns = (TextColumn("{task.description}"), DownloadColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not sys.stderr.isatty()) as bar:
        shown = bar.add_task("", total=None)

        def show(what: str, done: int) -> None:
            bar.update(shown, description=what, completed=done)

        yield show


def _print(path: Path, size: int, manifest: "Manifest", seal: str) -> None:
    files = manifest.sections["objects"]
    rows = sum(sum(each.rows.values()) for each in manifest.databases.values())
    _out.print(f"{path}: {_megabytes(size)}, de {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC")
    _out.print(
        f"{rows} linhas em {len(manifest.databases)} banco(s) de dados, {files.members} arquivos"
        f" ({_megabytes(files.size)}), {len(manifest.files)} arquivos da pasta de dados"
    )
    if manifest.skipped_objects:
        _out.print(f"{manifest.skipped_objects} arquivos foram apagados durante a cópia.")
    if needed := [*manifest.fingerprints, *(n for n in manifest.key_names if "kms:" in n)]:
        _out.print(f"para restaurar são precisos: {', '.join(needed)}")
    _out.print(f"selo: {seal}")


def _print_outcome(settings: "Settings", manifest: "Manifest", outcome: "Outcome") -> None:
    _out.print(f"Restaurado em {settings.data_dir}: a cidade de {manifest.made_at:%Y-%m-%d %H:%M}.")
    _out.print(
        f"Apagados de novo: {outcome.accounts} contas e {outcome.candidates} candidatos. Todas as"
        " sessões foram encerradas; o que estava na fila foi cancelado."
    )
    if outcome.left:
        _out.print(f"Ainda não apagadas: contas {', '.join(map(str, outcome.left))}.")
    if outcome.documents_without_file:
        _out.print(f"{outcome.documents_without_file} documentos estão sem o arquivo.")
    if outcome.keys_that_fail:
        _out.print(f"Não abrem: documentos sob {', '.join(outcome.keys_that_fail)}.")
    _out.print("Agora: `praca ledger verify`, e depois `praca up`.")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB".replace(".", ",")
