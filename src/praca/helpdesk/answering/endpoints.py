"""Endpoints of the room's part."""

from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

router = RoomRouter(tags=["answers"])
