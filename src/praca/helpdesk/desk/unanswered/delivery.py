"""Gives an operator's answer to everybody who asked: a task, as these may be many."""

from typing import Any, Final
from uuid import UUID

from praca.helpdesk.desk.unanswered import repository
from praca.helpdesk.questions.errors import QuestionNotFoundError
from praca.helpdesk.questions.replacing import replace_answer
from praca.platform.database import WriteSession
from praca.platform.tasks import TaskContext, TaskKind

__all__ = ["GIVE_ANSWER"]

_BATCH: Final = 100


async def give_answer(context: TaskContext, args: dict[str, Any]) -> dict[str, Any]:
    """Put the answer of a group in the place of what its askers were told.

    Each batch is a transaction, and what is given is noted in it: who dies leaves the rest to the
    next. Who asked a question that was erased or forgotten meanwhile cannot be told any more.
    """
    group_id, operator_id = int(args["group_id"]), int(args["operator_id"])
    given, found = 0, _BATCH
    while found == _BATCH:
        async with context.resources.databases.city.write() as session:
            answer, batch = await repository.undelivered(session, group_id, _BATCH)
            told = [
                entry
                for entry, question_id in batch
                if await _is_told(session, question_id, answer, operator_id)
            ]
            await repository.mark_delivered(session, told)
            await repository.mark_unreachable(session, [e for e, _ in batch if e not in told])
        found = len(batch)
        given += len(told)
        context.progress(given)
    return {"given": given}


async def _is_told(session: WriteSession, question_id: UUID, answer: str, operator_id: int) -> bool:
    try:
        await replace_answer(session, question_id, answer, operator_id)
    except QuestionNotFoundError:  # found by an update of no row: the transaction goes on
        return False
    return True


GIVE_ANSWER: Final = TaskKind("helpdesk.give_answer", give_answer)
