"""Gives an operator's answer to everybody who asked: a task, as these may be many."""

from typing import Any, Final

from praca.helpdesk.desk.unanswered import repository
from praca.helpdesk.questions.replacing import replace_answer
from praca.platform.tasks import TaskContext, TaskKind

__all__ = ["GIVE_ANSWER"]

_BATCH: Final = 100


async def give_answer(context: TaskContext, args: dict[str, Any]) -> dict[str, Any]:
    """Put the answer of a group in the place of what its askers were told.

    Each batch is a transaction, and what is given is noted in it: who dies leaves the rest to the
    next. A question that was erased meanwhile needs no answer.
    """
    group_id, operator_id = int(args["group_id"]), int(args["operator_id"])
    done, found = 0, _BATCH
    while found == _BATCH:
        async with context.resources.databases.city.write() as session:
            answer, batch = await repository.undelivered(session, group_id, _BATCH)
            for _, question_id in batch:
                await replace_answer(session, question_id, answer, operator_id)
            await repository.mark_delivered(session, [entry for entry, _ in batch])
        found = len(batch)
        done += found
        context.progress(done)
    return {"given": done}


GIVE_ANSWER: Final = TaskKind("helpdesk.give_answer", give_answer)
