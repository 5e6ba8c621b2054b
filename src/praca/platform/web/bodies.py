"""Bodies that are read by hand, because what is wrong with them has an answer of its own."""

import json
from typing import Any

from fastapi import Request

__all__ = ["json_object", "media_type"]


def media_type(request: Request) -> str:
    """Return what the request says its body is, without parameters; empty if it does not."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def json_object(request: Request) -> dict[str, Any] | None:
    """Return the JSON object that is the body; None for anything else."""
    if "json" not in media_type(request):
        return None
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
