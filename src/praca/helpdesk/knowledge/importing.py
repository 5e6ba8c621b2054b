"""Articles from a file, in the background: all that it holds, or nothing of it.

The file is read line by line and stored in one transaction, so a worker that dies leaves nothing
half done, and the next attempt begins anew. What the knowledge base has already as it is in the
file makes no new version: a file may be imported as often as one likes.
"""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, BinaryIO, Final

from sqlalchemy import select

from praca.helpdesk.knowledge import repository
from praca.helpdesk.knowledge.content import ArticleDraft
from praca.helpdesk.knowledge.lines import LARGEST_LINE, RefusedLineError, read_lines
from praca.helpdesk.knowledge.service import Counts, store_all
from praca.platform.audit import AuditEntry, record
from praca.platform.models import TaskRun
from praca.platform.resources import Resources
from praca.platform.tasks import TaskContext, TaskKind

__all__ = ["IMPORTS", "IMPORT_ARTICLES", "lines_of"]

IMPORTS: Final = "helpdesk/imports"
"""Where the files lie that were sent to be imported, each called by its task's id."""

_BATCH: Final = 100
_MOST_REFUSED: Final = 100
"""How many refused lines the report tells of; all are counted."""
_CHUNK: Final = 256 * 1024
_TOLD_WITHIN: Final = timedelta(hours=1)
"""A file whose task is still unknown after so long has none."""


class _Refused:
    """Counts the refused lines, and keeps the first of them."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[dict[str, Any]] = []

    def __call__(self, error: RefusedLineError) -> None:
        self.count += 1
        if len(self.first) < _MOST_REFUSED:
            names = ("line", "field", "reason", "key")
            self.first.append({name: getattr(error, name) for name in names})


async def _import(context: TaskContext, args: dict[str, Any]) -> dict[str, Any]:
    resources = context.resources
    key = str(args["key"])
    with closing(resources.objects.open(key)) as source:
        report = await _stored(context, source, resources.objects.size(key))
    await _remove_finished(resources, but=key)
    return report


async def _stored(context: TaskContext, source: BinaryIO, size: int) -> dict[str, Any]:
    """Store all articles of ``source`` in one transaction, and return what became of them."""
    refused, total, read = _Refused(), Counts(), _Position()
    drafts = read_lines(read.noting(lines_of(source)), refused)
    async with context.resources.databases.city.write() as session:
        owner = select(TaskRun.owner_id).where(TaskRun.id == context.run_id)
        actor_id = await session.scalar(owner)
        await repository.lock(session)
        # A file may lie far away: reading it keeps nobody else waiting.
        while batch := await asyncio.to_thread(_batch, drafts):
            counts = await store_all(session, batch, actor_id)
            total.new += counts.new
            total.changed += counts.changed
            total.unchanged += counts.unchanged
            context.progress(read.bytes, size, f"{read.lines} linhas lidas")
        if total.new or total.changed:
            task = str(context.run_id)
            await record(session, AuditEntry("helpdesk.articles_imported", "task", task, actor_id))
            await repository.bump(session)
    return {
        "new": total.new,
        "changed": total.changed,
        "unchanged": total.unchanged,
        "refused": refused.count,
        "errors": refused.first,
    }


class _Position:
    """How much of the file was read."""

    def __init__(self) -> None:
        self.lines = 0
        self.bytes = 0

    def noting(self, lines: Iterator[bytes]) -> Iterator[bytes]:
        for line in lines:
            self.lines += 1
            self.bytes += len(line)
            yield line


def _batch(drafts: Iterator[ArticleDraft]) -> list[ArticleDraft]:
    return list(islice(drafts, _BATCH))


def lines_of(source: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of ``source``; of one that is too long only as much as shows that it is."""
    held = b""
    while chunk := source.read(_CHUNK):
        *whole, rest = (held + bytes(chunk)).split(b"\n")
        yield from whole
        # The rest of a line that is too long is not kept: it would fill the memory.
        held = rest[: LARGEST_LINE + 1]
    if held:
        yield held


async def _remove_finished(resources: Resources, *, but: str) -> None:
    """Remove the files that no import needs any more; this one may be begun once more.

    Those of imports that have ended, and of none that is known: its run was forgotten, or the
    process that took the file in died before it told of it. A file that has just come waits to be
    told of.
    """
    objects = resources.objects
    keys = await asyncio.to_thread(lambda: list(objects.keys(IMPORTS)))
    forgotten = datetime.now(UTC) - _TOLD_WITHIN
    old = await asyncio.to_thread(lambda: set(objects.keys(IMPORTS, before=forgotten)))
    async with resources.databases.city.read() as session:
        runs = await session.execute(
            select(TaskRun.args["key"].astext, TaskRun.status).where(
                TaskRun.kind == IMPORT_ARTICLES.name
            )
        )
        status: dict[str, str] = {run[0]: run[1] for run in runs}
    for key in keys:
        is_needed = status[key] in ("queued", "running") if key in status else key not in old
        if key != but and not is_needed:
            await asyncio.to_thread(objects.delete, key)


IMPORT_ARTICLES: Final = TaskKind("helpdesk.import_articles", _import, is_exclusive=True)
