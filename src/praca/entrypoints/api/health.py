"""Is it alive, is it ready."""

import asyncio
from typing import Literal

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from praca.platform.database import is_behind
from praca.platform.web.routing import RoomRouter

__all__ = ["readiness", "router"]

router = RoomRouter(tags=["health"])


class Health(BaseModel):
    """The process lives."""

    status: str = "ok"
    message: str = "API e banco de dados estão funcionando corretamente."


class Readiness(BaseModel):
    """What is there already."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"status": "ready", "database": True, "migrations": True, "model": True}
        }
    )

    status: Literal["ready", "starting", "draining"] = Field(
        description="`draining`: this process is about to stop; send requests elsewhere."
    )
    database: bool = Field(description="The database answers.")
    migrations: bool = Field(
        description="It lacks no migration of this release; it may be at a newer one."
    )
    model: bool = Field(description="The promoted match model, if there is one, is loaded.")


@router.get(
    "/health",
    summary="Is the process alive",
    description="Answers as long as the process serves requests; looks at nothing else.",
    responses={
        200: {"content": {"application/json": {"example": Health().model_dump()}}},
    },
)
async def health() -> Health:
    return Health()


@router.get(
    "/ready",
    summary="Can it answer everything",
    description="200 if the database answers, lacks no migration of this release, and a match "
    "model (if one was trained) is loaded; else 503 with the part that is missing. Also 503 while "
    "the process drains before it stops: `PRACA_DRAIN_S`.",
    responses={503: {"model": Readiness, "description": "Not ready"}},
)
async def ready(request: Request, response: Response) -> Readiness:
    found = await readiness(request.app)
    response.status_code = 200 if found.status == "ready" else 503
    return found


async def readiness(app: FastAPI) -> Readiness:
    """Look at everything that an answer may need."""
    resources, matcher = app.state.resources, app.state.matcher
    parts = {"database": False, "migrations": False, "model": False}
    try:
        async with asyncio.timeout(5):
            async with resources.databases.city.read() as session:
                await session.execute(text("SELECT 1"))
            parts["database"] = True
            parts["migrations"] = not await is_behind(resources.databases)
            parts["model"] = await matcher.can_answer()
    except (SQLAlchemyError, TimeoutError):
        pass
    status: Literal["ready", "starting"] = "ready" if all(parts.values()) else "starting"
    return Readiness(status="draining" if app.state.draining.refuses_traffic else status, **parts)
