"""Questions over HTTP behind the API gateway: what system 5 had, and nothing else of Praça."""

import re
import time
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Final, cast
from uuid import UUID, uuid5

import structlog
from fastapi import Depends, FastAPI, Header, Path, Request, Response
from mangum import Mangum
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from praca.entrypoints.aws.runtime import functions
from praca.entrypoints.aws.schemas import Health, QuestionSessionCreate, QuestionSessionRead
from praca.helpdesk.questions import QuestionService
from praca.helpdesk.questions.adapters.aws_clients import AwsUnavailableError
from praca.helpdesk.questions.errors import (
    InvalidQuestionError,
    QuestionTokenFormatError,
    QuestionTokenInvalidError,
    QuestionTokenMissingError,
    TooManyQuestionsError,
    TooManyWaitingError,
)
from praca.helpdesk.questions.schemas import QuestionCreate, QuestionRead
from praca.platform.errors import IdempotencyKeyReusedError
from praca.platform.problems import install_error_handlers, problem_responses, unexpected_problem

__all__ = ["create_app", "handler"]

_log = structlog.get_logger("praca.http")
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
)
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TEXTS: Final = ["text/", "application/json", "application/problem+json"]


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Answer one HTTP request of the API gateway."""
    functions()  # first, since it makes the thread's event loop
    return _mangum()(dict(event), cast("Any", context))


@cache
def _mangum() -> Mangum:
    return Mangum(create_app(functions().service), lifespan="off", text_mime_types=_TEXTS)


def create_app(service: QuestionService) -> FastAPI:
    """Build the application around ``service``; it has no documentation pages."""
    app = FastAPI(
        title="Praça: perguntas",
        openapi_url=None,
        redirect_slashes=False,
        # Its own would send paths, which hold sessions.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.questions = service
    install_error_handlers(app)
    _add_routes(app)
    app.add_middleware(_Edge)
    return app


def _service_of(request: Request) -> QuestionService:
    return cast("QuestionService", request.app.state.questions)


def _token(authorization: Annotated[str | None, Header()] = None) -> UUID:
    """Return the session that a request is from."""
    if authorization is None:
        raise QuestionTokenMissingError
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or " " in token:
        raise QuestionTokenFormatError
    if not _UUID.fullmatch(token):
        raise QuestionTokenInvalidError  # also an access token: there are no accounts here
    return UUID(token)


Service = Annotated[QuestionService, Depends(_service_of)]
Token = Annotated[UUID, Depends(_token)]
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$"),
]


async def open_question_session(asked: QuestionSessionCreate, service: Service) -> Any:
    """Open a session without an account; whoever knows its token may ask and read in it."""
    session = await service.open_session(asked.name)
    return QuestionSessionRead(token=str(session.id), name=session.name)


async def ask_question(
    token: Token, asked: QuestionCreate, service: Service, response: Response, key: Key = None
) -> Any:
    """Keep a question; it is answered in the background."""
    question_id = None if key is None else uuid5(token, key)
    kept = await service.ask(token, asked.question, question_id=question_id)
    if kept.is_new:
        return QuestionRead.of(kept.question)
    if kept.question.question != asked.question:
        raise IdempotencyKeyReusedError
    response.headers["Idempotency-Replayed"] = "true"
    return QuestionRead.of_asked(kept.question)


async def list_questions(session_id: Annotated[str, Path()], service: Service) -> Any:
    """Return the newest questions of a session; none of an unknown one."""
    if not _UUID.fullmatch(session_id):
        return []
    return [
        QuestionRead.of(question) for question in await service.list_questions(UUID(session_id))
    ]


async def health() -> Any:
    """Tell that the function answers."""
    return Health()


def _add_routes(app: FastAPI) -> None:
    prefix = "/api/v1"
    away = problem_responses(AwsUnavailableError)
    refusals = problem_responses(
        QuestionTokenMissingError,
        QuestionTokenFormatError,
        QuestionTokenInvalidError,
        InvalidQuestionError,
        IdempotencyKeyReusedError,
        TooManyWaitingError,
        TooManyQuestionsError,
        AwsUnavailableError,
    )
    app.post(f"{prefix}/auth/login", response_model=QuestionSessionRead, responses=away)(
        open_question_session
    )
    app.post(f"{prefix}/questions", response_model=QuestionRead, responses=refusals)(ask_question)
    app.get(
        f"{prefix}/questions/{{session_id}}", response_model=list[QuestionRead], responses=away
    )(list_questions)
    app.get(f"{prefix}/health", response_model=Health)(health)


class _Edge:
    """Around each request: its log line, headers, the answer to what nobody expected."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, status = time.perf_counter(), 500
        if len(scope["path"]) > 1:
            scope = {**scope, "path": scope["path"].rstrip("/")}

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *_HEADERS]
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001  # Mangum would tell the gateway nothing of it
            if status == 500:  # noqa: PLR2004
                await unexpected_problem(Request(scope), error)(scope, receive, send_with_headers)
        finally:
            route = getattr(scope.get("route"), "path", None)  # never the path: it holds a session
            ms = round((time.perf_counter() - started) * 1000, 1)
            _log.info("http.request", method=scope["method"], route=route, status=status, ms=ms)
