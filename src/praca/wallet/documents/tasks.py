"""Documents as background work: reminders, and what nobody needs any more."""

from datetime import timedelta
from typing import Any, Final

from praca.identity import Contact, contact_of
from praca.kit.clock import utc_now
from praca.platform.settings import Settings
from praca.platform.tasks import TaskContext, TaskKind
from praca.wallet.documents import share_repository
from praca.wallet.documents.objects import DocumentObjects
from praca.wallet.documents.reminders import Reminders

__all__ = ["REMIND_OF_DOCUMENTS", "SWEEP_DOCUMENTS"]

_SHARES_KEPT: Final = timedelta(days=365)
_BATCH: Final = 500


async def remind(context: TaskContext, _args: dict[str, Any]) -> dict[str, Any]:
    """Send the reminders that are due; those that could not be sent go with the next run."""
    resources = context.resources

    async def find(account_id: int) -> Contact | None:
        async with resources.databases.identity.read() as session:
            return await contact_of(session, account_id)

    reminders = Reminders(
        resources.databases.city, find, resources.mail, resources.settings.http.address
    )
    sent, failed = await reminders.run(context.progress)
    return {"sent": sent, "failed": failed}


async def sweep(context: TaskContext, _args: dict[str, Any]) -> dict[str, Any]:
    """Remove objects that no document has, and shares that expired a year ago."""
    city = context.resources.databases.city
    objects = await DocumentObjects(city, context.resources.objects).sweep()
    shares, found = 0, _BATCH
    while found == _BATCH:
        async with city.write() as session:
            before = utc_now() - _SHARES_KEPT
            found = await share_repository.delete_old(session, before, _BATCH)
        shares += found
        context.progress(shares)
    return {"objects": objects, "shares": shares}


def _reminder_cron(settings: Settings) -> str | None:
    return settings.documents.reminder_schedule


def _sweep_cron(_settings: Settings) -> str | None:
    return "30 4 * * *"


REMIND_OF_DOCUMENTS = TaskKind(
    "wallet.remind_of_documents", remind, is_exclusive=True, cron=_reminder_cron
)
SWEEP_DOCUMENTS = TaskKind("wallet.sweep_documents", sweep, is_exclusive=True, cron=_sweep_cron)
