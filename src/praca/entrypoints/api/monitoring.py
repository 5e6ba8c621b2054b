"""Requests and predictions over HTTP, for operators."""

from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

router = RoomRouter(prefix="/monitoring", tags=["monitoring"])
