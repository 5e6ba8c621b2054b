"""Everything that any room keeps about an account, put together in one place.

A room that comes to keep something about people adds its holder here; what it adds is exported and
erased with the rest.
"""

from typing import Any

from praca.helpdesk.personal_data import HELPDESK_TABLES, HelpdeskHolder
from praca.identity.personal_data import PersonalData, PersonalDataHolder
from praca.identity.personal_data.clearing import ERASE_ALL, AccountClearing
from praca.identity.social.personal_data import SocialData
from praca.jobs.erasure import request_cleaning
from praca.jobs.personal_data import JobsHolder
from praca.platform.journal.personal_data import JournalHolder
from praca.platform.personal_data import PlatformHolder, tidy
from praca.platform.resources import Resources
from praca.platform.settings import Settings
from praca.platform.tasks import TaskContext, TaskKind
from praca.wallet import CardsHolder
from praca.wallet.documents.personal_data import DocumentsHolder
from praca.wallet.pix.personal_data import PixHolder

__all__ = ["ERASE_ALL_ACCOUNTS", "FINISH_ERASURES", "open_personal_data"]


# Tables that lose personal data when an account is erased. The job centre tidies its own, as people
# are erased there who have no account.
_CITY_TABLES = (
    *HELPDESK_TABLES,
    "platform.audit_log",
    "platform.idempotent_answers",
    "platform.request_log",
    "platform.task_runs",
    "wallet.cards",
    "wallet.data_keys",
    "wallet.document_reminders",
    "wallet.document_share_views",
    "wallet.document_shares",
    "wallet.documents",
    "wallet.pix_charges",
)
_IDENTITY_TABLES = (
    "identity.accounts",
    "identity.audit_log",
    "identity.linked_identities",
    "identity.notices",
    "identity.password_recoveries",
    "identity.refresh_tokens",
    "identity.social_registrations",
)


def open_personal_data(resources: Resources) -> PersonalData:
    """Return what exports and erases accounts, over all rooms."""
    holders: tuple[PersonalDataHolder, ...] = (
        # First what tells most: the key of the documents, and who else lets the person in.
        DocumentsHolder(resources),
        HelpdeskHolder(resources),
        SocialData(resources.databases.identity),
        # Charges that are under way end before the cards that they would recharge.
        PixHolder(resources),
        CardsHolder(resources),
        JobsHolder(resources),
        JournalHolder(resources.databases.city),
        # Last: it forgets from where all the others did what they note in the audit.
        PlatformHolder(resources),
    )
    return PersonalData(resources.settings, resources.databases, holders)


async def finish_erasures(context: TaskContext, _args: dict[str, Any]) -> dict[str, Any]:
    """Finish the erasures that a dead process, or an error, left half-way.

    After each erasure the databases are tidied, a few times within the hour: by then no reader is
    left who holds the old versions of the rows.
    """
    resources = context.resources
    found = await open_personal_data(resources).finish()
    if found["erased"] or found["swept"]:
        await tidy(resources.databases.city, _CITY_TABLES)
        await tidy(resources.databases.identity, _IDENTITY_TABLES)
    await request_cleaning(resources)
    return dict(found)


def _every_five_minutes(_settings: Settings) -> str:
    return "*/5 * * * *"


FINISH_ERASURES = TaskKind(
    "identity.finish_erasures", finish_erasures, is_exclusive=True, cron=_every_five_minutes
)


async def erase_all_accounts(context: TaskContext, args: dict[str, Any]) -> dict[str, Any]:
    """Erase every account that is no admin's; what a dead worker left, the next one goes on with.

    The round that finishes erasures tidies the databases after it.
    """
    resources = context.resources
    clearing = AccountClearing(open_personal_data(resources), resources.databases.identity)
    return await clearing.erase_all(**args, progress=context.progress)


ERASE_ALL_ACCOUNTS = TaskKind(ERASE_ALL, erase_all_accounts, is_exclusive=True)
