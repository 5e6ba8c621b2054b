"""Feedback over HTTP, and the help desk's figures."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from praca.helpdesk.desk.auth import Operator
from praca.helpdesk.desk.errors import (
    FeedbackLimitError,
    FeedbackQuestionError,
    FeedbackTooEarlyError,
)
from praca.helpdesk.desk.feedback import repository
from praca.helpdesk.desk.feedback.records import Asker
from praca.helpdesk.desk.feedback.schemas import (
    ARTICLES_EXAMPLE,
    OPINIONS_EXAMPLE,
    ArticleFiguresRead,
    FeedbackCreate,
    FeedbackRead,
    FiguresRead,
    OpinionRead,
)
from praca.helpdesk.desk.feedback.service import FeedbackService
from praca.helpdesk.desk.fields import TOTAL_HEADER, Days, Limit, Offset
from praca.helpdesk.knowledge.content import LONGEST
from praca.helpdesk.knowledge.errors import ArticleNotFoundError
from praca.identity.auth import SIGNED_IN, require_subject
from praca.identity.errors import ForbiddenError, InvalidTokenError
from praca.platform.web import CityRead, problem_responses, resources_of
from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

_WITH_OR_WITHOUT: Final[dict[str, Any]] = {"security": [*SIGNED_IN["security"], {}]}


async def _asker(request: Request) -> Asker:
    """Return whose token was sent: an account's, an anonymous session's id, or none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return Asker()
    try:
        return Asker(session_id=UUID(token))
    except ValueError:
        return Asker(user_id=(await require_subject(request)).id)


async def _service(request: Request) -> FeedbackService:
    return FeedbackService(resources_of(request))


_Asker = Annotated[Asker, Depends(_asker)]
_Feedback = Annotated[FeedbackService, Depends(_service)]

router = RoomRouter(prefix="/helpdesk", tags=["helpdesk"])


@router.post(
    "/feedback",
    summary="Say whether an answer helped",
    openapi_extra=_WITH_OR_WITHOUT,
    responses=problem_responses(
        InvalidTokenError,
        FeedbackQuestionError,
        ArticleNotFoundError,
        FeedbackTooEarlyError,
        FeedbackLimitError,
    ),
)
async def give_feedback(body: FeedbackCreate, feedback: _Feedback, asker: _Asker) -> FeedbackRead:
    """Judge an answer; said again, the last word counts.

    The answer to a question is judged by who asked it, with the token that he asked with: that of
    his account, or the id of his anonymous session. An answer that was given at once anybody may
    judge.
    """
    if body.question_id is not None:
        kept = await feedback.judge_question(asker, body.question_id, body.judgement)
    else:
        kept = await feedback.judge_answer(
            asker, body.article_key or "", body.question or "", body.judgement
        )
    return FeedbackRead.of(kept)


@router.get(
    "/feedback",
    summary="List what was said of answers",
    responses={
        200: {
            "content": {"application/json": {"example": OPINIONS_EXAMPLE}},
            "headers": TOTAL_HEADER,
        },
        **problem_responses(ForbiddenError),
    },
)
async def list_feedback(
    response: Response,
    session: CityRead,
    _operator: Operator,
    article_key: Annotated[
        str | None,
        Query(
            max_length=LONGEST["key"],
            pattern=r"^[^\x00]*$",
            description="Only of answers that quote this article.",
        ),
    ] = None,
    helpful: Annotated[bool | None, Query(description="Only those that helped, or not.")] = None,
    offset: Offset = 0,
    limit: Limit = 100,
) -> list[OpinionRead]:
    """List judgements, the newest first; who judged is not told."""
    opinions, total = await repository.list_opinions(
        session, article_key=article_key, helpful=helpful, offset=offset, limit=limit
    )
    response.headers["X-Total-Count"] = str(total)
    return [OpinionRead.of(opinion) for opinion in opinions]


@router.get(
    "/feedback/articles",
    summary="List the articles whose answers did not help",
    responses={
        200: {
            "content": {"application/json": {"example": ARTICLES_EXAMPLE}},
            "headers": TOTAL_HEADER,
        },
        **problem_responses(ForbiddenError),
    },
)
async def list_articles_by_feedback(
    response: Response,
    session: CityRead,
    _operator: Operator,
    days: Days = 30,
    offset: Offset = 0,
    limit: Limit = 100,
) -> list[ArticleFiguresRead]:
    """List the articles that at least one person was not helped by, the worst first."""
    articles, total = await repository.list_articles(session, days=days, offset=offset, limit=limit)
    response.headers["X-Total-Count"] = str(total)
    return [ArticleFiguresRead.of(article) for article in articles]


@router.get(
    "/figures",
    summary="The help desk in numbers",
    responses=problem_responses(ForbiddenError),
)
async def show_helpdesk_figures(
    session: CityRead, _operator: Operator, days: Days = 30
) -> FiguresRead:
    """Count what was asked, answered and judged in the last days, and what waits now."""
    return FiguresRead.of(days, await repository.count_all(session, days))
