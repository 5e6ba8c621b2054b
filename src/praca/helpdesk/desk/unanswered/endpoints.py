"""The operators' queue over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request, Response

from praca.helpdesk.desk.auth import Operator
from praca.helpdesk.desk.errors import UnansweredClosedError, UnansweredNotFoundError
from praca.helpdesk.desk.fields import BIGGEST_ID, TOTAL_HEADER, Limit, Offset
from praca.helpdesk.desk.unanswered.records import Source, Which
from praca.helpdesk.desk.unanswered.schemas import (
    QUEUE_EXAMPLE,
    UnansweredAnswer,
    UnansweredArticle,
    UnansweredRead,
)
from praca.helpdesk.desk.unanswered.service import UnansweredService
from praca.helpdesk.knowledge.errors import ArticleKeyTakenError
from praca.identity.errors import ForbiddenError
from praca.platform.web import CityRead, CityWrite, problem_responses, resources_of
from praca.platform.web.routing import RoomRouter

__all__ = ["router"]


async def _service(request: Request) -> UnansweredService:
    return UnansweredService(resources_of(request).tasks)


_Queue = Annotated[UnansweredService, Depends(_service)]
_QuestionId = Annotated[
    int,
    Path(
        alias="unanswered_id",
        ge=1,
        le=BIGGEST_ID,
        description="Id of a group of the queue.",
        examples=[31],
    ),
]

router = RoomRouter(prefix="/helpdesk/unanswered", tags=["helpdesk"])


@router.get(
    "",
    summary="List what could not be answered",
    responses={
        200: {
            "content": {"application/json": {"example": QUEUE_EXAMPLE}},
            "headers": TOTAL_HEADER,
        },
        **problem_responses(ForbiddenError),
    },
)
async def list_unanswered(
    response: Response,
    session: CityRead,
    queue: _Queue,
    _operator: Operator,
    status: Annotated[
        Which, Query(description="Only the open ones, the closed ones, or one kind of these.")
    ] = Which.OPEN,
    source: Annotated[Source | None, Query(description="Only what was asked there, too.")] = None,
    offset: Offset = 0,
    limit: Limit = 100,
) -> list[UnansweredRead]:
    """List questions, equal ones as one: the most asked first, of closed ones the last closed.

    Questions are equal that differ in case, accents, blanks and punctuation only.
    """
    groups, total = await queue.queue(session, status, source, offset=offset, limit=limit)
    response.headers["X-Total-Count"] = str(total)
    return [UnansweredRead.of(group) for group in groups]


@router.post(
    "/{unanswered_id}/answer",
    summary="Answer a question for everybody who asked it",
    responses=problem_responses(ForbiddenError, UnansweredNotFoundError, UnansweredClosedError),
)
async def answer_unanswered(
    question_id: _QuestionId,
    body: UnansweredAnswer,
    session: CityWrite,
    queue: _Queue,
    operator: Operator,
) -> UnansweredRead:
    """Answer: within moments the answer is in every asker's session, each of which is told.

    Of two operators at once, the second is refused.
    """
    return UnansweredRead.of(await queue.answer(session, operator, question_id, body.answer))


@router.post(
    "/{unanswered_id}/article",
    status_code=201,
    summary="Write an article about a question",
    responses=problem_responses(
        ForbiddenError, UnansweredNotFoundError, UnansweredClosedError, ArticleKeyTakenError
    ),
)
async def write_article_for_unanswered(
    question_id: _QuestionId,
    body: UnansweredArticle,
    session: CityWrite,
    queue: _Queue,
    operator: Operator,
) -> UnansweredRead:
    """Write an article, from which the question is answered from now on, and close it."""
    return UnansweredRead.of(
        await queue.write_article(session, operator, question_id, body.draft(), body.answer)
    )


@router.post(
    "/{unanswered_id}/dismiss",
    summary="Dismiss a question",
    responses=problem_responses(ForbiddenError, UnansweredNotFoundError, UnansweredClosedError),
)
async def dismiss_unanswered(
    question_id: _QuestionId, session: CityWrite, queue: _Queue, operator: Operator
) -> UnansweredRead:
    """Take a question out of the queue that needs no answer."""
    return UnansweredRead.of(await queue.dismiss(session, operator, question_id))
