"""The audit: who did what to which resource, when and from where; never with which values.

A record is written in the same transaction as the change it tells of, so neither exists without
the other. The database refuses to change or remove one; only where somebody was when he did it
can be forgotten, when his account is erased.
"""

from dataclasses import dataclass
from typing import Any, cast

from praca.platform.context import current_context
from praca.platform.database.engine import WriteSession, driver_connection

__all__ = ["AuditEntry", "forget_actor", "noting", "record"]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing done.

    Attributes:
        action: what, as ``room.thing_done`` (for example ``jobs.candidate_read``).
        resource_type: kind of the resource, for example ``candidate``.
        resource_id: its key as text, if it has one.
        actor_id: account that did it; none for anonymous callers and the system itself.
        has_origin: note from where, and in which request; what nobody's account did no erasure
            could forget.
    """

    action: str
    resource_type: str
    resource_id: str | None = None
    actor_id: int | None = None
    has_origin: bool = True


_COLUMNS = "actor_id, action, resource_type, resource_id, request_id, address"


def _params(entry: AuditEntry) -> dict[str, Any]:
    context = current_context()
    return {
        "audit_actor_id": entry.actor_id,
        "audit_action": entry.action,
        "audit_resource_type": entry.resource_type,
        "audit_resource_id": entry.resource_id,
        "audit_request_id": context.request_id if entry.has_origin else None,
        "audit_address": context.address if entry.has_origin else None,
    }


def _values(resource_id: str = "%(audit_resource_id)s::text") -> str:
    return (
        "%(audit_actor_id)s::bigint, %(audit_action)s::text, %(audit_resource_type)s::text,"
        f" {resource_id}, %(audit_request_id)s::text, %(audit_address)s::text"
    )


async def record(session: WriteSession, entry: AuditEntry, *, schema: str = "platform") -> None:
    """Write ``entry`` within the session's transaction.

    ``schema`` is ``identity`` for what happens in the accounts' database, which has an audit table
    of its own because the two databases share no transaction.
    """
    connection = await driver_connection(session)
    statement = f"INSERT INTO {schema}.audit_log ({_COLUMNS}) VALUES ({_values()})"
    await connection.execute(cast("Any", statement), _params(entry))


async def forget_actor(session: WriteSession, account_id: int, *, schema: str = "platform") -> None:
    """Blank the network address and the request in the entries of one actor.

    A caller chooses the id of his requests, so it may tell who he is. The database lets nothing
    else of an entry be changed, and only while the transaction names the account.
    """
    connection = await driver_connection(session)
    name = "SELECT set_config('praca.forget_actor', %s, true)"
    await connection.execute(name, [str(account_id)])
    statement = (
        f"UPDATE {schema}.audit_log SET address = NULL, request_id = NULL WHERE actor_id = %s"
        " AND (address IS NOT NULL OR request_id IS NOT NULL)"
    )
    await connection.execute(cast("Any", statement), [account_id])
    await connection.execute(name, [""])


def noting(
    query: str, entry: AuditEntry, *, key: str | None = None, first: str = ""
) -> tuple[str, dict[str, Any]]:
    """Return ``query`` as a statement that also writes ``entry``, and the entry's parameters.

    What is done and its record are one statement, so neither happens without the other, and they
    cost one round trip. Nothing is recorded if ``query`` yields no row.

    Args:
        query: yields at most one row; its parameters do not begin with ``audit_``.
        entry: the record.
        key: column of the row that is the resource's key, where the entry cannot know it.
        first: a change that ``query`` needs; it reads the rows of that from ``held``.
    """
    values = _values() if key is None else _values(f"found.{key}::text")
    before = f"held AS ({first}), " if first else ""
    statement = (
        f"WITH {before}found AS ({query}), noted AS"
        f" (INSERT INTO platform.audit_log ({_COLUMNS}) SELECT {values} FROM found)"
        " SELECT * FROM found"
    )
    return statement, _params(entry)
