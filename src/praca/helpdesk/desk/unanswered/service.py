"""The rules of the operators' queue: a question is answered, made an article, or dismissed, once.

Of two operators at once the second is told what the first did. Operators see what was asked, never
who asked it.
"""

from praca.helpdesk.desk.errors import UnansweredClosedError, UnansweredNotFoundError
from praca.helpdesk.desk.unanswered import repository
from praca.helpdesk.desk.unanswered.delivery import GIVE_ANSWER
from praca.helpdesk.desk.unanswered.records import Closing, Group, Outcome, Source, Which
from praca.helpdesk.knowledge.content import ArticleDraft
from praca.helpdesk.knowledge.service import create_article
from praca.identity import Subject
from praca.platform.audit import AuditEntry, record
from praca.platform.database import ReadSession, WriteSession
from praca.platform.tasks import TaskQueue

__all__ = ["UnansweredService"]


class UnansweredService:
    """The queue of one application; every method works in the caller's transaction.

    Args:
        tasks: where it is enqueued that everybody who asked gets the answer.
    """

    def __init__(self, tasks: TaskQueue) -> None:
        self._tasks = tasks

    async def queue(
        self, session: ReadSession, which: Which, source: Source | None, *, offset: int, limit: int
    ) -> tuple[list[Group], int]:
        """Return one page of groups of equal questions, and how many groups there are."""
        return await repository.list_groups(session, which, source, offset=offset, limit=limit)

    async def answer(
        self, session: WriteSession, operator: Subject, question_id: int, answer: str
    ) -> Group:
        """Answer a question for everybody who asked it.

        Raises:
            UnansweredNotFoundError: there is none.
            UnansweredClosedError: somebody has dealt with it.
        """
        closing = Closing(Outcome.ANSWERED, answer)
        return await self._close(session, operator, question_id, closing, "unanswered_answered")

    async def dismiss(self, session: WriteSession, operator: Subject, question_id: int) -> Group:
        """Take a question out of the queue without an answer.

        Raises:
            UnansweredNotFoundError: there is none.
            UnansweredClosedError: somebody has dealt with it.
        """
        closing = Closing(Outcome.DISMISSED)
        return await self._close(session, operator, question_id, closing, "unanswered_dismissed")

    async def write_article(
        self,
        session: WriteSession,
        operator: Subject,
        question_id: int,
        draft: ArticleDraft,
        answer: str | None,
    ) -> Group:
        """Write an article from which the question will be answered, and close it.

        Args:
            session: to write with.
            operator: who writes.
            question_id: of the question.
            draft: the article.
            answer: what those who have asked get; none: nothing.

        Raises:
            UnansweredNotFoundError: there is none.
            UnansweredClosedError: somebody has dealt with it.
            ArticleKeyTakenError: there is an article of this key.
        """
        await _check_open(session, question_id)
        article = await create_article(session, draft, operator.id)
        # Who was quicker meanwhile keeps the question, and the article goes with the transaction.
        closing = Closing(Outcome.ARTICLE, answer, article.id)
        return await self._close(session, operator, question_id, closing, "unanswered_explained")

    async def _close(
        self,
        session: WriteSession,
        operator: Subject,
        question_id: int,
        closing: Closing,
        action: str,
    ) -> Group:
        group_id = await repository.close(session, question_id, closing)
        if group_id is None:
            await _check_open(session, question_id)
            raise UnansweredNotFoundError  # erased in this moment
        group = await repository.find_group(session, group_id)
        if group is None:
            raise UnansweredNotFoundError
        entry = AuditEntry(f"helpdesk.{action}", "unanswered_question", str(group_id), operator.id)
        await record(session, entry)
        if closing.answer is not None and group.reachable:
            args = {"group_id": group_id, "operator_id": operator.id}
            await self._tasks.enqueue(session, GIVE_ANSWER.name, args)
        return group


async def _check_open(session: ReadSession, question_id: int) -> None:
    outcome = await repository.outcome_of(session, question_id)
    if outcome is None:
        raise UnansweredNotFoundError
    if outcome is not Outcome.OPEN:
        raise UnansweredClosedError(outcome.value)
