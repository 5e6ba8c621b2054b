"""Forgetting those who did not come back."""

from typing import Any, Final

from praca.identity.social import repository
from praca.kit.clock import utc_now
from praca.platform.settings import Settings
from praca.platform.tasks import TaskContext, TaskKind

__all__ = ["CLEAN_SOCIAL"]

_EVERY_HALF_HOUR: Final = "*/30 * * * *"


async def clean(context: TaskContext, _args: dict[str, Any]) -> dict[str, Any]:
    """Remove attempts and registrations whose time is over; the latter hold e-mail addresses."""
    removed = 0
    while True:
        async with context.resources.databases.identity.write() as session:
            found = await repository.delete_expired(session, utc_now())
        if not found:
            return {"removed": removed}
        removed += found
        context.progress(removed)


def _cron(_settings: Settings) -> str:
    return _EVERY_HALF_HOUR


CLEAN_SOCIAL = TaskKind("identity.clean_social", clean, is_exclusive=True, cron=_cron)
