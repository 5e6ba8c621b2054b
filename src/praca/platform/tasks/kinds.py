"""What a kind of task is, and what its body is given."""

import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

if TYPE_CHECKING:
    from praca.platform.resources import Resources
    from praca.platform.settings import Settings

__all__ = ["SCHEDULED", "TaskBody", "TaskCancelledError", "TaskContext", "TaskKind"]


SCHEDULED: Final = "scheduled"
"""True among the arguments of a task that its schedule enqueued, and nobody asked for."""


class TaskCancelledError(Exception):
    """Somebody asked for the task to end, or another worker has taken it up."""


@dataclass(slots=True)
class TaskContext:
    """Given to a task's body: where it may find things, and how it tells how far it is.

    ``progress`` only notes the numbers; the runner writes them a few times a second. It may be
    called from any thread, and it is where a cancelled task stops.
    """

    run_id: UUID
    resources: "Resources"
    done: int = 0
    total: int | None = None
    message: str = ""
    cancelled: threading.Event = field(default_factory=threading.Event)

    def progress(self, done: int, total: int | None = None, message: str | None = None) -> None:
        """Note that ``done`` of ``total`` units are finished.

        Raises:
            TaskCancelledError: the task is to stop now.
        """
        self.done, self.total = done, total
        if message is not None:
            self.message = message
        if self.cancelled.is_set():
            raise TaskCancelledError


TaskBody = Callable[[TaskContext, dict[str, Any]], Awaitable[dict[str, Any] | None]]


def _never(_settings: "Settings") -> None:
    return None


@dataclass(frozen=True, slots=True)
class TaskKind:
    """One kind of background work.

    Attributes:
        name: stable name, for example ``jobs.import_vagas``.
        run: the body. It is safe to run twice: a worker may die after any of its statements.
        is_exclusive: at most one of the kind is queued or running at a time.
        tries: how often an unexpected error is tried again.
        is_resumed: a later attempt goes on where the one before was, and the body itself gives up
            where that leads nowhere: neither errors nor dead workers are counted.
        cron: when it is due by itself, as a cron expression in UTC; None: never. If one that is
            exclusive is unfinished then, that one stands for it.
    """

    name: str
    run: TaskBody
    is_exclusive: bool = False
    tries: int = 3
    is_resumed: bool = False
    cron: "Callable[[Settings], str | None]" = _never
