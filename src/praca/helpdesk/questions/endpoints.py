"""Questions over HTTP: ask, list, and hear of answers."""

from contextlib import aclosing
from typing import Annotated
from uuid import uuid5

from fastapi import Header, Path, Query, Request, Response, WebSocket
from fastapi.responses import StreamingResponse
from starlette.websockets import WebSocketState

from praca.helpdesk.questions.auth import (
    AskerDependency,
    FollowingDependency,
    QuestionsDependency,
    following_of,
    questions_of,
    readable_session,
    session_id_of,
    token_of_header,
    user_of_header,
    user_of_token,
)
from praca.helpdesk.questions.errors import (
    InvalidQuestionError,
    QuestionSessionNotFoundError,
    QuestionTokenFormatError,
    QuestionTokenInvalidError,
    QuestionTokenMissingError,
    TooManyListenersError,
    TooManyQuestionsError,
    TooManyWaitingError,
)
from praca.helpdesk.questions.schemas import QUESTION_EXAMPLE, QuestionCreate, QuestionRead
from praca.helpdesk.questions.streams import EventStream, first_token, place_of, send_by_socket
from praca.identity.auth import SIGNED_IN
from praca.platform.idempotency import IdempotencyKeyReusedError
from praca.platform.web import problem_responses
from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

router = RoomRouter(tags=["questions"])

_REPLAYED = "Idempotency-Replayed"
_OPTIONAL_TOKEN = {"security": [{}, *SIGNED_IN["security"]]}
_EVENT = f"event: question\nid: {QUESTION_EXAMPLE['id']}\ndata: {{…}}\n\n"

SessionId = Annotated[
    str,
    Path(
        max_length=200,
        description="Id of the session: the token of `POST /auth/login` with `name`, or the "
        "`session_id` of an account's own question.",
        examples=["8f0c9c3e-6a5b-4a56-9a2c-2b1d7f3e4a5b"],
    ),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="A name of your own for this request. Sent again with the same key, it asks "
        "once and gives the same answer, marked `Idempotency-Replayed: true`.",
        examples=["5d1f-pergunta"],
    ),
]


@router.post(
    "/questions",
    summary="Ask a question",
    openapi_extra=SIGNED_IN,
    responses={
        200: {
            "headers": {
                _REPLAYED: {
                    "description": "`true` if this answers an earlier request of the same key.",
                    "schema": {"type": "string"},
                }
            }
        },
        **problem_responses(
            QuestionTokenMissingError,
            QuestionTokenFormatError,
            QuestionTokenInvalidError,
            InvalidQuestionError,
            IdempotencyKeyReusedError,
            TooManyWaitingError,
            TooManyQuestionsError,
        ),
    },
)
async def ask_question(
    body: QuestionCreate,
    asker: AskerDependency,
    questions: QuestionsDependency,
    response: Response,
    key: IdempotencyKey = None,
) -> QuestionRead:
    """Keep a question, which is answered in the background.

    The bearer token is an access token, or that of a session without an account. What becomes of
    the question tell `GET /questions/{session_id}` and, as it happens, `…/events` and `…/ws`.
    """
    response.headers["Cache-Control"] = "no-store"
    # The session's id is secret, so nobody else can name this question.
    question_id = None if key is None else uuid5(asker.session_id, key)
    asked = await questions.service.ask(asker.session_id, body.question, question_id=question_id)
    if asked.is_new:
        return QuestionRead.of(asked.question)
    if asked.question.question != body.question:
        raise IdempotencyKeyReusedError
    response.headers[_REPLAYED] = "true"
    return QuestionRead.of_asked(asked.question)


@router.get(
    "/questions/{session_id}",
    summary="List a session's questions",
    openapi_extra=_OPTIONAL_TOKEN,
    responses={
        200: {"content": {"application/json": {"example": [QUESTION_EXAMPLE]}}},
        **problem_responses(QuestionSessionNotFoundError),
    },
)
async def list_questions(
    session_id: SessionId, request: Request, questions: QuestionsDependency, response: Response
) -> list[QuestionRead]:
    """List the ten newest questions, the newest first; none of a session that does not exist.

    An account's own session needs its token; any other is read by whoever knows its id.
    """
    response.headers["Cache-Control"] = "no-store"
    known = session_id_of(session_id)
    if known is None:
        return []
    user_id = await user_of_header(request)
    found = await questions.service.list_questions(known, user_id=user_id)
    return [QuestionRead.of(question) for question in found]


@router.get(
    "/questions/{session_id}/events",
    summary="Follow a session's answers",
    openapi_extra=_OPTIONAL_TOKEN,
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EVENT}}},
        **problem_responses(QuestionSessionNotFoundError, TooManyListenersError),
    },
)
async def follow_questions(
    session_id: SessionId,
    request: Request,
    following: FollowingDependency,
    last_event_id: Annotated[
        str | None,
        Header(
            max_length=200,
            description="Id of the last question heard of.",
            examples=[str(QUESTION_EXAMPLE["id"])],
        ),
    ] = None,
) -> EventStream:
    """Send an event named `question` with its record whenever a question is settled.

    First come those settled after `Last-Event-ID`; without it, those that the list shows. A
    question that is answered anew is sent again. Whoever's token no longer counts is let go within
    a minute.
    """
    session = await readable_session(request, session_id)
    place = place_of(last_event_id)
    followed = following.follow(session.session_id, place, session.may_go_on)
    await anext(followed)  # refused before the answer has begun, if at all
    return EventStream(followed)


@router.websocket("/questions/{session_id}/ws")
async def follow_questions_by_socket(
    socket: WebSocket,
    session_id: SessionId,
    after: Annotated[str | None, Query(max_length=200)] = None,
) -> None:
    """Send the records that ``…/events`` sends, as text messages of JSON.

    The token of an account's session comes in the header, or in the first message.
    """
    token = token_of_header(socket)
    known = session_id_of(session_id)
    session = None if known is None else await questions_of(socket).sessions.find(known)
    if (
        session is not None
        and session.user_id is not None
        and (token is None or await user_of_token(socket, token) is None)
    ):
        await socket.accept()
        token = await first_token(socket)
        if await user_of_token(socket, token) is None:
            raise QuestionTokenInvalidError
    readable = await readable_session(socket, session_id, token=token)
    followed = following_of(socket).follow(readable.session_id, place_of(after), readable.may_go_on)
    async with aclosing(followed):
        await anext(followed)
        if socket.application_state is not WebSocketState.CONNECTED:
            await socket.accept()
        is_over = await send_by_socket(socket, followed)
    if is_over and readable.may_go_on is not None and not await readable.may_go_on():
        raise QuestionTokenInvalidError
