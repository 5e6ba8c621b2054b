"""Forgetting every task that has ended, when an admin asks for it."""

from praca.platform.audit import AuditEntry, record
from praca.platform.database.engine import WriteSession
from praca.platform.errors import ConfirmationRequiredError
from praca.platform.tasks.queue import TaskQueue

__all__ = ["clear_finished_tasks"]


async def clear_finished_tasks(
    session: WriteSession, tasks: TaskQueue, *, actor_id: int, confirmed: int | None
) -> int:
    """Delete the tasks that have ended; those that are queued or running stay.

    Args:
        session: in whose transaction.
        tasks: the queue.
        actor_id: who asks.
        confirmed: how many he says they are.

    Returns:
        How many there were.

    Raises:
        ConfirmationRequiredError: they are not as many; nothing is changed then.
    """
    found = await tasks.count_finished(session)
    if confirmed == found:
        # Counted again, by what really goes: others may have ended, or gone, meanwhile.
        found = await tasks.delete_finished(session)
    if confirmed != found:
        raise ConfirmationRequiredError(f"{found} tarefa(s) encerrada(s)", found)
    await record(session, AuditEntry("tasks.cleared", "task", None, actor_id))
    return found
