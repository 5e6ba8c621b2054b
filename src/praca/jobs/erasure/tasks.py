"""The clean-up after an erasure: files, saved indexes, and what the database remembers of rows."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

import psycopg
import structlog
from sqlalchemy import select

from praca.jobs.copies import COPIES_LOCK
from praca.jobs.erasure import repository
from praca.jobs.erasure.files import FOLDERS, SCRATCH, clean_file
from praca.jobs.matching import forget_people
from praca.jobs.transfer.errors import BrokenFileError
from praca.jobs.transfer.importing import import_lock
from praca.jobs.transfer.report import TransferKind
from praca.platform.models import TaskRun
from praca.platform.personal_data import tidy
from praca.platform.resources import Resources
from praca.platform.tasks import TaskContext, TaskKind

__all__ = ["CLEAN_ERASED", "clean", "request_cleaning"]

_log = structlog.get_logger("praca.jobs")
_POLL_S: Final = 0.2
_TRIES: Final = 8
_NAMED: Final = 20
_AGAIN: Final = (
    "DELETE FROM jobs.prospects WHERE codigo_candidato = ANY(%(codes)s)",
    "DELETE FROM jobs.candidates WHERE codigo_profissional = ANY(%(codes)s)",
)


async def clean(context: TaskContext, _args: dict[str, Any]) -> dict[str, Any]:
    """Take those who were erased out of every copy of the tables.

    Returns:
        ``people``: of how many; ``files`` and ``indexes``: how many held one of them;
        ``unreadable``: keys of files that could not be searched, which somebody must look at.
    """
    resources, city = context.resources, context.resources.databases.city
    async with city.read() as session:
        codes = await repository.uncleaned(session)
    if not codes:
        return {"people": 0}
    context.progress(0, 3, "Limpando arquivos")
    files, unreadable = await asyncio.to_thread(_clean_files, context, codes)
    context.progress(1, 3, "Limpando índices")
    indexes = await forget_people(resources, codes)
    context.progress(2, 3, "Limpando o banco de dados")
    await tidy(city, repository.TABLES)
    async with city.write() as session:
        await repository.mark_cleaned(session, codes)
    if unreadable:
        _log.warning("jobs.files_not_searched", files=len(unreadable))
    return {
        "people": len(codes),
        "files": files,
        "indexes": indexes,
        "unreadable": unreadable[:_NAMED],
    }


def _clean_files(context: TaskContext, codes: Sequence[int]) -> tuple[int, list[str]]:
    """Rewrite the files that hold one of ``codes``; return how many, and which were unreadable.

    While the lock is held no copy is being made, and no other clean-up runs. An import that began
    before the erasure may bring the rows back when it commits: it is waited for, and they go again.
    """
    objects, wanted = context.resources.objects, frozenset(codes)
    cleaned, unreadable = 0, []
    with psycopg.connect(context.resources.databases.city.dsn, autocommit=True) as connection:
        _wait_for(context, connection, "pg_try_advisory_lock(%s)", (COPIES_LOCK,))
        _delete_again(context, connection, codes)
        objects.delete_below(SCRATCH)
        for key in [key for folder in FOLDERS for key in objects.keys(folder)]:
            context.progress(context.done, context.total)
            try:
                cleaned += clean_file(objects, key, wanted)
            except BrokenFileError:
                unreadable.append(key)
    return cleaned, unreadable


def _delete_again(
    context: TaskContext, connection: psycopg.Connection[Any], codes: Sequence[int]
) -> None:
    with connection.transaction():
        for kind in (TransferKind.CANDIDATOS, TransferKind.PROSPECTS):
            lock = import_lock(kind)
            _wait_for(context, connection, "pg_try_advisory_xact_lock(%s, %s)", lock)
        for statement in _AGAIN:
            connection.execute(statement, {"codes": list(codes)})


def _wait_for(
    context: TaskContext, connection: psycopg.Connection[Any], lock: str, key: tuple[int, ...]
) -> None:
    """Take an advisory lock; the task may be cancelled while somebody else has it."""
    while True:
        found = connection.execute(f"SELECT {lock}".encode(), key).fetchone()
        if found is not None and found[0]:
            return
        context.progress(context.done, context.total)
        time.sleep(_POLL_S)


async def request_cleaning(resources: Resources) -> None:
    """Have what is left cleaned, unless somebody is about to: for tasks that failed for good."""
    async with resources.databases.city.write() as session:
        if not await repository.uncleaned(session):
            return
        waiting = select(TaskRun.id).where(
            TaskRun.kind == CLEAN_ERASED.name, TaskRun.status.in_(("queued", "running"))
        )
        if await session.scalar(waiting.limit(1)) is None:
            await resources.tasks.enqueue(session, CLEAN_ERASED.name, {})


CLEAN_ERASED = TaskKind("jobs.clean_erased", clean, tries=_TRIES)
