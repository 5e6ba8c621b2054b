"""The audit: who did what to which resource, when and from where; never with which values.

A record is written in the same transaction as the change it tells of, so neither exists without
the other. The database refuses to change or remove one.
"""

from dataclasses import dataclass

from sqlalchemy import text

from praca.platform.context import current_context
from praca.platform.database.engine import WriteSession

__all__ = ["AuditEntry", "record"]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing done.

    Attributes:
        action: what, as ``room.thing_done`` (for example ``jobs.candidate_read``).
        resource_type: kind of the resource, for example ``candidate``.
        resource_id: its key as text, if it has one.
        actor_id: account that did it; none for anonymous callers and the system itself.
    """

    action: str
    resource_type: str
    resource_id: str | None = None
    actor_id: int | None = None


async def record(session: WriteSession, entry: AuditEntry, *, schema: str = "platform") -> None:
    """Write ``entry`` within the session's transaction.

    ``schema`` is ``identity`` for what happens in the accounts' database, which has an audit table
    of its own because the two databases share no transaction.
    """
    context = current_context()
    await session.execute(
        text(
            f"INSERT INTO {schema}.audit_log"
            " (actor_id, action, resource_type, resource_id, request_id, address)"
            " VALUES (:actor_id, :action, :resource_type, :resource_id, :request_id, :address)"
        ),
        {
            "actor_id": entry.actor_id,
            "action": entry.action,
            "resource_type": entry.resource_type,
            "resource_id": entry.resource_id,
            "request_id": context.request_id,
            "address": context.address,
        },
    )
