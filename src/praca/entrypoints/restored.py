"""What becomes of a city that was put back to an earlier moment.

What was on its way out then has long arrived, sessions that were ended since must not come back,
and neither must people who were erased since.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text

from praca.entrypoints.personal_data import open_personal_data
from praca.jobs.erasure import repeat_erasure, request_cleaning
from praca.kit.errors import DomainError
from praca.platform.audit import AuditEntry, record
from praca.platform.backup.manifest import Erasures
from praca.platform.database import migrate
from praca.platform.resources import Resources
from praca.platform.tasks import Worker
from praca.wallet.documents.data_keys import owner_of
from praca.wallet.documents.key_repository import sample_by_name
from praca.wallet.documents.objects import DocumentObjects

__all__ = ["AFTER_RESTORE", "Outcome", "finish_restore", "to_repeat"]

_MARGIN: Final = timedelta(hours=1)
"""An erasure that was under way at the moment of the backup is repeated, too."""
_BATCH: Final = 1000

_CITY: Final = """
RESET ALL;
-- An e-mail or a payment that was waiting has gone out long since: nothing may go out again.
UPDATE platform.task_runs SET status = 'cancelled', finished_at = now(),
    error = 'A tarefa estava na fila quando o backup foi feito; a restauração a cancelou.'
    WHERE status IN ('queued', 'running');
TRUNCATE procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers,
    procrastinate_workers;
-- A share that its owner has ended since would open the document again.
UPDATE wallet.document_shares SET revoked_at = now() WHERE revoked_at IS NULL;
UPDATE wallet.document_shares SET file_until = now() WHERE file_until > now();
-- A dump brings no statistics, and without them the first searches would be slow.
ANALYZE;
"""
_IDENTITY: Final = """
RESET ALL;
-- Sessions that were ended since; and tokens given out since, which name a later version.
UPDATE identity.refresh_tokens SET revoked_at = now() WHERE revoked_at IS NULL;
UPDATE identity.accounts SET token_version = token_version + 1000;
-- Codes and e-mails of that time.
DELETE FROM identity.password_recoveries;
DELETE FROM identity.notices;
DELETE FROM identity.social_registrations;
-- Ids that were given since: tokens, audits and lists of erasures may name them.
SELECT setval(s, nextval(s) + 1000000)
    FROM pg_get_serial_sequence('identity.accounts', 'id') AS s;
"""
AFTER_RESTORE: Final = {"city": _CITY, "identity": _IDENTITY}
"""Run in each database before anybody sees it, by any release on any older revision."""


@dataclass(slots=True)
class Outcome:
    """What was done, and what is not as it should be.

    Attributes:
        accounts: how many accounts were erased again.
        candidates: how many candidates.
        left: accounts whose erasure goes on, or needs somebody, by id.
        documents_without_file: documents whose file was deleted while the backup was being made.
        keys_that_fail: names of keys that do not open what is under them.
    """

    accounts: int
    candidates: int
    left: list[int]
    documents_without_file: int
    keys_that_fail: list[str]


def to_repeat(own: Erasures, newer: Erasures | None, taken_at: datetime) -> Erasures:
    """Return whom to erase again: those of the backup's end, and of a later list.

    Args:
        own: the backup's list.
        newer: a later one, if there is.
        taken_at: when the city's snapshot was taken.

    Raises:
        ValueError: the list lacks somebody of the backup's: another city's, or an older one.
    """
    if newer is not None and not newer.contains(own):
        raise ValueError("the list is not a later one of this city")
    return (newer or own).since(taken_at - _MARGIN)


async def finish_restore(resources: Resources, erasures: Erasures) -> Outcome:
    """Bring a restored city to this release, and to what its people have been promised."""
    await migrate(resources.databases)
    left = await _erase_again(resources, erasures)
    async with resources.databases.city.write() as session:
        await record(session, AuditEntry("platform.restored", "backup"))
    return Outcome(
        accounts=len(erasures.accounts),
        candidates=len(erasures.candidates),
        left=left,
        documents_without_file=await _documents_without_file(resources),
        keys_that_fail=await _keys_that_fail(resources),
    )


async def _erase_again(resources: Resources, erasures: Erasures) -> list[int]:
    personal_data = open_personal_data(resources)
    left = []
    for account_id in erasures.accounts:
        try:
            is_gone = await personal_data.repeat(account_id)
        except DomainError:  # the last admin of that time
            is_gone = False
        if not is_gone:
            left.append(account_id)
    for codigo in erasures.candidates:
        async with resources.databases.city.write() as session:
            await repeat_erasure(resources, session, codigo)
    if erasures.accounts or erasures.candidates:
        await request_cleaning(resources)
        # Files and saved indexes, too, before anybody can read them.
        await Worker(resources).run(until_empty=True)
    return left


async def _documents_without_file(resources: Resources) -> int:
    objects = DocumentObjects(resources.databases.city, resources.objects)
    missing = 0
    async with resources.databases.city.read() as session:
        rows = await session.stream_scalars(
            text("SELECT object_id FROM wallet.documents WHERE object_id IS NOT NULL")
        )
        async for batch in rows.partitions(_BATCH):
            missing += await asyncio.to_thread(objects.missing, batch)
    return missing


async def _keys_that_fail(resources: Resources) -> list[str]:
    async with resources.databases.city.read() as session:
        samples = await sample_by_name(session)
    failed = []
    for key in samples:
        try:
            owner = owner_of(key.account_id)
            await resources.encryption.unwrap(key.wrapped or b"", key.key_name, owner)
        except DomainError:
            failed.append(key.key_name)
    return failed
