"""Figures of tasks: what a worker has run, and what waits."""

from typing import Final

from praca.platform.metrics import Counter, Figure, Histogram, Reading

__all__ = ["TASK_READINGS", "note_ended", "note_requeued"]

_ENDED: Final = Counter(
    "praca_tasks_ended_total", "Tasks that ended in this worker.", ("kind", "status")
)
_REQUEUED: Final = Counter(
    "praca_tasks_requeued_total",
    "Attempts after which a task was put back into the queue, by the worker that had it.",
    ("kind",),
)
_SECONDS: Final = Histogram(
    "praca_task_duration_seconds",
    "From the start of a task's first attempt to its end.",
    ("kind",),
    buckets=(0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600),
)

# task_runs holds what retention keeps; the worker's own search for orphans reads it the same way.
_UNFINISHED: Final = """
SELECT kind, status, count(*), extract(epoch FROM max(now() - created_at))
FROM platform.task_runs WHERE status IN ('queued', 'running') GROUP BY kind, status
"""
# As the worker finds them, see Procrastinate's select_stalled_jobs_by_heartbeat.
_QUEUE: Final = """
SELECT (
    SELECT extract(epoch FROM coalesce(max(now() - created_at), interval '0'))
    FROM platform.task_runs WHERE status = 'queued'
), (
    SELECT count(*) FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w
        ON w.id = j.worker_id
        AND w.last_heartbeat >= now() - make_interval(secs => %(stalled_s)s)
    WHERE j.status = 'doing' AND w.id IS NULL
), (
    SELECT count(*) FROM procrastinate_workers
    WHERE last_heartbeat >= now() - make_interval(secs => %(stalled_s)s)
)
"""
_BY_KIND: Final = ("kind", "status")

TASK_READINGS: Final = (
    Reading(
        "tasks",
        (
            Figure("praca_tasks_unfinished", "Tasks that wait or run.", _BY_KIND),
            Figure("praca_tasks_unfinished_oldest_seconds", "Age of the oldest of them.", _BY_KIND),
        ),
        _UNFINISHED,
    ),
    Reading(
        "queue",
        (
            Figure("praca_tasks_oldest_queued_seconds", "Age of the oldest task that waits."),
            Figure("praca_tasks_stalled", "Tasks whose worker has fallen silent."),
            Figure("praca_workers", "Workers that give signs of life."),
        ),
        _QUEUE,
        lambda settings: {"stalled_s": settings.tasks.worker_stalled_s},
    ),
)


def note_ended(kind: str, status: str, seconds: float) -> None:
    """Count a task that has ended."""
    _ENDED.add(kind, status)
    _SECONDS.observe(seconds, kind)


def note_requeued(kind: str) -> None:
    """Count an attempt that is to be followed by another."""
    _REQUEUED.add(kind)
