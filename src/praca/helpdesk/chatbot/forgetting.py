"""Conversations end by themselves: nothing that was said is kept for longer than it is of use."""

from datetime import timedelta
from typing import Any, Final

from praca.helpdesk.chatbot import repository
from praca.platform.database import WriteSession
from praca.platform.tasks import TaskContext, TaskKind

__all__ = ["FORGET_CONVERSATIONS", "forget_conversation"]


async def forget_conversation(session: WriteSession, user_id: int) -> None:
    """Remove what a person said, within the session's transaction; for his erasure."""
    await repository.delete(session, user_id)


async def _forget(context: TaskContext, _args: dict[str, Any]) -> dict[str, Any]:
    resources = context.resources
    age = timedelta(minutes=resources.settings.helpdesk.chatbot_forget_minutes)
    return {"removed": await repository.delete_old(resources.databases.city, older_than=age)}


FORGET_CONVERSATIONS: Final = TaskKind(
    "helpdesk.forget_conversations", _forget, is_exclusive=True, cron=lambda _: "*/10 * * * *"
)
"""Every ten minutes; what is older is not read even before."""
