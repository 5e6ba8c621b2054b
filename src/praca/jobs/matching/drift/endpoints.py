"""The drift report over HTTP: read the latest, or have one made."""

import asyncio
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response, status
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from praca.identity.errors import ForbiddenError
from praca.jobs.auth import JobsStaff, actor
from praca.jobs.matching.drift.checking import Scope
from praca.jobs.matching.drift.reports import latest
from praca.jobs.matching.drift.tasks import CHECK_DRIFT, DEFAULT_DAYS
from praca.jobs.matching.errors import DriftReportMissingError, MatchModelMissingError
from praca.jobs.matching.snapshots import MODEL_NAME
from praca.learning import store
from praca.learning.drift.page import CONTENT_SECURITY_POLICY
from praca.platform.audit import AuditEntry, record
from praca.platform.errors import TaskAlreadyRunningError
from praca.platform.web import CityWrite, problem_responses, resources_of
from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

_TASK_ID = "01936b1e-0c7a-7c3e-8d4f-5a6b7c8d9e0f"


class DriftReportRead(BaseModel):
    """The latest report, as HTML."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"drift_report": "<!doctype html><title>Drift</title>"}}
    )

    drift_report: str


class DriftCheckStarted(BaseModel):
    """The task that was started; follow it at `/api/v1/tasks/{task_id}`."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"message": "Verificação de drift iniciada.", "task_id": _TASK_ID}
        }
    )

    message: str = Field(description="For people.")
    task_id: UUID


router = RoomRouter(prefix="/inferencias", tags=["inferencias"])


@router.get(
    "/driftReport",
    summary="The latest drift report",
    description="Without `format`: the page as a text in JSON, as the old clients read it. "
    "`html`: the page itself. `json`: its figures. 404 until a report has been made.",
    response_model=DriftReportRead,
    responses={
        200: {
            "content": {
                "text/html": {
                    "schema": {"type": "string"},
                    "example": "<!doctype html><title>Drift</title>",
                }
            }
        },
        **problem_responses(DriftReportMissingError, ForbiddenError),
    },
)
async def drift_report(
    request: Request,
    _: JobsStaff,
    wanted: Annotated[
        Literal["html", "json"] | None,
        Query(alias="format", description="A page, or figures.", examples=["html"]),
    ] = None,
) -> Response | DriftReportRead:
    ending = "json" if wanted == "json" else "html"
    content = await asyncio.to_thread(latest, resources_of(request).objects, ending)
    if wanted == "html":
        headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Cache-Control": "no-store"}
        return HTMLResponse(content, headers=headers)
    if wanted == "json":
        return Response(content, media_type="application/json")
    return DriftReportRead(drift_report=content.decode())


@router.post(
    "/driftReport",
    summary="Check for drift now",
    description="Compares rows written since the model was trained (`scope=new`, of the last "
    "`days` days) or all rows (`scope=all`) with what the model was trained on, in the "
    "background. The report then replaces the latest.",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problem_responses(MatchModelMissingError, TaskAlreadyRunningError, ForbiddenError),
)
async def check_drift(
    request: Request,
    session: CityWrite,
    subject: JobsStaff,
    scope: Annotated[Scope, Query(description="Which rows are compared.")] = Scope.NEW,
    days: Annotated[
        int, Query(ge=1, le=3650, description="Of the new rows, those of so many last days.")
    ] = DEFAULT_DAYS,
) -> DriftCheckStarted:
    if await store.find_champion(session, MODEL_NAME) is None:
        raise MatchModelMissingError
    args = {"scope": scope.value, "days": days}
    task_id = await resources_of(request).tasks.enqueue(
        session, CHECK_DRIFT.name, args, owner_id=actor(subject)
    )
    await record(
        session, AuditEntry("jobs.drift_check_started", "task", str(task_id), actor(subject))
    )
    return DriftCheckStarted(message="Verificação de drift iniciada.", task_id=task_id)
