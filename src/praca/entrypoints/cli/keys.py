"""``praca keys``: under which keys the citizens' data keys are, and their rotation."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table

from praca.entrypoints.cli.runtime import DataDir, apply_options, city_url, fail, load_settings

if TYPE_CHECKING:
    from praca.platform.resources import Resources

__all__ = ["app"]

app = typer.Typer(help="Show and rotate the keys that encrypt people's documents.")
_out = Console()


@app.command("list")
def list_keys(data_dir: DataDir = None) -> None:
    """Count the data keys under each key."""
    _run(data_dir, _list)


@app.command()
def rotate(data_dir: DataDir = None) -> None:
    """Wrap every data key under the first key of the settings; what they encrypt stays.

    May be stopped and run again, also while the server runs.
    """
    _run(data_dir, _rotate)


async def _list(resources: "Resources") -> None:
    from praca.wallet.documents.key_repository import count_by_name

    async with resources.databases.city.read() as session:
        counts = await count_by_name(session)
    keys = resources.encryption
    table = Table("chave", "chaves de dados", "situação")
    for name in sorted({*counts, keys.current}):
        state = "atual" if name == keys.current else ""
        table.add_row(name, str(counts.get(name, 0)), state if keys.knows(name) else "desconhecida")
    _out.print(table)


async def _rotate(resources: "Resources") -> None:
    from praca.platform.audit import AuditEntry, record
    from praca.platform.encryption import EncryptionUnavailableError, SealedDataError
    from praca.wallet.documents.rotation import rotate as rotated

    def show(count: int) -> None:
        _out.print(f"{count} chaves de dados…", highlight=False)

    city = resources.databases.city
    try:
        done = await rotated(city, resources.encryption, show)
    except EncryptionUnavailableError as error:
        raise fail(
            "uma chave de PRACA_ENCRYPTION_KEYS ou do KMS falta ou não responde; veja"
            " `praca keys list`. O que foi feito vale; rode de novo depois."
        ) from error
    except SealedDataError as error:
        raise fail("uma chave de dados foi alterada no banco de dados") from error
    async with city.write() as session:
        await record(session, AuditEntry("wallet.keys_rotated", "encryption_key", done.current))
    _out.print(f"{done.count} chaves de dados agora sob '{done.current}'.", highlight=False)


def _run(data_dir: Path | None, work: "Callable[[Resources], Awaitable[None]]") -> None:
    from praca.entrypoints.cli.work import opened, run

    apply_options(data_dir)
    settings = load_settings("WARNING")

    async def with_resources(url: str) -> None:
        async with opened(settings, url) as resources:
            await work(resources)

    with city_url(settings) as url:
        run(with_resources(url))
