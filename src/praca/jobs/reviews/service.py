"""The rules of reviews: who may ask, who may decide, and what is decided once.

A candidate may ask that a person looks at a score a machine gave (Lei 13.709/2018, art. 20). What
is looked at is the score of then: it is kept as a snapshot with the request, and reproduced.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from praca.identity import Role, Subject
from praca.identity.errors import ForbiddenError
from praca.jobs.accounts import account_of, candidate_of
from praca.jobs.errors import CandidateNotFoundError
from praca.jobs.matching import Matcher
from praca.jobs.matching.errors import ModelVersionUnreadableError
from praca.jobs.matching.score_snapshots import keep_snapshot
from praca.jobs.matching.service import ExplainedScore
from praca.jobs.reviews import repository
from praca.jobs.reviews.errors import (
    AccountNotLinkedError,
    OpenReviewError,
    ReviewLimitError,
    ReviewNotFoundError,
    ReviewOwnCaseError,
    ReviewStateError,
)
from praca.jobs.reviews.repository import Decision, Filter, NewReview, Review
from praca.kit.clock import utc_now
from praca.platform.audit import AuditEntry, record
from praca.platform.database import Database, ReadSession, WriteSession

__all__ = ["ReviewService", "ReviewWithScore"]

_STAFF: Final = frozenset({Role.RECRUTADOR, Role.OPERADOR, Role.ADMIN})
_MAY_REASSIGN: Final = frozenset({Role.OPERADOR, Role.ADMIN})
_MOST: Final = 20
"""So many reviews of one's own are open, or were asked for within a day, at most."""


@dataclass(frozen=True, slots=True)
class ReviewWithScore:
    """A review and the score it is about, reproduced; none if its version is unreadable."""

    review: Review
    score: ExplainedScore | None


class ReviewService:
    """Reviews of one application.

    Args:
        city: where the reviews are.
        matcher: what explains and reproduces scores.
        deadline: within what time a review must be decided.
        now: the clock.
    """

    def __init__(
        self,
        city: Database,
        matcher: Matcher,
        deadline: timedelta,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._city = city
        self._matcher = matcher
        self._deadline = deadline
        self._now = now

    # Each method opens short sessions of its own, one after the other; see Matcher.

    async def request(
        self, subject: Subject, codigo_vaga: int, codigo_candidato: int | None, motivo: str
    ) -> Review:
        """Ask for a review of the score that the candidate has now.

        Raises:
            AccountNotLinkedError: the caller is no candidate, and no staff that names one.
            ForbiddenError: the caller, no staff, names somebody else.
            VacancyUnknownError: no vacancy has this code.
            CandidateNotFoundError: no candidate has this code.
            OpenReviewError: one is open for this pair.
            ReviewLimitError: the caller has asked for as many of his own as one may.
            MatchModelMissingError: there is no model, hence no score.
        """
        codigo = await self._on_whose_behalf(subject, codigo_candidato)
        score = await self._matcher.explain(codigo_vaga, codigo)
        async with self._city.write() as session:
            if not await keep_snapshot(session, score.snapshot):
                raise CandidateNotFoundError(str(codigo))
            new = NewReview(
                id=uuid4(),
                codigo_candidato=codigo,
                codigo_vaga=codigo_vaga,
                snapshot_hash=score.snapshot.hash,
                motivo=motivo,
                prazo=self._now() + self._deadline,
                requested_by=subject.id,
                account_id=await _whose(session, subject, codigo),
            )
            if not await repository.add(session, new):
                raise OpenReviewError
            await _note(session, "review_requested", new.id, subject)
            return await _require(session, new.id)

    async def _on_whose_behalf(self, subject: Subject, codigo: int | None) -> int:
        if subject.role in _STAFF and codigo is not None:
            return codigo
        async with self._city.read() as session:
            own = await candidate_of(session, subject.id)
        if own is None:
            raise AccountNotLinkedError
        if codigo not in {None, own}:
            raise ForbiddenError
        return own

    async def list_own(
        self, subject: Subject, *, offset: int, limit: int
    ) -> tuple[list[Review], int]:
        """Return one page of the reviews of the caller's candidate, and how many there are."""
        async with self._city.read() as session:
            own = await candidate_of(session, subject.id)
            if own is None:
                return [], 0
            return await repository.list_reviews(
                session, Filter(codigo_candidato=own), offset=offset, limit=limit
            )

    async def queue(self, which: Filter, *, offset: int, limit: int) -> tuple[list[Review], int]:
        """Return one page of all reviews, the nearest deadline first, and how many there are."""
        async with self._city.read() as session:
            return await repository.list_reviews(session, which, offset=offset, limit=limit)

    async def show(self, subject: Subject, review_id: UUID) -> ReviewWithScore:
        """Return a review with the score it is about, and note the reading.

        Raises:
            ReviewNotFoundError: there is none, or it is somebody else's.
        """
        async with self._city.write() as session:
            review = await _visible(session, subject, review_id)
            await _note(session, "review_read", review_id, subject)
        try:
            score = await self._matcher.reproduce(review.snapshot_hash)
        except ModelVersionUnreadableError:
            score = None  # people decide all the same
        return ReviewWithScore(review, score)

    async def assume(self, subject: Subject, review_id: UUID) -> Review:
        """Take a review on; repeating it changes nothing.

        Operators and admins may take over what a colleague has in hand.

        Raises:
            ReviewNotFoundError: there is none.
            ReviewOwnCaseError: it is about the caller.
            ReviewStateError: it is closed, or in a colleague's hands.
        """
        async with self._city.write() as session:
            await _check_reviewer(session, subject, review_id)
            taken = await repository.assume(
                session, review_id, subject.id, from_others=subject.role in _MAY_REASSIGN
            )
            review = await _require(session, review_id)
            if not taken:
                raise ReviewStateError(review.status)
            await _note(session, "review_assumed", review_id, subject)
            return review

    async def decide(self, subject: Subject, review_id: UUID, decision: Decision) -> Review:
        """Decide a review, once; the same decision by the same person again changes nothing.

        Raises:
            ReviewNotFoundError: there is none.
            ReviewOwnCaseError: it is about the caller.
            ReviewStateError: it is closed, or in a colleague's hands.
        """
        async with self._city.write() as session:
            await _check_reviewer(session, subject, review_id)
            decided = await repository.decide(session, review_id, subject.id, decision)
            review = await _require(session, review_id)
            if decided:
                await _note(session, "review_decided", review_id, subject)
            elif not _is_repeated(review, subject, decision):
                raise ReviewStateError(review.status)
            return review

    async def cancel(self, subject: Subject, review_id: UUID) -> Review:
        """Withdraw one's own request while nobody has taken it on; repeating changes nothing.

        Raises:
            ReviewNotFoundError: there is none, or it is somebody else's.
            ForbiddenError: the caller may see it but did not ask for it.
            ReviewStateError: somebody has taken it on or decided it.
        """
        async with self._city.write() as session:
            before = await _visible(session, subject, review_id)
            own = await candidate_of(session, subject.id)
            if before.requested_by != subject.id and before.codigo_candidato != own:
                raise ForbiddenError
            cancelled = await repository.cancel(session, review_id)
            review = await _require(session, review_id)
            if cancelled:
                await _note(session, "review_cancelled", review_id, subject)
            elif review.status != "cancelada":
                raise ReviewStateError(review.status)
            return review


async def _whose(session: WriteSession, subject: Subject, codigo: int) -> int | None:
    """Return the account of the candidate, who, if he asks himself, may not ask without end."""
    account_id = await account_of(session, codigo)  # of his requests that come together, one counts
    if account_id == subject.id:
        if await repository.count_recent(session, codigo, subject.id) >= _MOST:
            raise ReviewLimitError(_MOST)
    elif subject.role not in _STAFF:
        raise AccountNotLinkedError  # unlinked meanwhile
    return account_id


async def _require(session: ReadSession, review_id: UUID) -> Review:
    review = await repository.find(session, review_id)
    if review is None:
        raise ReviewNotFoundError
    return review


async def _visible(session: ReadSession, subject: Subject, review_id: UUID) -> Review:
    """Return a review that the caller may see; others' look like none."""
    review = await _require(session, review_id)
    if subject.role not in _STAFF and (
        await candidate_of(session, subject.id) != review.codigo_candidato
    ):
        raise ReviewNotFoundError
    return review


async def _check_reviewer(session: ReadSession, subject: Subject, review_id: UUID) -> None:
    """Refuse who is the candidate, and who was when the review was requested."""
    review = await _require(session, review_id)
    own = await candidate_of(session, subject.id)
    if subject.id == review.account_id or own == review.codigo_candidato:
        raise ReviewOwnCaseError


def _is_repeated(review: Review, subject: Subject, decision: Decision) -> bool:
    return review.decided_by == subject.id and decision == Decision(
        review.decisao or "", review.justificativa or "", review.encaminhar
    )


async def _note(session: WriteSession, what: str, review_id: UUID, subject: Subject) -> None:
    await record(session, AuditEntry(f"jobs.{what}", "review", str(review_id), subject.id))
