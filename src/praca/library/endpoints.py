"""The catalogue and its statistics over HTTP."""

from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

router = RoomRouter()
