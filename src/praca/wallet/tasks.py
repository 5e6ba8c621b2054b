"""The wallet's background work."""

from datetime import timedelta
from typing import Any, Final

from praca.platform.idempotency import delete_old_answers
from praca.platform.tasks import TaskContext, TaskKind

__all__ = ["FORGET_ANSWERS"]


async def _forget_answers(context: TaskContext, _args: dict[str, Any]) -> dict[str, Any]:
    """Remove the answers to requests that nobody will send again."""
    resources = context.resources
    age = timedelta(days=resources.settings.wallet.idempotency_days)
    return {"removed": await delete_old_answers(resources.databases.city, older_than=age)}


FORGET_ANSWERS: Final = TaskKind(
    "wallet.forget_answers", _forget_answers, is_exclusive=True, cron=lambda _: "40 4 * * *"
)
