"""The audit: who did what to which resource, when and from where; never with which values.

A record is written in the same transaction as the change it tells of, so neither exists without
the other. The database refuses to change or remove one.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from praca.platform.context import current_context
from praca.platform.database.engine import WriteSession

__all__ = ["AuditEntry", "noting", "record"]


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


def _insert(schema: str, values: str) -> str:
    return (
        f"INSERT INTO {schema}.audit_log"
        f" (actor_id, action, resource_type, resource_id, request_id, address) {values}"
    )


def _params(entry: AuditEntry) -> dict[str, Any]:
    context = current_context()
    return {
        "actor_id": entry.actor_id,
        "action": entry.action,
        "resource_type": entry.resource_type,
        "resource_id": entry.resource_id,
        "request_id": context.request_id,
        "address": context.address,
    }


async def record(session: WriteSession, entry: AuditEntry, *, schema: str = "platform") -> None:
    """Write ``entry`` within the session's transaction.

    ``schema`` is ``identity`` for what happens in the accounts' database, which has an audit table
    of its own because the two databases share no transaction.
    """
    values = "VALUES (:actor_id, :action, :resource_type, :resource_id, :request_id, :address)"
    await session.execute(text(_insert(schema, values)), _params(entry))


def noting(query: str, entry: AuditEntry) -> tuple[str, dict[str, Any]]:
    """Return ``query`` as a statement that also writes ``entry``, and the entry's parameters.

    Reading and record are one statement, so neither happens without the other, and they cost one
    round trip. Nothing is written if ``query`` finds nothing. It uses psycopg's parameters, under
    names that do not begin with ``audit_``, and yields at most one row.
    """
    params = {f"audit_{name}": value for name, value in _params(entry).items()}
    values = ", ".join(
        f"%({name})s::{'bigint' if name == 'audit_actor_id' else 'text'}" for name in params
    )
    noted = _insert("platform", f"SELECT {values} FROM found")
    return f"WITH found AS ({query}), noted AS ({noted}) SELECT * FROM found", params
