"""Is it alive, is it ready."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from praca.jobs.matching import matcher_of
from praca.platform.database import is_at_head
from praca.platform.web import resources_of

__all__ = ["router"]

router = APIRouter(tags=["health"])


@router.get(
    "/health",
    summary="Is the process alive",
    description="Answers as long as the process serves requests; looks at nothing else.",
    responses={200: {"content": {"application/json": {"example": {"status": "ok"}}}}},
)
async def health() -> dict[str, str]:
    return {
        "status": "ok",
        "message": "API e banco de dados estão funcionando corretamente.",
    }


@router.get(
    "/ready",
    summary="Can it answer everything",
    description="200 if the database answers, its migrations are at head, and the promoted match "
    "model (if one was trained) is loaded; else 503 with the part that is missing.",
    responses={503: {"description": "Not ready", "content": {"application/json": {}}}},
)
async def ready(request: Request, response: Response) -> dict[str, Any]:
    resources = resources_of(request)
    parts: dict[str, Any] = {"database": False, "migrations": False, "model": False}
    try:
        async with asyncio.timeout(5):
            async with resources.databases.city.read() as session:
                await session.execute(text("SELECT 1"))
            parts["database"] = True
            parts["migrations"] = await is_at_head(resources.databases)
            parts["model"] = await matcher_of(request).is_current()
    except (SQLAlchemyError, TimeoutError):
        pass
    is_ready = all(parts.values())
    response.status_code = 200 if is_ready else 503
    return {"status": "ready" if is_ready else "starting", **parts}
