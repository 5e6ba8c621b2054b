"""Questions answered at once, over HTTP: as JSON, or sentence by sentence as it is checked."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Final, cast

import orjson
from fastapi import Depends, Request
from fastapi.responses import Response, StreamingResponse

from praca.helpdesk.answering.errors import TooManyAnswersError
from praca.helpdesk.answering.schemas import AnswerRead, AnswerRequest
from praca.helpdesk.answering.service import Answering
from praca.helpdesk.desk import note_unanswered
from praca.helpdesk.records import Answer, Piece
from praca.identity.limits import FailureKeys, Limiter
from praca.kit.errors import FieldError
from praca.platform.context import current_context
from praca.platform.errors import InvalidRequestError
from praca.platform.web import journal_of, problem_responses, resources_of
from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

MODEL_NAME: Final = "answers"
_ENGINE_VERSION: Final = 1
_EVENTS: Final = "text/event-stream"
_WINDOW: Final = timedelta(minutes=1)

router = RoomRouter(prefix="/answers", tags=["answers"])


async def _responder(request: Request) -> Answering:
    return cast("Answering", request.app.state.responder)


async def _within_limit(request: Request) -> None:
    """Count a question from the caller's network address.

    The count is the accounts' own, of all processes together, and committed before anything is
    answered: what answers may take long.

    Raises:
        TooManyAnswersError: it is one too many.
    """
    address = current_context().address
    if address is None:
        return
    resources = resources_of(request)
    keys = FailureKeys(resources.settings.signing_key)
    limits = {keys.of_address(address, "answers"): resources.settings.helpdesk.answers_per_minute}
    limiter = Limiter(_WINDOW)
    async with resources.databases.identity.write() as session:
        wait_s = await limiter.wait_s(session, limits)
        if wait_s is None and not await limiter.count(session, limits):
            wait_s = int(_WINDOW.total_seconds())
    if wait_s is not None:
        raise TooManyAnswersError(wait_s)


async def _question(request: Request, body: AnswerRequest) -> str:
    """Return the question.

    Raises:
        InvalidRequestError: it is longer than the setting allows.
    """
    most = resources_of(request).settings.helpdesk.question_max_chars
    if len(body.question) > most:
        message = f"Texto longo demais (máximo de {most})."
        raise InvalidRequestError([FieldError(("body", "question"), message, "string_too_long")])
    return body.question


@router.post(
    "",
    summary="Answer a question",
    description="From the articles alone: quoted from them, or worded by a language model whose "
    "every sentence was checked against what it cites. With `Accept: text/event-stream` the "
    'events `piece` (`{"text"}`) bring its sentences as they are checked, and the event `answer`, '
    "the last, the whole of it; the pieces together are its `text`. A question that is not "
    "answered is put into the operators' queue, without numbers that tell who asked.",
    response_model=AnswerRead,
    responses={
        200: {
            "content": {
                _EVENTS: {
                    "schema": {"type": "string"},
                    "example": 'event: piece\ndata: {"text":"O prazo é de 10 dias."}\n\n'
                    'event: answer\ndata: {"text":"O prazo é de 10 dias.","is_answered":true}\n\n',
                }
            }
        },
        **problem_responses(TooManyAnswersError),
    },
    dependencies=[Depends(_within_limit)],
)
async def answer_question(
    request: Request,
    question: Annotated[str, Depends(_question)],
    responder: Annotated[Answering, Depends(_responder)],
) -> Response:
    started = time.perf_counter()
    if _EVENTS in request.headers.get("accept", ""):
        pieces = responder.stream(question)
        # The first before the status is sent: what cannot be answered at all is an error.
        first = await anext(pieces)
        return StreamingResponse(
            _events(request, question, first, pieces, started),
            media_type=_EVENTS,
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )
    answer = await responder.answer(question)
    await _note(request, question, answer, started)
    return Response(_body(answer), media_type="application/json")


async def _events(
    request: Request, question: str, first: Piece, pieces: AsyncIterator[Piece], started: float
) -> AsyncIterator[bytes]:
    yield _event(first)
    async for piece in pieces:
        if piece.answer is not None:
            await _note(request, question, piece.answer, started)
        yield _event(piece)


def _event(piece: Piece) -> bytes:
    if piece.answer is None:
        return b"event: piece\ndata: %s\n\n" % orjson.dumps({"text": piece.text})
    return b"event: answer\ndata: %s\n\n" % _body(piece.answer)


def _body(answer: Answer) -> bytes:
    return AnswerRead.of(answer).model_dump_json().encode()


async def _note(request: Request, question: str, answer: Answer, started: float) -> None:
    """Note in the journal what was answered, and in the operators' queue what was not.

    The journal keeps a keyed hash of the question and nothing else of it.
    """
    outcome = "respondida" if answer.is_answered else "nao_sei"
    ms = (time.perf_counter() - started) * 1000
    journal_of(request).note_prediction(
        MODEL_NAME, _ENGINE_VERSION, question, f"{outcome} ({answer.engine})", ms
    )
    if answer.is_answered:
        return
    async with resources_of(request).databases.city.write() as session:
        await note_unanswered(
            session, question=question, source="resposta", question_id=None, user_id=None
        )
