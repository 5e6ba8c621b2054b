"""What has to be there before the first request: tables, accounts, the sample city.

To the sample city belong the books of its library and the articles of its help desk.
"""

import asyncio
import contextlib
import secrets
import tempfile
import time
from pathlib import Path

import httpx2
from rich.console import Console
from sqlalchemy import select

from praca.entrypoints.cli.extras import SampleShop
from praca.entrypoints.cli.runtime import fail
from praca.entrypoints.cli.up import accounts_file, sample_marker
from praca.entrypoints.cli.work import opened, run_task
from praca.helpdesk.knowledge.importing import IMPORT_ARTICLES, IMPORTS
from praca.helpdesk.knowledge.models import articles
from praca.helpdesk.knowledge.sample import write_sample
from praca.identity import Role
from praca.identity.service import IdentityService
from praca.jobs.repository import has_records
from praca.jobs.sample import SampleCity, write_sample_files
from praca.jobs.transfer import TransferKind
from praca.jobs.transfer.tasks import EXPORT_FILES, import_kind
from praca.kit.errors import DomainError
from praca.library.models import books
from praca.platform.database import migrate
from praca.platform.resources import Resources
from praca.platform.settings import Settings

__all__ = ["prepare"]

_SAMPLE = SampleCity(candidates=400, vacancies=240)
_SAMPLE_ACCOUNTS = (
    ("admin", Role.ADMIN),
    ("recrutador", Role.RECRUTADOR),
    ("bibliotecaria", Role.BIBLIOTECARIO),
    ("operador", Role.OPERADOR),
    ("cidadao", Role.USUARIO),
)
_SCRAPE = "library.scrape"
_SHOP_TIMEOUT_S = 60.0
_console = Console(highlight=False)


async def prepare(
    settings: Settings, url: str, *, with_sample: bool, shop: SampleShop | None
) -> None:
    """Migrate; on the first start make the accounts and the sample city, with books from ``shop``.

    It may be killed anywhere: the next start goes on, and nothing is lost or doubled.
    """
    if shop is not None:
        settings = shop.settings
    async with opened(settings, url, to_migrate=True) as resources:
        await migrate(resources.databases)
        await _first_accounts(settings, resources)
        if with_sample:
            await _first_sample(resources, shop)


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


async def _first_sample(resources: Resources, shop: SampleShop | None) -> None:
    """Import the sample city and its articles into empty tables, gather its books, and train."""
    begun = resources.settings.data_dir / "sample-begun"
    done = sample_marker(resources.settings)
    if done.exists():
        return
    async with resources.databases.city.read() as session:
        if not begun.exists() and await has_records(session):
            return  # somebody's own data, among which invented people have no place
    begun.touch()
    _console.print("Primeira partida: preparando a cidade-modelo…")
    if shop is not None:
        shop.part.keep_running()  # it is up by the time that it is asked
    await _first_articles(resources)
    with tempfile.TemporaryDirectory() as folder:
        write_sample_files(_SAMPLE, Path(folder))
        for kind in (TransferKind.CANDIDATOS, TransferKind.VAGAS, TransferKind.PROSPECTS):
            key = f"raw/{EXPORT_FILES[kind]}"
            with (Path(folder) / EXPORT_FILES[kind]).open("rb") as source:
                await asyncio.to_thread(resources.objects.upload, key, source)
            await _finish(resources, import_kind(kind), {"key": key})
    await _finish(resources, "jobs.train_match", {})
    if shop is not None:
        await _first_books(resources, shop)
    done.touch()


async def _first_articles(resources: Resources) -> None:
    """Import the articles of the sample city into an empty knowledge base."""
    begun = resources.settings.data_dir / "sample-articles-begun"
    async with resources.databases.city.read() as session:
        has_articles = await session.scalar(select(articles.c.id).limit(1)) is not None
    if has_articles and not begun.exists():
        return  # somebody's own
    begun.touch()
    key = f"{IMPORTS}/sample.jsonl"
    await asyncio.to_thread(resources.objects.write, key, b"".join(write_sample()))
    await _finish(resources, IMPORT_ARTICLES.name, {"key": key})


async def _first_books(resources: Resources, shop: SampleShop) -> None:
    """Gather the sample shop's books into an empty catalogue, and train on them."""
    begun = resources.settings.data_dir / "sample-books-begun"
    async with resources.databases.city.read() as session:
        has_books = await session.scalar(select(books.c.id).limit(1)) is not None
    if has_books and not begun.exists():
        return  # somebody's own catalogue
    begun.touch()
    await _answering(shop)
    await _forget_other_shops(resources, shop.address)
    await _finish(resources, _SCRAPE, {"shop": shop.address})
    await _finish(resources, "library.train", {})


async def _answering(shop: SampleShop) -> None:
    """Wait until the shop answers; start it again if it has died."""
    deadline = time.monotonic() + _SHOP_TIMEOUT_S
    # Our own address: never by way of a proxy that the environment names.
    async with httpx2.AsyncClient(trust_env=False) as client:
        while True:
            with contextlib.suppress(httpx2.TransportError):
                if (await client.get(f"{shop.address}/robots.txt")).is_success:
                    return
            if time.monotonic() > deadline:
                raise fail(f"a livraria de exemplo não responde em {shop.address}")
            shop.part.keep_running()
            await asyncio.sleep(0.05)


async def _forget_other_shops(resources: Resources, address: str) -> None:
    """Cancel what a killed start left: its shop may have had another port, and is gone."""
    async with resources.databases.city.write() as session:
        for status in ("queued", "running"):
            _, runs = await resources.tasks.list_runs(session, kind=_SCRAPE, status=status)
            for run in runs:
                if run.args != {"shop": address}:
                    await resources.tasks.cancel(session, run.id)


async def _finish(resources: Resources, kind: str, args: dict[str, object]) -> None:
    """Run a task to its end, unless a killed start has; one that it left is taken up."""
    async with resources.databases.city.read() as session:
        _, ended = await resources.tasks.list_runs(session, kind=kind, status="succeeded")
    if any(run.args == args for run in ended):
        return
    try:
        result = await run_task(resources, kind, args, join=True)
        while result.args != args:  # what was left was about something else
            result = await run_task(resources, kind, args, join=True)
    except DomainError as error:
        raise fail(error.detail) from error
    if result.status != "succeeded":
        raise fail(f"{kind}: {result.error}")
