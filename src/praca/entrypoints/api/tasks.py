"""Background work over HTTP: see it, follow it, cancel it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import Depends, Path, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from praca.identity import Role, Subject
from praca.identity.auth import CurrentSubject
from praca.identity.errors import NotAuthenticatedError
from praca.platform.errors import TaskFinishedError, TaskNotFoundError
from praca.platform.models import TaskRun
from praca.platform.web import CityRead, CityWrite, problem_responses, resources_of
from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

_POLL_S = 0.3
_KEEP_ALIVE_S = 15.0
_SEES_ALL = {Role.OPERADOR, Role.ADMIN}
_ENDED = {"succeeded", "failed", "cancelled"}

_EXAMPLE: dict[str, Any] = {
    "id": "01936b1e-0c7a-7c3e-8d4f-5a6b7c8d9e0f",
    "kind": "jobs.export_vagas",
    "status": "succeeded",
    "progress": {"done": 120, "total": 120, "message": "120 registros escritos"},
    "result": {"records": 120, "keys": ["exports/vagas.json"]},
    "error": None,
    "attempt": 1,
    "created_at": "2026-11-22T12:00:00Z",
    "started_at": "2026-11-22T12:00:01Z",
    "finished_at": "2026-11-22T12:00:04Z",
}

Status = Literal["queued", "running", "succeeded", "failed", "cancelled"]


class Progress(BaseModel):
    """How far a task is."""

    done: int = Field(description="Units finished.")
    total: int | None = Field(description="Units in all, if known.")
    message: str = Field(description="What it is doing.")


class TaskRead(BaseModel):
    """One piece of background work."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    id: UUID
    kind: str
    status: Status
    progress: Progress
    result: dict[str, Any] | None
    error: str | None = Field(description="Why it failed, in Portuguese.")
    attempt: int = Field(description="How often it was started.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, run: TaskRun) -> "TaskRead":
        """Return the view of ``run``."""
        return cls.model_validate(
            {
                "id": run.id,
                "kind": run.kind,
                "status": run.status,
                "progress": {
                    "done": run.progress_done,
                    "total": run.progress_total,
                    "message": run.message,
                },
                "result": run.result,
                "error": run.error,
                "attempt": run.attempt,
                "created_at": run.created_at,
                "started_at": run.started_at,
                "finished_at": run.finished_at,
            }
        )


class TaskPage(BaseModel):
    """One page of tasks, newest first."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"total": 1, "offset": 0, "limit": 100, "data": [_EXAMPLE]}}
    )

    total: int
    offset: int
    limit: int
    data: list[TaskRead]


router = RoomRouter(
    prefix="/tasks",
    tags=["tasks"],
    responses=problem_responses(NotAuthenticatedError),
)


async def _visible(
    task_id: Annotated[UUID, Path(description="Id of the task.", examples=[_EXAMPLE["id"]])],
    request: Request,
    session: CityRead,
    subject: CurrentSubject,
) -> TaskRun:
    """Return the task if the caller may see it; others' tasks look like none."""
    run = await resources_of(request).tasks.require(session, task_id)
    if run.owner_id != subject.id and subject.role not in _SEES_ALL:
        raise TaskNotFoundError
    return run


VisibleTask = Annotated[TaskRun, Depends(_visible)]


@router.get("", summary="List tasks", description="One's own; operators and admins see all.")
async def list_tasks(
    request: Request,
    session: CityRead,
    subject: CurrentSubject,
    kind: Annotated[
        str | None,
        Query(
            max_length=100,
            pattern=r"^[a-z0-9_.]*$",
            description="Only this kind.",
            examples=["jobs.export_vagas"],
        ),
    ] = None,
    status: Annotated[Status | None, Query(description="Only in this state.")] = None,
    offset: Annotated[int, Query(ge=0, le=10**9, description="Tasks to leave out.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="Tasks to show.")] = 100,
) -> TaskPage:
    total, runs = await resources_of(request).tasks.list_runs(
        session,
        owner_id=_owner_filter(subject),
        kind=kind,
        status=status,
        offset=offset,
        limit=limit,
    )
    return TaskPage(
        total=total, offset=offset, limit=limit, data=[TaskRead.of(run) for run in runs]
    )


def _owner_filter(subject: Subject) -> int | None:
    return None if subject.role in _SEES_ALL else subject.id


@router.get(
    "/{task_id}",
    summary="One task",
    description="State, progress, result or error of one task.",
    responses=problem_responses(TaskNotFoundError),
)
async def get_task(run: VisibleTask) -> TaskRead:
    return TaskRead.of(run)


@router.post(
    "/{task_id}/cancel",
    summary="Cancel a task",
    description="A queued task is cancelled at once; a running one stops at its next step.",
    responses=problem_responses(TaskNotFoundError, TaskFinishedError),
)
async def cancel_task(run: VisibleTask, request: Request, session: CityWrite) -> TaskRead:
    return TaskRead.of(await resources_of(request).tasks.cancel(session, run.id))


@router.get(
    "/{task_id}/events",
    summary="Follow a task",
    description="Server-sent events named `progress`, one at each change, the last of them named "
    "`end`; the data are the task as `GET /tasks/{task_id}` gives it.",
    response_class=StreamingResponse,
    responses={
        200: {
            "content": {
                "text/event-stream": {
                    "schema": {"type": "string"},
                    "example": 'event: progress\ndata: {"status": "running"}\n\n',
                }
            }
        },
        **problem_responses(TaskNotFoundError),
    },
)
async def task_events(run: VisibleTask, request: Request) -> StreamingResponse:
    return StreamingResponse(
        _events(request, run.id),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(request: Request, task_id: UUID) -> AsyncIterator[bytes]:
    """Yield an event whenever the task looks different; holds no session in between."""
    resources = resources_of(request)
    last = b""
    quiet_s = 0.0
    while True:
        async with resources.databases.city.read() as session:
            run = await resources.tasks.require(session, task_id)
        data = orjson.dumps(TaskRead.of(run).model_dump(mode="json"))
        if data != last:
            name = b"end" if run.status in _ENDED else b"progress"
            yield b"event: %s\ndata: %s\n\n" % (name, data)
            last, quiet_s = data, 0.0
        elif quiet_s >= _KEEP_ALIVE_S:
            yield b": keep-alive\n\n"
            quiet_s = 0.0
        if run.status in _ENDED:
            return
        await asyncio.sleep(_POLL_S)
        quiet_s += _POLL_S
