"""Import and export as background tasks over the object store."""

import asyncio
import gzip
from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg

from praca.jobs.copies import lock_copies
from praca.jobs.matching import request_index
from praca.jobs.transfer.exporting import export_records
from praca.jobs.transfer.importing import import_records
from praca.jobs.transfer.report import ImportMode, ImportReport, TransferKind
from praca.jobs.transfer.stream import open_plain_or_gzip
from praca.kit.clock import utc_now
from praca.platform.tasks import TaskBody, TaskContext, TaskKind

__all__ = ["EXPORT_FILES", "TRANSFER_KINDS", "export_kind", "import_kind"]

EXPORT_FILES = {
    TransferKind.CANDIDATOS: "applicants.json",
    TransferKind.VAGAS: "vagas.json",
    TransferKind.PROSPECTS: "prospects.json",
}


def import_kind(kind: TransferKind) -> str:
    """Return the name of the task that imports ``kind``."""
    return f"jobs.import_{kind.value}"


def export_kind(kind: TransferKind) -> str:
    """Return the name of the task that exports ``kind``."""
    return f"jobs.export_{kind.value}"


def _importer(kind: TransferKind) -> TaskBody:
    async def run(context: TaskContext, args: dict[str, Any]) -> dict[str, Any]:
        report = await asyncio.to_thread(_import, context, kind, args)
        if kind is not TransferKind.PROSPECTS:
            await request_index(
                context.resources, report.inserted + report.updated + report.removed
            )
        return report.as_dict()

    return run


def _exporter(kind: TransferKind) -> TaskBody:
    async def run(context: TaskContext, args: dict[str, Any]) -> dict[str, Any]:
        return await asyncio.to_thread(_export, context, kind, args)

    return run


def _import(context: TaskContext, kind: TransferKind, args: dict[str, Any]) -> ImportReport:
    resources = context.resources
    key = str(args["key"])
    with (
        closing(resources.objects.open(key)) as stored,
        psycopg.connect(resources.databases.city.dsn, autocommit=True) as connection,
    ):
        source = open_plain_or_gzip(stored)
        # A packed file's size says nothing about how far the reading is.
        is_packed = isinstance(source, gzip.GzipFile)
        total = None if is_packed else resources.objects.size(key)
        return import_records(
            connection,
            source,
            kind,
            mode=ImportMode(args.get("mode", ImportMode.UPSERT)),
            max_errors=resources.settings.jobs.import_max_errors,
            on_progress=_in_bytes(context, total),
        )


def _in_bytes(context: TaskContext, total: int | None) -> Callable[[int, int], None]:
    def note(records: int, bytes_read: int) -> None:
        context.progress(bytes_read, total, f"{records} registros lidos")

    return note


def _in_records(context: TaskContext) -> Callable[[int, int], None]:
    def note(records: int, _bytes_written: int) -> None:
        context.progress(records, None, f"{records} registros gravados")

    return note


def _export(context: TaskContext, kind: TransferKind, args: dict[str, Any]) -> dict[str, Any]:
    resources = context.resources
    name = EXPORT_FILES[kind]
    stamp = f"{utc_now():%Y%m%dT%H%M%SZ}"
    keys = [f"exports/{stamp}-{name}", f"exports/{name}"]
    if args.get("overwrite"):
        keys.append(f"raw/{name}")
    with psycopg.connect(resources.databases.city.dsn, autocommit=True) as connection:
        lock_copies(connection)
        try:
            with resources.objects.writer(keys[0]) as sink:
                count = export_records(connection, kind, sink, on_progress=_in_records(context))
        except BaseException:
            # Leaving the writer stores what it has: half a file that looks like a whole one.
            resources.objects.delete(keys[0])
            raise
        for key in keys[1:]:
            resources.objects.copy(keys[0], key)
    return {"records": count, "keys": keys}


TRANSFER_KINDS: tuple[TaskKind, ...] = (
    *(TaskKind(import_kind(kind), _importer(kind), is_exclusive=True) for kind in TransferKind),
    *(TaskKind(export_kind(kind), _exporter(kind), is_exclusive=True) for kind in TransferKind),
)
