"""Background work: kinds of tasks, the queue, the worker."""

from praca.platform.tasks.kinds import (
    SCHEDULED,
    TaskBody,
    TaskCancelledError,
    TaskContext,
    TaskKind,
)
from praca.platform.tasks.queue import TaskQueue
from praca.platform.tasks.worker import Worker

__all__ = [
    "SCHEDULED",
    "TaskBody",
    "TaskCancelledError",
    "TaskContext",
    "TaskKind",
    "TaskQueue",
    "Worker",
]
