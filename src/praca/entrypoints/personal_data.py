"""Everything that any room keeps about an account, put together in one place.

A room that comes to keep something about people adds its holder here; what it adds is exported and
erased with the rest.
"""

from typing import Any

from praca.identity.personal_data import PersonalData, PersonalDataHolder
from praca.jobs.erasure import request_cleaning
from praca.jobs.personal_data import JobsHolder
from praca.platform.personal_data import PlatformHolder
from praca.platform.resources import Resources
from praca.platform.settings import Settings
from praca.platform.tasks import TaskContext, TaskKind

__all__ = ["FINISH_ERASURES", "open_personal_data"]


def open_personal_data(resources: Resources) -> PersonalData:
    """Return what exports and erases accounts, over all rooms."""
    holders: tuple[PersonalDataHolder, ...] = (
        # The wallet's go here: CardsHolder(resources), DocumentsHolder(resources).
        JobsHolder(resources),
        # Last: it forgets from where all the others did what they note in the audit.
        PlatformHolder(resources),
    )
    return PersonalData(resources.settings, resources.databases, holders)


async def finish_erasures(context: TaskContext, _args: dict[str, Any]) -> dict[str, Any]:
    """Finish the erasures that a dead process, or an error, left half-way."""
    found = await open_personal_data(context.resources).finish()
    await request_cleaning(context.resources)
    return dict(found)


def _every_five_minutes(_settings: Settings) -> str:
    return "*/5 * * * *"


FINISH_ERASURES = TaskKind(
    "identity.finish_erasures", finish_erasures, is_exclusive=True, cron=_every_five_minutes
)
