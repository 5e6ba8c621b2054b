"""The library's models over HTTP."""

from typing import Annotated, Any, Final, cast

import orjson
from fastapi import Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from praca.identity.errors import ForbiddenError, NotAuthenticatedError
from praca.learning.artifacts import ArtifactError
from praca.library.ml.auth import BookTrainer
from praca.library.ml.errors import BookModelMissingError
from praca.library.ml.feature_rows import FeatureRows
from praca.library.ml.names import ModelKind, Target, model_name
from praca.library.ml.schemas import (
    BookPrediction,
    BookToPredict,
    BookTrainingStarted,
    CacheStatus,
    PredictionQuery,
    TargetOrAll,
)
from praca.library.ml.service import PredictionLog, cache_status, predict, start_training
from praca.library.ml.serving import BookModels
from praca.platform.errors import TaskAlreadyRunningError
from praca.platform.web import (
    CityWrite,
    problem_responses,
    query_of,
    query_parameters,
    resources_of,
)
from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

router = RoomRouter(prefix="/ml", tags=["ml"])

_STARTED: Final = "Processo do treino do Modelo iniciado em segundo plano."
_BIGGEST: Final = 2**63 - 1
_ROW: Final = {
    "preco": 51.77,
    "disponibilidade": 1,
    "categoria_Poetry": 1,
    "categoria_Travel": 0,
    "titulo_attic": 0.0,
    "titulo_light": 1.0,
}


async def _models(request: Request) -> BookModels:
    return cast("BookModels", request.app.state.book_models)


async def _rows(request: Request) -> FeatureRows:
    return cast("FeatureRows", request.app.state.book_features)


_read_query = query_of(PredictionQuery)
Models = Annotated[BookModels, Depends(_models)]
TargetQuery = Annotated[
    Target, Query(description="`rating`: whether it is 4 or more. `categoria`: the category.")
]
Skip = Annotated[int, Query(ge=0, le=_BIGGEST, description="Rows to leave out; or `offset`.")]
Offset = Annotated[int | None, Query(ge=0, le=_BIGGEST, description="Another name of `skip`.")]
Limit = Annotated[
    int | None, Query(ge=1, le=1000, description="Most rows; without it all are sent.")
]


def _listed(example: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    schema = {"type": "array", "items": {"type": "object", "additionalProperties": True}}
    return {
        200: {
            "description": "A list of rows, streamed; `X-Total-Count` is the number of books.",
            "content": {"application/json": {"schema": schema, "example": [example]}},
        }
    }


async def _streamed(
    request: Request,
    rows: FeatureRows,
    target: Target,
    *,
    with_target: bool,
    offset: int,
    limit: int | None,
) -> StreamingResponse:
    found = await rows.rows(target, with_target=with_target, offset=offset, limit=limit)
    headers = {"X-Total-Count": str(found.total)}
    if limit is not None and offset + limit < found.total:
        following = request.url.include_query_params(skip=offset + limit, limit=limit)
        following = following.remove_query_params("offset")
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return StreamingResponse(found.content, media_type="application/json", headers=headers)


@router.get(
    "/features",
    summary="The features of every book",
    description="Price, availability, category (one column each) and TF-IDF of the title's terms; "
    "for `alvo=categoria` no category, and of the terms of title and description only those that "
    "a book has. Neither the rating nor anything made of it is among them.",
    response_class=StreamingResponse,
    responses=_listed(_ROW),
)
async def list_features(
    request: Request,
    rows: Annotated[FeatureRows, Depends(_rows)],
    alvo: TargetQuery = Target.RATING,
    skip: Skip = 0,
    offset: Offset = None,
    limit: Limit = None,
) -> Response:
    first = skip if offset is None else offset
    return await _streamed(request, rows, alvo, with_target=False, offset=first, limit=limit)


@router.get(
    "/training-data",
    summary="The features of every book, with the target",
    description="As `/ml/features`, and `alvo`: 1 where the rating is 4 or more, and `rating` "
    "itself; for `alvo=categoria` the category, null where it is a catch-all one.",
    response_class=StreamingResponse,
    responses=_listed({**_ROW, "rating": 3, "alvo": 0}),
)
async def list_training_data(
    request: Request,
    rows: Annotated[FeatureRows, Depends(_rows)],
    alvo: TargetQuery = Target.RATING,
    skip: Skip = 0,
    offset: Offset = None,
    limit: Limit = None,
) -> Response:
    first = skip if offset is None else offset
    return await _streamed(request, rows, alvo, with_target=True, offset=first, limit=limit)


@router.post(
    "/train",
    status_code=202,
    summary="Train the library's models",
    description="Starts a background task. For librarians, operators and admins; "
    "`PRACA_ML_ACCESS=public` lets everybody, as in the old system.",
    responses=problem_responses(TaskAlreadyRunningError, NotAuthenticatedError, ForbiddenError),
)
async def train_books(
    request: Request,
    response: Response,
    session: CityWrite,
    subject: BookTrainer,
    alvo: Annotated[TargetOrAll, Query(description="What is to be predicted.")] = TargetOrAll.TODOS,
) -> BookTrainingStarted:
    task_id = await start_training(session, resources_of(request).tasks, alvo.targets, subject)
    response.headers["Location"] = f"/api/v1/tasks/{task_id}"
    return BookTrainingStarted(message=_STARTED, id_tarefa=task_id)


@router.post(
    "/predictions",
    summary="Predict something of a book",
    description="`rating` in the body has no influence: it is what is predicted. `sinal` says "
    "whether the prediction is worth anything. The header `X-Praca-Model` names the model and its "
    "version.",
    response_model=BookPrediction,
    responses=problem_responses(BookModelMissingError, ArtifactError),
    openapi_extra=query_parameters(PredictionQuery),
)
async def predict_book(request: Request, body: BookToPredict) -> Response:
    # The busiest operation of the room: one dependency less, and one validation of our own answer
    # less, are each worth as much as the prediction itself.
    asked = await _read_query(request)
    state = request.app.state
    log: PredictionLog | None = getattr(state, "journal", None)
    found = await predict(state.book_models, log, asked.alvo, asked.nome_modelo, body)
    name = model_name(asked.alvo, ModelKind(asked.nome_modelo))
    return Response(
        orjson.dumps(found.__dict__),
        media_type="application/json",
        headers={"X-Praca-Model": f"{name}/{found.versao}"},
    )


@router.get(
    "/cache-status",
    summary="The models in memory, and what they are worth",
    description="Figures are of books that were held out, with 95 % intervals from resampling "
    "titles, beside those of two baselines evaluated in the same way.",
)
async def book_model_status(
    models: Models,
    alvo: Annotated[TargetOrAll, Query(description="Of which models.")] = TargetOrAll.RATING,
) -> CacheStatus:
    return await cache_status(models, alvo.targets)
