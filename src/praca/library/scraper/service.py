"""Starting a crawl and following it, in the terms of system 4."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from praca.library.scraper import repository
from praca.library.scraper.errors import ScrapeRunningError
from praca.library.scraper.repository import Quarantined
from praca.library.scraper.shop import Shop
from praca.library.scraper.tasks import SCRAPE_LIBRARY
from praca.platform.audit import AuditEntry, record
from praca.platform.database import ReadSession, WriteSession
from praca.platform.errors import TaskAlreadyRunningError, TaskNotFoundError
from praca.platform.models import TaskRun
from praca.platform.resources import Resources

__all__ = ["Overview", "Progress", "Status", "list_quarantined", "overview", "start", "status"]

_STATES: Final[Mapping[str, str]] = {
    "queued": "PENDENTE",
    "running": "EXECUTANDO",
    "succeeded": "CONCLUIDA",
    "failed": "ERRO",
    "cancelled": "CANCELADA",
}
_MOST_SHOWN: Final = 1000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a crawl is, in pages."""

    done: int
    total: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Status:
    """One crawl's task, as system 4 tells it."""

    task_id: UUID
    state: str
    result: dict[str, Any] | None
    progress: Progress
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The shop, how many books and pages there are, and the last crawl."""

    shop_url: str
    schedule: str | None
    books: int
    pages: dict[str, int]
    last: Status | None


async def start(session: WriteSession, resources: Resources, actor_id: int) -> UUID:
    """Put a crawl of the settings' shop into the queue; return its task's id.

    Raises:
        ScrapeRunningError: one is queued or running.
    """
    args = {"shop": resources.settings.library.bookshop_url}
    try:
        task_id = await resources.tasks.enqueue(
            session, SCRAPE_LIBRARY.name, args, owner_id=actor_id
        )
    except TaskAlreadyRunningError as error:
        running = UUID(error.extra["task_id"])
        run = await resources.tasks.require(session, running)
        raise ScrapeRunningError(running, _STATES[run.status]) from None
    await record(session, AuditEntry("library.scrape_started", "task", str(task_id), actor_id))
    return task_id


async def status(session: ReadSession, resources: Resources, task_id: UUID) -> Status:
    """Return where a crawl stands.

    Raises:
        TaskNotFoundError: no crawl has this id.
    """
    run = await resources.tasks.require(session, task_id)
    if run.kind != SCRAPE_LIBRARY.name:
        raise TaskNotFoundError
    return _status(run)


async def overview(session: ReadSession, resources: Resources) -> Overview:
    """Return the shop of the settings, what is known of it, and the last crawl of any shop."""
    library = resources.settings.library
    _total, runs = await resources.tasks.list_runs(session, kind=SCRAPE_LIBRARY.name, limit=1)
    return Overview(
        shop_url=library.bookshop_url,
        schedule=library.scrape_schedule,
        books=await repository.count_books(session),
        pages=await repository.count_pages(session, Shop.at(library.bookshop_url).url),
        last=_status(runs[0]) if runs else None,
    )


async def list_quarantined(session: ReadSession) -> list[Quarantined]:
    """Return the pages that could not be read, newest first, a thousand at most."""
    return await repository.list_quarantined(session, _MOST_SHOWN)


def _status(run: TaskRun) -> Status:
    return Status(
        task_id=run.id,
        state=_STATES[run.status],
        result=_result(run),
        progress=Progress(run.progress_done, run.progress_total, run.message),
        started_at=run.started_at,
        finished_at=run.finished_at,
    )


def _result(run: TaskRun) -> dict[str, Any] | None:
    if run.status == "running":
        return {"mensagem": "Raspagem iniciada"}
    return {"erro": run.error} if run.status == "failed" else run.result
