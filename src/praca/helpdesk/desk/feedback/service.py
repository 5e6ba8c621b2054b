"""The rules of feedback: one's own answers, once each, changeable, and not without end."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from praca.helpdesk.desk.errors import (
    FeedbackLimitError,
    FeedbackQuestionError,
    FeedbackTooEarlyError,
)
from praca.helpdesk.desk.feedback import repository
from praca.helpdesk.desk.feedback.records import AskedQuestion, Asker, Judgement, Opinion, Verdict
from praca.helpdesk.desk.masking import masked
from praca.helpdesk.knowledge.errors import ArticleNotFoundError
from praca.helpdesk.knowledge.repository import find_by_keys
from praca.identity.limits import FailureKeys, Limiter
from praca.kit.text import bounded, fold, squeeze
from praca.platform.audit import AuditEntry, record
from praca.platform.context import current_context
from praca.platform.database import ReadSession, WriteSession
from praca.platform.resources import Resources

__all__ = ["FeedbackService"]

_WINDOW: Final = timedelta(hours=1)
_LONGEST_COMMENT: Final = 1_000
_PURPOSE: Final = b"praca help desk feedback"


class FeedbackService:
    """Feedback of one application.

    Each judgement is two transactions: what is counted is in the accounts' database, as all such
    counters are, and counts although the judgement is refused.
    """

    def __init__(self, resources: Resources) -> None:
        settings = resources.settings
        self._databases = resources.databases
        self._most = settings.helpdesk.feedback_max_per_hour
        self._networks = FailureKeys(settings.signing_key)
        self._key = hmac.digest(settings.signing_key.encode(), _PURPOSE, hashlib.sha256)
        self._limiter = Limiter(_WINDOW)

    async def judge_question(
        self, asker: Asker, question_id: UUID, judgement: Judgement
    ) -> Opinion:
        """Keep what the asker of a question says of its answer.

        Raises:
            FeedbackQuestionError: there is no such question, or somebody else asked it.
            FeedbackTooEarlyError: it has no answer yet.
            FeedbackLimitError: too much of it within an hour.
        """
        await self._count(asker)
        async with self._databases.city.write() as session:
            question = await repository.find_question(session, question_id)
            if question is None or not _is_askers(question, asker):
                raise FeedbackQuestionError
            if question.status != "respondida":
                raise FeedbackTooEarlyError
            verdict = Verdict(
                question_id, None, asker.user_id, question.article_keys, _cleaned(judgement)
            )
            return await _keep(session, verdict)

    async def judge_answer(
        self, asker: Asker, article_key: str, question: str, judgement: Judgement
    ) -> Opinion:
        """Keep what somebody says of an answer that was given at once.

        Of the question a digest is kept, and of who has no account one with his network's: enough
        to find his judgement again when he changes his mind.

        Raises:
            ArticleNotFoundError: there is no such article.
            FeedbackLimitError: too much of it within an hour.
        """
        who = await self._count(asker)
        async with self._databases.city.write() as session:
            await _check_article(session, article_key)
            asked = squeeze(fold(bounded(question, len(question))))
            key = self._digest(who, article_key, asked)
            verdict = Verdict(None, key, asker.user_id, [article_key], _cleaned(judgement))
            return await _keep(session, verdict)

    def _digest(self, *parts: str) -> bytes:
        return hmac.digest(self._key, "\0".join(parts).encode(), hashlib.sha256)

    async def _count(self, asker: Asker) -> str:
        """Count one judgement of an account or a network; return a name for whose it is."""
        network = self._networks.of_address(current_context().address or "")
        who = f"account {asker.user_id}" if asker.user_id is not None else network
        limits = {f"feedback:{self._digest(who).hex()}": self._most}
        async with self._databases.identity.write() as session:
            await self._check(session, limits)
        return who

    async def _check(self, session: WriteSession, limits: Mapping[str, int]) -> None:
        wait_s = await self._limiter.wait_s(session, limits)
        if wait_s is None and not await self._limiter.count(session, limits):
            wait_s = int(_WINDOW.total_seconds())
        if wait_s is not None:
            raise FeedbackLimitError(wait_s)


def _is_askers(question: AskedQuestion, asker: Asker) -> bool:
    if question.user_id is not None:  # the id of an account's session is nobody's token
        return question.user_id == asker.user_id
    return question.session_id == asker.session_id


def _cleaned(judgement: Judgement) -> Judgement:
    comment = masked(judgement.comment or "", _LONGEST_COMMENT).strip()
    return Judgement(judgement.is_helpful, comment or None)


async def _check_article(session: ReadSession, key: str) -> None:
    article = (await find_by_keys(session, [key])).get(key)
    if article is None or article.deleted_at is not None:
        raise ArticleNotFoundError


async def _keep(session: WriteSession, verdict: Verdict) -> Opinion:
    opinion = await repository.keep(session, verdict)
    # Without an account no erasure would find from where it came.
    entry = AuditEntry(
        "helpdesk.feedback_given",
        "feedback",
        str(opinion.id),
        verdict.user_id,
        has_origin=verdict.user_id is not None,
    )
    await record(session, entry)
    return opinion
