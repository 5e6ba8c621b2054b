"""Reviews of automated scores over HTTP: candidates ask, recruiters work a queue."""

from datetime import timedelta
from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Path, Query, Request

from praca.identity.auth import CurrentSubject
from praca.identity.errors import ForbiddenError
from praca.jobs.auth import StaffMember
from praca.jobs.errors import CandidateNotFoundError
from praca.jobs.matching import Matcher
from praca.jobs.matching.errors import MatchModelMissingError, VacancyUnknownError
from praca.jobs.reviews.errors import (
    AccountNotLinkedError,
    OpenReviewError,
    ReviewLimitError,
    ReviewNotFoundError,
    ReviewOwnCaseError,
    ReviewStateError,
)
from praca.jobs.reviews.repository import Decision, Filter, Review
from praca.jobs.reviews.schemas import (
    REVIEW_ID,
    ReviewCreate,
    ReviewDecision,
    ReviewDetails,
    ReviewPage,
    ReviewRead,
    ReviewStatus,
)
from praca.jobs.reviews.service import ReviewService
from praca.platform.web import problem_responses, resources_of
from praca.platform.web.routing import RoomRouter

__all__ = ["router"]


async def _service(request: Request) -> ReviewService:
    resources = resources_of(request)
    return ReviewService(
        resources.databases.city,
        cast("Matcher", request.app.state.matcher),
        timedelta(days=resources.settings.jobs.review_deadline_days),
    )


Reviews = Annotated[ReviewService, Depends(_service)]
ReviewId = Annotated[
    UUID, Path(alias="revisao_id", description="Id of the review.", examples=[REVIEW_ID])
]
Offset = Annotated[int, Query(ge=0, le=2**31 - 1, description="Reviews to skip.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="Reviews to show.")]

router = RoomRouter(prefix="/revisoes", tags=["revisoes"])


@router.post(
    "",
    status_code=201,
    summary="Ask for a review of a score by a person",
    description="A candidate's right under Lei 13.709/2018, art. 20. The score is kept as it is "
    "now, so that the review is about what was asked. Staff may ask on a candidate's behalf.",
    responses=problem_responses(
        AccountNotLinkedError,
        ForbiddenError,
        CandidateNotFoundError,
        VacancyUnknownError,
        OpenReviewError,
        ReviewLimitError,
        MatchModelMissingError,
    ),
)
async def request_review(
    body: ReviewCreate, reviews: Reviews, subject: CurrentSubject
) -> ReviewRead:
    review = await reviews.request(subject, body.codigo_vaga, body.codigo_candidato, body.motivo)
    return ReviewRead.of(review)


@router.get(
    "",
    summary="The queue of reviews",
    description="All reviews, the nearest deadline first; `total` counts all that match.",
    responses=problem_responses(ForbiddenError),
)
async def list_reviews(
    reviews: Reviews,
    _subject: StaffMember,
    status: Annotated[ReviewStatus | None, Query(description="Only those in this state.")] = None,
    atrasadas: Annotated[
        bool, Query(description="Only those that are open past their deadline.")
    ] = False,
    limit: Limit = 100,
    offset: Offset = 0,
) -> ReviewPage:
    which = Filter(status=status, overdue=atrasadas)
    return _page(await reviews.queue(which, offset=offset, limit=limit), offset, limit)


@router.get(
    "/minhas",
    summary="One's own reviews",
    description="Reviews of the candidate that the caller's account is linked to.",
)
async def list_own_reviews(
    reviews: Reviews, subject: CurrentSubject, limit: Limit = 100, offset: Offset = 0
) -> ReviewPage:
    return _page(await reviews.list_own(subject, offset=offset, limit=limit), offset, limit)


@router.get(
    "/{revisao_id}",
    summary="A review and the score it is about",
    description="The score is reproduced with the profiles and the version of the model of when "
    "the review was requested. The reading is noted in the audit.",
    responses=problem_responses(ReviewNotFoundError),
)
async def read_review(
    review_id: ReviewId, reviews: Reviews, subject: CurrentSubject
) -> ReviewDetails:
    return ReviewDetails.with_score(await reviews.show(subject, review_id))


@router.post(
    "/{revisao_id}/assumir",
    summary="Take a review on",
    description="Nobody else decides it then; operators and admins may take it over.",
    responses=problem_responses(
        ForbiddenError, ReviewNotFoundError, ReviewOwnCaseError, ReviewStateError
    ),
)
async def assume_review(review_id: ReviewId, reviews: Reviews, subject: StaffMember) -> ReviewRead:
    return ReviewRead.of(await reviews.assume(subject, review_id))


@router.post(
    "/{revisao_id}/decidir",
    summary="Decide a review",
    description="Once, with the reason. The same decision sent again by the same person is "
    "answered alike; of two who decide at once, one is refused.",
    responses=problem_responses(
        ForbiddenError, ReviewNotFoundError, ReviewOwnCaseError, ReviewStateError
    ),
)
async def decide_review(
    review_id: ReviewId, body: ReviewDecision, reviews: Reviews, subject: StaffMember
) -> ReviewRead:
    decision = Decision(body.decisao.value, body.justificativa, body.encaminhar)
    return ReviewRead.of(await reviews.decide(subject, review_id, decision))


@router.post(
    "/{revisao_id}/cancelar",
    summary="Withdraw a review",
    description="By who asked for it, or the candidate, while nobody has taken it on.",
    responses=problem_responses(ForbiddenError, ReviewNotFoundError, ReviewStateError),
)
async def cancel_review(
    review_id: ReviewId, reviews: Reviews, subject: CurrentSubject
) -> ReviewRead:
    return ReviewRead.of(await reviews.cancel(subject, review_id))


def _page(found: tuple[list[Review], int], offset: int, limit: int) -> ReviewPage:
    reviews, total = found
    data = [ReviewRead.of(review) for review in reviews]
    return ReviewPage(total=total, offset=offset, limit=limit, data=data)
