"""What has to be there before the first request: tables, accounts, the sample city."""

import asyncio
import secrets
import tempfile
from pathlib import Path

from rich.console import Console

from praca.entrypoints.cli.runtime import fail
from praca.entrypoints.cli.up import accounts_file, sample_marker
from praca.entrypoints.cli.work import opened, run_task
from praca.identity import Role
from praca.identity.service import IdentityService
from praca.jobs.repository import has_records
from praca.jobs.sample import SampleCity, write_sample_files
from praca.jobs.transfer import TransferKind
from praca.jobs.transfer.tasks import EXPORT_FILES, import_kind
from praca.kit.errors import DomainError
from praca.platform.database import migrate
from praca.platform.resources import Resources
from praca.platform.settings import Settings

__all__ = ["prepare"]

_SAMPLE = SampleCity(candidates=400, vacancies=240)
_SAMPLE_ACCOUNTS = (
    ("admin", Role.ADMIN),
    ("recrutador", Role.RECRUTADOR),
    ("cidadao", Role.USUARIO),
)
_console = Console(highlight=False)


async def prepare(settings: Settings, url: str, *, with_sample: bool) -> None:
    """Migrate; on the first start make the accounts and the sample city.

    It may be killed anywhere: the next start goes on, and nothing is lost or doubled.
    """
    async with opened(settings, url, to_migrate=True) as resources:
        await migrate(resources.databases)
        await _first_accounts(settings, resources)
        if with_sample:
            await _first_sample(resources)


async def _first_accounts(settings: Settings, resources: Resources) -> None:
    """Create the first accounts if there are none."""
    service = IdentityService(settings, resources.databases)
    async with resources.databases.identity.write() as session:
        if await service.has_accounts(session):
            return
        wanted = _SAMPLE_ACCOUNTS[:1] if settings.is_production else _SAMPLE_ACCOUNTS
        lines = []
        for name, role in wanted:
            password = secrets.token_urlsafe(12)
            await service.create_account(session, username=name, password=password, role=role)
            lines.append(f"{name} {password}")
        # Before the commit: killed in between, the next start makes new ones.
        if settings.is_production:
            _console.print("Administrador criado; a senha aparece só agora:")
            _console.print(lines[0])
        else:
            accounts = accounts_file(settings)
            accounts.touch(mode=0o600)
            accounts.write_text("\n".join(lines) + "\n")


async def _first_sample(resources: Resources) -> None:
    """Import the sample city into empty tables, and train on it."""
    begun = resources.settings.data_dir / "sample-begun"
    done = sample_marker(resources.settings)
    if done.exists():
        return
    async with resources.databases.city.read() as session:
        if not begun.exists() and await has_records(session):
            return  # somebody's own data, among which invented people have no place
    begun.touch()
    _console.print("Primeira partida: preparando a cidade-modelo…")
    with tempfile.TemporaryDirectory() as folder:
        write_sample_files(_SAMPLE, Path(folder))
        for kind in (TransferKind.CANDIDATOS, TransferKind.VAGAS, TransferKind.PROSPECTS):
            key = f"raw/{EXPORT_FILES[kind]}"
            with (Path(folder) / EXPORT_FILES[kind]).open("rb") as source:
                await asyncio.to_thread(resources.objects.upload, key, source)
            await _finish(resources, import_kind(kind), {"key": key})
    await _finish(resources, "jobs.train_match", {})
    done.touch()


async def _finish(resources: Resources, kind: str, args: dict[str, object]) -> None:
    try:
        result = await run_task(resources, kind, args, join=True)
    except DomainError as error:
        raise fail(error.detail) from error
    if result.status != "succeeded":
        raise fail(f"{kind}: {result.error}")
