"""Is it alive, is it ready."""

import asyncio
from typing import Literal

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from praca.jobs.matching.endpoints import MatcherOf
from praca.platform.database import is_at_head
from praca.platform.web import resources_of
from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

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

    status: Literal["ready", "starting"]
    database: bool = Field(description="The database answers.")
    migrations: bool = Field(description="Its migrations are at head.")
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
    description="200 if the database answers, its migrations are at head, and a match model "
    "(if one was trained) is loaded; else 503 with the part that is missing.",
    responses={503: {"model": Readiness, "description": "Not ready"}},
)
async def ready(request: Request, response: Response, matcher: MatcherOf) -> Readiness:
    resources = resources_of(request)
    parts = {"database": False, "migrations": False, "model": False}
    try:
        async with asyncio.timeout(5):
            async with resources.databases.city.read() as session:
                await session.execute(text("SELECT 1"))
            parts["database"] = True
            parts["migrations"] = await is_at_head(resources.databases)
            parts["model"] = await matcher.can_answer()
    except (SQLAlchemyError, TimeoutError):
        pass
    is_ready = all(parts.values())
    response.status_code = 200 if is_ready else 503
    return Readiness(status="ready" if is_ready else "starting", **parts)
