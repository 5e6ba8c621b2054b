"""What the platform keeps about an account: the tasks it asked for, and the audit."""

from collections.abc import Iterable

from pydantic import JsonValue
from sqlalchemy import Row, delete, or_, select, text, update

from praca.platform.audit import forget_actor
from praca.platform.database import Database
from praca.platform.models import AuditLog, TaskRun
from praca.platform.resources import Resources

__all__ = ["PlatformHolder", "tidy"]

_FORGET_STATISTICS = """
SELECT pg_clear_attribute_stats(schemaname::text, tablename::text, attname::text, inherited)
FROM pg_stats WHERE schemaname || '.' || tablename = :table
"""
_CAN_FORGET = 180_000
_UNFINISHED = ("queued", "running")


async def tidy(database: Database, tables: Iterable[str]) -> None:
    """Have PostgreSQL drop the old versions of rows, and draw its statistics of them anew.

    Its statistics quote values of single rows, and nothing else makes it forget soon those of a
    row among many.

    Args:
        database: where the tables are.
        tables: their names with the schema, constants of our own.
    """
    async with database.engine.connect() as connection:
        own = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await own.execute(text(f"VACUUM (ANALYZE) {', '.join(tables)}"))
        # Of a table that has no row left nothing is drawn, and what was drawn before stays. Older
        # servers cannot be told to forget it; there it goes when the table has rows again.
        version = int(await own.scalar(text("SHOW server_version_num")) or 0)
        for table in tables if version >= _CAN_FORGET else ():
            if not await own.scalar(text(f"SELECT EXISTS (SELECT FROM {table})")):
                await own.execute(text(_FORGET_STATISTICS), {"table": table})


class PlatformHolder:
    """The city database's tasks and audit, of which every room writes.

    It erases last: what the other rooms do to erase is in the audit, too.
    """

    name = "plataforma"

    def __init__(self, resources: Resources) -> None:
        self._database = resources.databases.city

    async def export(self, account_id: int) -> JsonValue:
        """Return the account's tasks, and what it did or was done to it."""
        tasks = (
            select(TaskRun.id, TaskRun.kind, TaskRun.status, TaskRun.created_at)
            .where(TaskRun.owner_id == account_id)
            .order_by(TaskRun.created_at)
        )
        entries = (
            select(AuditLog)
            .where(
                or_(
                    AuditLog.actor_id == account_id,
                    (AuditLog.resource_type == "account")
                    & (AuditLog.resource_id == str(account_id)),
                )
            )
            .order_by(AuditLog.id)
        )
        async with self._database.read() as session:
            runs = (await session.execute(tasks)).all()
            noted = (await session.scalars(entries)).all()
        return {
            "tarefas": [_task(run) for run in runs],
            "auditoria": [_entry(entry, account_id) for entry in noted],
        }

    async def erase(self, account_id: int) -> None:
        """Remove the account's finished tasks, disown the others, and forget where it was.

        A task that runs is not taken from under its worker; of its arguments none is about the
        one who asked. The audit goes on saying what was done, by which number.
        """
        async with self._database.write() as session:
            own = TaskRun.owner_id == account_id
            await session.execute(delete(TaskRun).where(own, TaskRun.status.not_in(_UNFINISHED)))
            await session.execute(update(TaskRun).where(own).values(owner_id=None))
            await forget_actor(session, account_id)


def _task(run: Row[*tuple[object, ...]]) -> JsonValue:
    # Arguments and results of staff's tasks are about other people.
    return {
        "id": str(run.id),
        "tipo": run.kind,
        "situacao": run.status,
        "criada_em": run.created_at.isoformat(),
    }


def _entry(entry: AuditLog, account_id: int) -> JsonValue:
    """Return an entry; whom it was about, and where somebody else was, is their own affair."""
    by_owner = entry.actor_id == account_id
    return {
        "quando": entry.at.isoformat(),
        "acao": entry.action,
        "recurso": entry.resource_type,
        "pela_propria_pessoa": by_owner,
        "endereco": entry.address if by_owner else None,
    }
