"""Training and predicting as clients of the old model server ask for it."""

import asyncio
import time
from typing import Annotated, Any, Final, cast
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from praca.identity.auth import CurrentSubject
from praca.identity.errors import ForbiddenError, MissingJsonError
from praca.identity.old_server import OldServerRoute
from praca.jobs.auth import StaffMember
from praca.jobs.hiring.data import FIELDS
from praca.jobs.hiring.errors import (
    HiringModelMissingError,
    MissingTextsError,
    TrainingFailedError,
)
from praca.jobs.hiring.model import MODEL_NAME
from praca.jobs.hiring.schemas import PredictionAnswer, TrainingResult, TrainingStarted
from praca.jobs.hiring.service import HiringServing
from praca.jobs.hiring.tasks import TRAIN_HIRING
from praca.jobs.hiring.texts import LONGEST_READ
from praca.kit.errors import FieldError
from praca.learning.artifacts import ArtifactError
from praca.platform.errors import InvalidRequestError, TaskAlreadyRunningError
from praca.platform.models import TaskRun
from praca.platform.resources import Resources
from praca.platform.web import journal_of, json_object, problem_responses, resources_of
from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

router = RoomRouter(route_class=OldServerRoute, tags=["hiring"])

_POLL_S: Final = 0.2
_LONGEST_TEXT: Final = 200_000
_DECISION: Final = 0.5
_IN_PROGRESS: Final = "Training is already in progress"
_PREDICT_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": [*FIELDS],
                    "properties": {
                        name: {"type": "string", "minLength": 1, "maxLength": _LONGEST_TEXT}
                        for name in FIELDS
                    },
                },
                "example": {
                    "principais_atividades": "Desenvolver APIs REST em Python",
                    "competencia_tecnicas_e_comportamentais": "Docker, AWS, trabalho em equipe",
                    "cv_pt": "Seis anos com Python, APIs e aprendizado de máquina.",
                },
            }
        },
    }
}


async def _serving(request: Request) -> HiringServing:
    return cast("HiringServing", request.app.state.hiring)


@router.get(
    "/train",
    summary="Train the hiring model",
    description="Starts the training as a background task and waits for its result, for "
    "`PRACA_TRAIN_WAIT_S` seconds at most; then, or at once with `wait=false`, answers 202 with "
    "the task's id.",
    response_model=TrainingResult,
    responses={
        202: {"model": TrainingStarted, "description": "Accepted"},
        **problem_responses(TaskAlreadyRunningError, TrainingFailedError, ForbiddenError),
    },
)
async def train_hiring(
    request: Request,
    subject: StaffMember,
    wait: Annotated[bool, Query(description="Wait for the result.")] = True,
) -> Response:
    resources = resources_of(request)
    try:
        async with resources.databases.city.write() as session:
            task_id = await resources.tasks.enqueue(
                session, TRAIN_HIRING.name, {}, owner_id=subject.id
            )
    except TaskAlreadyRunningError as error:
        error.extra["error"] = _IN_PROGRESS
        raise
    wait_s = resources.settings.hiring.train_wait_s if wait else 0
    run = await _ended(request, resources, task_id, wait_s)
    if run is None:
        started = TrainingStarted(message="Treino em andamento.", task_id=task_id)
        headers = {"Location": f"/api/v1/tasks/{task_id}"}
        return JSONResponse(started.model_dump(mode="json"), 202, headers)
    if run.status != "succeeded":
        raise TrainingFailedError(run.error or "O treino foi cancelado.", task_id)
    return JSONResponse(run.result)


async def _ended(
    request: Request, resources: Resources, task_id: UUID, wait_s: float
) -> TaskRun | None:
    """Return the task once it has ended; None if it has not in time, or the client has gone.

    No session is held in between: many may wait, and the pool is small.
    """
    deadline = time.monotonic() + wait_s
    while time.monotonic() < deadline and not await request.is_disconnected():
        async with resources.databases.city.read() as session:
            run = await resources.tasks.require(session, task_id)
        if run.status not in {"queued", "running"}:
            return run
        await asyncio.sleep(min(_POLL_S, wait_s))
    return None


@router.post(
    "/predict",
    summary="Predict whether an application ends in a hire",
    description="Needs any account. The header `X-Praca-Model` names the model's version. "
    f"Of each text the first {LONGEST_READ} characters are read.",
    openapi_extra=_PREDICT_BODY,
    responses=problem_responses(
        MissingJsonError, MissingTextsError, HiringModelMissingError, ArtifactError
    ),
)
async def predict_hiring(
    request: Request,
    response: Response,
    _subject: CurrentSubject,
    serving: Annotated[HiringServing, Depends(_serving)],
) -> PredictionAnswer:
    texts = _texts(await json_object(request))
    served = await serving.current()
    if served is None:
        raise HiringModelMissingError
    started = time.perf_counter()
    probability = await asyncio.to_thread(served.model.probability, texts)
    ms = (time.perf_counter() - started) * 1000
    prediction = "Contratado" if probability > _DECISION else "Não contratado"
    journal_of(request).note_prediction(MODEL_NAME, served.version, texts, prediction, ms)
    response.headers["X-Praca-Model"] = f"{MODEL_NAME}/{served.version}"
    return PredictionAnswer(
        probability=probability,
        prediction=prediction,
        confidence=abs(probability - _DECISION) * 2,
        model_version=served.version,
    )


def _texts(body: dict[str, Any] | None) -> list[str]:
    """Return the three texts of a prediction.

    Raises:
        MissingJsonError: the body is no JSON object, or an empty one.
        MissingTextsError: a text is missing, empty, or no text.
        InvalidRequestError: a text is too long.
    """
    if not body:
        raise MissingJsonError
    texts = [body.get(name) for name in FIELDS]
    if not all(isinstance(text, str) and text for text in texts):
        raise MissingTextsError
    too_long = f"Texto longo demais (máximo de {_LONGEST_TEXT})."
    refused = [
        FieldError(("body", name), too_long, "string_too_long")
        for name, text in zip(FIELDS, texts, strict=True)
        if len(str(text)) > _LONGEST_TEXT
    ]
    if refused:
        raise InvalidRequestError(refused)
    return [str(text) for text in texts]
